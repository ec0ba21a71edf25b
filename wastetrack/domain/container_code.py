"""Container code: random, never reused, on every label, e.g. `7K3M-9QXR-2F4C`.

Eleven random symbols (55 bits, so it cannot be guessed) and one check symbol. Stored without hyphens.
"""

from typing import NewType

from wastetrack.domain.check_symbols import check_symbol, in_fours, is_symbols, random_symbols, symbols_in, syndrome
from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import quoted
from wastetrack.domain.words import N_

ContainerCode = NewType("ContainerCode", str)

LENGTH = 12
ENTROPY_BYTES = 7
"""How many random bytes one code needs."""


def new_container_code(entropy: bytes) -> ContainerCode:
    """Make a code from at least seven random bytes; the caller sees to it that it is not yet taken."""
    body = random_symbols(entropy, LENGTH - 1)
    return ContainerCode(body + check_symbol(body))


def pretty(code: ContainerCode) -> str:
    """Return the code as people read it, in three groups of four."""
    return in_fours(code)


def code_in(text: str) -> str:
    """Return the part of a scan or an entry that should be the code: what follows `/c/` in an address, else all."""
    return symbols_in(text, "c")


def parse_container_code(text: str, field: str = "code") -> ContainerCode:
    """Read a code as scanned or typed; refuse what is none, and one that was mistyped."""
    code = code_in(text)
    if not code:
        raise refuse("container_code.missing", N_("Scan or enter a container code."), field=field)
    if len(code) != LENGTH or not is_symbols(code):
        raise refuse(
            "container_code.shape",
            N_("{typed} is not a container code. It has 12 letters and digits, like 7K3M-9QXR-2F4C: scan the label."),
            field=field,
            typed=quoted(text),
        )
    if syndrome(code):
        raise refuse(
            "container_code.check",
            N_(
                "{typed} is mistyped: its last character {last} does not fit the others. Compare all with the label, "
                "or scan it."
            ),
            field=field,
            typed=pretty(ContainerCode(code)),
            last=code[-1],
        )
    return ContainerCode(code)
