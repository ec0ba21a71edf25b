"""Some days of trade with every kind of trouble in it, so that no page is empty when it is looked at."""

from datetime import datetime, timedelta

from sqlalchemy import select

from tests.conftest import NOON
from tests.features.boxes.conftest import Packer
from tests.journeys.site import Site
from tests.living import shown_hand_in
from tests.world import COUNTY, credit_code
from wastetrack.domain.access import APPLICANT, Role
from wastetrack.domain.inspections import FindingKind, Step
from wastetrack.domain.orders import OrderState
from wastetrack.domain.parties import FacilityKind, OrganisationKind
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.collection import service as collection
from wastetrack.features.inspections import service as inspections
from wastetrack.features.inspections.models import Inspection
from wastetrack.features.manifests.models import ManifestPrint
from wastetrack.features.orders import service as orders
from wastetrack.features.orders.models import Order
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.features.tanks import service as tanks
from wastetrack.features.watch.jobs import sweep
from wastetrack.infra.ids import new_token

LONG_BEFORE = NOON - timedelta(days=12)
BEFORE = NOON - timedelta(days=3)
EARLIER = NOON - timedelta(hours=6)


def a_day_of_trade(site: Site) -> None:
    """Let loads end well and badly, stand and wait; name the addresses that stand on labels and prints."""
    boxes = _loads(site)
    _hand_ins(site)
    held = _large_boxes(site)
    _tank(site)
    _inspections(site)
    _orders(site)
    with site.work_as(now=NOON) as work:
        sweep(work)
        tokens = work.session.scalars(select(ManifestPrint.token).order_by(ManifestPrint.made_at)).all()
    site.held_in_hand += [f"/c/{boxes[0]}", f"/c/{boxes[-1]}", f"/v/{tokens[0]}", f"/v/{tokens[-1]}", "/c/0000", "/v/0"]
    site.held_in_hand.append(f"/c/{held}")


def _loads(site: Site) -> list[str]:
    chain = site.chain
    overdue = chain.bag(at=BEFORE)
    done = [chain.bag(mass=mass, at=BEFORE) for mass in ("2.10", "0.85")]
    ended = chain.arrive(chain.depart(done, BEFORE), BEFORE)
    for box in done:
        chain.receive(ended, box, BEFORE)
    chain.confirm(ended, BEFORE)
    chain.treat(done, BEFORE)
    bad = [chain.bag(mass=mass, at=EARLIER) for mass in ("2.10", "0.85", "3.33")]
    troubled = chain.arrive(chain.depart(bad, EARLIER), EARLIER)
    chain.receive(troubled, bad[0], EARLIER)
    chain.refuse(troubled, bad[1], EARLIER)
    chain.confirm(troubled, EARLIER)
    chain.sign([chain.bag(at=EARLIER)], EARLIER)
    chain.depart([chain.bag(at=EARLIER)], EARLIER)
    arrived = [chain.bag(at=EARLIER), chain.bag(at=EARLIER)]
    chain.receive(chain.arrive(chain.depart(arrived, EARLIER), EARLIER), arrived[0], EARLIER)
    chain.draft([chain.bag(at=EARLIER)], EARLIER)
    chain.bag(store=None, at=NOON - timedelta(minutes=5))
    chain.bag("factory", "factory", "180", EARLIER, "900-249-08")
    return [box.code for box in (overdue, *done, *bad)]


def _large_boxes(site: Site) -> str:
    """A pallet with a closed box and a bag on it, and a box that is to be washed; the code on the pallet."""
    people = Packer(site.world, site.work_as)
    pallet, (box, _bags) = people.box(kind="pallet", name="托盘（演示）"), people.filled(capacity_count=20)
    people.pack(pallet, box, *people.boxes(1))
    emptied, bags = people.filled(1)
    people.take_out(people.reopen(emptied), *bags)
    return str(pallet.code)


