"""The printed manifest: every field of the statutory form, nothing cut, verifiable, the same bytes for ever."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.documents.paper import (
    CHECK_ADDRESS,
    LEG,
    LONG_NAME,
    MANIFEST,
    as_json,
    fonts_of,
    picture,
    scanned,
    size_in_mm,
    squeezed,
    text_of,
    with_wastes,
    worn,
)
from wastetrack.documents.manifest import ManifestDocument, render_manifest
from wastetrack.domain.problems import Refusal

PDF = render_manifest(MANIFEST, CHECK_ADDRESS)
TEXT = text_of(PDF)


def printed(doc):
    return text_of(render_manifest(doc, CHECK_ADDRESS))


@pytest.mark.parametrize(
    "words",
    [
        "危险废物转移联单", "联单编号：20261301000123", "第一部分 危险废物移出信息（由移出人填写）",
        "单位名称演示乡中心卫生院", "应急联系电话0311-00000120", "单位地址演示县演示乡政府街12号", "经办人演示员甲",
        "联系电话0311-00000001", "交付时间2026年11月23日08时30分", "序号", "废物名称", "废物代码", "危险特性",
        "形态", "有害成分名称", "包装方式", "包装数量", "移出量（吨）", "感染性废物", "841-001-01", "感染性In",
        "固态", "病原微生物", "周转箱", "24", "0.283", "第二部分 危险废物运输信息（由承运人填写）",
        "单位名称演示危货运输有限公司", "营运证件号冀交运管许可石字130100000000号", "单位地址演示区运输路1号",
        "联系电话0311-00000002", "驾驶员演示驾驶员", "联系电话13000000000", "运输工具厢式货车", "牌号冀A·D0000",
        "运输起点演示乡政府街12号", "实际起运时间2026年11月23日08时40分", "经由地演示县城",
        "运输终点演示区环保路8号", "实际到达时间2026年11月23日10时15分",
        "第三部分 危险废物接受信息（由接受人填写）", "单位名称演示医疗废物处置有限公司",
        "危险废物经营许可证编号冀危许2026000001", "单位地址演示区环保路八号", "经办人演示员乙",
        "联系电话0311-00000003", "接受时间2026年11月23日10时40分", "是否存在重大差异", "少1箱", "接受人处理意见",
        "部分接受", "拒收", "拟利用处置方式", "Y10医疗废物焚烧", "接受量（吨）", "0.280",
    ],
)  # fmt: skip
def test_the_statutory_form_says(words):
    assert squeezed(words) in TEXT


@pytest.mark.parametrize(
    "words",
    [
        "平台业务号：D-7K3M9QXR", "当前状态：已签收", "版本：第2版", "数据截至2026-11-23 10:45",
        "一件未到，已通知移出人。", "包装数量由25改为24。", "扫码核验本联单真伪与现行状态", CHECK_ADDRESS,
        "账本树头：12894·9F3A51C0", "第1页/共2页", "第2页/共2页", "容器清单", "7K3M-9QXR-2F4C", "演示东沟村卫生室",
        "3.60", "8M4N-7PQS-3G5D", "演示口腔诊所", "损伤性废物", "4.56", "缺失", "未随车到达", "按产生单位合计",
        "8.16",
    ],
)  # fmt: skip
def test_beside_the_form_the_platform_says(words):
    assert squeezed(words) in TEXT


def test_the_short_content_hash_is_printed():
    assert MANIFEST.content_hash[:16].upper() in TEXT


def test_the_content_hash_changes_with_any_word():
    assert replace(MANIFEST, status="已完成").content_hash != MANIFEST.content_hash


def test_a_manifest_is_a4():
    assert size_in_mm(PDF) == (210.0, 297.0)


def test_every_font_of_a_manifest_is_embedded():
    used = fonts_of(PDF)
    assert used
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)


@pytest.mark.parametrize("page", [0, 1])
def test_every_page_can_be_checked_by_its_code(page):
    assert scanned(picture(PDF, page)) == [CHECK_ADDRESS]


def test_the_check_code_scans_turned_and_out_of_focus():
    assert scanned(worn(picture(PDF), 8)) == [CHECK_ADDRESS]


def test_the_same_manifest_is_the_same_bytes():
    assert render_manifest(MANIFEST, CHECK_ADDRESS) == PDF


def test_the_same_manifest_is_the_same_bytes_in_another_process_from_its_stored_snapshot():
    script = (
        "import sys, json, hashlib; from wastetrack.documents.manifest import *; data = json.load(sys.stdin);"
        "pdf = render_manifest(ManifestDocument.from_dict(data), sys.argv[1]); print(hashlib.sha256(pdf).hexdigest())"
    )
    snapshot = json.dumps(MANIFEST.as_dict())
    command = [sys.executable, "-c", script, CHECK_ADDRESS]
    answer = subprocess.run(command, input=snapshot, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == hashlib.sha256(PDF).hexdigest()


def test_a_document_comes_back_from_json_as_it_was():
    assert as_json(MANIFEST) == MANIFEST


def test_a_snapshot_with_an_unknown_field_is_not_read_in_part():
    with pytest.raises(ValueError, match="colour"):
        ManifestDocument.from_dict({**MANIFEST.as_dict(), "colour": "red"})


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        replace(MANIFEST, as_of=datetime(2026, 11, 23)).as_dict()  # noqa: DTZ001


def test_sixty_wastes_lose_no_text():
    text = printed(with_wastes(60))
    assert [n for n in range(60) if f"废物甲{n:03d}号" not in text or f"废物乙{n:03d}号" not in text] == []
    assert [n for n in range(60) if f"CODE-{n:04d}" not in text or f"演示诊所{n:03d}室" not in text] == []


def test_nothing_stands_outside_the_frame_of_its_page():
    pdf = render_manifest(with_wastes(60), CHECK_ADDRESS)
    heights = []
    for page in PdfReader(BytesIO(pdf)).pages:
        page.extract_text(visitor_text=lambda text, cm, tm, *_: heights.append(tm[5] + cm[5]) if text.strip() else None)
    assert min(heights) > 20
    assert max(heights) < 842 - 20


def test_a_table_that_goes_on_repeats_its_heading():
    assert printed(with_wastes(60)).count("第一部分危险废物移出信息（由移出人填写）（续）") == 1


def test_twelve_legs_are_all_printed():
    legs = tuple(replace(LEG, carrier=f"演示承运{n:02d}公司") for n in range(1, 13))
    text = printed(replace(MANIFEST, legs=legs))
    assert [n for n in range(1, 13) if f"演示承运{n:02d}公司" not in text or f"第{n}段/共12段" not in text] == []


def test_a_long_name_wraps_and_is_printed_whole():
    assert LONG_NAME * 3 in printed(replace(MANIFEST, consignor=replace(MANIFEST.consignor, name=LONG_NAME * 3)))


def test_a_text_higher_than_a_page_is_refused_with_its_field():
    with pytest.raises(Refusal) as refused:
        printed(replace(MANIFEST, consignor=replace(MANIFEST.consignor, name=LONG_NAME * 120)))
    assert refused.value.problems[0].field == "consignor.name"


def test_a_character_without_a_glyph_is_refused_with_its_field():
    with pytest.raises(Refusal) as refused:
        printed(replace(MANIFEST, legs=(LEG, replace(LEG, driver="演示𠮷"))))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field, problem.facts["character"]) == ("print.glyph_missing", "legs.1.driver", "𠮷")


def test_signs_of_markup_are_printed_as_they_are():
    assert "<b>&amp;<img>" in printed(replace(MANIFEST, discrepancies=("<b>&amp; <img>",)))


def test_a_void_manifest_says_so_across_every_page_with_its_reason():
    pdf = render_manifest(replace(MANIFEST, flags=("作废",), flag_reason="车辆故障，改日转移"), CHECK_ADDRESS)
    assert "作废：车辆故障，改日转移" in text_of(pdf)
    for page in (0, 1):
        reds = sum(1 for r, g, _ in picture(pdf, page, 40).get_flattened_data() if r - g > 40)
        assert reds > 3000


def test_a_void_manifest_can_still_be_checked():
    pdf = render_manifest(replace(MANIFEST, flags=("作废",)), CHECK_ADDRESS)
    assert scanned(picture(pdf)) == [CHECK_ADDRESS]


def test_an_empty_form_keeps_all_its_boxes():
    empty = ManifestDocument.from_dict({
        "number": "", "version": 1, "as_of": "2026-11-23T00:00:00+00:00", "consignor": {}, "legs": [], "receiver": {},
    })  # fmt: skip
    text = printed(empty)
    assert [
        word for word in ("应急联系电话", "营运证件号", "经由地", "接受时间", "移出量（吨）") if word not in text
    ] == []


def test_containers_are_summed_for_each_producer_and_the_unweighed_are_told():
    line = replace(MANIFEST.containers[0], mass_g=None)
    text = printed(replace(MANIFEST, containers=(*MANIFEST.containers, line)))
    assert "演示东沟村卫生室2（1件未称重）3.60" in text
