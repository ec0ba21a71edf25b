"""Acts of signing: granting and withdrawing the authority, the agreement, and what every signature does.

Grants and acceptances stand in the stream `user:<id>`, versions of the agreement in `platform:agreement`, a signature
in the event of the act it belongs to.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from wastetrack.domain.access import Act, Role, require, unknown
from wastetrack.domain.ledger import Event, canonical
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.signing import (
    Due,
    GrantOrigin,
    Signature,
    Statement,
    Wanted,
    agreement_hash,
    agreement_problems,
    grant_problems,
    granter_problems,
    last_day,
    require_shown,
    signatures_of,
    text_hash,
)
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.service import stream_of
from wastetrack.features.ledger import service as ledger
from wastetrack.features.signing import queries
from wastetrack.features.signing.models import Agreement, AgreementAcceptance, GivenSignature, SigningGrant
from wastetrack.infra.commands import ActKey, Command, Day, Text
from wastetrack.infra.i18n import language
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

AGREEMENT_STREAM = "platform:agreement"

Shown = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The hash of the words that stood over the button; the form sends it back."""
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class GrantSigning(Command):
    """Let somebody sign, from a day until a day, on some document."""

    user_id: UUID
    signatures: frozenset[Signature] = frozenset()
    since: Day
    until: Day | None = None
    basis: Text
    act_key: ActKey | None = None


class WithdrawSigning(Command):
    """Take one grant away at once, with the reason."""

    user_id: UUID
    grant_id: UUID
    reason: Text
    act_key: ActKey | None = None


class AcceptAgreement(Command):
    """Accept the version of the agreement that was shown."""

    agreement: int


class IssueAgreement(Command):
    """Put another version of the agreement in force from a day on, in both languages."""

    chinese: LongText
    english: LongText
    in_force_from: Day
    reason: Text
    act_key: ActKey | None = None


# --- granting --------------------------------------------------------------------------------------------------------


def grant(work: Work, command: GrantSigning) -> User:
    """Grant what is asked for; refused as a whole where anything speaks against it."""
    user = _kept(work, command.user_id)
    if ledger.done(work, stream_of(user.id), command.act_key):
        return user
    refuse_all(granting_problems(work, user))
    wanted = Wanted(command.signatures, command.since, command.until)
    held = [
        (one.signature, queries.span(one))
        for one in queries.grants_of(work.session, user.id)
        if one.organisation_id == user.organisation_id
    ]
    roles = accounts.roles_of(work.session, user.id)
    longest = accounts.policy(work.session).longest_grant_days
    today = local_day(work.now)
    refuse_all(grant_problems(wanted, today, signs=signatures_of(roles), held=held, longest=longest))
    _give(work, user, wanted, command.basis, GrantOrigin.GRANTED, command.act_key)
    return user


def granting_problems(work: Work, user: User) -> list[Problem]:
    """Return why the person who acts does not grant to this one, whatever it is."""
    if user.organisation_id is None:
        sentence = N_("This account acts for no organisation, so there is nothing to sign for.")
        return [Problem("signing.no_organisation", sentence, kind=Kind.CONFLICT)]
    if not user.active:
        sentence = N_("The account is closed. Open it again first.")
        return [Problem("signing.closed", sentence, kind=Kind.CONFLICT)]
    return granter_problems(
        own=user.id == work.actor.user_id,
        manager=work.actor.acts_for(user.organisation_id) and Role.MANAGER in work.actor.roles,
        managers=queries.managers(work.session, user.organisation_id, but=user.id),
    )


def _kept(work: Work, user_id: UUID) -> User:
    """Return the account, held, for somebody who may grant to it; for anybody else there is none."""
    user = accounts.visible(work.session, work.actor, user_id)
    require(work.actor, Act.GRANT_SIGNING, accounts.relations(work.actor, user))
    return accounts.locked(work.session, user.id)


def _give(work: Work, user: User, wanted: Wanted, basis: str, origin: GrantOrigin, act_key: str | None = None) -> None:
    """Write the grants, one for each signature, and one event."""
    made = {one: new_id() for one in Signature if one in wanted.signatures}
    for signature, grant_id in made.items():
        work.session.add(
            SigningGrant(
                id=grant_id,
                user_id=user.id,
                organisation_id=user.organisation_id,
                signature=signature,
                since=wanted.since,
                until=wanted.until,
                basis=basis,
                origin=origin,
                granted_by=work.actor.user_id if work.actor.user_id != user.id else None,
                granted_at=work.now,
            )
        )
    work.session.flush()
    facts = {
        "organisation": user.organisation_id,
        "grants": {signature.value: grant_id for signature, grant_id in made.items()},
        "since": wanted.since,
        "until": wanted.until,
        "basis": basis,
        "origin": origin,
    }
    ledger.append(work, stream_of(user.id), "signing.granted", facts, act_key=act_key)


