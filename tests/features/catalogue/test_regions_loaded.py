"""The divisions that ship, and how they are looked up."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wastetrack.domain.regions import Level, covers
from wastetrack.features.catalogue import queries
from wastetrack.features.catalogue.models import Region

pytestmark = pytest.mark.store


def _count(session: Session, *criteria: object) -> int | None:
    return session.scalar(select(func.count()).select_from(Region).where(*criteria))  # type: ignore[arg-type]


HEBEI_COUNTIES = (Region.level == Level.COUNTY, Region.path.startswith("/130000/"))


def test_hebei_has_eleven_cities_and_xiongan(session: Session) -> None:
    cities = [one.name for one in queries.children(session, "130000") if one.level is Level.CITY]
    assert len(cities) == 11 + 1
    assert "雄安新区" in cities


def test_all_prefectures_of_the_country_are_there(session: Session) -> None:
    assert _count(session, Region.level == Level.PROVINCE) == 34
    assert _count(session, Region.level == Level.CITY, Region.official) == 342


def test_hebei_has_190_county_rows_of_which_167_are_statutory(session: Session) -> None:
    assert _count(session, *HEBEI_COUNTIES) == 190
    assert _count(session, *HEBEI_COUNTIES, Region.official) == 167


@pytest.mark.parametrize(("level", "count"), [(Level.TOWNSHIP, 2365), (Level.VILLAGE, 54145)])
def test_hebei_is_complete_to_the_village(session: Session, level: Level, count: int) -> None:
    assert _count(session, Region.level == level, queries.within(Region.code, ("/130000/",))) == count


def test_every_division_lies_exactly_one_step_below_its_supervisor(session: Session) -> None:
    rows = session.execute(select(Region.code, Region.parent_code, Region.supervised_by, Region.path)).all()
    paths = {row.code: row.path for row in rows}
    for row in rows:
        above = row.supervised_by or row.parent_code
        assert row.path == (paths[above] if above else "/") + row.code + "/"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("130102001001", ["河北省", "石家庄市", "长安区", "建北街道", "棉一东社区居民委员会"]),
        ("130181", ["河北省", "辛集市"]),
        ("130682", ["河北省", "定州市"]),
        ("130638", ["河北省", "雄安新区", "雄县"]),
        ("110101", ["北京市", "东城区"]),
        ("999999", []),
    ],
)
def test_a_chain_goes_from_the_province_down(session: Session, code: str, names: list[str]) -> None:
    assert queries.region_chain(session, code) == names


@pytest.mark.parametrize("code", ["130181", "130629", "130632", "130638", "130682"])
def test_special_supervision_is_outside_the_city_of_the_code(session: Session, code: str) -> None:
    one, city = queries.region(session, code), queries.region(session, code[:4] + "00")
    assert one is not None
    assert city is not None
    assert not covers(city.path, one.path)
    assert one not in queries.children(session, city.code)
    assert _count(session, queries.within(Region.code, (city.path,)), Region.code.startswith(code)) == 0
    assert one.parent_code == city.code


def test_xiongan_supervises_its_three_counties_with_all_their_villages(session: Session) -> None:
    assert [one.name for one in queries.children(session, "13XA00")] == ["容城县", "安新县", "雄县"]
    inside = queries.within(Region.code, ("/130000/13XA00/",))
    assert _count(session, inside, Region.level == Level.VILLAGE) == _count(
        session, Region.level == Level.VILLAGE, Region.code.regexp_match("^130(629|632|638)")
    )


def test_the_code_of_xiongan_does_not_pretend_to_be_official(session: Session) -> None:
    xiongan = queries.region(session, "13XA00")
    assert xiongan is not None
    assert not xiongan.official


def test_the_official_city_of_a_place_is_still_known(session: Session) -> None:
    city = queries.at_level(session, "130682001", Level.CITY)
    assert city is not None
    assert city.name == "保定市"


def test_no_placeholder_is_offered_anywhere(session: Session) -> None:
    assert [one.name for one in queries.children(session, "110000")][:2] == ["东城区", "西城区"]
    assert queries.search_regions(session, "市辖区") == []


def test_the_provinces_are_the_top(session: Session) -> None:
    assert len(queries.children(session, None)) == 34


def test_whole_names_of_many_places_come_at_once(session: Session) -> None:
    names = queries.full_names(session, ["130102", "130638", "nowhere"])
    assert names == {"130102": "河北省石家庄市长安区", "130638": "河北省雄安新区雄县"}


@pytest.mark.parametrize("paths", [(), ("",), ("/",)])
def test_a_regulator_without_region_sees_nothing(session: Session, paths: tuple[str, ...]) -> None:
    assert _count(session, queries.within(Region.code, paths)) == 0


def test_a_name_that_stands_twice_is_found_twice(session: Session) -> None:
    assert {one.code for one in queries.search_regions(session, "辛集镇")} == {"130181100", "130924101"}


def test_search_reads_codes_levels_and_scope(session: Session) -> None:
    assert queries.search_regions(session, "130102")[0].name == "长安区"
    assert {one.level for one in queries.search_regions(session, "正定", Level.COUNTY)} == {Level.COUNTY}
    assert all(one.path.startswith("/130000/") for one in queries.search_regions(session, "新华", path="/130000/"))


@pytest.mark.parametrize("text", ["", "%", "_", "不存在的地方"])
def test_a_search_for_nothing_finds_nothing(session: Session, text: str) -> None:
    assert queries.search_regions(session, text) == []
