"""How the tables of containers follow from the streams `container:<id>`."""

from collections.abc import Iterator, Mapping
from typing import Any

from wastetrack.domain.containers import ENDED, Doing
from wastetrack.domain.declared_wrong import SUFFIX
from wastetrack.features.containers.models import Container, Stay
from wastetrack.features.containers.replay.deadlines import CONTAINERS, reckoned
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told, Value

STAYS = Stay.__tablename__

_AS_SAID = (
    "code", "packaging", "department", "waste_code", "waste_name", "medical", "hazards", "form", "harmful", "note",
    "digital_code", "mass_g", "mass_source", "volume_l", "sealed_at", "must_leave_by", "label_leave_by", "state",
)  # fmt: skip


def registered(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a container. What took over the content of another one keeps its clock."""
    to = told.facts["to"]
    facility = to["facility"]
    values = {
        **told.all_said(_AS_SAID),
        "components": told.facts.get("components", ""),  # events of before they were asked for do not name them
        "precautions": told.facts.get("precautions", ""),
        "producer_id": told.facts["producer"],
        "producer_region_code": told.facts["producer_region"],
        "registered_at": told.recorded_at,
        "registered_by": told.actor_id,
        "act_key": told.act_key,
        "entered_at": told.said("entered_at") if told.kind == "container.successor" else None,
        "stood_since": told.recorded_at if facility else None,
        "isolation": told.facts.get("isolation"),
        "overfull": told.facts.get("overfull", False),
        **_held_by(to),
        "holder_region_code": _region_of(rows, told, to),
        "manifest_id": None,
        "hand_in_id": None,
        "repacked_from": told.facts.get("from_container"),
        "damaged_at": None,
        "damage": "",
        "label_copies": told.facts.get("label_copies", 0),
        "version": told.seq,
    }
    yield Put(CONTAINERS, (told.thing,), values)


def moved(rows: Rows, told: Told) -> Iterator[Change]:
    """Give a container the state and the holder that the act left it with; keep the stay that it ended."""
    key, to = (told.thing,), told.facts["to"]
    row: Mapping[str, Any] = rows.get(CONTAINERS, told.thing) or {}
    values: dict[str, Value] = {"state": told.facts["state"], "version": told.seq, **_held_by(to)}
    if "before_g" in told.facts:  # the producer's own figure was renewed; others' stand beside it
        values |= {"mass_g": told.facts["mass_g"], "mass_source": told.facts["mass_source"]}
    facility, left, since = to["facility"], row.get("holder_facility_id"), row.get("stood_since")
    zone = row.get("zone_id")
    remained = (left, zone) == (facility, to.get("zone"))
    if facility:
        stayed = left and row.get("holder_organisation_id") == to["organisation"]
        values["entered_at"] = row.get("entered_at") if stayed and row.get("entered_at") else told.occurred_at
        values["stood_since"] = since if remained and since else told.occurred_at
        values["holder_region_code"] = _region(rows, facility)
    elif to["leg"] or told.facts["state"] in ENDED:
        values |= dict.fromkeys(("holder_region_code", "must_leave_by", "entered_at", "stood_since"))
    yield Put(CONTAINERS, key, values)
    if left and since and not remained:
        mass = values.get("mass_g", row.get("mass_g"))
        stay = {"facility_id": left, "zone_id": zone, "mass_g": mass}
        stay |= {"came_at": since, "left_at": max(since, told.occurred_at)}
        yield Put(STAYS, (told.thing, told.seq), stay)


def labelled(_rows: Rows, told: Told) -> Iterator[Change]:
    """Count the copies of a label."""
    yield Put(CONTAINERS, (told.thing,), {"label_copies": told.facts["copy"], "version": told.seq})


def noted(_rows: Rows, told: Told) -> Iterator[Change]:
    """Count an entry that changes nothing else."""
    yield Put(CONTAINERS, (told.thing,), {"version": told.seq})


def damaged(_rows: Rows, told: Told) -> Iterator[Change]:
    """Note that a container was seen to be damaged."""
    values = {"damaged_at": told.recorded_at, "damage": told.facts["reason"], "version": told.seq}
    yield Put(CONTAINERS, (told.thing,), values)


def _held_by(to: Mapping[str, Any]) -> dict[str, Value]:
    return {
        "holder_organisation_id": to["organisation"],
        "holder_facility_id": to["facility"],
        "zone_id": to.get("zone"),
        "holder_leg_id": to["leg"],
        "box_id": to.get("box"),
    }


def _region_of(rows: Rows, told: Told, to: Mapping[str, Any]) -> Value:
    """Return where a container begins: in the region of its store, in none on a vehicle, else in its producer's."""
    if to["leg"]:
        return None
    region: Value = _region(rows, to["facility"]) if to["facility"] else told.facts["producer_region"]
    return region


def _region(rows: Rows, facility_id: str) -> Value:
    """Return the region of a store. It lies elsewhere only while nothing stands in it, so it is that of then."""
    store = rows.get("facilities", facility_id)
    return store["region_code"] if store else None


REPLAY = Replay(
    "containers",
    families=("container",),
    tables=(Projection(Container), Projection(Stay)),
    steps={
        "container.registered": registered,
        "container.successor": registered,
        "container.label_printed": labelled,
        "container.damaged": damaged,
        "container.found": noted,
        f"container{SUFFIX}": noted,
        **{f"container.{doing.value}": moved for doing in Doing},
    },
    reckon=(reckoned,),
)
