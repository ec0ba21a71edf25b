"""The tables of a manifest: the three statutory parts, the records below them, the container list."""

from collections.abc import Iterable, Sequence

from wastetrack.documents.drawing import long_time, mm
from wastetrack.documents.facts import (
    ConsignorPart,
    ContainerLine,
    ManifestDocument,
    ReceivedRow,
    ReceiverPart,
    TransportLeg,
    WasteRow,
)
from wastetrack.documents.flow import Cell, Group, Row
from wastetrack.documents.signs import HAZARD_WORDS
from wastetrack.domain.measures import kilograms, tonnes

_TOTAL = 182
_GAP = 2.2 * mm
_OPINIONS = ("接受", "部分接受", "拒收")
_GOOD = ("", "接受", "已接受")
_Column = tuple[str, float, str]
"""Heading, width in mm, alignment."""

_WASTE_COLUMNS: tuple[_Column, ...] = (
    ("序号", 10, "centre"), ("废物名称", 36, "left"), ("废物代码", 23, "centre"), ("危险特性", 18, "centre"),
    ("形态", 14, "centre"), ("有害成分名称", 31, "left"), ("包装方式", 17, "centre"), ("包装\n数量", 13, "centre"),
    ("移出量\n（吨）", 20, "right"),
)  # fmt: skip
_RECEIVED_COLUMNS: tuple[_Column, ...] = (
    ("序号", 10, "centre"), ("废物名称", 36, "left"), ("废物代码", 23, "centre"), ("是否存在重大差异", 33, "left"),
    ("接受人处理意见", 26, "left"), ("拟利用处置方式", 34, "left"), ("接受量\n（吨）", 20, "right"),
)  # fmt: skip
_CONTAINER_COLUMNS: tuple[_Column, ...] = (
    ("序号", 10, "centre"), ("容器编码", 31, "centre"), ("产生单位", 48, "left"), ("类别", 36, "left"),
    ("重量（kg）", 18, "right"), ("核验结果", 15, "centre"), ("备注", 24, "left"),
)  # fmt: skip
_SUM_COLUMNS: tuple[_Column, ...] = (
    ("产生单位", 110, "left"),
    ("容器数（件）", 36, "right"),
    ("重量（kg）", 36, "right"),
)


def statutory_form(doc: ManifestDocument) -> list[Group]:
    """Return the three parts in their statutory order."""
    groups = _consignor(doc.consignor)
    legs = doc.legs or (TransportLeg(),)
    for number, leg in enumerate(legs, start=1):
        groups.append(_leg(leg, number, len(legs)))
    return groups + _receiver(doc.receiver)


def records(doc: ManifestDocument) -> list[Group]:
    """Return what the platform adds below the form: reasons of flags, differences, corrections."""
    lines = [("标记", f"{'、'.join(doc.flags)}：{doc.flag_reason}")] if doc.flag_reason else []
    lines += [("差异", each) for each in doc.discrepancies]
    lines += [("更正", each) for each in doc.corrections]
    if not lines:
        return []
    heading = (_band("平台记录（标记、差异与更正）"),)
    rows = [Row((_word(word, 18), _value(text, _TOTAL - 18, "records"))) for word, text in lines]
    return _table(heading, rows, gap=_GAP)


def container_list(doc: ManifestDocument) -> list[Group]:
    """Return the list of containers on pages of its own, each with its producer, and the sums by producer."""
    if not doc.containers:
        return []
    title = Row((Cell("容器清单", _TOTAL * mm, bold=True, size=13, align="centre"),), least=9 * mm)
    heading = (title, _heading(_CONTAINER_COLUMNS))
    rows = [_container(line, number) for number, line in enumerate(doc.containers, start=1)]
    groups = _table(heading, rows, new_page=True)
    sums = [_sum_row(name, lines) for name, lines in _by_producer(doc.containers)]
    sums.append(_sum_row("合计", doc.containers, bold=True))
    return groups + _table((_band("按产生单位合计（按克累加，最后修约）"), _heading(_SUM_COLUMNS)), sums, gap=_GAP)


def _consignor(part: ConsignorPart) -> list[Group]:
    band = "第一部分　危险废物移出信息（由移出人填写）"
    fields = (
        _fields(("单位名称", 24, part.name, 80, "consignor.name"),
                ("应急联系电话", 28, part.emergency_phone, 50, "consignor.emergency_phone")),
        _fields(("单位地址", 24, part.address, 158, "consignor.address")),
        _fields(("经办人", 24, part.handler, 34, "consignor.handler"),
                ("联系电话", 20, part.phone, 36, "consignor.phone"),
                ("交付时间", 20, long_time(part.handed_over_at), 48, "consignor.handed_over_at")),
    )  # fmt: skip
    rows = [_waste(row, number) for number, row in enumerate(part.rows or (WasteRow(),), start=1)]
    return _part(band, fields, _heading(_WASTE_COLUMNS), rows)


def _leg(leg: TransportLeg, number: int, count: int) -> Group:
    band = "第二部分　危险废物运输信息（由承运人填写）"
    if count > 1:
        band += f"　第 {number} 段 / 共 {count} 段"
    path = f"legs.{number - 1}"

    def pair(word1: str, text1: str, name1: str, word2: str, text2: str, name2: str) -> Row:
        return _fields((word1, 24, text1, 80, f"{path}.{name1}"), (word2, 28, text2, 50, f"{path}.{name2}"))

    rows = [
        _band(band),
        pair("单位名称", leg.carrier, "carrier", "营运证件号", leg.permit_number, "permit_number"),
        pair("单位地址", leg.address, "address", "联系电话", leg.phone, "phone"),
        pair("驾驶员", leg.driver, "driver", "联系电话", leg.driver_phone, "driver_phone"),
        pair("运输工具", leg.vehicle, "vehicle", "牌号", leg.plate, "plate"),
        pair("运输起点", leg.start, "start", "实际起运时间", long_time(leg.departed_at), "departed_at"),
        _fields(("经由地", 24, leg.via, 158, f"{path}.via")),
        pair("运输终点", leg.end, "end", "实际到达时间", long_time(leg.arrived_at), "arrived_at"),
    ]
    if leg.note:
        rows.append(_fields(("说明", 24, leg.note, 158, f"{path}.note")))
    return Group(tuple(rows), gap=_GAP)


