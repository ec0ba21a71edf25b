"""Sessions, QR codes and requests to be admitted as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from wastetrack.documents.qr import PAPER, QUIET_ZONE, matrix
from wastetrack.domain.access import Actor
from wastetrack.domain.accounts import normal_username
from wastetrack.domain.admission import RequestState
from wastetrack.domain.credit_code import CreditCode, credit_code_doubts
from wastetrack.domain.problems import Problem
from wastetrack.domain.security import Assurance
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.queries import OpenSession
from wastetrack.features.parties.queries import admission
from wastetrack.infra.i18n import _

_BROWSERS = (
    ("MicroMessenger", N_("WeChat")),
    ("DingTalk", N_("DingTalk")),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", N_("an Android telephone")),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class ShownSession:
    """A session in words."""

    handle: str
    device: str
    since: datetime
    seen: datetime
    assurance: Assurance
    here: bool


def sessions(held: Iterable[OpenSession], here: str = "") -> list[ShownSession]:
    """Return sessions as people read them; `here` is the one that looks."""
    return [
        ShownSession(one.handle, device(one.device), one.created_at, one.seen_at, one.assurance, one.token_hash == here)
        for one in held
    ]


def device(user_agent: str) -> str:
    """Say what a browser calls itself, roughly: people know their devices, not version numbers."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and system:
        return _("{browser} on {system}", browser=_(browser), system=_(system))
    return _(browser or system or N_("an unknown device"))


def in_groups(secret: str) -> str:
    """Return a secret as people type it over."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


@dataclass(frozen=True)
class Picture:
    """A QR code for the page: the side in modules and one path of its dark ones."""

    side: int
    path: str


def qr_picture(text: str) -> Picture:
    """Return the code of a text, with its quiet zone."""
    modules = matrix(text, PAPER)
    dark = [
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z"
        for y, row in enumerate(modules)
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return Picture(len(modules) + 2 * QUIET_ZONE, "".join(dark))


def doubts_on(session: Session, actor: Actor, asked: admission.Asked) -> list[Problem]:
    """Return what a careful reviewer looks at twice before an organisation is admitted. None of it forbids."""
    one, found = asked.organisation, []
    if one.credit_code:
        found += credit_code_doubts(CreditCode(one.credit_code))
    if asked.request.state is not RequestState.OPEN:
        return found
    if admission.rivals(session, asked):
        sentence = N_("Another open request names the same code. Ask the organisation itself which one is its own.")
        found.append(Problem("admission.rival", sentence))
    for same in admission.namesakes(session, actor, one):
        sentence = N_("An organisation of this name is entered already, with the code {code}. Compare the two.")
        code = same.credit_code or same.medical_licence_no
        found.append(Problem("admission.namesake", sentence, {"code": code}))
    if queries.by_username(session, normal_username(asked.request.manager_username)) is not None:
        sentence = N_("The username {username} is taken. Give another one when you admit the organisation.")
        found.append(Problem("admission.username", sentence, {"username": asked.request.manager_username}))
    return found


def waits_for_first_manager(session: Session, asked: admission.Asked) -> bool:
    """Tell whether the organisation is admitted and nobody of it has chosen a password yet."""
    if asked.request.state is not RequestState.ACCEPTED:
        return False
    user = queries.by_username(session, asked.request.manager_username)
    mine = user is not None and user.organisation_id == asked.organisation.id and user.active
    return mine and not queries.somebody_signs_in(session, asked.organisation.id)
