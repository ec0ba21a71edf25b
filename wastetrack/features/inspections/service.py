"""Acts on inspections: record one, answer a finding, confirm it or send it back, declare the whole wrong.

Every act is an event in the stream `inspection:<id>`. What the inspector wrote is never changed.
"""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from wastetrack.domain.access import Act, forbidden, require, unknown
from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.inspections import (
    MOST_FINDINGS,
    FindingKind,
    FindingState,
    Presence,
    Remedy,
    Step,
    answer_problems,
    decision_problems,
    finding_count_problems,
    moved,
    moved_on_problem,
    remedy_problems,
    visit_problems,
)
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.manifest_number import parse_manifest_number
from wastetrack.domain.presence_code import PresenceCode, parse_presence_code
from wastetrack.domain.problems import Kind, Problem, Refusal, refuse, refuse_all
from wastetrack.domain.registration import moment_in
from wastetrack.domain.times import local_day
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_
from wastetrack.features.containers import queries as containers
from wastetrack.features.inspections import queries
from wastetrack.features.inspections.models import Finding, Inspection
from wastetrack.features.inspections.queries import stream_of
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility, Organisation, Site
from wastetrack.features.parties.queries import presence
from wastetrack.infra.commands import ActKey, Command, Day, OptionalText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
OptionalWords = Annotated[str, StringConstraints(max_length=500)]
Named = tuple[UUID | None, UUID | None]
"""The container and the manifest that a finding names: one of both, or none."""


class FindingLine(Command):
    """One thing that was wrong. `code` is that of a container or the number of a manifest."""

    kind: FindingKind
    words: Words
    code: OptionalText = ""
    due_on: Day | None = None
    on_the_spot: bool = False


class RecordInspection(Command):
    """Record an inspection of an organisation, of one of its stores or sites where one is named."""

    organisation_id: UUID
    site_id: UUID | None = None
    facility_id: UUID | None = None
    presence: Annotated[PresenceCode, read_by(parse_presence_code)] | None = None
    """The code on the wall of the store."""
    evidence: Evidence = Evidence.TYPED
    presence_reason: OptionalText = ""
    inspected_at: Annotated[AwareDatetime, read_by(moment_in)]
    met: Annotated[str, StringConstraints(max_length=60)] = ""
    looked_at: Words
    nothing_found: bool = False
    findings: Annotated[dict[int, FindingLine], Field(max_length=MOST_FINDINGS)] = Field(default_factory=dict)
    act_key: ActKey

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, values: Any) -> Any:
        """Take the fields of a form (`findings.3.words`) together as findings; what is wrong is said at its field."""
        if not isinstance(values, dict):
            return values
        findings: dict[str, dict[str, Any]] = {}
        rest: dict[str, Any] = {}
        for name, value in values.items():
            parts = name.split(".")
            if len(parts) == 3 and parts[0] == "findings":
                findings.setdefault(parts[1], {})[parts[2]] = value
            else:
                rest[name] = value
        return {**rest, "findings": findings} if findings else rest

    @model_validator(mode="after")
    def _no_others(self) -> Self:
        if any(number not in range(MOST_FINDINGS) for number in self.findings):
            raise ValueError("more findings than a form has")
        return self


class AnswerFinding(Command):
    """Say what was done about a finding, and on which day it was put right."""

    inspection_id: UUID
    position: int
    version: int
    words: Words
    done_on: Day
    act_key: ActKey


class DecideFinding(Command):
    """Confirm that a finding is put right, or send it back: why, and by when; without a day the one named holds."""

    inspection_id: UUID
    position: int
    version: int
    decision: Literal[Step.CONFIRM, Step.SEND_BACK]
    words: OptionalWords = ""
    due_on: Day | None = None
    act_key: ActKey


class WithdrawInspection(Command):
    """Declare an inspection wrong. It stays to be read."""

    inspection_id: UUID
    reason: Text
    act_key: ActKey


# --- recording -------------------------------------------------------------------------------------------------------


def record(work: Work, command: RecordInspection) -> Inspection:
    """Record an inspection with its findings. The same form again is the same inspection."""
    organisation = parties.organisation(work.session, command.organisation_id)
    place, problems = _place(work, command)
    relations = queries.place_relations(work.session, work.actor, organisation, place)
    if not relations:
        raise unknown()
    require(work.actor, Act.INSPECT, relations)
    done = queries.made_with(work.session, work.actor.user_id, command.act_key)
    if done is not None:
        return done
    named, wrong_codes = _codes(work, command)
    refuse_all([*problems, *_problems(work, command), *wrong_codes])
    one = _inspection(work, command, organisation, place)
    work.session.add(one)
    work.session.flush()
    rows = [
        _finding(one, position, line, named[number])
        for position, (number, line) in enumerate(sorted(command.findings.items()), start=1)
    ]
    work.session.add_all(rows)
    ledger.append(
        work,
        stream_of(one.id),
        "inspection.recorded",
        _facts(one, rows),
        occurred_at=min(one.inspected_at, work.now),
        place=str(one.facility_id or one.site_id or one.organisation_id),
        evidence=_evidence(command),
        act_key=command.act_key,
        begins=True,
    )
    work.session.flush()
    return one


