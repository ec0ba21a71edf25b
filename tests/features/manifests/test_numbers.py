"""Which digits a manifest number takes from its place of departure, above all where the law's list does not say."""

import pytest

from wastetrack.features.manifests.service.numbers import next_number, number_by


@pytest.fixture
def own_digits(app):
    number_by({"130181": "1390", "13XA00": "1331"})
    yield
    number_by({})


@pytest.mark.parametrize(
    ("region", "digits"),
    [("130102", "1301"), ("130123100", "1301"), ("130181100", "1390"), ("130638", "1331"), ("130682", "1306")],
)
def test_a_city_under_the_province_takes_the_digits_of_the_settings(own_digits, work_as, region, digits):
    with work_as() as work:
        assert [next_number(work, region)[4:] for _ in range(2)] == [f"{digits}000001", f"{digits}000002"]


def test_without_such_a_setting_the_city_that_contains_it_counts(app, work_as):
    number_by({})
    with work_as() as work:
        assert next_number(work, "130181100").startswith("20261301")
