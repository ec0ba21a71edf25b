"""Printing labels and issuing blank ones. Every copy is an event of its container, written with the print itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from wastetrack.documents.label import require_printable
from wastetrack.domain.access import Act, Relation, require, require_beginning, unknown
from wastetrack.domain.container_code import (
    ENTROPY_BYTES,
    ContainerCode,
    new_container_code,
    pretty,
)
from wastetrack.domain.labels import (
    BLANK_STICKERS,
    BLANK_TAGS,
    MOST_AT_ONCE,
    MOST_BLANKS,
    MOST_SHIFT_MM,
    Entry,
    LabelFormat,
    PrintState,
    ReprintReason,
    blank_problems,
    copy_problems,
    format_problems,
    start_problems,
)
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal, refuse, refuse_all
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.words import N_
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import labels as of_containers
from wastetrack.features.labels import queries
from wastetrack.features.labels.models import (
    BlankBatch,
    BlankLabel,
    LabelChoice,
    LabelCopy,
    LabelPrint,
    LabelPrinter,
)
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties.models import Organisation
from wastetrack.infra import outbox
from wastetrack.infra.commands import ActKey, Code, Command, OptionalText, ShortText, Text, read_by
from wastetrack.infra.files import Files
from wastetrack.infra.ids import new_id, random_bytes
from wastetrack.infra.work import Work

OUTBOX = "labels"
_SET_UP = ("medical", "other", "start", "right_tenths", "down_tenths", "reason", "note", "total")
"""What the ledger keeps of how a print was set up."""
PART = 100
"""After so many labels the page says how far it is."""


class PrintLabels(Command):
    """Print the labels of containers: named by their codes, all of one's round, or what of one's own is in a store.

    What is left out is taken as last time: format and printer. `only_new` leaves out what has a label already.
    """

    codes: tuple[Code, ...] = ()
    round: bool = False
    store: UUID | None = None
    only_new: bool = False
    medical: LabelFormat | None = None
    other: LabelFormat | None = None
    start: int = 1
    printer_id: UUID | None = None
    reason: ReprintReason | None = None
    note: OptionalText = ""
    act_key: ActKey


def print_labels(work: Work, command: PrintLabels) -> LabelPrint:
    """Write down a copy for each container and have the file made; all of them or none."""
    organisation_id, user_id = _for_whom(work, Act.PRINT_LABEL)
    if known := queries.by_act_key(work.session, command.act_key):
        return queries.a_print(work.session, work.actor, known.id)
    last = queries.chosen(work.session, user_id)
    medical, other = command.medical or last.medical, command.other or last.other
    chosen = _chosen(work, command)
    again = sum(1 for one in chosen if one.label_copies)
    refuse_all([
        *_unfit(chosen, medical, other),
        *start_problems(command.start, {medical if one.medical else other for one in chosen}),
        *copy_problems(again, command.reason, command.note),
    ])  # fmt: skip
    chosen.sort(key=lambda one: (not one.medical, containers.litres_of(one) if not one.medical else 0))
    _require_printable(work, chosen, medical, other)
    one = _print(work, command.act_key, organisation_id, user_id, medical, other, len(chosen))
    one.start, one.reason, one.note = command.start, command.reason if again else None, command.note if again else ""
    _calibrate(work, one, command.printer_id)
    work.session.flush()

    numbers = {container.id: number for number, container in enumerate(chosen, 1)}

    def facts(container: Container) -> Mapping[str, object]:
        said: dict[str, object] = {"format": medical if container.medical else other, "print": one.id}
        said |= {"number": numbers[container.id]}
        if container.label_copies > 1:
            said |= {"reprint": one.reason} | ({"note": one.note} if one.note else {})
        return said

    of_containers.label_printed(work, chosen, facts, command.act_key)
    work.session.add_all(
        LabelCopy(print_id=one.id, number=number, container_id=container.id, copy=container.label_copies)
        for number, container in enumerate(chosen, 1)
    )
    set_up = {name: getattr(one, name) for name in _SET_UP}
    ledger.append(work, stream_of(one.id), "labels.printed", set_up, act_key=command.act_key, begins=True)
    _remember(work, user_id, medical, other, command.printer_id)
    outbox.put(work, OUTBOX, one.id)
    return one


def _for_whom(work: Work, act: Act) -> tuple[UUID, UUID]:
    """Return organisation and person; only people of an organisation have labels."""
    organisation_id, user_id = work.actor.organisation_id, work.actor.user_id
    require(work.actor, act, {Relation.OWN} if organisation_id else ())
    if organisation_id is None or user_id is None:
        raise unknown()
    return organisation_id, user_id


def _chosen(work: Work, command: PrintLabels) -> list[Container]:
    """Return the containers meant, held, in the order of printing; what is not the person's to label is not there."""
    if command.codes:
        containers.all_locked_by_code(work.session, command.codes, "codes")  # names those that are not there
    ids = queries.to_print(work.session, work.actor, codes=command.codes, round_too=command.round, store=command.store)
    held = {one.id: one for one in containers.all_locked(work.session, ids)}
    chosen = [held[one] for one in ids]
    for one in chosen:
        if not containers.visible(work.session, work.actor, one):
            raise unknown()
        require(work.actor, Act.PRINT_LABEL, containers.relations(work.actor, one))
    if command.only_new:
        chosen = [one for one in chosen if not one.label_copies]
    if not chosen:
        raise refuse("label.nothing", N_("There is no label to print. Choose containers first."), field="codes")
    if len(chosen) > MOST_AT_ONCE:
        sentence = N_("At most {most} labels are printed in one go. Choose fewer.")
        raise refuse("label.too_many", sentence, field="codes", most=MOST_AT_ONCE)
    return chosen


