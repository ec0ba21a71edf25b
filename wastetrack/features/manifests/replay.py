"""How the tables of manifests follow from the streams `manifest:<id>`, and on which of them a container stands."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.pick_ups import Presence
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger.service.replaying import (
    Change,
    Gone,
    Projection,
    Put,
    Replay,
    Rows,
    Told,
    Value,
)
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg, ManifestPrint, ManifestSerial

CONTAINERS, MANIFESTS, LEGS, BOXES, PRINTS, SERIALS = (
    model.__tablename__ for model in (Container, Manifest, ManifestLeg, ManifestBox, ManifestPrint, ManifestSerial)
)


def _head(told: Told, **values: Value) -> Put:
    return Put(MANIFESTS, (told.thing,), values)


def _leg(told: Told, **values: Value) -> Put:
    return Put(LEGS, (told.thing, 1), values)


def _box(told: Told, **values: Value) -> Put:
    """Change the one box that an event is about."""
    return Put(BOXES, (told.thing, told.facts["container"]), values)


def _boxes(rows: Rows, told: Told) -> list[Mapping[str, Value]]:
    return rows.where(BOXES, "manifest_id", told.thing)


def _named(rows: Rows, code: str) -> Value:
    """Return which container bears a code."""
    return next((one["id"] for one in rows.where(CONTAINERS, "code", code)), None)


def every(rows: Rows, told: Told) -> Iterator[Change]:
    """Do what every event of a manifest does: its number, state and version, and what was printed of it."""
    facts = told.facts
    row: Mapping[str, Any] = rows.get(MANIFESTS, told.thing) or {}
    completed = row.get("completed_at") or told.recorded_at if facts["state"] == State.COMPLETED else None
    yield _head(told, number=facts["number"], state=facts["state"], completed_at=completed, version=told.seq)
    if "document_hash" in facts:
        made = {
            "token": told.said("print"),
            "document": facts["document_hash"],
            "document_hash": facts["document_hash"],
            "made_at": told.recorded_at,
        }
        yield Put(PRINTS, (told.thing, told.seq), made)


def planned(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a manifest, or save its draft again as a whole."""
    facts = told.facts
    if told.kind == "manifest.drafted":
        later = (
            "signed_at signed_by signed_mandate_id confirmed_at confirmed_by confirmed_mandate_id confirm_by "
            "discarded_at voided_at void_reason"
        )
        yield _head(
            told,
            consignor_id=told.said("consignor"),
            created_at=told.recorded_at,
            created_by=told.actor_id,
            **dict.fromkeys(later.split()),
        )
        yield _leg(
            told,
            id=told.said("leg"),
            presence=Presence.OPEN.value,
            presence_reason="",
            **dict.fromkeys(("departed_at", "arrived_at", "unloaded_at")),
        )
    yield from every(rows, told)
    yield _head(
        told,
        consignor_facility_id=facts["facility_id"],
        consignor_region_code=told.said("consignor_region"),
        receiver_region_code=told.said("receiver_region"),
        **told.all_said(("receiver_id", "receiver_facility_id", "mode")),
    )
    yield _leg(told, **told.all_said(("carrier_id", "vehicle_id", "trailer_id", "driver_id", "escort_id")))
    for box in _boxes(rows, told):
        yield Gone(BOXES, (told.thing, box["container_id"]))
    later = (
        "loaded_at left_behind_at verdict verdict_reason received_at received_g treated_at taken_back_at replaced_by"
    )
    for position, box in enumerate(facts["boxes"], start=1):
        values = {"position": position, "stated_g": box["stated_g"], **dict.fromkeys(later.split())}
        yield Put(BOXES, (told.thing, box.get("container") or _named(rows, box["code"])), values)


def ended(rows: Rows, told: Told) -> Iterator[Change]:
    """Discard a draft, or make a signed manifest void."""
    yield from every(rows, told)
    if told.kind == "manifest.discarded":
        yield _head(told, discarded_at=told.recorded_at)
    else:
        yield _head(told, voided_at=told.recorded_at, void_reason=told.facts["reason"])


def signed(rows: Rows, told: Told) -> Iterator[Change]:
    """Sign part one. The number is the newest of its city and year."""
    yield from every(rows, told)
    yield _head(told, signed_at=told.recorded_at, signed_by=told.actor_id, signed_mandate_id=_mandate(told))
    number = told.facts["number"]
    year, city, serial = int(number[:4]), number[4:8], int(number[8:])
    last: Mapping[str, Any] = rows.get(SERIALS, year, city) or {}
    if serial > last.get("last", 0):
        yield Put(SERIALS, (year, city), {"last": serial})


def loaded(rows: Rows, told: Told) -> Iterator[Change]:
    """Take a box onto the vehicle, or off it before departure."""
    yield from every(rows, told)
    yield _box(told, loaded_at=told.recorded_at if told.kind == "manifest.box_loaded" else None)


def presence(rows: Rows, told: Told) -> Iterator[Change]:
    """Keep whether the driver showed that he stood there."""
    yield from every(rows, told)
    yield _leg(told, presence=told.facts["presence"], presence_reason=told.facts["reason"])


