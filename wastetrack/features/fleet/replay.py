"""When a vehicle was in use follows from the streams of manifests: parties know nothing of those."""

from collections.abc import Iterator

from wastetrack.features.ledger.service.replaying import UNSAID, Change, Put, Replay, Rows, Told
from wastetrack.features.parties.models import Vehicle

VEHICLES = Vehicle.__tablename__


def used(rows: Rows, told: Told) -> Iterator[Change]:
    """Count what carried medical waste as in use since the first such load after its last cleaning was received."""
    for vehicle in told.facts.get("unloaded", ()):
        row = rows.get(VEHICLES, vehicle)
        if row is None or UNSAID in (row["cleaned_at"], row["unclean_since"]):
            continue
        cleaned, since = row["cleaned_at"], row["unclean_since"]
        if (cleaned is None or cleaned < told.recorded_at) and (since is None or told.recorded_at < since):
            yield Put(VEHICLES, (vehicle,), {"unclean_since": told.recorded_at})


REPLAY = Replay(
    "fleet", steps=dict.fromkeys(("manifest.box_accepted", "manifest.box_refused", "manifest.confirmed"), used)
)
