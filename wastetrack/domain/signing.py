"""Who may sign what for whom: grants with days, the agreement on electronic signatures, and what a signature states.

The duty to sign is the law's (Order 23 of 2021, Arts 10–12 and 18: each part of the manifest by whom it concerns); how
an organisation lets its people do it, and for how long, is its own affair, so everything here is the house's rule.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wastetrack.domain.access import RIGHTS, Act, Role
from wastetrack.domain.problems import Fact, Kind, Problem, Refusal
from wastetrack.domain.words import N_, Several, Term

WARNED_BEFORE = timedelta(days=30)
"""So long before a grant ends, the person and the organisation's manager see it on their start pages."""


class Signature(Term):
    """Everything here that is signed. A scan is none, nor is a declaration or a draft."""

    CONSIGNOR = "consignor", N_("manifest part one (consignor)")
    CARRIER = "carrier", N_("manifest part two (carrier)")
    RECEIVER = "receiver", N_("manifest part three (receiver)")
    STATION = "station", N_("receipt at the station")
    TREATMENT = "treatment", N_("batch of treated waste")


ACTS: dict[Signature, Act] = {
    Signature.CONSIGNOR: Act.SIGN_MANIFEST,
    Signature.CARRIER: Act.CARRY,
    Signature.RECEIVER: Act.RECEIVE,
    Signature.STATION: Act.RECEIVE_HAND_IN,
    Signature.TREATMENT: Act.TREAT,
}
"""The act of the rights table in which each signature is given: without the act a grant is worth nothing."""


def signatures_of(roles: Collection[Role]) -> list[Signature]:
    """Return what people in these roles sign in their work, in the order of the list."""
    return [one for one in Signature if any(RIGHTS[ACTS[one]].get(role) for role in roles)]


class GrantOrigin(Term):
    """How a grant came about."""

    GRANTED = "granted", N_("granted")
    WITH_ACCOUNT = "with_account", N_("given with the account")
    CARRIED_OVER = "carried_over", N_("carried over")
    HANDED_OVER = "handed_over", N_("came with the management")


class GrantState(Term):
    """How a grant stands on a day."""

    VALID = "valid", N_("valid")
    NOT_YET = "not_yet", N_("not yet valid")
    ENDED = "ended", N_("over")
    WITHDRAWN = "withdrawn", N_("withdrawn")


@dataclass(frozen=True)
class Span:
    """The days of a grant, both included; without a last day it is open. `withdrawn` ends it whatever they say."""

    since: date
    until: date | None = None
    withdrawn: bool = False

    def state(self, day: date) -> GrantState:
        """Tell how the grant stands on a day."""
        if self.withdrawn:
            return GrantState.WITHDRAWN
        if day < self.since:
            return GrantState.NOT_YET
        return GrantState.ENDED if self.until and self.until < day else GrantState.VALID

    def ends_soon(self, day: date) -> bool:
        """Tell whether the grant is valid and ends within the days in which that is said."""
        valid = self.state(day) is GrantState.VALID
        return valid and self.until is not None and self.until - day <= WARNED_BEFORE


# --- granting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What somebody is to be let sign, and for how long."""

    signatures: frozenset[Signature]
    since: date
    until: date | None


def grant_problems(
    wanted: Wanted, today: date, *, signs: Collection[Signature], held: Iterable[tuple[Signature, Span]], longest: int
) -> list[Problem]:
    """Return what speaks against a grant: what his roles sign, what he holds already, the longest term in days."""
    problems = []
    if not wanted.signatures:
        sentence = N_("Choose at least one signature.")
        problems.append(Problem("signing.nothing", sentence, field="signatures"))
    foreign = tuple(one for one in Signature if one in wanted.signatures and one not in signs)
    for one in foreign:
        sentence = N_("None of this person's roles signs that: {signature}. Give the role first, then the authority.")
        problems.append(Problem("signing.no_role", sentence, {"signature": one}, "signatures"))
    if wanted.since < today:
        sentence = N_("An authority cannot begin in the past. Choose today or a later day.")
        problems.append(Problem("signing.backdated", sentence, field="since"))
    problems += _last_day_problems(wanted, today, longest)
    covered = {one for one, span in held if _covers(span, wanted)}
    for one in Signature:
        if one in wanted.signatures & covered:
            sentence = N_("The person has this authority for all these days already: {signature}.")
            problems.append(Problem("signing.twice", sentence, {"signature": one}, "signatures", Kind.CONFLICT))
    return problems


def _last_day_problems(wanted: Wanted, today: date, longest: int) -> list[Problem]:
    if wanted.until and wanted.until < max(wanted.since, today):
        sentence = N_("The last day is before the first, or over already. Choose a later one.")
        return [Problem("signing.days", sentence, field="until")]
    last = last_day(wanted.since, longest)
    if last and (wanted.until is None or wanted.until > last):
        sentence = N_("Here an authority lasts {days} days at most. Choose a last day not after {last}.")
        return [Problem("signing.too_long", sentence, {"days": longest, "last": last}, "until")]
    return []


def last_day(since: date, longest: int) -> date | None:
    """Return the last day of a grant that lasts as long as the policy lets it; None where it sets no bound."""
    return since + timedelta(days=longest - 1) if longest else None


def _covers(span: Span, wanted: Wanted) -> bool:
    if span.withdrawn or span.since > wanted.since:
        return False
    return span.until is None or (wanted.until is not None and wanted.until <= span.until)