def _unfit(chosen: Sequence[Container], medical: LabelFormat, other: LabelFormat) -> list[Problem]:
    """Return what speaks against labelling: a life that has ended, a format that the law does not allow."""
    problems: list[Problem] = []
    for one in chosen:
        code, field = pretty(ContainerCode(one.code)), "medical" if one.medical else "other"
        if not queries.is_live(one):
            sentence = N_("Container {code} is {state}: it needs no label any more.")
            problems.append(
                Problem("label.ended", sentence, {"code": code, "state": one.state}, "codes", Kind.CONFLICT)
            )
        wanted = medical if one.medical else other
        litres = containers.litres_of(one)
        problems += format_problems(wanted, medical=one.medical, litres=litres, code=code, field=field)
    return problems


def _require_printable(work: Work, chosen: Sequence[Container], medical: LabelFormat, other: LabelFormat) -> None:
    """Refuse, before anything is kept, what the format cannot show whole: naming container, entry and format."""
    for start in range(0, len(chosen), PART):
        part = chosen[start : start + PART]
        for one, facts in zip(
            part, containers.labels_of(work.session, part, "https://wastetrack.example"), strict=True
        ):
            wanted = medical if one.medical else other
            try:
                require_printable(facts, wanted)
            except Refusal as refusal:
                problems = [_at_format(problem, one, wanted) for problem in refusal.problems]
                raise Refusal(problems) from None


def _at_format(problem: Problem, container: Container, wanted: LabelFormat) -> Problem:
    """Say of a text that does not fit that a larger format takes it; other problems stay as they are."""
    field = "medical" if container.medical else "other"
    if problem.code != "print.too_long":
        return replace(problem, field=field)
    sentence = N_(
        "{entry} of container {code}, “{text}”, does not fit on this format even in the smallest type allowed: "
        "{format}. Choose a larger format."
    )
    named = problem.field if problem.field in set(Entry) else Entry.OTHER
    code = pretty(ContainerCode(container.code))
    facts: dict[str, Fact] = {
        "entry": Entry(named),  # type: ignore[call-arg]  # a Term is looked up by its value
        "code": code,
        "text": problem.facts["text"],
        "format": wanted,
    }
    return Problem("label.does_not_fit", sentence, facts, field)


def _print(
    work: Work, act_key: str, organisation_id: UUID, user_id: UUID, medical: LabelFormat, other: LabelFormat, total: int
) -> LabelPrint:
    one = LabelPrint(
        id=new_id(),
        organisation_id=organisation_id,
        user_id=user_id,
        act_key=act_key,
        created_at=work.now,
        state=PrintState.WORKING,
        medical=medical,
        other=other,
        start=1,
        right_tenths=0,
        down_tenths=0,
        total=total,
        done=0,
    )
    work.session.add(one)
    return one


def _calibrate(work: Work, one: LabelPrint, printer_id: UUID | None) -> None:
    """Shift the print as its printer needs it."""
    if printer_id is not None:
        printer = queries.printer(work.session, work.actor, printer_id)
        one.right_tenths, one.down_tenths = printer.right_tenths, printer.down_tenths


