"""How everybody stands to everything in one world: the one place from which the matrix of access is expected.

Whether somebody may do an act follows from the table in `wastetrack.domain.access` and from what is said here of each
thing: whose it is, who takes part, in which regions it lies. No query of the features is asked.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import NOON
from tests.journeys.site import Site
from tests.world import COUNTY, OTHER_COUNTY, PASSWORD, TOWN, World, credit_code
from wastetrack.domain.access import (
    APPLICANT,
    NEVER_BY_MANDATE,
    REGULATORS,
    RIGHTS,
    SIGNED,
    Act,
    Actor,
    Relation,
    Role,
)
from wastetrack.domain.boxes import BoxKind
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.domain.inspections import FindingState
from wastetrack.domain.labels import LabelFormat
from wastetrack.domain.orders import OrderState
from wastetrack.domain.parties import CrewRole, FacilityKind, OrganisationKind
from wastetrack.domain.scans import PaperKind
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import Mandate
from wastetrack.features.boxes import service as boxes
from wastetrack.features.collection.models import HandIn
from wastetrack.features.fleet import service as fleet
from wastetrack.features.imports.models import Import
from wastetrack.features.inspections.models import Finding
from wastetrack.features.labels import queries as label_queries
from wastetrack.features.labels import service as labels
from wastetrack.features.orders.models import Order
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Contract, Licence, VehicleCleaning
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.features.tanks import pages as tank_pages
from wastetrack.features.tanks import service as tanks
from wastetrack.features.treatment.models import Batch
from wastetrack.features.watch.models import Alert
from wastetrack.infra.ids import new_id, new_token
from wastetrack.infra.work import Work

R, K = Relation, OrganisationKind
FAR = "130202"
"""路南区 of 唐山: another county, another city."""
OF_COUNTY = {role.value for role in REGULATORS - {Role.REGULATOR}}
OVER = {
    COUNTY: {"province", "city", "county", "beside", *OF_COUNTY},
    TOWN: {"province", "city", "county", "town", "beside", *OF_COUNTY},
    OTHER_COUNTY: {"province", "city"},
    FAR: {"province", "elsewhere", "beside"},
}
"""Which regulators of the world stand above a region; `beside` is of FAR and covers COUNTY, too."""


@dataclass(frozen=True)
class Thing:
    """Something an address names: the arguments it is named by, and who stands to it how, by names of the world.

    `of` says it once for all acts: a relation and the organisations (for CREW and REGION: the people) that have it;
    `by_act` where an act looks at one side of the thing only. `acts` replaces what the route says it needs, where an
    argument decides it.
    """

    name: str
    arguments: Mapping[str, Any]
    of: Mapping[Relation, Collection[str]] = field(default_factory=dict)
    by_act: Mapping[Act, Mapping[Relation, Collection[str]]] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()


@dataclass
class People:
    """Everybody, by name, with the short name of the organisation each acts for."""

    actors: dict[str, Actor]
    sides: dict[str, str]

    def relations(self, name: str, thing: Thing, act: Act) -> set[Relation]:
        """Return how a person stands to a thing where an act is concerned."""
        found = set()
        for relation, names in thing.by_act.get(act, thing.of).items():
            asked = name if relation in {R.CREW, R.REGION} else self.sides.get(name)
            if asked in names:
                found.add(relation)
        return found

    def may(self, name: str, acts: Collection[Act], thing: Thing | None, but: Collection[Relation] = ()) -> bool:
        """Tell what the table says: whether the person may do one of the acts on the thing, or on anything at all.

        Relations in `but` do not count here.
        """
        for act in acts:
            by = self.actors[name].by_mandate
            if by and (act in NEVER_BY_MANDATE or (act in SIGNED and not by.signs)):
                continue
            for role in self.actors[name].roles:
                allowed = RIGHTS[act].get(role, set()) - set(but)
                if thing is None and allowed:
                    return True
                if thing is not None and allowed & {R.ANY, *self.relations(name, thing, act)}:
                    return True
        return False

    def asked(self, acts: Collection[Act], thing: Thing | None) -> list[str]:
        """Return who is to try: everybody, but only one of a role where the thing makes no difference to it."""
        names, met = [], set()
        for name, actor in self.actors.items():
            alike = thing is None or not self.may(name, acts, None)
            kind = (actor.roles, actor.by_mandate and actor.by_mandate.signs)
            if not alike or kind not in met:
                names.append(name)
            if alike:
                met.add(kind)
        return names


# --- who there is ----------------------------------------------------------------------------------------------------


def everybody(site: Site) -> People:
    """Return the people of the world, and beside each role somebody of another organisation, near by and far away."""
    world, sides = site.world, {}
    for name, actor in world.people.items():
        own = [short for short, one in world.organisations.items() if one.id == actor.organisation_id]
        sides |= {name: own[0]} if own else {}
    people = People(dict(world.people), sides)
    with site.work_as(world.people["security_admin"]) as work:
        for role in sorted(REGULATORS - {Role.REGULATOR}):
            if role.value in people.actors:
                continue
            user, _ = accounts.create_account(work, accounts.CreateAccount(
                username=f"county.{role.value}", name=f"演示-{role.value}", roles={Role.REGULATOR, role},
                region_code=COUNTY,
            ), password=PASSWORD, must_change=False)  # fmt: skip
            people.actors[role.value] = account_queries.actor_of(work.session, user.id)
        user, _ = accounts.create_account(work, accounts.CreateAccount(
            username="far.regulator", name="演示-兼管", roles={Role.REGULATOR}, region_code=FAR,
        ), password=PASSWORD, must_change=False)  # fmt: skip
        accounts.add_region(work, accounts.AddRegion(user_id=user.id, region_code=COUNTY, reason="演示兼管"))
        people.actors["beside"] = account_queries.actor_of(work.session, user.id)
    for number, (prefix, region) in enumerate((("near", COUNTY), ("far", FAR))):
        for name, actor, side in _strangers(site, prefix, region, 100 + 10 * number):
            people.actors[name], people.sides[name] = actor, side
    for name, person, roles, signs in (
        ("stand_in", "attendant", {Role.COLLECTOR, Role.MANAGER}, False),
        ("signing_stand_in", "near_operator", {Role.MANAGER}, True),
    ):
        people.actors[name], people.sides[name] = _acting(site, people.actors[person], roles, signs), "hospital"
    return people


def _acting(site: Site, person: Actor, roles: set[Role], signs: bool) -> Actor:
    """Have the hospital authorise somebody of another organisation, and return him as he acts for it."""
    with site.work_as(site.world.people["manager"]) as work:
        user = account_queries.user(work.session, person.user_id)
        given = accounts.give_mandate(work, accounts.GiveMandate(
            username=user.username, name=user.name, roles=frozenset(roles), signs=signs, since=NOON.date(),
            until=NOON.date().replace(month=12), reason="演示代班",
        ))  # fmt: skip
    with site.work_as(person) as work:
        accounts.answer_mandate(work, accounts.AnswerMandate(mandate_id=given.id, accept=True))
        return account_queries.acting_by(work.session, person, given.id, NOON)


def _strangers(site: Site, prefix: str, region: str, number: int) -> Iterator[tuple[str, Actor, str]]:
    """Found one organisation of every kind in a region, with somebody in every role that fits it."""
    kinds = {
        K.HOSPITAL: (Role.COLLECTOR, Role.MANAGER), K.CLINIC: (Role.CLINIC,), K.STATION: (Role.ATTENDANT,),
        K.CARRIER: (Role.DRIVER,), K.DISPOSER: (Role.OPERATOR,),
    }  # fmt: skip
    stores = {
        K.HOSPITAL: FacilityKind.MEDICAL_STORE, K.CLINIC: FacilityKind.MEDICAL_STORE,
        K.STATION: FacilityKind.STATION_STORE, K.DISPOSER: FacilityKind.PLANT_STORE,
    }  # fmt: skip
    for at, (kind, roles) in enumerate(kinds.items()):
        with site.work_as(site.world.people["system_admin"]) as work:
            one = parties.create_organisation(work, parties.CreateOrganisation(
                name=f"{prefix}-{kind.value}（演示）", kinds={kind}, credit_code=credit_code(number + at, "91130102"),
                region_code=region, address="演示路1号", contact="演示联系人", phone="0311-00000000",
                emergency_phone="0311-00000001", beds=0 if kind is K.CLINIC else 300 if kind is K.HOSPITAL else None,
            ))  # fmt: skip
            site.world.organisations[f"{prefix}_{kind.value}"] = one
            if kind in stores:
                _store(site, work, f"{prefix}_{kind.value}", stores[kind])
            crew = _driver(work, one.id) if kind is K.CARRIER else None
        for role in roles:
            with site.work_as(site.world.people["security_admin"]) as work:
                user, _ = accounts.create_account(work, accounts.CreateAccount(
                    username=f"{prefix}.{role.value}", name=f"演示-{prefix}-{role.value}", roles={role},
                    organisation_id=one.id, crew_id=crew,
                ), password=PASSWORD, must_change=False)  # fmt: skip
                actor = account_queries.actor_of(work.session, user.id)
            yield f"{prefix}_{role.value}", actor, f"{prefix}_{kind.value}"


def _store(site: Site, work: Work, name: str, kind: FacilityKind) -> None:
    one = site.world.organisations[name]
    place = parties.AddSite(organisation_id=one.id, name="本部", region_code=one.region_code, address="演示路1号")
    site.world.stores[name] = parties.add_facility(work, parties.AddFacility(
        organisation_id=one.id, site_id=parties.add_site(work, place).id, name=f"{name}暂存间", code="TS001", kind=kind,
        mass_limit_g="500",
    ))  # fmt: skip


def _driver(work: Work, organisation_id: Any) -> Any:
    return parties.add_crew_member(work, parties.AddCrewMember(
        organisation_id=organisation_id, role=CrewRole.DRIVER, name="演示驾驶员", phone="0311-00000002",
        permit_no=f"CY{organisation_id.hex[-6:]}", permit_until=NOON.date().replace(year=2028),
    )).id  # fmt: skip


# --- what there is ---------------------------------------------------------------------------------------------------

NOT_BY = {"manifests.print_pdf": {R.PRODUCER}}
"""Routes that need more than their act: a producer who is nothing else sees his boxes, not the others' on the sheet."""
NOTHING_THERE = {
    ("ledger.stream_page", ""), ("manifests.change_page", "a signed manifest"),
    ("manifests.change_page", "a load on the road"), ("imports.wrong_file", "an import of organisations"),
    ("imports.wrong_file", "an import of users"), ("imports.wrong_file", "an import of containers"),
}  # fmt: skip
"""Where even those who may find nothing: no stream is named, nothing was labelled, nothing is left to change."""