def _evidence(command: RecordInspection) -> Evidence:
    if command.presence is None:
        return Evidence.CHOSEN
    return Evidence.SCANNED if command.evidence is Evidence.SCANNED else Evidence.TYPED


def _place(work: Work, command: RecordInspection) -> tuple[Facility | Site | None, list[Problem]]:
    """Return where the inspection was: the store of the sign, else the store or site that was chosen."""
    one, problems = command.organisation_id, list[Problem]()
    if command.presence is not None:
        store, problems = _at_the_sign(work, command.presence, command)
        if store is not None:
            return store, problems
    if command.facility_id is not None:
        return parties.part(work.session, Facility, command.facility_id, one), problems
    return (parties.part(work.session, Site, command.site_id, one) if command.site_id else None), problems


def _at_the_sign(work: Work, code: PresenceCode, command: RecordInspection) -> tuple[Facility | None, list[Problem]]:
    """Return the store that a sign stands for, if it holds and is the one that is inspected."""
    sign = presence.on_the_wall(work.session, code)
    store = parties.facility(work.session, sign.facility_id) if sign else None
    if sign is None or store is None or store.organisation_id != command.organisation_id:
        sentence = N_("This sign is not of a store of this organisation. Scan the one on the wall of the store.")
        return None, [Problem("inspection.sign", sentence, field="presence")]
    if sign.replaced_at is not None:
        sentence = N_("This sign was replaced and proves nothing any more. Leave it empty and say why.")
        return None, [Problem("inspection.old_sign", sentence, field="presence")]
    if command.facility_id is not None and command.facility_id != store.id:
        sentence = N_("This sign is of the store {store}. Choose that one, or scan the sign of the store you inspect.")
        return None, [Problem("inspection.other_sign", sentence, {"store": store.name}, "presence")]
    return store, []


def _problems(work: Work, command: RecordInspection) -> list[Problem]:
    problems = visit_problems(command.inspected_at, work.now)
    if command.presence is None and not command.presence_reason:
        sentence = N_("Scan or type the presence code, or say why there is none.")
        problems.append(Problem("inspection.presence", sentence, field="presence_reason"))
    problems += finding_count_problems(len(command.findings), nothing_found=command.nothing_found)
    inspected_on, today = local_day(command.inspected_at), local_day(work.now)
    for number, line in sorted(command.findings.items()):
        remedy = Remedy(line.due_on, line.on_the_spot)
        problems += remedy_problems(f"findings.{number}", remedy, inspected_on, today)
    return problems


def _codes(work: Work, command: RecordInspection) -> tuple[dict[int, Named], list[Problem]]:
    """Return what each finding names, and what is wrong with the codes."""
    named: dict[int, Named] = {}
    problems: list[Problem] = []
    for number, line in command.findings.items():
        try:
            named[number] = _named(work, line.code, f"findings.{number}.code")
        except Refusal as refusal:
            problems += refusal.problems
    return named, problems


def _named(work: Work, text: str, field: str) -> Named:
    """Read the code of a container or the number of a manifest that the person may see."""
    if not text:
        return None, None
    if len(digits := compact(text)) == 14 and digits.isdigit():
        manifest = queries.manifest_numbered(work.session, work.actor, parse_manifest_number(digits, field))
        if manifest is not None:
            return None, manifest.id
        raise refuse("finding.manifest", N_("No manifest with this number is open to you. Check it."), field=field)
    container = containers.by_code(work.session, parse_container_code(text, field))
    if container is None or not containers.visible(work.session, work.actor, container):
        raise refuse("finding.container", N_("No container with this code is open to you. Check it."), field=field)
    return container.id, None


def _inspection(
    work: Work, command: RecordInspection, organisation: Organisation, place: Facility | Site | None
) -> Inspection:
    if work.actor.user_id is None or work.actor.region_code is None:
        raise forbidden(Act.INSPECT)
    return Inspection(
        id=new_id(),
        organisation_id=organisation.id,
        site_id=place.site_id if isinstance(place, Facility) else place.id if place else None,
        facility_id=place.id if isinstance(place, Facility) else None,
        region_code=place.region_code if place else organisation.region_code,
        inspected_at=min(command.inspected_at, work.now),
        recorded_at=work.now,
        inspector_id=work.actor.user_id,
        inspector_region_code=work.actor.region_code,
        presence=Presence.PROVEN if command.presence else Presence.NOT_PROVEN,
        presence_reason="" if command.presence else command.presence_reason,
        met=command.met,
        looked_at=command.looked_at,
        act_key=command.act_key,
    )


