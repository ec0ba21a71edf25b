"""Packing: putting containers and boxes into a large box, taking them out, closing and opening it."""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wastetrack.domain import boxes as rules
from wastetrack.domain.access import Act
from wastetrack.domain.boxes import (
    MOST_AT_ONCE,
    BoxDoing,
    Filling,
    Parcel,
    after,
    not_now,
    only_with,
    packing_problems,
    warnings,
)
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import TRANSITIONS, Doing, only_with_box
from wastetrack.domain.containers import not_now as container_not_now
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Kind, Problem, refuse_all
from wastetrack.domain.registration import nothing_chosen, unknown_label
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.boxes import queries
from wastetrack.features.boxes.models import Box
from wastetrack.features.boxes.queries import stream_of
from wastetrack.features.boxes.service.base import (
    Left,
    Whole,
    hold,
    holder_of,
    mine,
    note_left,
    record,
    require_outermost,
    told,
)
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service.moving import move_held
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Code, Command
from wastetrack.infra.i18n import say_in_each
from wastetrack.infra.work import Work

_AT = "codes"


class PackIn(Command):
    """Put containers, or closed boxes, into a box: all of them or none."""

    box_id: UUID
    codes: Annotated[tuple[Code, ...], Field(max_length=MOST_AT_ONCE)] = ()
    evidence: Evidence = Evidence.TYPED
    act_key: ActKey | None = None


class TakeOut(PackIn):
    """Take them out of it again: they stand beside it in the same store then."""


class ShutBox(Command):
    """Close a box, or open it again."""

    box_id: UUID
    act_key: ActKey | None = None


def pack(work: Work, command: PackIn) -> Box:
    """Put something into a box that the own organisation holds; everything that speaks against it is said at once."""
    whole = mine(work, command.box_id, Act.PACK)
    box = whole.box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    singles, parcels = _things(work, command.codes)
    refuse_all([*_state_problems(box), *_unfit(work, box, singles, parcels), *_together(work, whole, singles, parcels)])
    warned = warnings(*_wanted(whole, singles, parcels), on=local_day(work.now), at=_AT)
    box.state = after(box.state, BoxDoing.PACK, code=queries.shown(box))
    said = {"box_code": queries.shown(box)}
    ledger.hold(work, [containers.stream_of(one.id) for one in singles], command.act_key)
    for one in singles:
        move_held(work, one, Doing.PACK, facts=said, into=box.id, evidence=command.evidence, act_key=command.act_key)
    for parcel in parcels:
        before = holder_of(parcel.box)
        parcel.box.state = after(parcel.box.state, BoxDoing.PUT_IN, code=queries.shown(parcel.box))
        parcel.box.parent_id = box.id
        record(work, parcel.box, "put_in", before, said, act_key=command.act_key, evidence=command.evidence)
    facts = {
        "containers": [told(one) for one in singles],
        "boxes": [{"box": one.box.id, "code": one.box.code} for one in parcels],
        "warned": [{"code": one.code, **say_in_each(one)} for one in warned],
    }
    record(work, box, "pack", holder_of(box), facts, act_key=command.act_key, evidence=command.evidence)
    return box


def take_out(work: Work, command: TakeOut) -> Box:
    """Take something out of an open box. With the last of it the box is emptied, and washed where that is asked."""
    whole = mine(work, command.box_id, Act.PACK)
    box = whole.box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    singles, parcels = _things(work, command.codes)
    problems = [not_now(box.state, BoxDoing.UNPACK, code=queries.shown(box), field=_AT)]
    strange: list[Container | Box] = [one for one in singles if one.box_id != box.id]
    strange += [one.box for one in parcels if one.box.parent_id != box.id]
    fits = (box.state, BoxDoing.UNPACK) in rules.TRANSITIONS
    refuse_all([*([] if fits else problems), *(_not_in(box, one) for one in strange)])
    said = {"box_code": queries.shown(box)}
    ledger.hold(work, [containers.stream_of(one.id) for one in singles], command.act_key)
    for one in singles:
        move_held(work, one, Doing.UNPACK, facts=said, evidence=command.evidence, act_key=command.act_key)
    for parcel in parcels:
        before = holder_of(parcel.box)
        parcel.box.state = after(parcel.box.state, BoxDoing.TAKE_OUT, code=queries.shown(parcel.box))
        parcel.box.parent_id = None
        record(work, parcel.box, "take_out", before, said, act_key=command.act_key, evidence=command.evidence)
    medical = any(one.medical for one in [*singles, *(each for parcel in parcels for each in parcel.containers)])
    facts = {
        "containers": [told(one) for one in singles],
        "boxes": [{"box": one.box.id, "code": one.box.code} for one in parcels],
    }
    note_left(work, box, Left(facts, medical, work.now), act_key=command.act_key, evidence=command.evidence)
    return box


def close(work: Work, command: ShutBox) -> Box:
    """Close a filled box: it may go on its way."""
    return _shut(work, command, BoxDoing.CLOSE)