CHAIN = {R.CONSIGNOR: {"hospital"}, R.PRODUCER: {"hospital"}, R.CARRIER: {"carrier"}, R.CREW: {"driver"},
         R.RECEIVER: {"plant"}, R.REGION: OVER[COUNTY] | OVER[OTHER_COUNTY]}  # fmt: skip
"""Who takes part in a load from the hospital to the plant."""


def containers(site: Site) -> Iterator[Thing]:
    """Bags of the hospital and of a clinic, each where it was sealed or stands."""
    for name, who, store, region in (
        ("a bag of the hospital", "collector", "hospital", COUNTY),
        ("a bag of a clinic", "doctor_a", None, TOWN),
    ):
        bag = site.chain.bag(who, store)
        side = "hospital" if who == "collector" else "clinic_a"
        standing = {R.OWN: {side}, R.PRODUCER: {side}, R.REGION: OVER[region]}
        yield Thing(name, {"code": bag.code}, standing)
        yield Thing(f"the first step of {name}", {"code": bag.code, "seq": 1}, standing)


def manifests(site: Site) -> Iterator[Thing]:
    """A draft, a signed one, and one on the road."""
    chain = site.chain
    made = {"a draft": chain.draft([chain.bag()]), "a signed manifest": chain.sign([chain.bag()]),
            "a load on the road": chain.depart([chain.bag()])}  # fmt: skip
    for name, one in made.items():
        standing = {R.CONSIGNOR: {"hospital"}} if name == "a draft" else CHAIN
        yield Thing(name, {"manifest_id": one.id}, standing)