def _tank(site: Site) -> None:
    """A tank of waste oil with a level that was read, and what went out of it."""
    world = site.world
    with site.work_as(world.people["system_admin"], LONG_BEFORE) as work:
        farm = parties.add_facility(work, parties.AddFacility(
            organisation_id=world.id("factory"), site_id=world.stores["factory"].site_id, name="演示罐区",
            code="TS008", kind=FacilityKind.TANK_FARM, mass_limit_g="8",
        ))  # fmt: skip
    with site.work_as(world.people["factory"], EARLIER) as work:
        made = tanks.set_up(work, tanks.SetUpTank.model_validate({
            "facility_id": farm.id, "number": "TK-01", "waste": "900-249-08", "shape": "box", "length_mm": 2000,
            "width_mm": 2500, "usable_l": 10_000, "density_g_l": 900, "meter": "litre", "act_key": new_token(),
        }))  # fmt: skip
        tanks.read_level(work, tanks.ReadLevel.model_validate(
            {"tank_id": made.id, "level_mm": 1700, "act_key": new_token()}
        ))  # fmt: skip
    with site.work_as(world.people["factory"], EARLIER) as work:
        tanks.record_outflow(work, tanks.RecordOutflow.model_validate(
            {"tank_id": made.id, "amount": "300", "destination": "handed_over", "act_key": new_token()}
        ))  # fmt: skip


def _hand_ins(site: Site) -> None:
    for who, finished in (("doctor_a", False), ("doctor_b", True)):
        bags = [site.chain.bag(who, None, mass, EARLIER) for mass in ("1.20", "0.40")]
        with site.work_as(site.world.people[who], EARLIER) as work:
            ids = tuple(bag.id for bag in bags)
            made = collection.declare(work, collection.DeclareHandIn(container_ids=ids, act_key=new_token()))
        with site.work_as(site.world.people["attendant"], EARLIER) as work:
            command = collection.ReceiveHandedIn(code=bags[0].code, hand_in_id=made.id, act_key=new_token())
            taken = collection.receive_box(work, command)
            if finished:
                collection.finish(
                    work,
                    collection.FinishHandIn(
                        hand_in_id=made.id,
                        version=taken.hand_in.version,
                        shown=shown_hand_in(work, taken.hand_in),
                        act_key=new_token(),
                    ),
                )
    site.chain.bag("doctor_a", None, "0.75", EARLIER)


def _inspections(site: Site) -> None:
    """One that found things, some put right, some overdue; one that found nothing; one that was wrong."""
    world, long_ago = site.world, NOON - timedelta(days=9)
    inspector, manager = world.people["inspector"], world.people["manager"]

    def inspect(of: str, at: datetime, *findings: inspections.FindingLine) -> Inspection:
        with site.work_as(inspector, at) as work:
            sign = in_force(work.session, world.stores[of].id)
            command = inspections.RecordInspection(
                organisation_id=world.id(of), facility_id=world.stores[of].id, presence=sign.code if sign else None,
                inspected_at=at, met="科室护士长（演示）", looked_at="暂存间、台账、标签（演示）",
                nothing_found=not findings, findings=dict(enumerate(findings)), act_key=new_token(),
            )  # fmt: skip
            return inspections.record(work, command)

    def line(kind: FindingKind, days: int | None, words: str) -> inspections.FindingLine:
        due_on = local_day(long_ago) + timedelta(days=days) if days is not None else None
        return inspections.FindingLine(kind=kind, words=words, due_on=due_on, on_the_spot=due_on is None)

    found = inspect(
        "hospital", long_ago, line(FindingKind.LABEL, 5, "三袋无标签（演示）"),
        line(FindingKind.REGISTER, 30, "台账与实物不符（演示）"), line(FindingKind.CLEANING, 30, "地面未消毒（演示）"),
        line(FindingKind.NOT_SEALED, None, "一袋未扎口（演示）"),
    )  # fmt: skip
    for position in (2, 3):
        with site.work_as(manager, EARLIER) as work:
            inspections.answer(work, inspections.AnswerFinding(
                inspection_id=found.id, position=position, version=1, words="已整改（演示）",
                done_on=local_day(EARLIER), act_key=new_token(),
            ))  # fmt: skip
    with site.work_as(inspector, EARLIER) as work:
        inspections.decide(work, inspections.DecideFinding(
            inspection_id=found.id, position=3, version=2, decision=Step.SEND_BACK, words="墙角仍有污渍（演示）",
            act_key=new_token(),
        ))  # fmt: skip
    inspect("clinic_a", EARLIER)
    wrong = inspect("hospital", EARLIER, line(FindingKind.OTHER, 30, "记错单位（演示）"))
    with site.work_as(inspector, EARLIER) as work:
        reason = inspections.WithdrawInspection(inspection_id=wrong.id, reason="记错单位（演示）", act_key=new_token())
        inspections.withdraw(work, reason)


