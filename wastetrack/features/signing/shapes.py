"""Signing as pages show it: why a door is closed, the agreement in the reader's language, what ends soon."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Relation, Role, may
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Due, GrantState, Signature, signatures_of
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.signing import queries
from wastetrack.features.signing.models import Agreement, SigningGrant
from wastetrack.infra.i18n import CHINESE, language
from wastetrack.web.forms import Said, said
from wastetrack.web.reauth import Asked


def closed(session: Session, actor: Actor, signature: Signature, now: datetime) -> list[Said]:
    """Return in words why a person may not give this signature today; shown instead of its button."""
    problems = queries.door(session, actor, signature, now)
    return said(Refusal(problems)) if problems else []


def paragraphs(agreement: Agreement) -> list[str]:
    """Return the agreement in the reader's language, title first."""
    text = agreement.chinese if language() == CHINESE else agreement.english
    return [line.strip() for line in text.splitlines() if line.strip()]


def asked(session: Session, actor: Actor, now: datetime) -> Asked | None:
    """Return the agreement that a person has still to accept, now or within the days of grace."""
    if actor.user_id is None:
        return None
    standing = queries.standing(session, actor.user_id, now)
    if standing.due is Due.NOT:
        return None
    return Asked(standing.agreement.version, paragraphs(standing.agreement), standing.due is Due.NOW)


@dataclass(frozen=True)
class Row:
    """A grant as the list of a person shows it."""

    grant: SigningGrant
    state: GrantState
    ends_soon: bool
    by: str
    withdrawn_by: str


def rows(session: Session, grants: list[SigningGrant], now: datetime) -> list[Row]:
    """Return grants with how they stand today and who made and took them: what counts first."""
    day = local_day(now)
    names = accounts.names(session, [who for one in grants for who in (one.granted_by, one.withdrawn_by)])
    made = [
        Row(
            one,
            queries.span(one).state(day),
            queries.span(one).ends_soon(day),
            names.get(one.granted_by, "") if one.granted_by else "",
            names.get(one.withdrawn_by, "") if one.withdrawn_by else "",
        )
        for one in grants
    ]
    order = {GrantState.VALID: 0, GrantState.NOT_YET: 1}
    return sorted(made, key=lambda row: (order.get(row.state, 2), list(Signature).index(row.grant.signature)))


@dataclass(frozen=True)
class Notice:
    """What the start page says of signing: so many authorities end soon, or the agreement waits."""

    own_ending: int
    others_ending: int
    agreement: bool


def notice(session: Session, actor: Actor, now: datetime) -> Notice:
    """Return what a person should know of his own authority and, as a manager, of that of his people."""
    if actor.user_id is None or actor.organisation_id is None:
        return Notice(0, 0, agreement=False)
    signs = bool(signatures_of(actor.roles))
    own = queries.ending(session, now, user_id=actor.user_id) if signs else 0
    keeps = Role.MANAGER in actor.roles and may(actor, Act.GRANT_SIGNING, {Relation.OWN})
    all_ = queries.ending(session, now, organisation_id=actor.organisation_id) if keeps else 0
    waits = signs and queries.standing(session, actor.user_id, now).due is not Due.NOT
    return Notice(own, max(0, all_ - own), waits)
