"""Labels say what the law asks, scan, and never cut or falsify a text."""

from dataclasses import replace

import pytest

from tests.documents.paper import (
    HAZARDOUS,
    LABEL_ADDRESS,
    LONG_NAME,
    MEDICAL,
    fonts_of,
    picture,
    scanned,
    size_in_mm,
    squeezed,
    text_of,
    worn,
)
from wastetrack.documents.label import hazardous_label, labels_pdf, medical_label
from wastetrack.documents.qr import LABEL, matrix, side_for
from wastetrack.domain.problems import Refusal

BOTH = pytest.mark.parametrize("pdf", [medical_label(MEDICAL), hazardous_label(HAZARDOUS)], ids=["HJ421", "HJ1276"])


def test_a_medical_label_is_80_by_60_mm():
    assert size_in_mm(medical_label(MEDICAL)) == (80.0, 60.0)


def test_a_hazardous_label_is_100_by_100_mm():
    assert size_in_mm(hazardous_label(HAZARDOUS)) == (100.0, 100.0)


@BOTH
def test_every_font_of_a_label_is_embedded(pdf):
    used = fonts_of(pdf)
    assert used
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)


@BOTH
def test_a_label_scans(pdf):
    assert scanned(picture(pdf)) == [LABEL_ADDRESS]


@BOTH
@pytest.mark.parametrize("turn", [17, 90, 180, 233])
def test_a_label_scans_turned_and_out_of_focus(pdf, turn):
    assert scanned(worn(picture(pdf), turn)) == [LABEL_ADDRESS]


def test_every_code_of_a_roll_scans():
    roll = [replace(MEDICAL, address=f"{LABEL_ADDRESS[:-4]}{n:04d}") for n in range(0, 10_000, 997)]
    pdf = labels_pdf(roll)
    assert [scanned(picture(pdf, page)) for page in range(len(roll))] == [[each.address] for each in roll]


def test_the_code_on_a_label_is_at_least_20_mm_wide_and_compact():
    assert len(matrix(LABEL_ADDRESS, LABEL)) == 29
    assert side_for(LABEL_ADDRESS, 29.0, LABEL) == 37.0


@pytest.mark.parametrize(
    "words",
    [
        "医疗废物", "MEDICAL WASTE", "警告！", "感染性废物", "产生单位", "演示市第一人民医院", "产生部门", "急诊科",
        "产生日期", "2026-11-24", "类别", "841-001-01", "袋", "特别说明", "隔离病区，双层包装", "重量", "3.42 kg",
        "封口", "2026-11-24 02:05", "最迟运出", "2026-11-26 02:05", "7K3M-9QXR-2F4C",
    ],
)  # fmt: skip
def test_a_medical_label_says(words):
    assert squeezed(words) in text_of(medical_label(MEDICAL))


@pytest.mark.parametrize(
    "words",
    [
        "危险废物", "废物名称", "废矿物油", "危险特性", "毒性", "易燃性", "废物类别", "HW08 废矿物油与含矿物油废物",
        "废物代码", "900-249-08", "废物形态", "液态", "主要成分", "矿物油、水", "有害成分", "石油烃", "注意事项",
        "远离火源，防渗漏", "数字识别码", "91130100MA0EXAMP1X9002490820261123001", "产生/收集单位",
        "演示精细化工有限公司", "联系人和联系方式", "演示员", "0311-00000000", "产生日期", "2026-11-23", "废物重量",
        "183.50 kg", "备注", "机修车间", "7K3M-9QXR-2F4C",
    ],
)  # fmt: skip
def test_a_hazardous_label_says(words):
    assert squeezed(words) in text_of(hazardous_label(HAZARDOUS))