def hand_ins(session: Session) -> Iterator[Thing]:
    """What a clinic handed in at the station."""
    clinic, station, above = {"clinic_a"}, {"station"}, OVER[TOWN]
    made = session.scalars(select(HandIn).order_by(HandIn.declared_at, HandIn.id)).first()
    yield Thing("a hand-in", {"hand_in_id": made.id}, {R.OWN: clinic | station, R.REGION: above},
                {Act.HAND_IN: {R.OWN: clinic}, Act.RECEIVE_HAND_IN: {R.OWN: station}})  # fmt: skip


def belongings(site: Site, session: Session) -> Iterator[Thing]:
    """Stores, organisations, accounts, a batch and alarms."""
    world = site.world
    for name, region in (("hospital", COUNTY), ("plant", OTHER_COUNTY), ("far_hospital", FAR)):
        standing = {R.OWN: {name}, R.REGION: OVER[region]}
        yield Thing(f"the store of {name}", {"facility_id": world.stores[name].id}, standing)
        yield Thing(name, {"organisation_id": world.id(name)}, standing)
        sign = {"organisation_id": world.id(name), "facility_id": world.stores[name].id}
        yield Thing(f"the sign of the store of {name}", sign, standing)
    for who, side in (("collector", "hospital"), ("far_operator", "far_disposer"), ("county", None)):
        own = {R.OWN: {side}} if side else {}
        user = account_queries.by_username(session, who.replace("_", "."))
        yield Thing(f"the account of {who}", {"user_id": user.id}, own)
    hospital = session.scalars(select(Mandate).where(Mandate.organisation_id == world.id("hospital"))).first()
    yield Thing("a mandate of the hospital", {"mandate_id": hospital.id}, {R.OWN: {"hospital"}})
    with site.work_as(world.people["manager"]) as work:
        ask = accounts.AskHandover(
            organisation_id=world.id("hospital"), successor_id=world.people["collector"].user_id, reason="演示离任"
        )
        asked, _successor, _link = accounts.ask_handover(work, ask)
    yield Thing("a hand-over of the hospital", {"handover_id": asked.id}, {R.OWN: {"hospital"}})
    batch = session.scalars(select(Batch)).first()
    yield Thing("a batch", {"batch_id": batch.id}, {R.OWN: {"plant"}, R.REGION: OVER[OTHER_COUNTY]})
    standing = {R.OWN: {"carrier"}, R.CREW: {"driver"}, R.RECEIVER: {"plant"}, R.REGION: OVER[OTHER_COUNTY]}
    yield from _boxes(site)
    yield Thing("the truck of the carrier", {"vehicle_id": world.vehicles["truck"].id}, standing)
    with site.work_as(world.people["driver"]) as work:
        fleet.clean(work, fleet.CleanVehicle(
            vehicle_id=world.vehicles["truck"].id, cleaned_at=NOON - timedelta(minutes=2), act_key="washed",
        ))  # fmt: skip
    cleaning = session.scalars(select(VehicleCleaning.id)).first()
    named = {"vehicle_id": world.vehicles["truck"].id, "cleaning_id": cleaning}
    yield Thing("a cleaning of the truck", named, {R.OWN: {"carrier"}})
    alarm = session.scalars(
        select(Alert).where(Alert.organisation_id == world.id("hospital"), Alert.also_organisation_id.is_(None),
                            Alert.threshold_at <= NOON)
    ).first()  # fmt: skip
    yield Thing("an alarm of the hospital", {"alert_id": alarm.id}, {R.OWN: {"hospital"}, R.REGION: OVER[COUNTY]})
    with site.work_as(APPLICANT) as work:
        wanted = parties.AskAdmission(
            name="演示申请单位", kinds={K.ENTERPRISE}, credit_code=credit_code(950), region_code=COUNTY,
            address="演示路1号", contact="演示",
            phone="0311-00000000", emergency_phone="0311-00000001", manager_name="演示",
            manager_username="applicant", reference=new_token(),
        )  # fmt: skip
        asked = parties.ask_admission(work, wanted)
    yield Thing("a request to be admitted", {"request_id": asked.id}, {R.REGION: OVER[COUNTY]})
    yield from _inspected_and_ordered(world, session)
    yield from _imports(site)
    yield from _tanks(site)
    yield Thing("the audit record as a file", {"form": "csv"})
    yield Thing("a code of the list", {"waste_code": "841-001-01"}, acts=(Act.VIEW_CATALOGUE,))
    yield from _labels(site)


