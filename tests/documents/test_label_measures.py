"""Labels on the rasterised page, in millimetres: edges, heights of characters, modules of the code."""

from dataclasses import replace
from functools import cache
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from tests.documents.paper import HAZARDOUS, MEDICAL, picture, scanned, size_in_mm, text_of
from wastetrack.documents.label import Paper, hazardous_label, labels_pdf
from wastetrack.domain.labels import CHARACTER_MM, FOR_MEDICAL, LabelFormat, LabelSize, What

DPI = 254
"""Ten dots to the millimetre."""
BLACK, WHITE, ORANGE = (0, 0, 0), (255, 255, 255), (255, 150, 0)
SIZES = pytest.mark.parametrize("size", list(LabelSize))
TAGS = pytest.mark.parametrize("chosen", FOR_MEDICAL, ids=lambda one: one.value)


@cache
def label(size: LabelSize, copy: int = 1) -> Image.Image:
    return picture(hazardous_label(replace(HAZARDOUS, copy=copy), size), dpi=DPI)


def run(image: Image.Image, start: int, row: int, colour: tuple[int, int, int]) -> int:
    """How many dots of one colour follow each other in a row."""
    end = start
    while end < image.width and image.getpixel((end, row)) == colour:
        end += 1
    return end - start


@SIZES
def test_a_label_of_hazardous_waste_has_its_size_its_blank_margin_and_its_border(size):
    assert size_in_mm(hazardous_label(HAZARDOUS, size)) == (size.mm, size.mm)
    image = label(size)
    row = round(size.mm * 10 * 0.45)
    margin = run(image, 0, row, WHITE)
    assert margin >= 30
    assert run(image, margin + 1, row, BLACK) >= 10


@SIZES
def test_the_ground_is_the_orange_of_the_standard_and_the_words_are_black(size):
    colours = label(size).crop((60, 60, size.mm * 5, 120)).getcolors(100_000)
    assert colours
    two = {colour for _count, colour in sorted(colours, reverse=True)[:2]}
    assert two == {ORANGE, BLACK}


@SIZES
def test_no_character_is_lower_than_the_standard_asks(size):
    """Measured on the words of the entries in the first column: each line of ink as high as its tallest character."""
    wanted = CHARACTER_MM[size] * 10
    heights = _lines_of_ink(size)
    assert len(heights) > 8
    assert min(heights) >= wanted - 1, heights  # a dot less by the raster


def _lines_of_ink(size: LabelSize) -> list[int]:
    image = label(size)
    left = 32 + round(size.mm * 0.12) + 14
    column = image.crop((left, 0, left + round(CHARACTER_MM[size] * 10 * 3.2), image.height)).convert("L")
    dark = column.point(lambda value: 0 if value < 70 else 255)
    rows = [value < 255 for value in dark.resize((1, dark.height), Image.Resampling.BOX).tobytes()]
    found: list[int] = []
    start: int | None = None
    for y, dark in enumerate([*rows, False]):
        if dark and start is None:
            start = y
        elif not dark and start is not None:
            if y - start > CHARACTER_MM[size] * 5:  # lines and border are thinner
                found.append(y - start)
            start = None
    return found[1:]  # the first is the title


@SIZES
def test_further_copies_and_the_longest_code_still_fit(size):
    assert scanned(label(size, copy=99)) == [HAZARDOUS.address]


@pytest.mark.parametrize(
    ("litres", "side", "pages"), [(1, 100, 1), (50, 100, 1), (51, 150, 1), (450, 150, 1), (451, 200, 2), (1000, 200, 2)]
)
def test_the_volume_sets_the_size_and_above_450_litres_there_are_two(litres, side, pages):
    pdf = labels_pdf([replace(HAZARDOUS, litres=litres)])
    assert size_in_mm(pdf) == (side, side)
    assert len(PdfReader(BytesIO(pdf)).pages) == pages


