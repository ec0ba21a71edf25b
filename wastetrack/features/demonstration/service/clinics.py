"""The townships: clinics hand in at their station, stations hand on to the hub, box by box."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wastetrack.domain.access import Role
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.waste_codes import MedicalClass
from wastetrack.features.collection import queries as collection_queries
from wastetrack.features.collection import service as collection
from wastetrack.features.collection.service import DeclareHandIn, FinishHandIn, ReceiveHandedIn
from wastetrack.features.containers.models import Container
from wastetrack.features.demonstration import queries
from wastetrack.features.demonstration.service.people import PEOPLE
from wastetrack.features.demonstration.service.rounds import put, register, some
from wastetrack.features.demonstration.service.stage import Stage, rows

_BETWEEN_BAGS = timedelta(minutes=3)
_PER_BOX = timedelta(seconds=30)
_SHARPS_SHARE = 0.3

ATTENDANTS = {"station-a": "station.xinchengpu", "station-b": "station.quyangqiao", "hub": "hub.zhengding"}


@dataclass(frozen=True)
class Clinic:
    """A clinic: who works there, where it hands in, how much arises there in a day."""

    key: str
    doctor: str
    station: str
    daily: float


def clinics() -> list[Clinic]:
    """Return all clinics."""
    doctors = {person.of: person.username for person in PEOPLE if person.role is Role.CLINIC}
    stations = {row["key"]: row["station"].partition("/")[0] for row in rows("organisations")}
    return [
        Clinic(row["organisation"], doctors[row["organisation"]], stations[row["organisation"]], float(row["daily"]))
        for row in rows("clinics")
    ]


def see_patients(stage: Stage, clinic: Clinic, at: datetime, bags: int | None = None) -> None:
    """Register what arose in the surgery until `at`; most days that is a bag or two, some days nothing."""
    number = some(stage.random, clinic.daily) if bags is None else bags
    if not number:
        return
    with stage.act(clinic.doctor, at) as work:
        codes = []
        for left in range(number, 0, -1):
            what = MedicalClass.SHARPS if stage.random.random() < _SHARPS_SHARE else MedicalClass.INFECTIOUS
            pause = min(_BETWEEN_BAGS, timedelta(seconds=3600 // number))
            codes.append(register(stage, replace(work, now=at - pause * left), what).code)
        store = f"{clinic.key}/01"
        if store in stage.stores:  # a village health room hands in what it has sealed and keeps no store
            put(stage, work, store, codes)


def declare(stage: Stage, who: str, at: datetime, boxes: list[Container]) -> None:
    """Announce these boxes at the station."""
    with stage.act(who, at) as work:
        command = DeclareHandIn(container_ids=tuple(one.id for one in boxes))
        collection.declare(work, command)


def hand_in(stage: Stage, clinic: Clinic, at: datetime, *, waits: bool = False) -> None:
    """Bring what is sealed to the station. One in ten comes without having said so."""
    with stage.act(clinic.doctor, at) as work:
        sealed = queries.sealed_by(work.session, stage.organisations[clinic.key])
    boxes = [box for box in sealed if box.id not in stage.brought]
    if not boxes:
        return
    stage.brought.update(box.id for box in boxes)
    if waits or stage.random.random() > 1 / 10:
        declare(stage, clinic.doctor, at, boxes)
    if not waits:
        way = timedelta(minutes=stage.random.randint(20, 45))
        stage.plan(at + way, lambda then: take_in(stage, clinic.station, then, boxes))


def hand_on(stage: Stage, station: str, at: datetime) -> None:
    """Bring all that stands in a station to the hub."""
    with stage.act(ATTENDANTS[station], at) as work:
        boxes = queries.free_in(work.session, stage.stores[f"{station}/01"])
    if boxes:
        declare(stage, ATTENDANTS[station], at, boxes)
        stage.plan(at + timedelta(minutes=50), lambda then: take_in(stage, "hub", then, boxes))


def take_in(stage: Stage, station: str, at: datetime, boxes: list[Container]) -> None:
    """Receive boxes at a station, one scan each, and sign."""
    with stage.act(ATTENDANTS[station], at) as work:
        for number, box in enumerate(boxes):
            command = ReceiveHandedIn(code=pretty(ContainerCode(box.code)), evidence=Evidence.SCANNED)
            moment = at - _PER_BOX * (len(boxes) - number)
            received = collection.receive_box(replace(work, now=moment), command)
        done = received.hand_in
        shown = collection_queries.statement(
            work.session, done, collection_queries.boxes_of(work.session, done.id)
        ).hash
        collection.finish(work, FinishHandIn(hand_in_id=done.id, version=done.version, shown=shown))
