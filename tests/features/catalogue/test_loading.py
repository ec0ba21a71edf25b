"""Loading again, loading changed files, and what an operator supplies."""

import gzip
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from wastetrack.domain.problems import Refusal
from wastetrack.domain.waste_codes import WasteCode
from wastetrack.features.catalogue import queries, service
from wastetrack.features.catalogue.models import Region, WasteEdition, WasteEntry
from wastetrack.features.ledger import queries as ledger
from wastetrack.infra.work import Work

pytestmark = pytest.mark.store

HEADER = "code,category_name,industry,description,hazards\n"
IN_2026 = date(2026, 11, 23)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data that ships, to be changed."""
    return Path(shutil.copytree(service.DATA, tmp_path / "data"))


def _edit(path: Path, old: str, new: str) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new, 1).encode(), mtime=0))


def _edition_of(count: int) -> bytes:
    rows = [f"900-{number:03}-49,其他废物,非特定行业,试验用废物{number},T\n" for number in range(1, count + 1)]
    return (HEADER + "".join(rows)).encode()


def test_loading_again_changes_nothing_and_writes_nothing_to_the_ledger(work: Work) -> None:
    before = len(ledger.stream(work.session, service.STREAM))
    changes = service.load(work)
    assert not any(change.any for change in changes)
    assert sum(change.rows for change in changes) == 57_109 + 3 + 467 + 57 + 5 + 275
    assert len(ledger.stream(work.session, service.STREAM)) == before == 1


def test_the_same_files_are_not_read_again_at_the_next_start(work: Work, folder: Path) -> None:
    assert service.load_if_new(work) == []
    _edit(folder / "regions.csv.gz", "130102,长安区,", "130102,长安新区,")
    assert any(change.any for change in service.load_if_new(work, folder))
    assert any(change.any for change in service.load_if_new(work))


def test_a_changed_row_is_changed_and_nothing_else(work: Work, folder: Path) -> None:
    _edit(folder / "regions.csv.gz", "130102,长安区,", "130102,长安新区,")
    changes = [change for change in service.load(work, folder) if change.any]
    assert [(one.table, one.added, one.changed, one.removed) for one in changes] == [("regions", 0, 1, 0)]
    assert queries.region_chain(work.session, "130102")[-1] == "长安新区"


def test_a_division_that_has_gone_stays_known_but_is_not_offered(work: Work, folder: Path) -> None:
    _edit(folder / "villages.csv.gz", "130102001001,棉一东社区居民委员会,130102001\n", "")
    service.load(work, folder)
    gone = queries.region(work.session, "130102001001")
    assert gone is not None
    assert not gone.current
    assert gone not in queries.children(work.session, "130102001")


def test_a_division_that_comes_back_is_offered_again(work: Work, folder: Path) -> None:
    _edit(folder / "villages.csv.gz", "130102001001,棉一东社区居民委员会,130102001\n", "")
    service.load(work, folder)
    service.load(work)
    back = queries.region(work.session, "130102001001")
    assert back is not None
    assert back.current


def test_a_division_under_another_supervisor_moves_with_all_below_it(work: Work, folder: Path) -> None:
    before, after = "130102,长安区,county,市辖区,130100,,", "130102,长安区,county,市辖区,130100,130000,"
    _edit(folder / "regions.csv.gz", before, after)
    service.load(work, folder)
    assert queries.region_chain(work.session, "130102001")[:2] == ["河北省", "长安区"]
    inside = select(func.count()).select_from(Region).where(queries.within(Region.code, ("/130000/130102/",)))
    assert (work.session.scalar(inside) or 0) > 100


def test_a_code_that_has_gone_from_a_mended_file_is_removed(work: Work, folder: Path) -> None:
    _edit(folder / "waste_entries.csv.gz", "2021,841-005-01,", "2021,841-006-01,")
    changes = {change.table: change for change in service.load(work, folder)}
    assert (changes["waste_entries"].added, changes["waste_entries"].removed) == (1, 1)


def test_the_next_edition_is_read_once_an_operator_has_loaded_it(work: Work) -> None:
    change = service.load_edition(work, "2025", _edition_of(470))
    assert change.added == 470
    choice = queries.edition_on(work.session, IN_2026)
    assert (choice.edition, choice.substitute) == ("2025", False)
    assert queries.edition_on(work.session, date(2024, 12, 31)).edition == "2021"


def test_what_an_operator_loaded_survives_the_next_load(work: Work) -> None:
    service.load_edition(work, "2025", _edition_of(470))
    assert not any(change.any for change in service.load(work))
    assert queries.waste_entry(work.session, "900-470-49", IN_2026) is not None


def test_exemptions_stay_those_of_2021_until_their_own_list_is_loaded(work: Work) -> None:
    service.load_edition(work, "2025", _edition_of(470))
    assert {line.edition for line in queries.exemptions(work.session, IN_2026)} == {"2021"}
    text = "item,applies_to,waste,stage,condition,exempted_as\n"
    text += "1,HW49；900-001-49,废物,运输,条件,不按危险废物进行运输。\n"
    service.load_exemptions(work, "2025", text.encode())
    assert [line.item for line in queries.exemptions_for(work.session, WasteCode("900-001-49"), IN_2026)] == [1]


def test_the_record_tells_who_loaded_which_file(work: Work) -> None:
    service.load_edition(work, "2025", _edition_of(470))
    last = ledger.stream(work.session, service.STREAM)[-1]
    assert last.kind == "catalogue.edition_loaded"
    assert '"file_sha256"' in last.facts


def test_all_faults_of_a_file_are_told_at_once_with_their_rows(work: Work) -> None:
    rows = [
        "900-001-49,其他废物,非特定行业,废物,T",
        "90000149,其他废物,非特定行业,又一次,T",
        "9-1,其他废物,非特定行业,废物,X",
        "900-002-49,,非特定行业,,T",
    ]
    with pytest.raises(Refusal) as refused:
        service.load_edition(work, "2025", (HEADER + "\n".join(rows)).encode())
    assert {(problem.code, problem.field) for problem in refused.value.problems} == {
        ("sheet.repeated", "rows.3.code"),
        ("waste_code.shape", "rows.4.code"),
        ("hazards.unknown", "rows.4.hazards"),
        ("sheet.missing", "rows.5.category_name"),
        ("sheet.missing", "rows.5.description"),
    }
    assert work.session.scalar(select(func.count()).where(WasteEntry.edition == "2025")) == 0


def test_half_an_edition_is_refused(work: Work) -> None:
    with pytest.raises(Refusal, match=r"edition\.count"):
        service.load_edition(work, "2025", _edition_of(3))


def test_an_edition_nobody_has_heard_of_needs_its_date_and_decree(work: Work) -> None:
    with pytest.raises(Refusal) as refused:
        service.load_edition(work, "2030", _edition_of(3))
    assert [problem.field for problem in refused.value.problems] == ["effective_from", "decree"]
    service.load_edition(work, "2030", _edition_of(3), effective_from=date(2030, 1, 1), decree="演示令")
    assert queries.edition_on(work.session, date(2030, 1, 1)).edition == "2030"
    assert work.session.get(WasteEdition, "2030") is not None


def test_exemptions_of_an_unknown_edition_are_refused(work: Work) -> None:
    with pytest.raises(Refusal, match=r"edition\.unknown"):
        service.load_exemptions(work, "1999", b"")


def test_the_published_calendar_replaces_the_estimate_and_stays(work: Work) -> None:
    notice = "day,works,occasion\n2027-01-01,0,元旦\n2027-02-20,1,春节\n".encode("gb18030")
    service.load_working_days(work, 2027, notice)
    assert not any(change.any for change in service.load(work))
    calendar = queries.calendar(work.session)
    assert calendar.is_working(date(2027, 2, 20))
    assert not calendar.add_working_days(date(2027, 3, 1), 5).provisional


def test_a_day_of_another_year_is_refused_with_its_row(work: Work) -> None:
    with pytest.raises(Refusal) as refused:
        service.load_working_days(work, 2027, b"day,works,occasion\n2026-01-01,0,x\n2027-01-01,maybe,x\n")
    assert [problem.field for problem in refused.value.problems] == ["rows.2.day", "rows.3.works"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet.columns"),
        (b"code,hazards\n", "sheet.columns"),
        (HEADER.encode(), "sheet.empty"),
        (b"\xff\xff\xff", "sheet.encoding"),
        (HEADER.encode() + b"x" * 10_000_000, "sheet.too_large"),
        (HEADER.encode() + b"x,y\n" * 20_001, "sheet.too_long"),
        (HEADER.encode() + b"x" * 200_000, "sheet.not_csv"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(work: Work, data: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        service.load_edition(work, "2025", data)
