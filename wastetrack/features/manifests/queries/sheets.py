"""One manifest with everything it names, and the rows that acts need."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from wastetrack.domain.access import unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.manifests import Verdict
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of as container_stream
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.parties.models import CrewMember, Facility, Organisation, Vehicle

Named = TypeVar("Named", Organisation, Facility, CrewMember, Vehicle)


def stream_of(manifest_id: UUID) -> str:
    """Return the name of a manifest's stream in the ledger."""
    return f"manifest:{manifest_id}"


def streams_of(session: Session, number: str) -> list[str]:
    """Return the streams of a manifest, found by its number, and of all its containers; none where there is none."""
    of = session.scalar(select(Manifest.id).where(Manifest.number == number))
    if of is None:
        return []
    boxes = session.scalars(select(ManifestBox.container_id).where(ManifestBox.manifest_id == of))
    return [stream_of(of), *(container_stream(one) for one in boxes)]


def reference_of(manifest_id: UUID) -> str:
    """Return the platform's own reference of a manifest, which it has before it has a number."""
    return f"WT-{manifest_id.hex[-10:].upper()}"


def plates(vehicle: str, trailer: str | None) -> str:
    """Return the plates of a leg as they stand in a line."""
    return f"{vehicle} + {trailer}" if trailer else vehicle


@dataclass(frozen=True)
class Line:
    """One box of a manifest with its container and the name of who produced it."""

    box: ManifestBox
    container: Container
    producer: str

    @property
    def code(self) -> str:
        """Return the container's code as people read it."""
        return pretty(ContainerCode(self.container.code))

    @property
    def differs_g(self) -> int:
        """Return by how much the receiver's scale differs from what was stated, 0 where it was not weighed again."""
        return self.accepted_g - self.box.stated_g

    @property
    def accepted_g(self) -> int:
        """Return the mass that counts as received: weighed by the receiver, else as stated."""
        return self.box.received_g or self.box.stated_g


@dataclass(frozen=True)
class Sheet:
    """A manifest with everything it names. `lines` may be only those that the reader may see."""

    manifest: Manifest
    consignor: Organisation
    store: Facility
    receiver: Organisation
    receiver_store: Facility
    leg: ManifestLeg
    carrier: Organisation
    vehicle: Vehicle
    driver: CrewMember
    escort: CrewMember | None
    lines: tuple[Line, ...]
    trailer: Vehicle | None = None

    @property
    def plates(self) -> str:
        """Return the plate of the vehicle, and that of its trailer beside it."""
        return plates(self.vehicle.plate, self.trailer.plate if self.trailer else None)

    @property
    def on_board(self) -> list[Line]:
        """Return the boxes that count: all but those left behind at departure."""
        return [line for line in self.lines if line.box.left_behind_at is None]

    @property
    def loaded(self) -> list[Line]:
        """Return the boxes that were scanned onto the vehicle."""
        return [line for line in self.on_board if line.box.loaded_at]

    @property
    def to_load(self) -> list[Line]:
        """Return the boxes that still stand in the store."""
        return [line for line in self.on_board if not line.box.loaded_at]

    @property
    def left_behind(self) -> list[Line]:
        """Return the boxes that the vehicle left in the consignor's store."""
        return [line for line in self.lines if line.box.left_behind_at and not line.box.replaced_by]

    @property
    def damaged(self) -> list[Line]:
        """Return the boxes on the vehicle that the driver declared damaged and nobody has repacked or judged yet."""
        return [line for line in self.open if line.box.loaded_at and line.container.damaged_at]

    @property
    def replaced(self) -> list[tuple[Line, str]]:
        """Return the boxes whose content went on in another container on the way, each with the code of that one."""
        codes = {line.box.container_id: line.code for line in self.lines}
        return [(line, codes[line.box.replaced_by]) for line in self.lines if line.box.replaced_by in codes]

    @property
    def open(self) -> list[Line]:
        """Return the boxes on which the receiver has not yet said anything."""
        return [line for line in self.on_board if line.box.verdict is None]

    def with_verdict(self, *verdicts: Verdict) -> list[Line]:
        """Return the boxes with one of these verdicts."""
        return [line for line in self.on_board if line.box.verdict in verdicts]

    @property
    def to_take_back(self) -> list[Line]:
        """Return the boxes that the consignor may still take back."""
        return [line for line in self.with_verdict(Verdict.REFUSED, Verdict.MISSING) if not line.box.taken_back_at]

    @property
    def weighed_otherwise(self) -> list[Line]:
        """Return the received boxes whose mass on the receiver's scale is not the stated one."""
        return [line for line in self.with_verdict(Verdict.ACCEPTED) if line.differs_g]

    @property
    def mass_g(self) -> int:
        """Return the stated mass of the boxes that count."""
        return sum(line.box.stated_g for line in self.on_board)

    @property
    def accepted_g(self) -> int:
        """Return the mass accepted so far."""
        return sum(line.accepted_g for line in self.with_verdict(Verdict.ACCEPTED))