def _tanks(site: Site) -> Iterator[Thing]:
    """A tank of the plant, the acts on it, and its entries as a file."""
    world = site.world
    with site.work_as(world.people["system_admin"]) as work:
        farm = parties.add_facility(work, parties.AddFacility(
            organisation_id=world.id("plant"), site_id=world.stores["plant"].site_id, name="演示罐区", code="TS008",
            kind=FacilityKind.TANK_FARM,
        ))  # fmt: skip
    with site.work_as(world.people["operator"]) as work:
        tank = tanks.set_up(work, tanks.SetUpTank(
            facility_id=farm.id, number="TK-01", waste="900-249-08", shape="upright", diameter_mm=2000,
            usable_l=10_000, density_g_l=900, act_key="tank",
        ))  # fmt: skip
    standing = {R.OWN: {"plant"}, R.REGION: OVER[OTHER_COUNTY]}
    yield Thing("a tank of the plant", {"tank_id": tank.id}, standing)
    for form in ("csv", "xlsx"):
        yield Thing(f"a tank of the plant as {form}", {"tank_id": tank.id, "form": form}, standing)
    for what, one in tank_pages.ENTERS.items():
        yield Thing(f"the tank, to {what}", {"tank_id": tank.id, "what": what}, standing, acts=(one.act,))


