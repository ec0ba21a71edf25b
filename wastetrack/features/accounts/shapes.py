"""Sessions and QR codes as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wastetrack.documents.qr import PAPER, QUIET_ZONE, matrix
from wastetrack.domain.security import Assurance
from wastetrack.domain.words import N_
from wastetrack.features.accounts.queries import OpenSession
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
