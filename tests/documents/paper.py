"""Papers to print in the tests, and eyes to read them with. All names are invented."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import chain
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter
from pypdf import PdfReader

from wastetrack.documents.label import LabelFacts
from wastetrack.documents.manifest import (
    ConsignorPart,
    ContainerLine,
    ManifestDocument,
    ReceivedRow,
    ReceiverPart,
    TransportLeg,
    WasteRow,
)

LABEL_ADDRESS = "HTTPS://WASTE.HEBEI.EXAMPLE.CN/C/7K3M9QXR2F4C"
CHECK_ADDRESS = "HTTPS://WASTE.HEBEI.EXAMPLE.CN/V/2M7QX9K4T8RB6WJC"
LONG_NAME = "河北省演示自治县大峪沟乡社区卫生服务中心东沟村第二卫生室（原东沟村联合诊所）"

MEDICAL = LabelFacts(
    code="7K3M-9QXR-2F4C", address=LABEL_ADDRESS, producer_name="演示市第一人民医院", waste_code="841-001-01",
    mass_g=3425, kind="袋", department="急诊科", class_name="感染性废物", special_note="隔离病区，双层包装",
    sealed_at=datetime(2026, 11, 23, 18, 5, tzinfo=UTC), must_leave_by=datetime(2026, 11, 25, 18, 5, tzinfo=UTC),
)  # fmt: skip
HAZARDOUS = LabelFacts(
    code="7K3M-9QXR-2F4C", address=LABEL_ADDRESS, producer_name="演示精细化工有限公司", waste_code="900-249-08",
    mass_g=183_500, waste_name="废矿物油", category="HW08 废矿物油与含矿物油废物", hazards=("T", "I"), form="液态",
    main_components="矿物油、水", harmful_components="石油烃", precautions="远离火源，防渗漏",
    digital_code="91130100MA0EXAMP1X9002490820261123001", contact="演示员", phone="0311-00000000",
    produced_on=date(2026, 11, 23), remark="机修车间",
)  # fmt: skip

LEG = TransportLeg(
    carrier="演示危货运输有限公司", permit_number="冀交运管许可石字130100000000号", address="演示区运输路1号",
    phone="0311-00000002", driver="演示驾驶员", driver_phone="13000000000", vehicle="厢式货车", plate="冀A·D0000",
    start="演示乡政府街12号", departed_at=datetime(2026, 11, 23, 0, 40, tzinfo=UTC), via="演示县城",
    end="演示区环保路8号", arrived_at=datetime(2026, 11, 23, 2, 15, tzinfo=UTC),
)  # fmt: skip
MANIFEST = ManifestDocument(
    number="20261301000123", version=2, as_of=datetime(2026, 11, 23, 2, 45, tzinfo=UTC),
    consignor=ConsignorPart(
        name="演示乡中心卫生院", emergency_phone="0311-00000120", address="演示县演示乡政府街12号", handler="演示员甲",
        phone="0311-00000001", handed_over_at=datetime(2026, 11, 23, 0, 30, tzinfo=UTC),
        rows=(WasteRow("感染性废物", "841-001-01", ("In",), "固态", "病原微生物", "周转箱", 24, 283_400),),
    ),
    legs=(LEG,),
    receiver=ReceiverPart(
        name="演示医疗废物处置有限公司", licence_number="冀危许2026000001", address="演示区环保路八号",
        handler="演示员乙", phone="0311-00000003", accepted_at=datetime(2026, 11, 23, 2, 40, tzinfo=UTC),
        rows=(ReceivedRow("感染性废物", "841-001-01", True, "少 1 箱", "部分接受", "Y10 医疗废物焚烧", 279_800),),
    ),
    containers=(
        ContainerLine("7K3M-9QXR-2F4C", "演示东沟村卫生室", "感染性废物", "841-001-01", 3_600, "接受"),
        ContainerLine("8M4N-7PQS-3G5D", "演示口腔诊所", "损伤性废物", "841-002-01", 4_560, "缺失", "未随车到达"),
    ),
    reference="D-7K3M9QXR", status="已签收", discrepancies=("一件未到，已通知移出人。",),
    corrections=("包装数量由 25 改为 24。",), ledger_head="12894 · 9F3A 51C0",
)  # fmt: skip


def as_json(doc: ManifestDocument) -> ManifestDocument:
    return ManifestDocument.from_dict(json.loads(json.dumps(doc.as_dict())))


def with_wastes(count: int) -> ManifestDocument:
    """A manifest of `count` wastes, each with a name of its own in both parts, and as many containers."""
    sent = tuple(WasteRow(f"废物甲{n:03d}号", mass_g=n) for n in range(count))
    taken = tuple(ReceivedRow(f"废物乙{n:03d}号", mass_g=n) for n in range(count))
    lines = tuple(ContainerLine(f"CODE-{n:04d}", f"演示诊所{n:03d}室") for n in range(count))
    return replace(
        MANIFEST,
        consignor=replace(MANIFEST.consignor, rows=sent),
        receiver=replace(MANIFEST.receiver, rows=taken),
        containers=lines,
    )


def squeezed(text: str) -> str:
    return "".join(text.split())


def text_of(pdf: bytes) -> str:
    """All text without blanks and line ends, so that a wrapped name is found whole."""
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def size_in_mm(pdf: bytes) -> tuple[float, float]:
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    return round(float(box.width) / 72 * 25.4, 1), round(float(box.height) / 72 * 25.4, 1)


def fonts_of(pdf: bytes) -> list[dict[str, Any]]:
    """Every font object that any page or drawing within refers to."""
    reader = PdfReader(BytesIO(pdf))
    return list(chain.from_iterable(_fonts(page.get("/Resources")) for page in reader.pages))


def _fonts(resources: Any) -> list[dict[str, Any]]:
    if resources is None:
        return []
    resources = resources.get_object()
    fonts = [font.get_object() for font in _entries(resources, "/Font")]
    for drawing in _entries(resources, "/XObject"):
        fonts += _fonts(drawing.get_object().get("/Resources"))
    return fonts


def picture(pdf: bytes, page: int = 0, dpi: int = 150) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def worn(image: Image.Image, turn: int) -> Image.Image:
    """The picture as a hurried hand takes it: turned and slightly out of focus."""
    return image.rotate(turn, expand=True, fillcolor="grey").filter(ImageFilter.GaussianBlur(0.9))


def scanned(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


def _entries(resources: Any, kind: str) -> list[Any]:
    return list(resources[kind].get_object().values()) if kind in resources else []