def _labels(site: Site) -> Iterator[Thing]:
    """A roll of blank labels of the hospital with its print, and a printer."""
    own = {R.OWN: {"hospital"}}
    with site.work_as(site.world.people["manager"]) as work:
        batch = labels.issue_blanks(work, labels.IssueBlanks(format=LabelFormat.TAG_80X60, count=2, act_key="roll"))
        printed = label_queries.print_of_batch(work.session, batch.id)
        printer = labels.keep_printer(work, labels.KeepPrinter(name="演示打印机"))
    yield Thing("a roll of blank labels", {"roll_id": batch.id}, own)
    yield Thing("a print of labels", {"print_id": printed.id}, own)
    yield Thing("a printer of labels", {"printer_id": printer.id}, own)


def _inspected_and_ordered(world: World, session: Session) -> Iterator[Thing]:
    """An inspection of the hospital with a finding, and orders to it and to the station, given for the county."""
    found = session.scalars(select(Finding).where(Finding.state == FindingState.OPEN)
                            .order_by(Finding.inspection_id, Finding.position)).first()  # fmt: skip
    own = {R.OWN: {"hospital"}, R.REGION: OVER[COUNTY]}
    yield Thing("an inspection of the hospital", {"inspection_id": found.inspection_id}, own)
    yield Thing("a finding at the hospital", {"inspection_id": found.inspection_id, "position": found.position}, own)
    for order in session.scalars(select(Order).where(Order.state == OrderState.IN_FORCE)):
        to = {"hospital"} if order.all_of else {"hospital", "station"}
        # Of all hospitals the county had one when it was given.
        yield Thing("an order", {"order_id": order.id}, {R.OWN: to, R.REGION: OVER[COUNTY]})