def granter_problems(*, own: bool, manager: bool, managers: Sequence[str]) -> list[Problem]:
    """Return why somebody who keeps accounts does not grant this: nobody does to himself, and the manager goes first.

    `managers` are those of the organisation beside the person himself; `manager` tells whether the granter is one.
    """
    if own:
        sentence = N_(
            "Nobody grants an authority to himself. Another manager of the organisation does; where there is none, the "
            "security administrator."
        )
        return [Problem("signing.own", sentence, kind=Kind.CONFLICT)]
    if not manager and managers:
        sentence = N_("The organisation has a manager, who grants this: {names}.")
        return [Problem("signing.has_manager", sentence, {"names": Several(tuple(managers))}, kind=Kind.CONFLICT)]
    return []


# --- signing ---------------------------------------------------------------------------------------------------------


def closed_door(
    signature: Signature, organisation: str, span: Span | None, day: date, managers: Sequence[str]
) -> list[Problem]:
    """Return why somebody whose work it is may not sign today, and whom to ask; nothing where his grant is valid."""
    state = span.state(day) if span else None
    if state is GrantState.VALID:
        return []
    sentence, code = N_("You have no authority yet to sign for {organisation}: {signature}."), "signing.no_grant"
    if state is GrantState.NOT_YET:
        sentence = N_("Your authority to sign for {organisation} begins on {since}: {signature}.")
        code = "signing.not_yet"
    elif state is GrantState.ENDED:
        sentence = N_("Your authority to sign for {organisation} ended on {until}: {signature}.")
        code = "signing.ended"
    elif state is GrantState.WITHDRAWN:
        sentence = N_("Your authority to sign for {organisation} was withdrawn: {signature}.")
        code = "signing.withdrawn"
    facts: dict[str, Fact] = {"organisation": organisation, "signature": signature}
    facts |= {"since": span.since, "until": span.until} if span else {}
    return [Problem(code, sentence, facts, kind=Kind.FORBIDDEN), _ask(managers)]


def _ask(managers: Sequence[str]) -> Problem:
    if managers:
        sentence = N_("Ask {names} to grant it on the page “Signing authority”. Until then somebody else has to sign.")
        return Problem("signing.ask", sentence, {"names": Several(tuple(managers))}, kind=Kind.FORBIDDEN)
    sentence = N_("Ask the security administrator to grant it. Until then somebody else has to sign.")
    return Problem("signing.ask", sentence, kind=Kind.FORBIDDEN)


def best(spans: Sequence[Span], day: date) -> int | None:
    """Return which of several grants counts on a day: one in force, else the next, else the one that was last."""
    order = {GrantState.VALID: 3, GrantState.NOT_YET: 2, GrantState.ENDED: 1, GrantState.WITHDRAWN: 1}
    ranked = sorted(range(len(spans)), key=lambda at: (order[spans[at].state(day)], spans[at].since, at))
    return ranked[-1] if ranked else None


@dataclass(frozen=True)
class Statement:
    """The words that stand over the button of a signature, in one language, with the figures they name."""

    signature: Signature
    title: str
    rows: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    sentence: str
    button: str

    @property
    def text(self) -> str:
        """Return all of it as one text: what is kept of the signature."""
        rows = [f"{label}: {value}" for label, value in self.rows]
        return "\n".join([self.title, *rows, *(f"- {line}" for line in self.lines), self.sentence, f"[{self.button}]"])

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the text: the form sends it back, so that nobody signs other words than he read."""
        return text_hash(self.text)


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def require_shown(statement: Statement, shown: str) -> None:
    """Refuse to sign other words than those that were shown."""
    if statement.hash != shown:
        sentence = N_(
            "What is to be signed changed after you opened the page, or its language did. Read it again as it is now, "
            "then sign."
        )
        raise Refusal([Problem("signing.shown", sentence, kind=Kind.CONFLICT)])


# --- the agreement ---------------------------------------------------------------------------------------------------


class Due(Term):
    """Whether somebody has to accept the agreement on electronic signatures."""

    NOT = "not", N_("accepted")
    SOON = "soon", N_("a new version is to be accepted")
    NOW = "now", N_("to be accepted before the next signature")


def agreement_due(accepted: int | None, version: int, in_force_from: date, grace: int, day: date) -> Due:
    """Tell whether `version`, in force since a day, has to be accepted; an earlier one accepted buys `grace` days."""
    if accepted is not None and accepted >= version:
        return Due.NOT
    return Due.NOW if accepted is None or day >= in_force_from + timedelta(days=grace) else Due.SOON


def agreement_problems(in_force_from: date, today: date, newest: date | None) -> list[Problem]:
    """Return what speaks against a new version: it begins today or later, and not before the one before it."""
    if in_force_from < today:
        sentence = N_("An agreement cannot come into force in the past. Choose today or a later day.")
        return [Problem("agreement.backdated", sentence, field="in_force_from")]
    if newest and in_force_from < newest:
        sentence = N_("The version before comes into force on {day} only. Choose that day or a later one.")
        return [Problem("agreement.before", sentence, {"day": newest}, "in_force_from")]
    return []


def agreement_hash(chinese: str, english: str) -> str:
    """Return the SHA-256 over both languages of an agreement, the Chinese text first."""
    return text_hash(f"{chinese}\n\n{english}")
