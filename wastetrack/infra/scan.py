"""Reading codes out of a picture that somebody sent: small, safe, and never more work than the picture is worth."""

from io import BytesIO

import zxingcpp
from PIL import Image

from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_

MOST_BYTES = 10_000_000
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
"""More than phones make. It is asked before anything is unpacked, so that a small file cannot fill the memory; only
JPEG can be unpacked to a smaller picture at once, the others come out whole."""

FORMATS = ("JPEG", "PNG", "WEBP")
LOOKS = (1600, 3200)
"""Longest sides (px) at which is looked: most labels are found at the first; far-away ones need the second."""


def codes_in_picture(content: bytes, field: str = "photo") -> list[str]:
    """Return the texts of all QR codes in a picture, none when there are none; refuse what is no usable picture."""
    if len(content) > MOST_BYTES:
        raise refuse("picture.bytes", N_("The picture is larger than 10 MB. Take it in a lower quality."), field=field)
    picture = _opened(content, field)
    for side in LOOKS:
        found = _read(_shrunk(picture, side))
        if found or max(picture.size) <= side:
            return found
    return []


def _opened(content: bytes, field: str) -> Image.Image:
    """Return the picture in grey, unpacked no larger than needed."""
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS[picture.format or "PNG"]:
            raise _too_many_dots(field)
        picture.draft("L", (LOOKS[-1], LOOKS[-1]))
        return picture.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_dots(field) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        # What Pillow raises for a broken file differs by format; all of it means the same to the sender.
        sentence = N_("This file is no picture that can be read. Take a photo of the label, as JPEG, PNG or WebP.")
        raise refuse("picture.unreadable", sentence, field=field) from None


def _too_many_dots(field: str) -> Refusal:
    sentence = N_("The picture has too many dots. Take it with a phone's camera in ordinary quality.")
    return refuse("picture.pixels", sentence, field=field)


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    return smaller


def _read(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return list(dict.fromkeys(code.text for code in found if code.text))