def withdraw(work: Work, command: WithdrawSigning) -> User:
    """Take a grant away: from this moment on nothing is signed on it. What was signed stays signed."""
    user = _kept(work, command.user_id)
    if ledger.done(work, stream_of(user.id), command.act_key):
        return user
    row = work.session.get(SigningGrant, command.grant_id, populate_existing=True)
    if row is None or row.user_id != user.id or row.organisation_id != user.organisation_id:
        raise unknown()
    if row.withdrawn_at is not None:
        sentence = N_("This authority was withdrawn before. Load the page again and look.")
        raise refuse("signing.gone", sentence, kind=Kind.CONFLICT)
    _take(work, user.id, [row], command.reason, command.act_key)
    return user


def _take(work: Work, user_id: UUID, rows: Iterable[SigningGrant], reason: str, act_key: str | None = None) -> None:
    taken = {}
    for row in rows:
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = work.now, work.actor.user_id, reason
        taken[str(row.id)] = row.signature
    work.session.flush()
    if taken:
        facts = {"grants": taken, "reason": reason}
        ledger.append(work, stream_of(user_id), "signing.withdrawn", facts, act_key=act_key)


# --- what follows from acts on accounts ------------------------------------------------------------------------------


def notice(work: Work, event: Event) -> None:
    """Follow what happens to accounts: a new one may sign, a moved one may not, nor may one without the role."""
    follow = _FOLLOWED.get(event.kind)
    if follow is not None:
        follow(work, UUID(event.stream.partition(":")[2]), json.loads(event.facts))


def _created(work: Work, user_id: UUID, facts: Mapping[str, Any]) -> None:
    signatures = signatures_of(_roles(facts["roles"]))
    if not (signatures and facts["organisation"] and facts.get("may_sign", True)):
        return
    since = local_day(work.now)
    until = last_day(since, accounts.policy(work.session).longest_grant_days)
    user = accounts.user(work.session, user_id)
    _give(work, user, Wanted(frozenset(signatures), since, until), "", GrantOrigin.WITH_ACCOUNT)


def _moved(work: Work, user_id: UUID, facts: Mapping[str, Any]) -> None:
    _take(work, user_id, _standing(work, user_id), str(facts["reason"]))


def _roles_changed(work: Work, user_id: UUID, facts: Mapping[str, Any]) -> None:
    signs = signatures_of(_roles(facts["to"]))
    standing = _standing(work, user_id)
    _take(work, user_id, [row for row in standing if row.signature not in signs], str(facts["reason"]))
    if "handover" in facts:
        _handed_over(work, user_id, set(signs) - {row.signature for row in standing}, str(facts["reason"]))


def _handed_over(work: Work, user_id: UUID, gained: set[Signature], reason: str) -> None:
    """Let whoever takes the management over sign as manager: nobody else may be left who could grant it."""
    if gained:
        since = local_day(work.now)
        until = last_day(since, accounts.policy(work.session).longest_grant_days)
        wanted = Wanted(frozenset(gained), since, until)
        _give(work, accounts.user(work.session, user_id), wanted, reason, GrantOrigin.HANDED_OVER)


_FOLLOWED = {"account.created": _created, "account.moved": _moved, "account.roles_changed": _roles_changed}


def _standing(work: Work, user_id: UUID) -> list[SigningGrant]:
    return [row for row in queries.grants_of(work.session, user_id) if row.withdrawn_at is None]


def _roles(values: Iterable[str]) -> set[Role]:
    named = set(values)
    return {role for role in Role if role.value in named}


# --- the agreement ---------------------------------------------------------------------------------------------------


def accept(work: Work, command: AcceptAgreement) -> AgreementAcceptance:
    """Keep that the person accepts the version in force; refused when another one was shown."""
    user_id = _person(work)
    current = queries.in_force(work.session, local_day(work.now))
    if command.agreement != current.version:
        sentence = N_("Another version of the agreement is in force by now. Read it, then accept it.")
        raise refuse("agreement.other", sentence, field="agree", kind=Kind.CONFLICT)
    accounts.locked(work.session, user_id)
    known = work.session.get(AgreementAcceptance, (user_id, current.version), populate_existing=True)
    if known is not None:
        return known
    made = AgreementAcceptance(
        user_id=user_id,
        version=current.version,
        text_hash=current.text_hash,
        accepted_at=work.now,
        assurance=work.assurance,
    )
    work.session.add(made)
    work.session.flush()
    facts = {"version": current.version, "text_hash": current.text_hash, "assurance": work.assurance}
    ledger.append(work, stream_of(user_id), "signing.agreed", facts)
    return made


