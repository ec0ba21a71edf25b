"""Waste that stands for a year, or for ninety working days at who collects only: known long before, alarmed on time."""

from datetime import date, timedelta

import pytest

from tests.conftest import NOON
from wastetrack.domain.alerts import LONG_LIMITS, Limit
from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.times import end_of_day
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties.models import Licence
from wastetrack.features.watch import queries
from wastetrack.infra.ids import new_id

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
YEAR = end_of_day(date(2027, 11, 23))


@pytest.fixture
def licence(world, work_as):
    """Give the factory an operating licence, comprehensive or for collecting only."""

    def give(coverage):
        with work_as() as work:
            work.session.add(Licence(
                id=new_id(), organisation_id=world.id("factory"), kind=LicenceKind.OPERATING, number="冀危许YS7001",
                valid_from=date(2026, 1, 1), valid_until=date(2029, 1, 1), scope="HW08 HW49", coverage=coverage,
            ))  # fmt: skip

    return give


@pytest.fixture
def alarms(session, world):
    """Tell which limits are crossed at a moment, and which are said to come."""

    def at(now, who="factory"):
        session.rollback()
        person = world.people[who]
        crossed = [(one.limit, one.threshold_at) for one in queries.current(session, person, now)[0]]
        coming = [one.limit for one in queries.coming(session, person, now)]
        return [one for one in crossed if one[0] in LONG_LIMITS], [one for one in coming if one in LONG_LIMITS]

    return at


def drum(chain, at=NOON):
    return chain.bag(who="factory", store="factory", waste="900-249-08", at=at)


@pytest.mark.parametrize(
    ("coverage", "limit", "before"),
    [(None, Limit.ADVISED_YEAR, 30 * DAY), (Coverage.COMPREHENSIVE, Limit.LICENSED_YEAR, 60 * DAY)],
)
def test_a_year_is_known_before_and_over_at_its_very_end(chain, licence, alarms, coverage, limit, before):
    if coverage:
        licence(coverage)
    drum(chain)
    assert alarms(YEAR - before - SECOND) == ([], [])
    assert alarms(YEAR - before) == ([], [limit])
    assert alarms(YEAR - SECOND) == ([], [limit])
    assert alarms(YEAR) == ([(limit, YEAR)], [])


def test_it_counts_by_what_came_first_and_clears_when_that_has_left(chain, licence, alarms):
    licence(Coverage.COMPREHENSIVE)
    first, _second = drum(chain), drum(chain, NOON + 5 * DAY)
    assert alarms(YEAR) == ([(Limit.LICENSED_YEAR, YEAR)], [])
    chain.void(first, YEAR, "factory")
    assert alarms(YEAR) == ([], [Limit.LICENSED_YEAR])
    assert alarms(YEAR + 5 * DAY) == ([(Limit.LICENSED_YEAR, YEAR + 5 * DAY)], [])


def test_who_collects_only_hands_oil_on_within_ninety_working_days(chain, licence, alarms, session):
    licence(Coverage.COLLECTION)
    drum(chain)
    by = catalogue.calendar(session).add_working_days(date(2026, 11, 23), 90).ends_at
    assert alarms(by - SECOND) == ([], [Limit.COLLECTED])
    assert alarms(by) == ([(Limit.COLLECTED, by)], [])


def test_medical_waste_has_hours_and_no_year(chain, alarms):
    chain.bag()
    assert alarms(YEAR, "manager") == ([], [])


def test_the_page_says_why_and_names_the_drum(chain, licence, page, session, world, work_as):
    licence(Coverage.COMPREHENSIVE)
    made = drum(chain, NOON - 3 * DAY)
    with work_as() as work:
        stored = work.session.get_one(type(made), made.id)
        stored.entered_at = NOON - 400 * DAY
    drum(chain)
    (alert,) = queries.current(session, world.people["factory"], NOON, limit=Limit.LICENSED_YEAR)[0]
    text = page("factory", f"/alerts/{alert.id}", language="en")
    assert "Ecological Environment Code, Art. 535 (3)" in text
    assert made.code[:4] in text
