"""Organisations that ask to be admitted: the asking, by anybody; the review, by who may approve in their region.

What is asked stands in the stream of the pending organisation, which is its own once it is admitted.
"""

import hashlib
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import delete

from wastetrack.domain.access import Act, require, unknown
from wastetrack.domain.accounts import parse_username
from wastetrack.domain.admission import (
    ACCEPT,
    ASK_AGAIN,
    FORGOTTEN_AFTER,
    REFUSE,
    WITHDRAW,
    Moves,
    RequestState,
    asking_problems,
    move_problems,
)
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import AdmissionRequest, Organisation, OrganisationKindRow
from wastetrack.features.parties.queries import admission as requests
from wastetrack.features.parties.queries.admission import Asked
from wastetrack.features.parties.service.base import keep, region_problems, stream_of, taken_problems
from wastetrack.features.parties.service.organisations import Identity, identity_facts, set_kinds, stated_problems
from wastetrack.infra.commands import ActKey, Command, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

Reference = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]
"""128 random bits, made with the form: the same form sent twice is one request, and only its sender knows it."""


class AskAdmission(Identity):
    """Ask for an organisation to be admitted. Whether `manager_username` is free only the review is told."""

    manager_name: ShortText
    manager_username: Annotated[str, read_by(parse_username)]
    reference: Reference


class Withdraw(Command):
    """Take a request back."""

    reference: Reference


class RefuseRequest(Command):
    """Refuse a request with the reason that the applicant reads."""

    request_id: UUID
    version: int
    reason: Text
    act_key: ActKey | None = None


def hash_of(reference: str) -> str:
    """Return what the store keeps of a reference."""
    return hashlib.sha256(reference.encode()).hexdigest()


# --- the applicant ---------------------------------------------------------------------------------------------------


def ask_admission(work: Work, command: AskAdmission) -> AdmissionRequest:
    """Keep what is asked. The same form again is the same request."""
    known = requests.request_with(work.session, hash_of(command.reference))
    if known is not None:
        return known
    refuse_all(_asking_problems(work, command))
    one = Organisation(id=new_id(), **_values(command), version=1, created_at=work.now)
    one.state = OrganisationState.PENDING
    request = AdmissionRequest(
        id=new_id(),
        organisation_id=one.id,
        reference_hash=hash_of(command.reference),
        state=RequestState.OPEN,
        manager_name=command.manager_name,
        manager_username=command.manager_username,
        asked_at=work.now,
        version=1,
    )
    keep(work, one, list)
    set_kinds(work, one.id, command.kinds)
    keep(work, request, list)
    facts = {"request": request.id, "name": one.name, **identity_facts(one, command.kinds)}
    ledger.append(work, stream_of(one.id), "organisation.asked", facts, begins=True)
    return request


def ask_again(work: Work, command: AskAdmission) -> AdmissionRequest:
    """Ask once more after a refusal or withdrawal, with what has been mended."""
    asked = _own(work, command.reference)
    if asked.request.state is RequestState.OPEN:
        return asked.request
    refuse_all(move_problems(asked.request.state, ASK_AGAIN))
    refuse_all(_asking_problems(work, command))
    for name, value in _values(command).items():
        setattr(asked.organisation, name, value)
    asked.request.manager_name, asked.request.manager_username = command.manager_name, command.manager_username
    set_kinds(work, asked.organisation.id, command.kinds)
    asked.request.asked_at = work.now
    _move(work, asked, ASK_AGAIN)
    facts = {
        "request": asked.request.id,
        "name": asked.organisation.name,
        **identity_facts(asked.organisation, command.kinds),
    }
    ledger.append(work, stream_of(asked.organisation.id), "organisation.asked_again", facts)
    return asked.request


def withdraw(work: Work, command: Withdraw) -> AdmissionRequest:
    """Take the request back: nobody reviews it any more."""
    asked = _own(work, command.reference)
    if asked.request.state is RequestState.WITHDRAWN:
        return asked.request
    refuse_all(move_problems(asked.request.state, WITHDRAW))
    _move(work, asked, WITHDRAW)
    ledger.append(work, stream_of(asked.organisation.id), "organisation.request_withdrawn", _which(asked))
    return asked.request


def _own(work: Work, reference: str) -> Asked:
    found = requests.request_with(work.session, hash_of(reference))
    if found is None:
        raise unknown()
    return requests.held_request(work.session, found.id)


def _values(command: AskAdmission) -> dict[str, object]:
    return command.model_dump(exclude={"kinds", "manager_name", "manager_username", "reference"})