def issue(work: Work, command: IssueAgreement) -> Agreement:
    """Put a new version of the agreement in force; it is never changed again."""
    require(work.actor, Act.SET_POLICY)
    done = ledger.done(work, AGREEMENT_STREAM, command.act_key)
    newest = queries.agreements(work.session)[0]
    if done:
        return newest
    text = {name: "\n".join(getattr(command, name).splitlines()) for name in ("chinese", "english")}
    refuse_all(_issue_problems(work, command, text, newest))
    made = Agreement(
        version=newest.version + 1,
        **text,
        text_hash=agreement_hash(**text),
        in_force_from=command.in_force_from,
        reason=command.reason,
        issued_at=work.now,
        issued_by=work.actor.user_id,
    )
    work.session.add(made)
    work.session.flush()
    facts = {
        "version": made.version,
        "text_hash": made.text_hash,
        "in_force_from": made.in_force_from,
        "reason": made.reason,
    }
    ledger.append(work, AGREEMENT_STREAM, "agreement.issued", facts, act_key=command.act_key)
    return made


def _issue_problems(work: Work, command: IssueAgreement, text: Mapping[str, str], newest: Agreement) -> list[Problem]:
    problems = agreement_problems(command.in_force_from, local_day(work.now), newest.in_force_from)
    if agreement_hash(**text) == newest.text_hash:
        sentence = N_("The text is that of the version before, to the letter. There is nothing to accept anew.")
        problems.append(Problem("agreement.same", sentence, field="chinese", kind=Kind.CONFLICT))
    return problems


# --- signing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pen:
    """That somebody may give a signature, as `take_up` found it: his grant, and the agreement he is bound by."""

    signature: Signature
    user_id: UUID
    organisation_id: UUID
    grant_id: UUID | None
    mandate_id: UUID | None
    agreement_version: int


def take_up(work: Work, signature: Signature) -> Pen:
    """Refuse unless the person who acts may give this signature for his organisation today and is bound.

    Whether his role lets him do the act on this thing the act itself has asked already.
    """
    row, problems = queries.entrance(work.session, work.actor, signature, work.now)
    refuse_all(problems)
    user_id, organisation_id = _person(work), work.actor.organisation_id
    assert organisation_id is not None  # noqa: S101  (without one the door is closed)
    standing = queries.standing(work.session, user_id, work.now)
    if standing.due is Due.NOW or standing.acceptance is None:
        sentence = N_("Read the agreement on electronic signatures and accept it, then sign.")
        raise refuse("signing.agreement", sentence, field="agree", kind=Kind.CONFLICT)
    mandate = work.actor.by_mandate.id if work.actor.by_mandate else None
    return Pen(signature, user_id, organisation_id, row.id if row else None, mandate, standing.acceptance.version)


@dataclass(frozen=True)
class Inked:
    """A signature about to be given: who may, and the words that were read."""

    pen: Pen
    statement: Statement

    def write(self, work: Work, stream: str, version: int, signed_hash: str) -> dict[str, object]:
        """Keep the signature with the event of this number in the stream; return what the event says of it."""
        pen, roles = self.pen, [role.value for role in work.actor.ordered_roles]
        row = GivenSignature(
            id=new_id(),
            stream=stream,
            version=version,
            signature=pen.signature,
            user_id=pen.user_id,
            name=work.actor.name,
            organisation_id=pen.organisation_id,
            roles=" ".join(roles),
            grant_id=pen.grant_id,
            mandate_id=pen.mandate_id,
            agreement_version=pen.agreement_version,
            assurance=work.assurance,
            language=language(),
            shown=self.statement.text,
            shown_hash=self.statement.hash,
            signed_hash=signed_hash,
            signed_at=work.now,
        )
        work.session.add(row)
        return {
            "signature": {
                "id": row.id,
                "as": pen.signature,
                "grant": pen.grant_id,
                "mandate": pen.mandate_id,
                "agreement": pen.agreement_version,
                "roles": roles,
                "assurance": work.assurance,
                "language": row.language,
                "shown_hash": row.shown_hash,
                "signed_hash": signed_hash,
            }
        }


def ink(pen: Pen, statement: Statement, shown: str) -> Inked:
    """Join who may sign to the words he read; refuse when they are not those that hold now."""
    require_shown(statement, shown)
    return Inked(pen, statement)


def hash_of_facts(facts: Mapping[str, object]) -> str:
    """Return the SHA-256 of what an event says, for what is signed without a document of its own."""
    return text_hash(canonical(facts))


def _person(work: Work) -> UUID:
    """Return who acts; only people sign and agree."""
    if work.actor.user_id is None:
        raise unknown()
    return work.actor.user_id