@TAGS
def test_every_tag_and_sticker_has_its_paper_and_a_code_coarse_enough_for_any_angle(chosen):
    pdf = labels_pdf([MEDICAL], Paper(medical=chosen))
    assert size_in_mm(pdf) == (tuple(map(float, chosen.roll_mm)) if chosen.roll_mm else (210.0, 297.0))
    assert symbol_mm(pdf) >= 12.3  # 12.6 less the raster


@SIZES
def test_the_code_on_a_label_of_hazardous_waste_is_at_least_20_mm_wide(size):
    assert symbol_mm(hazardous_label(HAZARDOUS, size)) >= 20


def symbol_mm(pdf: bytes) -> float:
    """Measure how wide the dark symbol of the code is on the page, between the outer edges of its corners."""
    (code,) = zxingcpp.read_barcodes(picture(pdf, dpi=DPI).crop((0, 0, 2000, 2000)))
    corner, right = code.position.top_left, code.position.top_right
    return (right.x - corner.x + 1) / 10


@pytest.mark.parametrize("chosen", [one for one in FOR_MEDICAL if one.grid], ids=lambda one: one.value)
def test_every_place_of_a_sheet_is_filled_within_its_cell_off_the_edge_of_the_page(chosen: LabelFormat):
    columns, rows = chosen.grid
    image = picture(labels_pdf([MEDICAL] * chosen.places, Paper(medical=chosen)), dpi=100)
    grey = image.convert("L").point(lambda value: 255 if value < 250 else 0)
    margin = round(4 / 25.4 * 100)
    assert grey.crop((0, 0, margin, image.height)).getbbox() is None
    for row in range(rows):
        for column in range(columns):
            left, right = (round((column + at) * image.width / columns) for at in (0, 1))
            top, bottom = (round((row + at) * image.height / rows) for at in (0, 1))
            found = grey.crop((left, top, right, bottom)).getbbox()
            assert found, (row, column)
            assert min(found[0], found[1], right - left - found[2], bottom - top - found[3]) >= 2, (row, column)


@pytest.mark.parametrize("start", [1, 4, 8])
def test_a_partly_used_sheet_is_begun_at_its_first_free_place(start):
    image = picture(labels_pdf([MEDICAL] * 2, Paper(medical=LabelFormat.TAG_2X4, start=start)), dpi=60).convert("L")
    wide, high = image.width / 2, image.height / 4
    filled = {
        place
        for place in range(1, 9)
        if image.getpixel((round(((place - 1) % 2 + 0.5) * wide), round(((place - 1) // 2 + 0.97) * high) - 8)) < 250
    }
    assert filled == ({start, start + 1} if start < 8 else {8})


def test_what_is_printed_on_stickers_says_that_it_is_no_label():
    for chosen in (one for one in LabelFormat if one.what is What.STICKER):
        assert "不代替标签" in text_of(labels_pdf([HAZARDOUS], Paper(other=chosen)))


def test_the_warning_of_a_tag_is_framed_twice_as_wide_as_high():
    image = picture(labels_pdf([MEDICAL]), dpi=DPI).convert("L")
    # The frame is the first thing below the outer one; its upper left corner is found along a diagonal.
    x = next(x for x in range(20, 200) if image.getpixel((x, 130)) < 70)
    y = next(y for y in range(15, 100) if image.getpixel((300, y)) < 70)
    right = next(at for at in range(500, 300, -1) if image.getpixel((at, 130)) < 70)
    bottom = next(at for at in range(236, 180, -1) if image.getpixel((x + 60, at)) < 70)
    assert abs((right - x) / (bottom - y) - 2) < 0.04


@SIZES
@pytest.mark.parametrize("mass_g", [500, 183_500, 1_250_000, 20_000_000])
def test_number_and_unit_of_the_mass_stand_on_one_line(size, mass_g):
    page = pypdfium2.PdfDocument(hazardous_label(replace(HAZARDOUS, mass_g=mass_g), size))[0]
    assert f"{mass_g / 1000:.2f} kg" in page.get_textpage().get_text_range().replace("\N{NO-BREAK SPACE}", " ")