def _asking_problems(work: Work, command: AskAdmission) -> list[Problem]:
    """Return all that speaks against asking so. Whoever is admitted already is not named to a stranger."""
    problems = stated_problems(work, command) + asking_problems(command.kinds, command.beds)
    sentence = N_(
        "An organisation with this credit code is already admitted. Ask its manager for an account; if nobody there "
        "knows of it, ask the ecology and environment authority of your county."
    )
    if command.credit_code and queries.by_credit_code(work.session, command.credit_code):
        problems.append(Problem("admission.known", sentence, field="credit_code", kind=Kind.CONFLICT))
    sentence = N_(
        "An organisation with this medical licence number is already admitted. Ask its manager for an account; if "
        "nobody there knows of it, ask the ecology and environment authority of your county."
    )
    if command.medical_licence_no and queries.by_medical_licence(work.session, command.medical_licence_no):
        problems.append(Problem("admission.known", sentence, field="medical_licence_no", kind=Kind.CONFLICT))
    return problems


# --- the review ------------------------------------------------------------------------------------------------------


def hold_for_review(work: Work, request_id: UUID, version: int, move: Moves) -> Asked:
    """Return a request, held, for somebody who may decide on it; refuse where it is not what he has read."""
    asked = requests.held_request(work.session, request_id)
    requests.require_review(work.session, work.actor, asked.organisation)
    refuse_all(move_problems(asked.request.state, move))
    if asked.request.version != version:
        sentence = N_("The applicant has changed this request since you opened it. Load the page again and read it.")
        raise refuse("admission.changed", sentence, kind=Kind.CONFLICT)
    return asked


def admission_problems(work: Work, asked: Asked) -> list[Problem]:
    """Return what speaks against admitting an organisation now, although it did not when it asked."""
    one = asked.organisation
    problems = [
        Problem(found.code, found.sentence, found.facts, None, found.kind, found.basis)
        for found in region_problems(work, one.region_code, queries.kinds_of(work.session, one.id))
    ]
    sentences = (
        N_("The credit code has been entered for {holder} in the meantime. Refuse the request and name the reason."),
        N_("The credit code has been entered elsewhere in the meantime. Refuse the request and name the reason."),
    )
    holder = queries.by_credit_code(work.session, one.credit_code) if one.credit_code else None
    problems += taken_problems(work, holder, one, "credit_code", sentences)
    sentences = (
        N_("The medical licence number has been entered for {holder} in the meantime. Refuse the request."),
        N_("The medical licence number has been entered elsewhere in the meantime. Refuse the request."),
    )
    holder = queries.by_medical_licence(work.session, one.medical_licence_no) if one.medical_licence_no else None
    return problems + taken_problems(work, holder, one, "medical_licence_no", sentences)


def admit(work: Work, asked: Asked, username: str) -> Organisation:
    """Make the pending organisation one of the others; called with what `hold_for_review` returned.

    `username` is that of the account which the caller makes for its first manager.
    """
    one = asked.organisation
    refuse_all(admission_problems(work, asked))
    one.state = OrganisationState.ACTIVE
    one.version += 1
    keep(work, one, lambda: admission_problems(work, asked))
    asked.request.manager_username = username
    _move(work, asked, ACCEPT)
    ledger.append(work, stream_of(one.id), "organisation.admitted", _which(asked))
    return one


def refuse_request(work: Work, command: RefuseRequest) -> AdmissionRequest:
    """Refuse a request: the applicant reads why, and may ask again."""
    require(work.actor, Act.APPROVE, requests.request_relations(work.session, work.actor, command.request_id))
    stream = stream_of(requests.asked(work.session, command.request_id).organisation.id)
    if ledger.done(work, stream, command.act_key):
        return requests.asked(work.session, command.request_id).request
    asked = hold_for_review(work, command.request_id, command.version, REFUSE)
    asked.request.reason = command.reason
    _move(work, asked, REFUSE)
    facts = {**_which(asked), "reason": command.reason}
    ledger.append(work, stream, "organisation.admission_refused", facts, act_key=command.act_key)
    return asked.request


def forget_requests(work: Work) -> int:
    """Delete what was asked long ago: with the organisation where it was not admitted. The ledger keeps the steps."""
    old = requests.requests_decided_before(work.session, work.now - FORGOTTEN_AFTER)
    for asked in old:
        work.session.delete(asked.request)
        work.session.flush()
        if asked.organisation.state is OrganisationState.PENDING:
            one = asked.organisation.id
            work.session.execute(delete(OrganisationKindRow).where(OrganisationKindRow.organisation_id == one))
            work.session.delete(asked.organisation)
            work.session.flush()
        facts = {**_which(asked), "organisation": asked.organisation.state is OrganisationState.PENDING}
        stream = stream_of(asked.organisation.id)
        ledger.append(work, stream, "organisation.request_forgotten", facts, evidence=Evidence.SYSTEM)
    return len(old)


def _move(work: Work, asked: Asked, move: Moves) -> None:
    asked.request.state = move.after
    asked.request.decided_at = None if move.after is RequestState.OPEN else work.now
    if move.after is RequestState.OPEN:
        asked.request.reason = ""
    asked.request.version += 1
    work.session.flush()


def _which(asked: Asked) -> dict[str, object]:
    return {"request": asked.request.id}
