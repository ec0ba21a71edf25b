"""How the tables of tanks follow from the streams `tank:<id>`."""

from collections.abc import Iterator

from wastetrack.domain.tanks import Entry
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told
from wastetrack.features.tanks.models import Tank, TankEntry

_TANKS, _ENTRIES = Tank.__tablename__, TankEntry.__tablename__
_OF_TANK = (
    "organisation_id", "facility_id", "code", "number", "waste_code", "waste_name", "hazards", "form", "harmful",
    "shape", "diameter_mm", "length_mm", "width_mm", "calibration", "usable_l", "density_g_l", "high_percent", "meter",
    "counter", "content_g", "level_mm", "level_at", "last_at", "state",
)  # fmt: skip
_OF_ENTRY = (
    "entry", "day", "daily", "origin", "change_g", "after_g", "volume_ml", "counter", "level_mm", "destination",
    "container_id", "note",
)  # fmt: skip


def entered(_rows: Rows, told: Told) -> Iterator[Change]:
    """Give a tank what the event says it came to, and keep the entry."""
    tank = {name: told.facts["tank"][name] for name in _OF_TANK} | {"version": told.seq}
    if told.kind == f"tank.{Entry.SET_UP.value}":
        tank["act_key"] = told.act_key
    yield Put(_TANKS, (told.thing,), tank)
    entry = {
        **told.all_said(_OF_ENTRY),
        "occurred_at": told.occurred_at,
        "recorded_at": told.recorded_at,
        "recorded_by": told.actor_id,
    }
    yield Put(_ENTRIES, (told.thing, told.seq), entry)


REPLAY = Replay(
    "tanks",
    families=("tank",),
    tables=(Projection(Tank), Projection(TankEntry)),
    steps={f"tank.{entry.value}": entered for entry in Entry},
)
