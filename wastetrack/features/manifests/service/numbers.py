"""Manifest numbers: issued at signing, without gaps, never twice."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from wastetrack.domain.manifest_number import ManifestNumber, build_manifest_number, digits_of_departure
from wastetrack.domain.regions import Level
from wastetrack.domain.times import local
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.manifests.models import ManifestSerial
from wastetrack.infra.work import Work

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


_own_digits: dict[str, str] = {}


def number_by(digits: Mapping[str, str]) -> None:
    """Take the digits of divisions that have some of their own from the settings. Wired once, in `wastetrack.app`."""
    _own_digits.clear()
    _own_digits.update(digits)


def next_number(work: Work, region_code: str) -> ManifestNumber:
    """Issue the next number of the city of departure in this year.

    The row of the city stays locked until the act is kept, and an act that is dropped gives its number back: so
    there is neither a gap nor a double.
    """
    city = catalogue.at_level(work.session, region_code, Level.CITY)
    above = [one.code for one in catalogue.lineage(work.session, region_code)]
    digits = digits_of_departure(above, city.code if city else region_code, _own_digits)
    year = local(work.now).year
    insert = _INSERT[work.session.get_bind().dialect.name]
    statement = (
        insert(ManifestSerial)
        .values(year=year, city_code=digits, last=1)
        .on_conflict_do_update(
            index_elements=[ManifestSerial.year, ManifestSerial.city_code], set_={"last": ManifestSerial.last + 1}
        )
        .returning(ManifestSerial.last)
    )
    return build_manifest_number(year, digits[:2], digits[2:], work.session.execute(statement).scalar_one())