def _imports(site: Site) -> Iterator[Thing]:
    """Every kind of file to import, and one that was sent, of organisations and of accounts."""
    for kind in ImportKind:
        own = {R.OWN: set(site.world.organisations)} if kind.own else {}
        yield Thing(f"a file of {kind.value}", {"kind": kind.value}, own, acts=(kind.act,))
    for form in ("csv", "xlsx"):
        yield Thing(f"the {form} template", {"kind": "users", "form": form}, acts=(ImportKind.USERS.act,))
    for kind, name in ((ImportKind.ORGANISATIONS, "system_admin"), (ImportKind.USERS, "security_admin"),
                       (ImportKind.CONTAINERS, "manager")):  # fmt: skip
        with site.work_as(site.world.people[name]) as work:
            sent = Import(
                id=new_id(), kind=kind, state=ImportState.CHECKING, user_id=work.actor.user_id, act_key=kind.value,
                created_at=work.now, file_name="演示.csv", file_hash="0" * 64, file_size=1, total=1,
                organisation_id=work.actor.organisation_id if kind.own else None,
            )  # fmt: skip
            work.session.add(sent)
        own = {R.OWN: {"hospital"}} if kind.own else {}
        yield Thing(f"an import of {kind.value}", {"import_id": sent.id}, own, acts=(kind.act,))


def parts(site: Site, session: Session, additions: Mapping[str, Any], changes: Mapping[str, Any]) -> Iterator[Thing]:
    """What can be added to an organisation, and what belongs to it and can be changed."""
    world = site.world
    for part, addition in additions.items():
        yield Thing(f"{part} of the hospital, to add", {"organisation_id": world.id("hospital"), "part": part},
                    {R.OWN: {"hospital"}, R.REGION: OVER[COUNTY]}, acts=(addition.act,))  # fmt: skip
    rows = {
        "site": ("hospital", world.stores["hospital"].site_id),
        "store": ("hospital", world.stores["hospital"].id),
        "vehicle": ("carrier", world.vehicles["truck"].id),
        "crew": ("carrier", world.crew["driver"].id),
        "licence": ("plant", session.scalars(select(Licence.id)
                                             .where(Licence.organisation_id == world.id("plant"))).first()),
    }  # fmt: skip
    rows["contract"] = ("hospital", session.scalars(select(Contract.id)).first())
    rows["plan"] = ("hospital", _plan(site))
    yield from _scans(site, {kind: rows[kind.value] for kind in PaperKind})
    for part, change in changes.items():
        side, row = rows[part]  # a new kind of part has to be listed above
        region = COUNTY if side == "hospital" else OTHER_COUNTY
        yield Thing(f"{part} of {side}", {"organisation_id": world.id(side), "part": part, "part_id": row},
                    {R.OWN: {side}, R.REGION: OVER[region]}, acts=(change.act,))  # fmt: skip


def _plan(site: Site) -> Any:
    """File the hospital's plan of a year."""
    with site.work_as(site.world.people["system_admin"]) as work:
        line = {"waste_code": "841-001-01", "receiver_id": None, "mass_g": "5"}
        return parties.file_plan(work, parties.FilePlan(
            organisation_id=site.world.id("hospital"), year=2026, version=0, filed_on=NOON.date(), lines={0: line},
        )).id  # fmt: skip


def _boxes(site: Site) -> Iterator[Thing]:
    """An empty large box of the hospital, in its store. Whoever scans an empty one in may put it into his own store."""
    world = site.world
    with site.work_as(world.people["manager"]) as work:
        command = boxes.RegisterBoxes(kind=BoxKind.TURNOVER_BOX, facility_id=world.stores["hospital"].id)
        made = boxes.register(work, command)[0]
    standing = {R.OWN: {"hospital"}, R.REGION: OVER[COUNTY]}
    yield Thing("a large box of the hospital", {"box_id": made.id}, standing)


