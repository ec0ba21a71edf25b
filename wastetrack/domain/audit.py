"""The audit record: who looked, changed, took away or was turned back. Kept apart from the ledger of the waste itself.

GB/T 22239-2019 8.1.4.3 asks for it for every user, kept from change and deletion; 网络安全法 (2016) Art. 21 for at
least six months. The house keeps it for twelve.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from wastetrack.domain.access import Actor
from wastetrack.domain.words import N_, Term

LONGEST_SUBJECT = 160
_SECRET = frozenset({"token", "sign_code"})
"""Arguments of an address that open something by themselves: they are not written down."""
_TABLES = frozenset({"text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})


class AuditKind(Term):
    """What somebody did, as the record tells it."""

    LOOKED = "looked", N_("looked")
    CHANGED = "changed", N_("changed")
    EXPORTED = "exported", N_("exported")
    PRINTED = "printed", N_("printed")
    SIGNED_IN = "signed_in", N_("signed in")
    FAILED_SIGN_IN = "failed_sign_in", N_("failed to sign in")
    REFUSED = "refused", N_("was refused")


@dataclass(frozen=True)
class Doing:
    """One line of the record before it is written: who, what, on what, from where. Never a password, never a text."""

    kind: AuditKind
    who: Actor | None
    route: str
    subject: str
    status: int | None
    device: str
    address: str


def kind_of(status: int, content: str) -> AuditKind | None:
    """Return what an answer that changed nothing was to its reader; None for what shows and refuses nothing."""
    if status in {403, 404}:
        return AuditKind.REFUSED
    if not 200 <= status < 300:
        return None
    if content == "application/pdf":
        return AuditKind.PRINTED
    return AuditKind.EXPORTED if content in _TABLES else AuditKind.LOOKED


def subject_of(arguments: Mapping[str, object]) -> str:
    """Return what an address names, such as `container:7K3M9QXR2F4C` or `organisation:<id> part:vehicle`."""
    named = [
        f"{'container' if name == 'code' else name.removesuffix('_id')}:{value}"
        for name, value in arguments.items()
        if name not in _SECRET
    ]
    return " ".join(named)[:LONGEST_SUBJECT]


def short_address(address: str | None) -> str:
    """Return a network address without what tells one household from the next: it says whence, not who."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))
