"""Photos of labels, good ones and hostile ones."""

from io import BytesIO

import pytest
import qrcode
from PIL import Image

from wastetrack.domain.problems import Refusal
from wastetrack.infra.scan import MOST_BYTES, codes_in_picture

ADDRESS = "HTTP://127.0.0.1:8000/C/7K3M9QXR2F4C"


def photo(kind="JPEG", size=(1200, 900), at=(500, 400), code=300):
    picture = Image.new("L", size, 190)
    picture.paste(qrcode.make(ADDRESS).get_image().convert("L").resize((code, code)), at)
    return as_bytes(picture, kind)


def as_bytes(picture, kind="PNG"):
    held = BytesIO()
    picture.save(held, kind)
    return held.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_label_is_read_from_a_photo_of_any_usual_kind(kind):
    assert codes_in_picture(photo(kind)) == [ADDRESS]


def test_a_small_label_in_a_large_photo_is_read():
    assert codes_in_picture(photo(size=(4000, 3000), at=(3100, 2100), code=260)) == [ADDRESS]


def test_a_photo_without_a_code_has_none():
    assert codes_in_picture(as_bytes(Image.new("L", (400, 400), 255))) == []


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", photo()[:900], b"\x89PNG\r\n\x1a\n" + bytes(60)])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(Refusal, match="unreadable"):
        codes_in_picture(content)


@pytest.mark.parametrize("side", [8100, 10_000, 20_000])
def test_a_small_file_that_would_unpack_to_a_huge_picture_is_refused(side):
    bomb = as_bytes(Image.new("1", (side, side)))
    assert len(bomb) < 100_000
    with pytest.raises(Refusal, match="pixels"):
        codes_in_picture(bomb)


def test_a_huge_file_is_refused_unread():
    with pytest.raises(Refusal, match="bytes"):
        codes_in_picture(bytes(MOST_BYTES + 1))