def _remember(work: Work, user_id: UUID, medical: LabelFormat, other: LabelFormat, printer_id: UUID | None) -> None:
    """Keep what a person chose, to be offered next time."""
    held = work.session.get(LabelChoice, user_id)
    if held is None:
        held = LabelChoice(user_id=user_id, medical=medical, other=other, printer_id=printer_id)
        work.session.add(held)
    held.medical, held.other, held.printer_id = medical, other, printer_id


# --- the file --------------------------------------------------------------------------------------------------------


def ended(work: Work, print_id: UUID, file_hash: str) -> bool:
    """Write down that the file of a print is kept, and by which hash; tell whether anybody still wants it."""
    one = queries.print_held(work.session, print_id)
    if one.state is not PrintState.WORKING:
        return False
    one.file_hash, one.done, one.state, one.finished_at = file_hash, one.total, PrintState.DONE, work.now
    return True


def went_on(work: Work, print_id: UUID, done: int) -> bool:
    """Write down how far a print is; tell whether it is to go on."""
    one = queries.print_held(work.session, print_id)
    if one.state is not PrintState.WORKING:
        return False
    one.done = done
    return True


class CancelPrint(Command):
    """Cancel a print whose file is still being made."""

    print_id: UUID
    act_key: ActKey | None = None


def cancel_print(work: Work, command: CancelPrint) -> LabelPrint:
    """Cancel a print under way, on the record: no file comes of it. Its copies keep their numbers, which none bears.

    So no number of a copy is ever given twice, and the next print of these labels asks its reason.
    """
    queries.a_print(work.session, work.actor, command.print_id)
    one = queries.print_held(work.session, command.print_id)
    if one.id in queries.cancelled(work.session, [one]):
        return one
    if one.state is not PrintState.WORKING:
        sentence = N_("This print is no longer being made: there is nothing to cancel.")
        raise refuse("label.not_working", sentence, kind=Kind.CONFLICT)
    one.state, one.finished_at = PrintState.STOPPED, work.now
    facts = {"print": one.id, "done": one.done, "total": one.total}
    ledger.append(work, queries.stream_of(one), queries.CANCELLED, facts, act_key=command.act_key)
    work.session.flush()
    return one


def stop(work: Work, print_id: UUID) -> None:
    """Write down that a file could not be made, after all tries."""
    one = queries.print_held(work.session, print_id)
    if one.state is PrintState.WORKING:
        one.state, one.finished_at = PrintState.STOPPED, work.now


def forget_files(work: Work, files: Files) -> int:
    """Let go of files that were kept long enough; what was printed stays on the record."""
    old = queries.outdated(work.session, work.now)
    for one in old:
        if one.file_hash is not None:
            files.drop(one.file_hash)
        one.file_hash = None
    return len(old)


# --- blank labels ----------------------------------------------------------------------------------------------------


class IssueBlanks(Command):
    """Issue blank labels to the own organisation, to be printed and bound when waste is registered."""

    format: LabelFormat
    count: Annotated[int, Field(ge=1, le=MOST_BLANKS)]
    printer_id: UUID | None = None
    act_key: ActKey


def stream_of(print_or_batch_id: UUID) -> str:
    """Return the name of the stream of a print, or of a batch of blank labels, in the ledger."""
    return f"labels:{print_or_batch_id}"


def issue_blanks(work: Work, command: IssueBlanks) -> BlankBatch:
    """Make the codes of a batch, write them down, and have the file made."""
    organisation_id, user_id = _for_whom(work, Act.ISSUE_BLANKS)
    require_beginning(work.actor, waste_only=True)
    if known := queries.by_act_key(work.session, command.act_key):
        return queries.batch(work.session, work.actor, known.batch_id or known.id)
    if command.format not in (*BLANK_TAGS, *BLANK_STICKERS):
        sentence = N_("Blank labels do not come in this format: there is no room to write on. Choose another.")
        raise refuse("blank.format", sentence, field="format")
    one = BlankBatch(
        id=new_id(),
        organisation_id=organisation_id,
        issued_by=user_id,
        issued_at=work.now,
        format=command.format,
        count=command.count,
    )
    codes = _new_codes(work, command.count)
    organisation = work.session.get_one(Organisation, organisation_id)
    _require_blank_printable(organisation, codes[0], command.format)
    work.session.add(one)
    work.session.flush()
    work.session.add_all(BlankLabel(code=code, batch_id=one.id, number=n) for n, code in enumerate(codes, 1))
    printed = _print(work, command.act_key, organisation_id, user_id, command.format, command.format, command.count)
    printed.batch_id = one.id
    _calibrate(work, printed, command.printer_id)
    work.session.flush()
    facts = {"organisation": organisation_id, "format": one.format, "codes": codes, "print": printed.id}
    facts |= {"right_tenths": printed.right_tenths, "down_tenths": printed.down_tenths}
    ledger.append(work, stream_of(one.id), "labels.issued", facts, act_key=command.act_key, begins=True)
    outbox.put(work, OUTBOX, printed.id)
    return one


