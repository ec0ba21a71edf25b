"""What people type and paste, made plain: full-width characters, unseen characters, spaces and dashes."""

import re

_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_MINUS_AND_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SEPARATORS = re.compile(r"[\s\-_]+")
_QUOTED_LENGTH = 40


def narrow(text: str) -> str:
    """Return `text` with full-width characters as ordinary ones, one kind of dash, and nothing unseen.

    Deliberately less than Unicode NFKC, which would also read a superscript as a digit.
    """
    plain = _UNSEEN.sub("", text.translate(_FULL_WIDTH))
    return _MINUS_AND_DASHES.sub("-", plain).strip()


def compact(text: str, also: str = "") -> str:
    """Return `text` narrowed, in capitals, without spaces, dashes and the characters in `also`."""
    joined = _SEPARATORS.sub("", narrow(text)).upper()
    return "".join(character for character in joined if character not in also)


def quoted(text: str) -> str:
    """Return `text` short enough to be repeated in a sentence."""
    plain = narrow(text)
    return plain if len(plain) <= _QUOTED_LENGTH else plain[: _QUOTED_LENGTH - 1] + "…"
