"""Presence code: the QR on the wall of a store. Whoever scans it at a pick-up stood there.

Fifteen random symbols and one check symbol, longer than a container code, so that one is never taken for the other.
Printed as an address ending in `/p/<code>`. Whether a code is the one now in force is the store's to say.
"""

from typing import NewType

from wastetrack.domain.check_symbols import check_symbol, in_fours, is_symbols, random_symbols, symbols_in, syndrome
from wastetrack.domain.problems import refuse
from wastetrack.domain.words import N_

PresenceCode = NewType("PresenceCode", str)

LENGTH = 16
ENTROPY_BYTES = 10
"""How many random bytes one code needs."""


def new_presence_code(entropy: bytes) -> PresenceCode:
    """Make a code from at least ten random bytes."""
    body = random_symbols(entropy, LENGTH - 1)
    return PresenceCode(body + check_symbol(body))


def show_presence_code(code: PresenceCode) -> str:
    """Return the code as people read it, in four groups of four."""
    return in_fours(code)


def parse_presence_code(text: str, field: str = "presence") -> PresenceCode:
    """Read a code as scanned from the wall, or typed from under it."""
    code = symbols_in(text, "p")
    if not code:
        raise refuse("presence_code.missing", N_("Scan the presence code on the wall of the store."), field=field)
    if len(code) != LENGTH or not is_symbols(code) or syndrome(code):
        raise refuse(
            "presence_code.wrong",
            N_("This is not a presence code. Scan the code on the wall of the store, not a label."),
            field=field,
        )
    return PresenceCode(code)
