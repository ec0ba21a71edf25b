"""Looking into a scan that somebody sent before it is kept: what it is, whether it is whole, whether it can be opened.

Nothing in it is changed: it is evidence. Nothing in it is run, and no more is unpacked than a scan is worth.
"""

import re
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.scans import MOST_MEGABYTES, MOST_PASSES, MOST_PIXELS, FileType, type_of
from wastetrack.domain.words import N_

_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
_OBJECT = re.compile(rb"\s*\d{1,10}\s+\d{1,5}\s+obj\b")
_TAIL, _TRAILER = 4096, 100_000


@dataclass(frozen=True)
class Scanned:
    """A file that was looked into and may be kept."""

    content: bytes
    kind: FileType


_most = [MOST_MEGABYTES]


def take_at_most(megabytes: int) -> None:
    """Take files up to this size. Wired once, in `wastetrack.app`."""
    _most[:] = [megabytes]


def most_megabytes() -> int:
    """Return up to which size files are taken."""
    return _most[0]


def read_scanned(content: bytes) -> Scanned:
    """Return the file with what it really is; refuse what is too large, of another kind, locked or damaged."""
    if not content:
        raise refuse("scan.none", N_("Choose the file first."))
    if len(content) > most_megabytes() * 1_000_000:
        sentence = N_("The file is larger than {most} MB. Scan it in grey at 300 dpi, or divide it.")
        raise refuse("scan.bytes", sentence, most=most_megabytes())
    kind = type_of(content)
    if kind is None:
        raise refuse("scan.type", N_("This is no PDF, JPEG or PNG file, whatever its name says. Scan it as one."))
    if kind is FileType.PDF:
        _require_whole_pdf(content)
    else:
        _require_whole_picture(content, kind)
    return Scanned(content, kind)


# --- documents -------------------------------------------------------------------------------------------------------


def _require_whole_pdf(content: bytes) -> None:
    """Refuse a document without its end or its root, and one that only a password opens (ISO 32000-1, 7.5.5, 7.6)."""
    trailer = _trailer(content)
    if b"/Root" not in trailer:
        sentence = N_("The PDF is damaged or was not sent whole. Open it, print it as PDF again, and send that.")
        raise refuse("scan.damaged_pdf", sentence)
    if b"/Encrypt" in trailer:
        sentence = N_("The PDF is locked by a password or against copying. Save it without protection and send that.")
        raise refuse("scan.locked_pdf", sentence)


def _trailer(content: bytes) -> bytes:
    """Return the dictionary at which every reader begins, empty where there is none."""
    found = _END.findall(content[-_TAIL:])
    at = int(found[-1]) if found else len(content)
    head = content[at : at + _TRAILER]
    if head.lstrip()[:4] == b"xref":
        begins = content.find(b"trailer", at)
        return content[begins : begins + _TRAILER].partition(b"startxref")[0] if begins >= 0 else b""
    return head.partition(b"stream")[0] if _OBJECT.match(head) else b""


# --- pictures --------------------------------------------------------------------------------------------------------


def _require_whole_picture(content: bytes, kind: FileType) -> None:
    """Refuse a picture with more dots than papers need, or one that cannot be unpacked to its last line."""
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=[kind.value.upper()])
        if picture.width * picture.height > MOST_PIXELS[kind.value]:
            raise _too_many_dots()
        if kind is FileType.JPEG and content.count(b"\xff\xda") > MOST_PASSES:
            raise _damaged()
        picture.draft("L", (1, 1))  # a JPEG is read whole and kept small in memory
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_dots() from None
    except (OSError, SyntaxError, ValueError, EOFError):
        # What Pillow raises for a broken file differs by format; all of it means the same to the sender.
        raise _damaged() from None


def _too_many_dots() -> Refusal:
    return refuse("scan.pixels", N_("The picture has too many dots. Scan it at 300 dpi, or take a photo with a phone."))


def _damaged() -> Refusal:
    return refuse("scan.damaged_picture", N_("The picture is damaged or was not sent whole. Scan or take it again."))
