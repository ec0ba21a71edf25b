"""What regulators do on the whole day of `tests.whole`: orders and inspections, each through all its acts."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.conftest import NOON
from tests.whole_parties import TODAY
from tests.world import COUNTY
from wastetrack.domain.inspections import FindingKind, Step
from wastetrack.domain.orders import OrderState
from wastetrack.features.inspections import service as inspections
from wastetrack.features.inspections.models import Inspection
from wastetrack.features.orders import service as orders

if TYPE_CHECKING:
    from tests.whole import Day


def the_regulators(day: "Day") -> None:
    """Give orders and inspect."""
    _orders(day)
    _inspections(day)


def _orders(day: "Day") -> None:
    """One order is acknowledged by one, carried out by another, then ended; one is withdrawn."""
    words = {"region_code": COUNTY, "text": "加强暂存间消毒", "basis": "应急预案"}
    chosen = frozenset({day.world.id("hospital"), day.world.id("factory"), day.world.id("station")})
    by = NOON + timedelta(days=2)
    one, other = (
        day.act("commander", orders.give, orders.GiveOrder, 1, organisation_ids=chosen, answer_by=by, **words)
        for _ in range(2)
    )
    day.act("manager", orders.acknowledge, orders.Acknowledge, 2, order_id=one.id)
    day.act("manager", orders.report, orders.Report, 3, order_id=one.id, words="已完成")
    day.act("factory", orders.report, orders.Report, 3, order_id=one.id, words="已消毒")
    for order, outcome in ((one, OrderState.ENDED), (other, OrderState.WITHDRAWN)):
        given = {"version": order.version, "outcome": outcome, "reason": "情况已变"}
        day.act("commander", orders.close, orders.CloseOrder, 4, order_id=order.id, **given)


def _inspections(day: "Day") -> None:
    """Of what is found one is told on the spot, one sent back, one confirmed; one visit was wrong."""
    store, box = day.world.stores["hospital"], day.bag()
    later = TODAY + timedelta(days=7)
    findings = {
        0: {"kind": next(iter(FindingKind)), "words": "标签不清", "code": box.code, "due_on": later},
        1: {"kind": next(iter(FindingKind)), "words": "无台账", "due_on": later},
        2: {"kind": next(iter(FindingKind)), "words": "门未关", "on_the_spot": True},
    }
    visit = {
        "organisation_id": store.organisation_id, "facility_id": store.id, "inspected_at": NOON, "met": "后勤科长",
        "looked_at": "暂存间", "presence_reason": "没有标志",
    }  # fmt: skip
    record = inspections.record, inspections.RecordInspection
    one = day.act("inspector", *record, 1, findings=findings, **visit)
    wrong = day.act("inspector", *record, 1, nothing_found=True, **visit)
    for position, decision, given in (
        (1, Step.SEND_BACK, {"words": "照片不清", "due_on": later + timedelta(days=1)}),
        (2, Step.CONFIRM, {"words": "合格"}),
    ):
        which = {"inspection_id": one.id, "position": position}
        answer = {**which, "version": 1, "words": "已改", "done_on": TODAY}
        day.act("manager", inspections.answer, inspections.AnswerFinding, 2, **answer)
        decided = {**which, "version": 2, "decision": decision, **given}
        day.act("inspector", inspections.decide, inspections.DecideFinding, 3, **decided)
    assert isinstance(one, Inspection)
    given = {"inspection_id": wrong.id, "reason": "走错单位"}
    day.act("inspector", inspections.withdraw, inspections.WithdrawInspection, 4, **given)
