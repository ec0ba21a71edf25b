"""Codes that people can read aloud and type: Crockford's 32 symbols with one check symbol at the end.

A code is read as a polynomial over the field of 32 elements; it is right when its value at alpha (a root of
x^5 + x^2 + 1, which has order 31) is zero. One wrong symbol changes the value by e * alpha^i, which is never zero.
Swapping any two different symbols changes it by (a - b) * (alpha^i - alpha^j), never zero while the code has at
most 31 symbols. So every single mistake and every swap, of neighbours or not, is found.
"""

import re

from wastetrack.domain.typed_text import compact, narrow

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O (taken for 1, 1, 0) and no U."""

LONGEST = 31
_VALUE = {symbol: value for value, symbol in enumerate(SYMBOLS)}
_TAKEN_FOR = str.maketrans("ILO", "110")


def symbols_in(text: str, path: str) -> str:
    """Return the part of a scan or an entry that should be a code: what follows `/path/` in an address, else all.

    Capitals without spaces and hyphens; the letters I, L, O are read as the digits they are taken for.
    """
    plain = narrow(text)
    address = re.fullmatch(rf".*/{path}/([^/?#]*)/?(?:[?#].*)?", plain, re.IGNORECASE | re.DOTALL)
    return compact(address.group(1) if address else plain).translate(_TAKEN_FOR)


def in_fours(code: str) -> str:
    """Return a code as people read it, in groups of four with hyphens."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def is_symbols(text: str) -> bool:
    """Tell whether `text` consists of the 32 symbols only."""
    return all(symbol in _VALUE for symbol in text)


def random_symbols(entropy: bytes, count: int) -> str:
    """Return `count` symbols taken from the first bits of `entropy`, five bits each."""
    if len(entropy) * 8 < count * 5:
        raise ValueError(f"{count} symbols need {-(-count * 5 // 8)} bytes of entropy")
    number = int.from_bytes(entropy) >> (len(entropy) * 8 - count * 5)
    return "".join(SYMBOLS[number >> 5 * place & 31] for place in reversed(range(count)))


def check_symbol(body: str) -> str:
    """Return the symbol that makes `body` and itself a right code."""
    return SYMBOLS[_times_alpha(syndrome(body))]


def syndrome(code: str) -> int:
    """Return the value of a whole code at alpha: 0 when it is right."""
    if len(code) > LONGEST:
        raise ValueError(f"a code has at most {LONGEST} symbols")
    value = 0
    for symbol in code:
        value = _times_alpha(value) ^ _VALUE[symbol]
    return value


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
