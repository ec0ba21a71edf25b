"""The authority at work: two inspections with something to put right, and an order of the command."""

from datetime import datetime, timedelta

from wastetrack.domain.inspections import FindingKind
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.times import local_day
from wastetrack.features.demonstration.service.stage import Stage
from wastetrack.features.inspections import service as inspections
from wastetrack.features.inspections.models import Inspection
from wastetrack.features.inspections.service import FindingLine
from wastetrack.features.orders import service as orders
from wastetrack.features.orders.models import Order
from wastetrack.features.parties.queries.presence import in_force

INSPECTOR, COMMANDER = "inspector.county", "commander.county"
COUNTY = "130123"
BEFORE_HOSPITAL, BEFORE_ANSWER, BEFORE_STATION = timedelta(hours=30), timedelta(hours=4), timedelta(minutes=95)
BEFORE_ORDER, BEFORE_NOTE = timedelta(hours=2), timedelta(minutes=70)


def write(stage: Stage) -> None:
    """Plan the visits and the order, by hours before now."""
    found: list[Inspection] = []
    stage.plan(stage.now - BEFORE_HOSPITAL, lambda at: found.append(_at_the_hospital(stage, at)))
    stage.plan(stage.now - BEFORE_ANSWER, lambda at: _answer(stage, found[0], at))
    stage.plan(stage.now - BEFORE_STATION, lambda at: _at_the_station(stage, at))
    given: list[Order] = []
    stage.plan(stage.now - BEFORE_ORDER, lambda at: given.append(_order(stage, at)))
    stage.plan(stage.now - BEFORE_NOTE, lambda at: _take_note(stage, given[0], at))


def _at_the_hospital(stage: Stage, at: datetime) -> Inspection:
    """Find two things: one should have been put right yesterday, of the other the hospital will say that it is."""
    yesterday = local_day(stage.now) - timedelta(days=1)
    return _inspect(
        stage, at, "county-hospital", "county-hospital/02",
        FindingLine(kind=FindingKind.OVER_TIME, words="感染病区暂存间废物将超过贮存时限（演示）", due_on=yesterday),
        FindingLine(
            kind=FindingKind.REGISTER, words="交接登记缺签名（演示）", due_on=local_day(at) + timedelta(days=10)
        ),
    )  # fmt: skip


def _answer(stage: Stage, one: Inspection, at: datetime) -> None:
    with stage.act("county.manager", at) as work:
        command = inspections.AnswerFinding(
            inspection_id=one.id, position=2, version=1, words="已补签，并已培训收集员（演示）", done_on=local_day(at),
            act_key=stage.key(),
        )  # fmt: skip
        inspections.answer(work, command)


def _at_the_station(stage: Stage, at: datetime) -> Inspection:
    """Find the station above its limit, and a thing that was put right while the inspector stood there."""
    return _inspect(
        stage, at, "station-a", "station-a/01",
        FindingLine(
            kind=FindingKind.OVER_QUANTITY, words="存量超过限值（演示）", due_on=local_day(at) + timedelta(days=2)
        ),
        FindingLine(kind=FindingKind.NOT_SEALED, words="一袋未扎紧（演示）", on_the_spot=True),
    )  # fmt: skip


def _inspect(stage: Stage, at: datetime, of: str, store: str, *lines: FindingLine) -> Inspection:
    with stage.act(INSPECTOR, at) as work:
        sign = in_force(work.session, stage.stores[store])
        command = inspections.RecordInspection(
            organisation_id=stage.organisations[of],
            presence=sign.code if sign else None,
            presence_reason="" if sign else "墙上无标识（演示）",
            facility_id=stage.stores[store],
            inspected_at=at,
            met="暂存间管理员（演示）",
            looked_at="暂存间、标签、交接登记（演示）",
            findings=dict(enumerate(lines)),
            act_key=stage.key(),
        )
        return inspections.record(work, command)


def _order(stage: Stage, at: datetime) -> Order:
    """Order all hospitals of the county to do something."""
    with stage.act(COMMANDER, at) as work:
        return orders.give(
            work,
            orders.GiveOrder(
                region_code=COUNTY,
                all_of=OrganisationKind.HOSPITAL,
                text="每日17时前上报医疗废物产生量和库存量（演示）",
                basis="突发事件医疗废物应急处置预案（演示）",
                answer_by=at + timedelta(hours=24),
                act_key=stage.key(),
            ),
        )


def _take_note(stage: Stage, one: Order, at: datetime) -> None:
    with stage.act("county.manager", at) as work:
        orders.acknowledge(work, orders.Acknowledge(order_id=one.id, act_key=stage.key()))
