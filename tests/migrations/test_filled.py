"""A store with rows in it comes up to date with every row still there and every reference intact."""

import pytest
from sqlalchemy import Engine, inspect, text

from wastetrack.infra import migrate

OLDEST_WITH_ROWS = "0009"
ONE, TWO = "0" * 31 + "1", "0" * 31 + "2"
ROWS = (
    (
        "INSERT INTO regions (code, name, level, kind, path, official, statistical, current)"
        " VALUES ('130123', '演示县', 'county', '', '/130123/', true, true, true)"
    ),
    (
        "INSERT INTO organisations (id, name, credit_code, region_code, address, contact, phone, emergency_phone,"
        f" state, version, created_at) VALUES ('{ONE}', '演示医院', '12130123MA0000015Y', '130123', '演示路1号', '演',"
        " '0311-00000000', '0311-00000000', 'suspended', 3, '2026-01-05 01:00:00')"
    ),
    f"INSERT INTO organisation_kinds (organisation_id, kind) VALUES ('{ONE}', 'hospital')",
    (
        "INSERT INTO sites (id, organisation_id, name, region_code, address)"
        f" VALUES ('{TWO}', '{ONE}', '本部', '130123', '演示路1号')"
    ),
)


VEHICLES = [
    (
        "INSERT INTO vehicles (id, organisation_id, plate, permit_no, permit_until, capacity_g, medical) VALUES"
        f" ('{number:032}', '{ONE}', '{plate}', 'YSZ{number:04}', '2028-12-31', 8000000, false)"
    )
    for number, plate in ((3, "冀A12345"), (4, "冀J1234挂"))
]


@pytest.fixture
def old_store(empty: Engine) -> Engine:
    """A store as an earlier version left it, with an organisation in it."""
    migrate.upgrade(empty, OLDEST_WITH_ROWS)
    with empty.execution_options(writes=True).begin() as connection:
        for row in (*ROWS, *VEHICLES):
            connection.execute(text(row))
    return empty


@pytest.mark.store
def test_rows_and_what_refers_to_them_survive(old_store: Engine) -> None:
    migrate.upgrade(old_store)
    assert migrate.is_current(old_store)
    with old_store.connect() as connection:
        found = connection.execute(text("SELECT name, state, version FROM organisations")).all()
        assert [tuple(row) for row in found] == [("演示医院", "suspended", 3)]
        joined = text("SELECT count(*) FROM sites JOIN organisations ON organisations.id = sites.organisation_id")
        assert connection.scalar(joined) == 1
    checks = " ".join(one["sqltext"] for one in inspect(old_store).get_check_constraints("organisations"))
    assert "credit_code IS NOT NULL" in checks


@pytest.mark.store
def test_a_vehicle_becomes_a_trailer_by_its_plate_and_keeps_its_capacity(old_store: Engine) -> None:
    migrate.upgrade(old_store)
    with old_store.connect() as connection:
        found = connection.execute(text("SELECT plate, kind, capacity_g, unclean_since FROM vehicles ORDER BY plate"))
        assert {tuple(row) for row in found} == {
            ("冀A12345", "truck", 8_000_000, None),
            ("冀J1234挂", "trailer", 8_000_000, None),
        }


@pytest.mark.store
def test_references_are_enforced_again_afterwards(old_store: Engine) -> None:
    migrate.upgrade(old_store)
    nobodys = ROWS[-1].replace(ONE, "0" * 31 + "9").replace(TWO, "0" * 31 + "8")
    with pytest.raises(Exception, match=r"(?i)foreign key"), old_store.begin() as connection:
        connection.execute(text(nobodys))