def reopen(work: Work, command: ShutBox) -> Box:
    """Open a closed box in its store, on the record."""
    return _shut(work, command, BoxDoing.OPEN)


def _shut(work: Work, command: ShutBox, doing: BoxDoing) -> Box:
    box = mine(work, command.box_id, Act.PACK).box
    if ledger.done(work, stream_of(box.id), command.act_key):
        return box
    require_outermost(work, box)
    box.state = after(box.state, doing, code=queries.shown(box))
    record(work, box, doing.value, holder_of(box), {}, act_key=command.act_key)
    return box


def _things(work: Work, codes: Sequence[str]) -> tuple[list[Container], list[Whole]]:
    """Return the containers and the boxes with these codes, each once and held; refuse codes of neither."""
    if not codes:
        raise nothing_chosen(_AT)
    wanted = list(dict.fromkeys(codes))
    parcels = [hold(work, one.id) for one in sorted(queries.by_codes(work.session, wanted), key=lambda one: one.id)]
    rest = [code for code in wanted if code not in {one.box.code for one in parcels}]
    known = [one for one in (containers.by_code(work.session, code) for code in rest) if one is not None]
    missing = [code for code in rest if code not in {one.code for one in known}]
    unknown_ones = [unknown_label(pretty(ContainerCode(code)), _AT) for code in missing]
    refuse_all([problem for refusal in unknown_ones for problem in refusal.problems])
    return containers.all_locked(work.session, [one.id for one in known]), parcels


def _state_problems(box: Box) -> list[Problem]:
    if (box.state, BoxDoing.PACK) in rules.TRANSITIONS:
        return []
    return [not_now(box.state, BoxDoing.PACK, code=queries.shown(box), field=_AT)]


def _unfit(work: Work, box: Box, singles: Sequence[Container], parcels: Sequence[Whole]) -> Iterator[Problem]:
    """Say what cannot go into any box as it stands; what somebody else holds is left to the other rules."""
    for one in singles:
        code = pretty(ContainerCode(one.code))
        if one.holder_organisation_id != box.holder_organisation_id:
            continue
        if one.box_id == box.id:
            yield _already(code, queries.shown(box))
        elif one.box_id is not None:
            yield only_with_box(code, queries.codes(work.session, [one.box_id])[one.box_id], Doing.PACK, _AT)
        elif (one.state, Doing.PACK) not in TRANSITIONS:
            yield _at(container_not_now(one.state, Doing.PACK, code=code))
    for whole in parcels:
        inner, code = whole.box, queries.shown(whole.box)
        if inner.parent_id == box.id:
            yield _already(code, queries.shown(box))
        elif inner.parent_id is not None:
            yield only_with(code, queries.codes(work.session, [inner.parent_id])[inner.parent_id], _AT)
        elif (inner.state, BoxDoing.PUT_IN) not in rules.TRANSITIONS:
            yield not_now(inner.state, BoxDoing.PUT_IN, code=code, field=_AT)


def _wanted(whole: Whole, singles: Sequence[Container], parcels: Sequence[Whole]) -> tuple[Filling, list[Parcel]]:
    """Return the box as it is filled, and of what is to go in whatever could go into a box at all."""
    box = whole.box
    fit = [one for one in singles if (one.state, Doing.PACK) in TRANSITIONS or _elsewhere(one, box)]
    inner = [
        one for one in parcels if (one.box.state, BoxDoing.PUT_IN) in rules.TRANSITIONS or _elsewhere(one.box, box)
    ]
    wanted = [queries.parcel_of(one, [one]) for one in fit]
    wanted += [queries.parcel_of(one.box, one.containers) for one in inner]
    return queries.filling_of(box, whole.containers), wanted


def _together(work: Work, whole: Whole, singles: Sequence[Container], parcels: Sequence[Whole]) -> list[Problem]:
    """Say what the rules of packing have against it."""
    filling, wanted = _wanted(whole, singles, parcels)
    return packing_problems(filling, wanted, on=local_day(work.now), at=_AT) if wanted else []


def _elsewhere(one: Container | Box, box: Box) -> bool:
    return one.holder_organisation_id != box.holder_organisation_id


def _already(code: str, box: str) -> Problem:
    sentence = N_("{code} is already in box {box}. Scanned twice? Go on with the next one.")
    return Problem("box.already_in_it", sentence, {"code": code, "box": box}, _AT, Kind.CONFLICT)


def _not_in(box: Box, one: Container | Box) -> Problem:
    sentence = N_("{code} is not in box {box}. Look at its own page to see where it is.")
    facts = {"code": pretty(ContainerCode(one.code)), "box": queries.shown(box)}
    return Problem("box.not_in_it", sentence, facts, _AT, Kind.CONFLICT)


def _at(problem: Problem) -> Problem:
    return Problem(problem.code, problem.sentence, problem.facts, _AT, problem.kind, problem.basis)