def _scans(site: Site, papers: Mapping[PaperKind, tuple[str, Any]]) -> Iterator[Thing]:
    """A scan of a paper of each kind, and the paper itself: who sees the organisation sees them, its keeper adds."""
    world = site.world
    for number, (kind, (side, row)) in enumerate(papers.items()):
        keeper = world.people["system_admin"]
        with site.work_as(keeper) as work:
            scan = parties.add_scan(work, site.app.extensions["wastetrack.files"], parties.AddScan(
                organisation_id=world.id(side), paper=kind, paper_id=row, file_name="演示.png", file=_picture(number),
            ))  # fmt: skip
        region = COUNTY if side == "hospital" else OTHER_COUNTY
        standing = {R.OWN: {side}, R.REGION: OVER[region]}
        for act in (Act.VIEW_PARTIES, kind.act):
            named = {"organisation_id": world.id(side), "paper": kind.value, "paper_id": row}
            yield Thing(f"the {kind.value} of {side}", named, standing, acts=(act,))
            named = {"organisation_id": world.id(side), "scan_id": scan.id}
            yield Thing(f"a scan of the {kind.value} of {side}", named, standing, acts=(act,))


def _picture(number: int) -> bytes:
    made = BytesIO()
    Image.new("L", (8, 8), number).save(made, "PNG")
    return made.getvalue()


# --- what a form can hold --------------------------------------------------------------------------------------------


def everything(site: Site) -> dict[str, list[str]]:
    """Return a fitting text for each field of each form: nobody is turned away for a form that cannot be read."""
    world = site.world
    bag = site.chain.bag()
    with site.work_as() as work:
        sign = in_force(work.session, world.stores["hospital"].id)
    texts = {
        "act_key": "K", "version": "1", "reason": "演示", "code": bag.code, "codes": bag.code, "container_ids": bag.id,
        "shown": "0" * 64, "facility_id": world.stores["hospital"].id, "name": "演示名称", "note": "演示",
        "active": "false", "signatures": "consignor", "grant_id": bag.id,
        "chinese": "演示", "english": "Demo", "in_force_from": "2026-11-23",
        "state": "suspended", "roles": "manager", "role": "driver", "carrier_id": world.id("carrier"),
        "vehicle_id": world.vehicles["truck"].id, "driver_id": world.crew["driver"].id,
        "receiver_id": world.id("plant"), "receiver_facility_id": world.stores["plant"].id, "mode": "Y10",
        "presence": sign.code,
        "mass": "2.5", "waste": "infectious", "cleaned_at": "2026-11-23T11:59",
        "credit_code": credit_code(900), "region_code": COUNTY, "address": "演示路1号", "contact": "演示联系人",
        "phone": "0311-00000000", "emergency_phone": "0311-00000001", "kinds": "enterprise", "plate": "冀A54321",
        "permit_no": "YSZ0009", "permit_until": "2029-01-01", "capacity_g": "8000", "mass_limit_g": "100",
        "hours": "24", "first_day": "2026-11-23",
        "partner_id": world.id("plant"), "year": "2027", "filed_on": "2026-11-01",
        "number": "冀危许YS0009", "valid_from": "2026-01-01", "valid_until": "2029-01-01", "scope": "HW01",
        "inspected_at": "2026-11-23T11:00", "looked_at": "演示", "presence_reason": "演示", "nothing_found": "true",
        "position": "1", "words": "演示", "done_on": "2026-11-23", "decision": "confirm", "text": "演示",
        "basis": "演示", "answer_by": "2026-11-25T12:00", "organisation_ids": world.id("hospital"), "outcome": "ended",
        "since": "2026-11-23", "until": "2026-12-23", "accept": "no", "emergency": "yes",
        "amount": "5", "level_mm": "5", "destination": "treated", "content": "5", "shape": "upright",
        "diameter_mm": "2000", "usable_l": "5000", "density_g_l": "900",
        "yearly_quantity_g": "10", "modes": "Y10", "username": "somebody.else", "password": PASSWORD,
    }  # fmt: skip
    return {name: [str(text)] for name, text in texts.items()}


FITTING = {
    ("parties.add", "store"): {"kind": "medical_store", "code": "TS009"},
    ("parties.add", "licence"): {"kind": "operating"},
    ("tanks.set_up", ""): {"waste": "900-249-08"},
    ("tanks.change", ""): {"waste": "900-249-08"},
    ("parties.file_plan", ""): {"version": "0", "lines.0.waste_code": "841-001-01", "lines.0.mass_g": "5"},
}
"""Fields whose meaning depends on the form, by route and part."""