def _receiver(part: ReceiverPart) -> list[Group]:
    band = "第三部分　危险废物接受信息（由接受人填写）"
    fields = (
        _fields(("单位名称", 24, part.name, 74, "receiver.name"),
                ("危险废物经营\n许可证编号", 28, part.licence_number, 56, "receiver.licence_number")),
        _fields(("单位地址", 24, part.address, 158, "receiver.address")),
        _fields(("经办人", 24, part.handler, 34, "receiver.handler"),
                ("联系电话", 20, part.phone, 36, "receiver.phone"),
                ("接受时间", 20, long_time(part.accepted_at), 48, "receiver.accepted_at")),
    )  # fmt: skip
    rows = [_received(row, number) for number, row in enumerate(part.rows or (ReceivedRow(),), start=1)]
    return _part(band, fields, _heading(_RECEIVED_COLUMNS), rows)


def _part(band: str, fields: Sequence[Row], heading: Row, rows: Sequence[Row]) -> list[Group]:
    """Return a part whose head stays with its first waste and whose table goes on under its own heading."""
    again = (_band(f"{band}（续）"), heading)
    first = Group((_band(band), *fields, heading, rows[0]), gap=_GAP)
    return [first, *(Group((row,), heading=again) for row in rows[1:])]


def _table(heading: tuple[Row, ...], rows: Sequence[Row], *, new_page: bool = False, gap: float = 0.0) -> list[Group]:
    first = Group((*heading, rows[0]), new_page=new_page, gap=gap)
    return [first, *(Group((row,), heading=heading) for row in rows[1:])]


def _waste(row: WasteRow, number: int) -> Row:
    hazards = "\n".join(f"{HAZARD_WORDS.get(each, '')} {each}".strip() for each in row.hazards)
    packages = "" if row.packages is None else str(row.packages)
    values = (str(number), row.name, row.code, hazards, row.form, row.harmful_components, row.packaging, packages,
              _tonnes(row.mass_g))  # fmt: skip
    return _cells(_WASTE_COLUMNS, values, f"consignor.rows.{number - 1}")


def _received(row: ReceivedRow, number: int) -> Row:
    texts = (str(number), row.name, row.code, row.difference_note, "" if row.opinion in _OPINIONS else row.opinion,
             row.treatment, _tonnes(row.mass_g))  # fmt: skip
    cells = list(_cells(_RECEIVED_COLUMNS, texts, f"receiver.rows.{number - 1}").cells)
    difference = (("是", row.major_difference is True), ("否", row.major_difference is False))
    opinions = tuple((word, row.opinion == word) for word in _OPINIONS)
    for index, options in ((3, difference), (4, opinions)):
        old = cells[index]
        cells[index] = Cell(old.text, old.room, old.field, options=options)
    return Row(tuple(cells))


def _container(line: ContainerLine, number: int) -> Row:
    kind = f"{line.class_name} {line.waste_code}".strip()
    mass = "" if line.mass_g is None else kilograms(line.mass_g)
    values = (str(number), line.code, line.producer, kind, mass, line.verdict, line.note)
    return _cells(_CONTAINER_COLUMNS, values, f"containers.{number - 1}", strong=line.verdict not in _GOOD)


def _by_producer(lines: Iterable[ContainerLine]) -> list[tuple[str, list[ContainerLine]]]:
    """Return the lines of each producer, in the order of first appearance."""
    found: dict[str, list[ContainerLine]] = {}
    for line in lines:
        found.setdefault(line.producer, []).append(line)
    return list(found.items())


def _sum_row(name: str, lines: Sequence[ContainerLine], *, bold: bool = False) -> Row:
    unknown = sum(line.mass_g is None for line in lines)
    count = f"{len(lines)}（{unknown} 件未称重）" if unknown else str(len(lines))
    mass = kilograms(sum(line.mass_g or 0 for line in lines))
    return _cells(_SUM_COLUMNS, (name, count, mass), "containers", strong=bold)


def _tonnes(mass_g: int | None) -> str:
    return "" if mass_g is None else tonnes(mass_g)


def _band(text: str) -> Row:
    return Row((Cell(text, _TOTAL * mm, bold=True, size=10, tint=True),), least=6.6 * mm)


def _word(text: str, room: float) -> Cell:
    return Cell(text, room * mm, align="centre")


def _value(text: str, room: float, field: str) -> Cell:
    return Cell(text, room * mm, field)


def _fields(*fields: tuple[str, float, str, float, str]) -> Row:
    """Return a row of captions and values: (word, its width, text, its width, field)."""
    cells: list[Cell] = []
    for word, word_room, text, room, field in fields:
        cells += [_word(word, word_room), _value(text, room, field)]
    return Row(tuple(cells))


def _heading(columns: Sequence[_Column]) -> Row:
    return Row(tuple(Cell(word, room * mm, align="centre", bold=True, size=8.5) for word, room, _ in columns))


def _cells(columns: Sequence[_Column], values: Sequence[str], field: str, *, strong: bool = False) -> Row:
    return Row(tuple(
        Cell(text, room * mm, field, align=align, bold=strong, tint=strong)
        for (_, room, align), text in zip(columns, values, strict=True)
    ))  # fmt: skip
