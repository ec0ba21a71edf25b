"""How the tables of hand-ins follow from the streams `hand_in:<id>`, and on which of them a container stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wastetrack.domain.collection import HandInState
from wastetrack.features.collection.models import HandIn, HandInBox
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told

CONTAINERS, HAND_INS, BOXES = Container.__tablename__, HandIn.__tablename__, HandInBox.__tablename__


def opened(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a hand-in with what was declared."""
    facts = told.facts
    head = {
        "sender_id": facts["sender"],
        "facility_id": facts["facility"],
        "state": HandInState.DECLARED.value,
        "declared_at": told.recorded_at,
        "declared_by": told.actor_id,
        "act_key": told.act_key,
        "finished_at": None,
        "finished_by": None,
        "version": told.seq,
    }
    yield Put(HAND_INS, (told.thing,), head)
    for position, box in enumerate(facts["boxes"], start=1):
        empty = dict.fromkeys(("received_at", "received_g", "note", "found_at"))
        yield Put(BOXES, (told.thing, box["container"]), {"position": position, **empty})


def received(rows: Rows, told: Told) -> Iterator[Change]:
    """Take a box in; one that nobody had declared comes behind the others."""
    key, facts = (told.thing, told.facts["container"]), told.facts
    row = rows.get(BOXES, *key)
    position = row["position"] if row else len(rows.where(BOXES, "hand_in_id", told.thing)) + 1
    taken = {"received_at": told.recorded_at, "received_g": facts.get("received_g"), "note": facts["note"]}
    yield Put(BOXES, key, taken if row else {"position": position, "found_at": None, **taken})
    yield Put(HAND_INS, (told.thing,), {"version": told.seq})


def found(_rows: Rows, told: Told) -> Iterator[Change]:
    """Note that a box which the station did not find never left its sender."""
    yield Put(BOXES, (told.thing, told.facts["container"]), {"found_at": told.recorded_at})
    yield Put(HAND_INS, (told.thing,), {"version": told.seq})


def ended(_rows: Rows, told: Told) -> Iterator[Change]:
    """Sign for what came, or take the declaration back."""
    state = HandInState.RECEIVED if told.kind == "hand_in.finished" else HandInState.CANCELLED
    values = {"state": state.value, "finished_at": told.recorded_at, "finished_by": told.actor_id, "version": told.seq}
    yield Put(HAND_INS, (told.thing,), values)


def standing_on(rows: Rows, _now: datetime) -> Iterator[Change]:
    """Say of each container on which open hand-in it stands: streams of several may have named it."""
    for box in rows.all(BOXES):
        hand_in: Mapping[str, Any] = rows.get(HAND_INS, box["hand_in_id"]) or {}
        open_still = hand_in.get("state") == HandInState.DECLARED and box.get("received_at") is None
        if open_still and rows.get(CONTAINERS, box["container_id"]):
            yield Put(CONTAINERS, (box["container_id"],), {"hand_in_id": box["hand_in_id"]})


REPLAY = Replay(
    "collection",
    families=("hand_in",),
    tables=(Projection(HandIn), Projection(HandInBox)),
    steps={
        "hand_in.declared": opened,
        "hand_in.opened_at_station": opened,
        "hand_in.box_received": received,
        "hand_in.box_found": found,
        "hand_in.finished": ended,
        "hand_in.cancelled": ended,
    },
    reckon=(standing_on,),
)
