"""Moving a large box: everything in it goes with it, in one transaction, each thing by an event of its own."""

from collections.abc import Callable, Mapping

from wastetrack.domain.boxes import BoxDoing, after
from wastetrack.domain.containers import Doing
from wastetrack.domain.ledger import Evidence
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.queries import stream_of
from wastetrack.features.boxes.service.base import Whole, holder_of, record, require_outermost, settle
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service.moving import Place, move_held
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.work import Work

Each = Callable[[Container], Mapping[str, object]]


def move_whole(
    work: Work,
    whole: Whole,
    doing: BoxDoing,
    *,
    to: Place = None,
    facts: Mapping[str, object] | None = None,
    each: Each | None = None,
    evidence: Evidence = Evidence.CHOSEN,
    act_key: str | None = None,
    manifest_number: str | None = None,
) -> None:
    """Do one act with a held box and all that is in it, or refuse. Who may do it is checked by the caller.

    `facts` stand in every event, those of `each` in the one of that container. What is treated leaves the box, which
    is written with that (`noticing`).
    """
    box = whole.box
    require_outermost(work, box)
    boxes = [box, *whole.inner]
    following = {one.id: after(one.state, doing, code=queries.shown(one)) for one in boxes}
    streams = [containers.stream_of(one.id) for one in whole.containers]
    ledger.hold(work, [*(stream_of(one.id) for one in boxes), *streams], act_key)
    said = {"box": box.id, "box_code": queries.shown(box), **(facts or {})}
    for one in whole.containers:
        move_held(
            work,
            one,
            Doing(doing.value),  # type: ignore[call-arg]  # a Term is looked up by its value
            to=to,
            facts={**said, **(each(one) if each else {})},
            evidence=evidence,
            act_key=act_key,
            manifest_number=manifest_number,
            with_box=True,
        )
    if doing is BoxDoing.TREAT:
        return
    before = {each_box.id: holder_of(each_box) for each_box in boxes}
    for each_box in boxes:
        each_box.state = following[each_box.id]
        settle(each_box, to)
    for each_box in boxes:
        named = dict(facts or {}) if each_box is box else said
        record(work, each_box, doing.value, before[each_box.id], named, act_key=act_key, evidence=evidence)