# Built once: every scan on a round runs them.
_AS_IT_STANDS = {"populate_existing": True}
_LOCKED = select(Manifest).where(Manifest.id == bindparam("this")).with_for_update().execution_options(**_AS_IT_STANDS)
_LEG = select(ManifestLeg).where(ManifestLeg.manifest_id == bindparam("this")).execution_options(**_AS_IT_STANDS)


def locked(session: Session, manifest_id: UUID) -> Manifest:
    """Return the manifest as it stands now, held against other writers until the transaction ends."""
    manifest = session.scalar(_LOCKED, {"this": manifest_id})
    if manifest is None:
        raise unknown()
    return manifest


def leg_of(session: Session, manifest_id: UUID) -> ManifestLeg:
    """Return the one leg of a manifest."""
    return session.scalars(_LEG, {"this": manifest_id}).one()


def boxes_of(session: Session, manifest_id: UUID) -> list[ManifestBox]:
    """Return the boxes of a manifest in the order of the form."""
    query = select(ManifestBox).where(ManifestBox.manifest_id == manifest_id).order_by(ManifestBox.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def carrying(session: Session, leg: ManifestLeg) -> list[Vehicle]:
    """Return what the load of a leg stands on: the truck, with a trailer both, of a tractor the trailer alone."""
    ids = [leg.vehicle_id, *([leg.trailer_id] if leg.trailer_id else [])]
    found = _by_id(session, Vehicle, ids)
    return [found[one] for one in ids if found[one].kind.carries]


def sheet(session: Session, manifest: Manifest, producer_id: UUID | None = None, *, with_lines: bool = True) -> Sheet:
    """Return the whole manifest; with `producer_id` only that producer's boxes, without lines only its head."""
    leg = leg_of(session, manifest.id)
    parties = _by_id(session, Organisation, {manifest.consignor_id, manifest.receiver_id, leg.carrier_id})
    stores = _by_id(session, Facility, {manifest.consignor_facility_id, manifest.receiver_facility_id})
    crew = _by_id(session, CrewMember, {leg.driver_id, *([leg.escort_id] if leg.escort_id else [])})
    vehicles = _by_id(session, Vehicle, {leg.vehicle_id, *([leg.trailer_id] if leg.trailer_id else [])})
    query = (
        select(ManifestBox, Container, Organisation.name)
        .join(Container, Container.id == ManifestBox.container_id)
        .join(Organisation, Organisation.id == Container.producer_id)
        .where(ManifestBox.manifest_id == manifest.id)
        .order_by(ManifestBox.position)
    )
    if producer_id is not None:
        query = query.where(Container.producer_id == producer_id)
    lines = tuple(Line(box, container, name) for box, container, name in session.execute(query)) if with_lines else ()
    return Sheet(
        manifest=manifest,
        consignor=parties[manifest.consignor_id],
        store=stores[manifest.consignor_facility_id],
        receiver=parties[manifest.receiver_id],
        receiver_store=stores[manifest.receiver_facility_id],
        leg=leg,
        carrier=parties[leg.carrier_id],
        vehicle=vehicles[leg.vehicle_id],
        trailer=vehicles[leg.trailer_id] if leg.trailer_id else None,
        driver=crew[leg.driver_id],
        escort=crew.get(leg.escort_id) if leg.escort_id else None,
        lines=lines,
    )


def _by_id(session: Session, kind: type[Named], ids: Collection[UUID]) -> dict[UUID, Named]:
    return {row.id: row for row in session.scalars(_these(kind), {"ids": list(ids)})}


@cache
def _these(kind: type[Named]) -> Select[tuple[Named]]:
    return select(kind).where(kind.id.in_(bindparam("ids", expanding=True)))