def _new_codes(work: Work, count: int) -> list[ContainerCode]:
    """Return codes that nothing bears."""
    codes: dict[ContainerCode, None] = {}
    while len(codes) < count:
        code = new_container_code(random_bytes(ENTROPY_BYTES))
        if not of_containers.is_taken(work.session, code):
            codes[code] = None
    return list(codes)


def _require_blank_printable(organisation: Organisation, code: str, chosen: LabelFormat) -> None:
    try:
        require_printable(queries.blank_facts(organisation, code, "https://wastetrack.example"), chosen)
    except Refusal as refusal:
        raise Refusal([replace(problem, field="format") for problem in refusal.problems]) from None


class WithdrawBlanks(Command):
    """Withdraw what is left of a batch: lost, soiled, replaced. What was bound stays bound."""

    batch_id: UUID
    reason: Text
    act_key: ActKey | None = None


def withdraw_blanks(work: Work, command: WithdrawBlanks) -> BlankBatch:
    """Withdraw a batch; from then on none of its labels can be bound."""
    one = queries.batch(work.session, work.actor, command.batch_id)
    require(work.actor, Act.ISSUE_BLANKS, {Relation.OWN})
    work.session.refresh(one, with_for_update=True)
    if one.withdrawn_at is not None:
        return one
    one.withdrawn_at, one.reason = work.now, command.reason
    facts = {"reason": command.reason, "used": queries.used_of(work.session, one.id)}
    ledger.append(work, stream_of(one.id), "labels.withdrawn", facts, act_key=command.act_key)
    work.session.flush()
    return one


def _problems(work: Work, code: str, organisation_id: UUID) -> list[Problem]:
    found = queries.issued(work.session, code)
    return blank_problems(pretty(ContainerCode(code)), found[1] if found else None, organisation_id)


def _bind(work: Work, container: Container) -> Mapping[str, object]:
    """Mark a blank label used; a tag with all entries counts as the first copy, a mere code does not."""
    label = work.session.get_one(BlankLabel, container.code)
    batch = work.session.get_one(BlankBatch, label.batch_id)
    work.session.flush()
    label.container_id = container.id
    container.label_copies = 1 if batch.format in BLANK_TAGS else 0
    return {"blank": batch.id, "label_copies": container.label_copies}


def _owner(session: Session, code: str) -> UUID | None:
    batch = queries.batch_by_code(session, code)
    return batch.organisation_id if batch else None


BLANKS = of_containers.Blanks(
    is_blank=queries.is_blank,
    problems=_problems,
    bind=_bind,
    owner=_owner,
    unbound=queries.is_unbound,
    in_use=queries.has_blanks,
)
"""How containers come to pre-printed labels."""


# --- printers --------------------------------------------------------------------------------------------------------


def tenths_in(text: str, field: str = "right") -> int:
    """Read a shift in millimetres with one decimal, such as `-1.5`."""
    try:
        tenths = (Decimal(narrow(text).strip().removesuffix("mm")) * 10).to_integral_value()
        if abs(tenths) <= MOST_SHIFT_MM * 10:
            return int(tenths)
    except (InvalidOperation, ValueError):
        pass
    sentence = N_("{typed} is not a shift. Write millimetres between -{most} and {most}, such as 1.5 or -0.8.")
    raise refuse("printer.shift", sentence, field=field, typed=quoted(text), most=MOST_SHIFT_MM)


class KeepPrinter(Command):
    """Enter a printer of the own organisation, or correct by how much it prints beside."""

    name: ShortText
    right: Annotated[int, read_by(tenths_in)] = 0
    down: Annotated[int, read_by(tenths_in)] = 0


def keep_printer(work: Work, command: KeepPrinter) -> LabelPrinter:
    """Keep a printer under its name: a name that is known is corrected."""
    organisation_id, _user_id = _for_whom(work, Act.PRINT_LABEL)
    known = {one.name: one for one in queries.printers(work.session, work.actor)}
    one = known.get(command.name)
    if one is None:
        one = LabelPrinter(id=new_id(), organisation_id=organisation_id, name=command.name)
        work.session.add(one)
    one.right_tenths, one.down_tenths = command.right, command.down
    work.session.flush()
    return one