def _finding(one: Inspection, position: int, line: FindingLine, named: Named) -> Finding:
    return Finding(
        inspection_id=one.id,
        position=position,
        kind=line.kind,
        words=line.words,
        container_id=named[0],
        manifest_id=named[1],
        state=FindingState.ON_THE_SPOT if line.on_the_spot else FindingState.OPEN,
        due_on=line.due_on,
    )


def _facts(one: Inspection, rows: list[Finding]) -> dict[str, object]:
    """Return what the ledger keeps. No code of a sign stands in it: whoever reads it cannot make one from it."""
    said = ("kind", "words", "state", "due_on", "container_id", "manifest_id")
    return {
        "organisation": one.organisation_id, "site": one.site_id, "facility": one.facility_id,
        "region": one.region_code, "inspector_region": one.inspector_region_code, "inspected_at": one.inspected_at,
        "presence": one.presence, "presence_reason": one.presence_reason, "met": one.met, "looked_at": one.looked_at,
        "findings": [{name: getattr(row, name) for name in said} for row in rows],
    }  # fmt: skip


# --- the remedy ------------------------------------------------------------------------------------------------------


def answer(work: Work, command: AnswerFinding) -> Inspection:
    """Have the organisation say that a finding is put right."""
    one = _held(work, command.inspection_id, Act.REMEDY)
    if ledger.done(work, stream_of(one.id), command.act_key):
        return one
    row = _moved(work, one, command, Step.ANSWER)
    refuse_all(answer_problems(command.done_on, local_day(one.inspected_at), local_day(work.now)))
    row.answer, row.done_on, row.reply = command.words, command.done_on, ""
    return _told(work, one, row, "answered", {"words": command.words, "done_on": command.done_on}, command.act_key)


def decide(work: Work, command: DecideFinding) -> Inspection:
    """Have an inspector of the region confirm that a finding is put right, or send it back."""
    one = _held(work, command.inspection_id, Act.INSPECT)
    if ledger.done(work, stream_of(one.id), command.act_key):
        return one
    was = queries.finding(work.session, one.id, command.position).state
    row = _moved(work, one, command, command.decision)
    refuse_all(decision_problems(command.decision, was, command.words, command.due_on, local_day(work.now)))
    row.reply = command.words
    if command.decision is Step.CONFIRM:
        return _told(work, one, row, "confirmed", {"words": command.words}, command.act_key)
    row.due_on = command.due_on or row.due_on
    return _told(work, one, row, "sent_back", {"words": command.words, "due_on": row.due_on}, command.act_key)


def withdraw(work: Work, command: WithdrawInspection) -> Inspection:
    """Declare an inspection wrong: who made it, or an inspector of a region above his."""
    one = _held(work, command.inspection_id, Act.INSPECT, withdrawn_too=True)
    if ledger.done(work, stream_of(one.id), command.act_key):
        return one
    if one.withdrawn_at is not None:
        raise _withdrawn()
    if not queries.withdrawable(work.session, work.actor, one):
        sentence = N_("Only who made the inspection, or an inspector of a region above, may withdraw it.")
        raise refuse("inspection.not_yours", sentence, kind=Kind.FORBIDDEN)
    one.withdrawn_at, one.withdrawn_by, one.withdrawn_reason = work.now, work.actor.user_id, command.reason
    ledger.append(work, stream_of(one.id), "inspection.withdrawn", {"reason": command.reason}, act_key=command.act_key)
    work.session.flush()
    return one


def _held(work: Work, inspection_id: UUID, act: Act, *, withdrawn_too: bool = False) -> Inspection:
    """Return the inspection, held against other writers, for somebody who may do `act` on it."""
    one = queries.held(work.session, inspection_id)
    relations = queries.relations(work.session, work.actor, one)
    if not relations:
        raise unknown()
    require(work.actor, act, relations)
    if one.withdrawn_at is not None and not withdrawn_too:
        raise _withdrawn()
    return one


def _withdrawn() -> Refusal:
    sentence = N_("This inspection was withdrawn. Nothing more is asked of anybody.")
    return refuse("inspection.withdrawn", sentence, kind=Kind.CONFLICT)


def _moved(work: Work, one: Inspection, command: AnswerFinding | DecideFinding, step: Step) -> Finding:
    """Return the finding in its next state, if it still is as it was shown."""
    row = queries.finding(work.session, one.id, command.position)
    after = moved(step, row.state)
    if after is None or row.version != command.version:
        raise Refusal([moved_on_problem(row.state)])
    row.state = after
    row.version += 1
    return row


def _told(work: Work, one: Inspection, row: Finding, doing: str, facts: dict[str, object], act_key: str) -> Inspection:
    ledger.append(
        work,
        stream_of(one.id),
        f"inspection.finding_{doing}",
        {"position": row.position, **facts},
        evidence=Evidence.CONFIRMED,
        act_key=act_key,
    )
    work.session.flush()
    return one
