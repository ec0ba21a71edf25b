"""How the tables of large boxes follow from the streams `box:<id>`."""

from collections.abc import Iterator

from wastetrack.domain.boxes import BoxDoing
from wastetrack.features.boxes.models import Box, BoxCleaning
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told, Value

_BOXES, _CLEANINGS = Box.__tablename__, BoxCleaning.__tablename__
_AS_SAID = ("code", "kind", "name", "capacity_count", "capacity_g", "capacity_l")


def registered(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a box."""
    values = {
        **told.all_said(_AS_SAID),
        "owner_id": told.facts["owner"],
        "registered_at": told.recorded_at,
        "registered_by": told.actor_id,
        "act_key": told.act_key,
        **_stands(told),
    }
    yield Put(_BOXES, (told.thing,), values)


def changed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Give a box the state, the holder and the clock that the act left it with."""
    yield Put(_BOXES, (told.thing,), _stands(told))


def cleaned(rows: Rows, told: Told) -> Iterator[Change]:
    """Keep a cleaning as well."""
    yield from changed(rows, told)
    values = {
        "box_id": told.thing,
        "cleaned_at": told.facts["cleaned_at"],
        "note": told.facts["note"],
        "recorded_at": told.recorded_at,
        "recorded_by": told.actor_id,
        "recorded_for": told.acting_for,
    }
    yield Put(_CLEANINGS, (told.facts["cleaning"],), values)


def _stands(told: Told) -> dict[str, Value]:
    to = told.facts["to"]
    return {
        "state": told.facts["state"],
        "holder_organisation_id": to["organisation"],
        "holder_facility_id": to["facility"],
        "holder_leg_id": to["leg"],
        "holder_region_code": to["region"],
        "parent_id": to.get("box"),
        "unclean_since": told.facts["unclean_since"],
        "cleaned_at": told.facts["cleaned_at"],
        "version": told.seq,
    }


REPLAY = Replay(
    "boxes",
    families=("box",),
    tables=(Projection(Box), Projection(BoxCleaning)),
    steps={
        "box.registered": registered,
        "box.taken_out": changed,
        **{f"box.{doing.value}": changed for doing in BoxDoing},
        "box.clean": cleaned,
    },
)
