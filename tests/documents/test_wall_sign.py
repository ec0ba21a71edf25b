"""The sign on the wall of a store scans, says whose store it is, and is the same paper as long as nothing changed."""

from dataclasses import replace

import pytest

from tests.documents.paper import fonts_of, picture, scanned, size_in_mm, squeezed, text_of
from wastetrack.documents.qr import LABEL, matrix
from wastetrack.documents.wall_sign import WallSignFacts, wall_sign
from wastetrack.domain.problems import Refusal

ADDRESS = "HTTPS://WASTE.HEBEI.EXAMPLE.CN/P/7K3M9QXR2F4C8BTW"
SIGN = WallSignFacts(
    organisation="演示市第一人民医院", store="东院区一号暂存间", store_code="TS001", kind="医疗废物暂存间",
    emergency_phone="0311-00000120", address=ADDRESS, code="7K3M-9QXR-2F4C-8BTW", medical=True,
)  # fmt: skip
WAYS = pytest.mark.parametrize("upright", [False, True], ids=["lying", "upright"])


@WAYS
def test_a_sign_scans(upright):
    assert scanned(picture(wall_sign(SIGN, upright=upright), dpi=100)) == [ADDRESS]


def test_the_address_takes_the_compact_mode():
    assert len(matrix(ADDRESS, LABEL)) < len(matrix(ADDRESS.lower(), LABEL))


@WAYS
def test_every_font_of_a_sign_is_embedded(upright):
    used = fonts_of(wall_sign(SIGN, upright=upright))
    assert used
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)


@WAYS
def test_a_sign_says_whose_store_it_is_and_whom_to_call(upright):
    said = text_of(wall_sign(SIGN, upright=upright))
    for words in (SIGN.organisation, SIGN.store, SIGN.store_code, SIGN.kind, SIGN.emergency_phone, SIGN.code):
        assert squeezed(words) in said
    assert "医疗废物贮存设施" in said


def test_a_sign_of_other_waste_says_so():
    assert "危险废物贮存设施" in text_of(wall_sign(replace(SIGN, medical=False)))


def test_a_sign_is_a_page_of_a4_either_way():
    assert size_in_mm(wall_sign(SIGN)) == (297.0, 210.0)
    assert size_in_mm(wall_sign(SIGN, upright=True)) == (210.0, 297.0)


@WAYS
def test_a_large_sign_is_a_page_of_a3_with_all_of_it(upright):
    pdf = wall_sign(SIGN, upright=upright, large=True)
    assert size_in_mm(pdf) == ((297.0, 420.0) if upright else (420.0, 297.0))
    assert scanned(picture(pdf, dpi=72)) == [ADDRESS]
    image = picture(pdf, dpi=50)
    frame = image.convert("L").point(lambda value: 255 if value < 60 else 0).getbbox()
    assert min(frame[2] - frame[0], frame[3] - frame[1]) / 50 * 25.4 > 186
    assert max(frame[2] - frame[0], frame[3] - frame[1]) / 50 * 25.4 > 300


def test_the_same_sign_is_the_same_bytes():
    assert wall_sign(SIGN) == wall_sign(replace(SIGN))


def test_a_sign_is_yellow_in_a_black_frame():
    image = picture(wall_sign(SIGN), dpi=254)
    assert image.getpixel((115, 1000)) == (0, 0, 0)
    assert image.getpixel((2800, 1050)) == (255, 255, 0)


def test_a_sign_without_a_number_to_call_is_refused():
    with pytest.raises(Refusal, match="entry_missing"):
        wall_sign(replace(SIGN, emergency_phone=""))