def departed(rows: Rows, told: Told) -> Iterator[Change]:
    """Sign part two and go; what was not loaded stays."""
    yield from every(rows, told)
    yield _leg(told, departed_at=told.recorded_at, presence=told.said("presence"))
    for code in told.facts["left_behind"]:
        yield Put(BOXES, (told.thing, _named(rows, code)), {"left_behind_at": told.recorded_at})


def arrived(rows: Rows, told: Told) -> Iterator[Change]:
    """Reach the receiver."""
    yield from every(rows, told)
    yield _leg(told, arrived_at=told.recorded_at)
    yield _head(told, confirm_by=told.facts["confirm_by"])


def judged(rows: Rows, told: Told) -> Iterator[Change]:
    """Give a box its verdict, or take it back."""
    yield from every(rows, told)
    if told.kind == "manifest.box_accepted":
        received = {"received_at": told.recorded_at, "received_g": told.facts["received_g"]}
        yield _box(told, verdict=Verdict.ACCEPTED.value, verdict_reason=None, **received)
    elif told.kind == "manifest.box_refused":
        reason = told.facts["reason"]
        yield _box(told, verdict=Verdict.REFUSED.value, verdict_reason=reason, received_at=told.recorded_at)
    else:
        yield _box(told, verdict=None, verdict_reason=None, received_at=None, received_g=None)
    yield from _unloaded(told)


def confirmed(rows: Rows, told: Told) -> Iterator[Change]:
    """Sign part three; what was not received is missing."""
    yield from every(rows, told)
    yield _head(
        told, confirmed_at=told.recorded_at, confirmed_by=told.actor_id, confirmed_mandate_id=_mandate(told)
    )  # fmt: skip
    yield from _unloaded(told)
    for code in told.facts["missing"]:
        yield Put(BOXES, (told.thing, _named(rows, code)), {"verdict": Verdict.MISSING.value})


def replaced(rows: Rows, told: Told) -> Iterator[Change]:
    """Have another container take the place of a damaged one."""
    yield from every(rows, told)
    facts = told.facts
    over = {"left_behind_at": told.recorded_at, "replaced_by": facts["container"]}
    yield Put(BOXES, (told.thing, facts["replaces"]), over)
    later = "left_behind_at verdict verdict_reason received_at received_g treated_at taken_back_at replaced_by"
    new = {"position": facts["position"], "stated_g": facts["stated_g"], "loaded_at": told.recorded_at}
    yield _box(told, **new, **dict.fromkeys(later.split()))


def taken_back(rows: Rows, told: Told) -> Iterator[Change]:
    """Have a box back in the consignor's store."""
    yield from every(rows, told)
    yield _box(told, taken_back_at=told.recorded_at)


def treated(rows: Rows, told: Told) -> Iterator[Change]:
    """Note which boxes were treated."""
    yield from every(rows, told)
    for one in told.facts["containers"]:
        yield Put(BOXES, (told.thing, one), {"treated_at": told.recorded_at})


def _unloaded(told: Told) -> Iterator[Change]:
    if "unloaded" in told.facts:
        yield _leg(told, unloaded_at=told.recorded_at)


def _mandate(told: Told) -> Value:
    return told.facts["by_mandate"]["mandate"] if "by_mandate" in told.facts else None


def standing_on(rows: Rows, _now: datetime) -> Iterator[Change]:
    """Say of each container on which open manifest it stands: streams of several manifests may have named it."""
    for box in rows.all(BOXES):
        manifest: Mapping[str, Any] = rows.get(MANIFESTS, box["manifest_id"]) or {}
        over = manifest.get("discarded_at") or manifest.get("voided_at")
        free = box.get("left_behind_at") or box.get("taken_back_at") or box.get("verdict") == Verdict.ACCEPTED
        if not over and not free and rows.get(CONTAINERS, box["container_id"]):
            yield Put(CONTAINERS, (box["container_id"],), {"manifest_id": box["manifest_id"]})


def _document_hash(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


REPLAY = Replay(
    "manifests",
    families=("manifest",),
    tables=(
        Projection(Manifest),
        Projection(ManifestLeg, key=("manifest_id", "number")),
        Projection(ManifestBox),
        Projection(ManifestPrint, key=("manifest_id", "version"), through={"document": _document_hash}),
        Projection(ManifestSerial),
    ),
    steps={
        "manifest.drafted": planned,
        "manifest.changed": planned,
        "manifest.discarded": ended,
        "manifest.voided": ended,
        "manifest.signed": signed,
        "manifest.box_loaded": loaded,
        "manifest.box_unloaded": loaded,
        "manifest.presence_proven": presence,
        "manifest.presence_unproven": presence,
        "manifest.box_damaged": every,
        "manifest.box_replaced": replaced,
        "manifest.departed": departed,
        "manifest.arrived": arrived,
        "manifest.box_accepted": judged,
        "manifest.box_refused": judged,
        "manifest.verdict_withdrawn": judged,
        "manifest.confirmed": confirmed,
        "manifest.box_taken_back": taken_back,
        "manifest.boxes_treated": treated,
    },
    reckon=(standing_on,),
)