def test_a_hazardous_label_is_orange_within_a_black_border_within_a_blank_margin():
    image = picture(hazardous_label(HAZARDOUS), dpi=254)  # 10 points to the millimetre
    colours = {image.getpixel((x, 500)) for x in range(31)}
    assert colours == {(255, 255, 255)}
    assert {image.getpixel((x, 500)) for x in range(33, 43)} == {(0, 0, 0)}
    assert image.getpixel((60, 60)) == (255, 150, 0)


def test_a_warning_mark_is_drawn_on_a_medical_label():
    image = picture(medical_label(MEDICAL), dpi=254).crop((20, 20, 240, 240))
    black = sum(1 for pixel in image.get_flattened_data() if pixel == (0, 0, 0))
    assert 0.1 < black / (220 * 220) < 0.4


@pytest.mark.parametrize(
    "hazards", [("T",), ("C", "R"), ("T", "C", "I"), ("T", "C", "I", "R"), ("T", "C", "I", "R", "In")]
)
def test_each_hazard_has_its_sign(hazards):
    words = {"T": "毒性", "C": "腐蚀性", "I": "易燃性", "R": "反应性", "In": "感染性"}
    text = text_of(hazardous_label(replace(HAZARDOUS, hazards=hazards)))
    assert {letter for letter, word in words.items() if word in text} == set(hazards)


@pytest.mark.parametrize(("make", "facts"), [(medical_label, MEDICAL), (hazardous_label, HAZARDOUS)])
def test_a_long_producer_name_is_printed_whole(make, facts):
    assert LONG_NAME in text_of(make(replace(facts, producer_name=LONG_NAME)))


@pytest.mark.parametrize(("make", "facts"), [(medical_label, MEDICAL), (hazardous_label, HAZARDOUS)])
def test_a_name_that_cannot_fit_is_refused_with_its_field(make, facts):
    with pytest.raises(Refusal) as refused:
        make(replace(facts, producer_name=LONG_NAME * 6))
    assert [(p.code, p.field) for p in refused.value.problems] == [("print.too_long", "producer_name")]


def test_a_character_without_a_glyph_is_refused_by_name():
    with pytest.raises(Refusal) as refused:
        medical_label(replace(MEDICAL, producer_name="演示𠮷祥诊所"))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == ("print.glyph_missing", "producer_name")
    assert (problem.facts["character"], problem.facts["codepoint"]) == ("𠮷", "U+20BB7")


def test_a_rare_character_that_only_the_regular_font_holds_is_printed():
    assert "挌" in text_of(medical_label(replace(MEDICAL, class_name="感染性废物挌")))


def test_signs_of_markup_are_printed_as_they_are():
    assert "<b>甲&乙</b>" in text_of(medical_label(replace(MEDICAL, producer_name="<b>甲&乙</b>")))


def test_a_tag_that_lacks_statutory_entries_is_refused_with_all_of_them():
    with pytest.raises(Refusal) as refused:
        medical_label(replace(MEDICAL, producer_name="", class_name=""))
    assert [p.field for p in refused.value.problems] == ["producer_name", "class_name"]


def test_a_tag_without_any_date_is_refused():
    with pytest.raises(Refusal) as refused:
        medical_label(replace(MEDICAL, sealed_at=None))
    assert [p.field for p in refused.value.problems] == ["produced_on"]


def test_an_unknown_hazard_is_refused():
    with pytest.raises(Refusal) as refused:
        hazardous_label(replace(HAZARDOUS, hazards=("T", "X")))
    assert refused.value.problems[0].code == "print.hazard_unknown"


def test_labels_come_one_a_page_each_in_its_statutory_form():
    pdf = labels_pdf([MEDICAL, HAZARDOUS])
    assert [scanned(picture(pdf, page)) for page in (0, 1)] == [[LABEL_ADDRESS], [LABEL_ADDRESS]]
    assert picture(pdf, 1).size == (591, 591)


def test_the_same_labels_are_the_same_bytes():
    assert labels_pdf([MEDICAL, HAZARDOUS]) == labels_pdf([MEDICAL, HAZARDOUS])