def _orders(site: Site) -> None:
    """One to all hospitals, one to two organisations picked, one that has ended."""
    world = site.world
    commander = world.people["commander"]

    def give(text: str, hours: int, *of: str) -> Order:
        with site.work_as(commander, EARLIER) as work:
            return orders.give(work, orders.GiveOrder(
                region_code=COUNTY, all_of=None if of else OrganisationKind.HOSPITAL,
                organisation_ids={world.id(each) for each in of}, text=text, basis="应急预案〔2026〕1号（演示）",
                answer_by=EARLIER + timedelta(hours=hours), act_key=new_token(),
            ))  # fmt: skip

    give("清空所有暂存间（演示）", 3)
    picked = give("每日上报医疗废物数量（演示）", 48, "hospital", "station")
    with site.work_as(world.people["attendant"], EARLIER) as work:
        orders.report(work, orders.Report(order_id=picked.id, words="已上报（演示）", act_key=new_token()))
    with site.work_as(world.people["manager"], EARLIER) as work:
        orders.acknowledge(work, orders.Acknowledge(order_id=picked.id, act_key=new_token()))
    over = give("备用车辆待命（演示）", 24, "station")
    with site.work_as(commander, EARLIER) as work:
        orders.close(work, orders.CloseOrder(
            order_id=over.id, version=1, outcome=OrderState.ENDED, reason="响应终止（演示）", act_key=new_token(),
        ))  # fmt: skip


def people_come_and_go(site: Site) -> None:
    """Let an organisation ask to be admitted, one lose its manager, one be handed over, and people act for others."""
    world, today = site.world, NOON.date()
    with site.work_as(APPLICANT, LONG_BEFORE) as work:
        wanted = parties.AskAdmission(
            name="演示申请医院", kinds={OrganisationKind.HOSPITAL}, credit_code=credit_code(950), region_code=COUNTY,
            address="演示路9号", contact="演示", phone="0311-00000000", emergency_phone="0311-00000001", beds=20,
            manager_name="演示", manager_username="applicant", reference=new_token(),
        )  # fmt: skip
        parties.ask_admission(work, wanted)
    for who, accepted in (("attendant", True), ("doctor_a", False)):
        with site.work_as(world.people["manager"], BEFORE) as work:
            person = queries.user(work.session, world.people[who].user_id)
            given = accounts.give_mandate(work, accounts.GiveMandate(
                username=person.username, name=person.name, roles=frozenset({Role.COLLECTOR, Role.MANAGER}),
                since=today - timedelta(days=9), until=today + timedelta(days=90), reason="演示代班",
            ))  # fmt: skip
        if accepted:
            with site.work_as(world.people[who], BEFORE) as work:
                accounts.answer_mandate(work, accounts.AnswerMandate(mandate_id=given.id, accept=True))
    with site.work_as(world.people["manager"], BEFORE) as work:
        accounts.ask_handover(work, accounts.AskHandover(
            organisation_id=world.id("hospital"), successor_id=world.people["collector"].user_id, reason="演示离任"
        ))  # fmt: skip
    with site.work_as(world.people["security_admin"], LONG_BEFORE) as work:
        gone, _ = accounts.create_account(work, accounts.CreateAccount(
            username="gone", name="演示离任者", roles=frozenset({Role.MANAGER}), organisation_id=world.id("plant"),
        ))  # fmt: skip
        closing = accounts.SetActive(user_id=gone.id, active=False, emergency=True, reason="演示紧急停用")
        accounts.set_active(work, closing)
