"""The facts that the law asks about, as they stand at this moment."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from wastetrack.domain import fleet
from wastetrack.domain import manifest_checks as checks
from wastetrack.domain.containers import State as BoxState
from wastetrack.domain.manifests import State, Verdict
from wastetrack.domain.papers import Agreement, Paper, Taken
from wastetrack.domain.parties import CrewRole, LicenceKind
from wastetrack.domain.plans import Shipped, files_plan
from wastetrack.domain.problems import Problem
from wastetrack.domain.times import local_day, start_of_day
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg
from wastetrack.features.manifests.queries.sheets import Line, Sheet
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import CrewMember, Licence, Organisation, Vehicle

Scanned = tuple[ManifestBox, Container]


def facts(session: Session, whole: Sheet, now: datetime) -> checks.Facts:
    """Gather what signing depends on, as it stands now."""
    day = local_day(now)
    return checks.Facts(
        day=day,
        consignor=parties.party(whole.consignor, whole.manifest.consignor_region_code),
        boxes=_boxes(session, whole, whole.lines, day),
        transport=transport(session, whole, now),
        receiver=parties.party(
            whole.receiver,
            whole.manifest.receiver_region_code,
            parties.receiving_papers(session, whole.receiver.id),
        ),
        receives_there=whole.receiver_store.organisation_id == whole.receiver.id,
        mode=whole.manifest.mode,
        taken=taken_in(session, whole.receiver.id, day.year, but=whole.manifest.id),
        source=str(whole.consignor.id),
        paperwork=_paperwork(session, whole, day),
    )


_insist: dict[str, bool] = {}


def insist_on(*, contract: bool, plan: bool) -> None:
    """Have a missing contract or an unfiled plan stand against signing. Wired once, in `wastetrack.app`."""
    _insist.update(insist_on_contract=contract, insist_on_plan=plan)


_warns = [True]


def warn_of_carrier_contract(*, warn: bool) -> None:
    """Have it said before signing that nobody has a contract with the carrier, or not. Wired once, as above."""
    _warns[:] = [warn]


def _with_carrier(session: Session, whole: Sheet) -> list[Agreement] | None:
    """Return the contracts with the carrier; nobody has one with himself, and then none is asked for."""
    shippers = {whole.consignor.id, whole.receiver.id}
    if not _warns[0] or whole.carrier.id in shippers:
        return None
    return parties.carriage_agreements(session, shippers, whole.carrier.id)


def _paperwork(session: Session, whole: Sheet, day: date) -> checks.Paperwork:
    """Gather contracts, and the plan of the consignor."""
    plan = parties.plan_of(session, whole.consignor.id, day.year)
    return checks.Paperwork(
        receiver=str(whole.receiver.id),
        agreements=parties.agreements(session, whole.consignor.id, whole.receiver.id),
        plans=files_plan(parties.kinds_of(session, whole.consignor.id)),
        planned=[parties.line(row) for row in parties.planned(session, plan)] if plan else None,
        shipped=shipped_in(session, whole.consignor.id, day.year) if plan else (),
        with_carrier=_with_carrier(session, whole),
        **_insist,
    )


def transport(session: Session, whole: Sheet, now: datetime) -> checks.Transport:
    """Gather carrier, vehicle and crew with their papers."""
    papers = parties.licences_of(session, whole.carrier.id, LicenceKind.TRANSPORT)
    aboard = (whole.vehicle, whole.trailer, whole.driver, whole.escort)
    return _transport(whole.carrier, *aboard, papers, now)


_DRIVER, _ESCORT, _TRAILER = aliased(CrewMember), aliased(CrewMember), aliased(Vehicle)
_ON_LEG = (
    select(Organisation, Vehicle, _TRAILER, _DRIVER, _ESCORT, Licence)
    .select_from(Organisation)
    .join(Vehicle, Vehicle.id == bindparam("vehicle"))
    .outerjoin(_TRAILER, _TRAILER.id == bindparam("trailer"))
    .join(_DRIVER, _DRIVER.id == bindparam("driver"))
    .outerjoin(_ESCORT, _ESCORT.id == bindparam("escort"))
    .outerjoin(Licence, and_(Licence.organisation_id == Organisation.id, Licence.kind == LicenceKind.TRANSPORT))
    .where(Organisation.id == bindparam("carrier"))
    .order_by(Licence.valid_until.desc(), Licence.id)
)


def transport_on(session: Session, leg: ManifestLeg, now: datetime) -> checks.Transport:
    """Gather the same for one leg in one look: every box is loaded under papers that hold at that moment."""
    asked = {
        "carrier": leg.carrier_id,
        "vehicle": leg.vehicle_id,
        "trailer": leg.trailer_id,
        "driver": leg.driver_id,
        "escort": leg.escort_id,
    }
    rows = session.execute(_ON_LEG, asked).all()
    carrier, vehicle, trailer, driver, escort, _paper = rows[0]
    return _transport(carrier, vehicle, trailer, driver, escort, [row[5] for row in rows if row[5] is not None], now)


def _transport(
    carrier: Organisation,
    vehicle: Vehicle,
    trailer: Vehicle | None,
    driver: CrewMember,
    escort: CrewMember | None,
    papers: list[Licence],
    now: datetime,
) -> checks.Transport:
    return checks.Transport(
        carrier=parties.party(carrier, carrier.region_code, papers),
        vehicle=parties.vehicle_permit(vehicle, carrier.id, now),
        trailer=parties.vehicle_permit(trailer, carrier.id, now) if trailer else None,
        driver=parties.crew_permit(driver, carrier.id, CrewRole.DRIVER),
        escort=parties.crew_permit(escort, carrier.id, CrewRole.ESCORT) if escort else None,
    )


def coupling_problems(vehicle: Vehicle, trailer: Vehicle | None) -> list[Problem]:
    """Return what is wrong with the vehicles of a draft taken together; the trailer of a tractor may still be open."""
    read = [parties.vehicle_permit(one, one.organisation_id) for one in (vehicle, trailer) if one]
    return fleet.coupling_problems(fleet.Combination(*read), whole=False)


def loaded_boxes(session: Session, whole: Sheet, day: date) -> list[checks.Box]:
    """Return what is on the vehicle, for the checks at departure."""
    return _boxes(session, whole, whole.loaded, day)


def exempt_box(session: Session, scanned: Scanned, transport: checks.Transport, day: date) -> list[checks.Box]:
    """Return a box that is being loaded where carrying it needs no licence: waste of a small institution."""
    box, c = scanned
    if not transport.vehicles.for_medical:
        return []
    exemptions = parties.exempt_sources(session, {c.producer_id}, day).get(c.producer_id, ())
    if not any(one.covers(c.waste_code) for one in exemptions):
        return []
    return [checks.Box(c.code, c.waste_code, c.medical, c.state, True, c.mass_g, box.stated_g, exempt=True)]


def _boxes(session: Session, whole: Sheet, lines: Sequence[Line], day: date) -> list[checks.Box]:
    """Return boxes as the rules read them. The exemption of small institutions asks for a vehicle as in GB 19217."""
    carrying = [one for one in (whole.vehicle, whole.trailer) if one and one.kind.carries]
    fit = bool(carrying) and all(one.medical for one in carrying)
    producers = {line.container.producer_id for line in lines} if fit else set()
    exemptions = parties.exempt_sources(session, producers, day) if producers else {}
    return [_box(whole, line, exemptions.get(line.container.producer_id, ())) for line in lines]


def on_vehicle_g(session: Session, whole: Sheet) -> int:
    """Return what the truck, or the trailer, of a manifest holds at this moment from other manifests."""
    carrying = [one.id for one in (whole.vehicle, whole.trailer) if one and one.kind.carries]
    query = (
        select(func.sum(ManifestBox.stated_g))
        .join(Container, Container.id == ManifestBox.container_id)
        .join(ManifestLeg, ManifestLeg.id == Container.holder_leg_id)
        .where(
            ManifestLeg.manifest_id == ManifestBox.manifest_id,
            or_(ManifestLeg.vehicle_id.in_(carrying), ManifestLeg.trailer_id.in_(carrying)),
            ManifestLeg.manifest_id != whole.manifest.id,
            ManifestLeg.arrived_at.is_(None),
            Container.state == BoxState.LOADED,
        )
    )
    return int(session.scalar(query) or 0)


def taken_in(session: Session, receiver_id: UUID, year: int, but: UUID | None = None) -> list[Taken]:
    """Return what a receiver accepted in a year and what is signed and on its way to it, but for one manifest."""
    first, last = start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))
    accepted = and_(
        ManifestBox.verdict == Verdict.ACCEPTED, ManifestBox.received_at >= first, ManifestBox.received_at < last
    )
    under_way = and_(ManifestBox.verdict.is_(None), Manifest.state.in_([State.SIGNED, State.IN_TRANSIT, State.ARRIVED]))
    mass = case((accepted, func.coalesce(ManifestBox.received_g, ManifestBox.stated_g)), else_=ManifestBox.stated_g)
    sort = [Container.waste_code, Manifest.mode, *_source(session, receiver_id)]
    query = (
        select(func.sum(mass), *sort)
        .join(ManifestBox, ManifestBox.container_id == Container.id)
        .join(Manifest, Manifest.id == ManifestBox.manifest_id)
        .where(Manifest.receiver_id == receiver_id, ManifestBox.left_behind_at.is_(None), or_(accepted, under_way))
        .group_by(*sort)
    )
    if but is not None:
        query = query.where(Manifest.id != but)
    return [
        Taken(code, mode, int(grams), str(whose[0]) if any(whose) else "")
        for grams, code, mode, *whose in session.execute(query)
    ]


def _source(session: Session, receiver_id: UUID) -> list[ColumnElement[Any]]:
    """Return the consignor as a column where the receiver has papers for the waste of one consignor alone."""
    named = {paper.source_id for paper in parties.receiving_papers(session, receiver_id)} - {None}
    return [case((Manifest.consignor_id.in_(named), Manifest.consignor_id), else_=None)] if named else []


def shipped_in(session: Session, consignor_id: UUID, year: int) -> list[Shipped]:
    """Return what a consignor has signed away in a year, but for what was left behind, refused or missing."""
    first, last = start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))
    query = (
        select(
            Container.waste_code,
            Manifest.receiver_id,
            func.sum(func.coalesce(ManifestBox.received_g, ManifestBox.stated_g)),
        )
        .join(ManifestBox, ManifestBox.container_id == Container.id)
        .join(Manifest, Manifest.id == ManifestBox.manifest_id)
        .where(
            Manifest.consignor_id == consignor_id,
            Manifest.signed_at >= first,
            Manifest.signed_at < last,
            Manifest.voided_at.is_(None),
            ManifestBox.left_behind_at.is_(None),
            or_(ManifestBox.verdict.is_(None), ManifestBox.verdict == Verdict.ACCEPTED),
        )
        .group_by(Container.waste_code, Manifest.receiver_id)
    )
    return [Shipped(code, str(receiver_id), int(grams)) for code, receiver_id, grams in session.execute(query)]


def _box(whole: Sheet, line: Line, exemptions: Sequence[Paper]) -> checks.Box:
    container = line.container
    return checks.Box(
        code=line.code,
        waste_code=container.waste_code,
        medical=container.medical,
        state=container.state,
        at_consignor=container.holder_facility_id == whole.store.id,
        mass_g=container.mass_g,
        stated_g=line.box.stated_g,
        on_hand_in=container.hand_in_id is not None,
        exempt=any(one.covers(container.waste_code) for one in exemptions),
    )
