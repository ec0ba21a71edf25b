"""Days as people and Excel write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.days import FIRST, LAST, parse_day
from wastetrack.domain.problems import Refusal


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-02", "2026/1/2", "2026.1.2", "2026年1月2日", "2026年01月02号", "20260102", "46024", "46024.0",
        " ２０２６－０１－０２ ", "2026-01-02 00:00:00", "2026-01-02T00:00",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert parse_day(written) == date(2026, 1, 2)


@pytest.mark.parametrize("written", ["1/2/2026", "02.01.26", "2026-02-30", "2026-13-01", "soon", "2026", "460"])
def test_what_is_no_day_or_could_be_two_is_refused(written: str) -> None:
    with pytest.raises(Refusal, match=r"day\.unreadable"):
        parse_day(written)


@pytest.mark.parametrize("written", ["1900-01-01", "0206-01-02", "2620-01-02"])
def test_a_year_that_cannot_be_meant_is_refused(written: str) -> None:
    with pytest.raises(Refusal, match=r"day\.far"):
        parse_day(written)


@given(st.dates(FIRST, LAST))
def test_every_day_is_read_back_from_every_form(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for written in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial):
        assert parse_day(written) == day
