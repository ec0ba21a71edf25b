"""The shared world with a tank of waste oil in the factory's tank farm: ten thousand litres, five a millimetre."""

from types import SimpleNamespace

import pytest

from tests.conftest import NOON
from tests.living import chain, living_template, page, store_url, world
from wastetrack.domain.parties import FacilityKind
from wastetrack.features.parties import service as parties
from wastetrack.features.tanks import queries, service
from wastetrack.features.tanks.models import Tank
from wastetrack.infra.ids import new_token

__all__ = ["chain", "living_template", "page", "store_url", "world"]

OIL = "900-249-08"


@pytest.fixture
def farm(world, work_as):
    """The factory's tank farm."""
    with work_as(world.people["system_admin"]) as work:
        return parties.add_facility(work, parties.AddFacility(
            organisation_id=world.id("factory"), site_id=world.stores["factory"].site_id, name="演示罐区",
            code="TS008", kind=FacilityKind.TANK_FARM, mass_limit_g="8",
        ))  # fmt: skip


@pytest.fixture
def keep(world, work_as, farm, session):
    """Set up a tank and enter things of it: `keep.tank()`, `keep(tank, service.read_level, service.ReadLevel, …)`."""

    def tank(number="TK-01", at=NOON, who="factory", **given):
        described = {
            "facility_id": farm.id, "number": number, "waste": OIL, "shape": "box", "length_mm": 2000,
            "width_mm": 2500, "usable_l": 10_000, "density_g_l": 900, "meter": "litre", "act_key": new_token(),
        }  # fmt: skip
        with work_as(world.people[who], at) as work:
            return service.set_up(work, service.SetUpTank(**{**described, **given}))

    def enter(one, do, command, now=NOON, who="factory", **given):
        asked = command(**{"tank_id": one.id, "act_key": new_token(), **given})
        with work_as(world.people[who], now) as work:
            return do(work, asked)

    def level(one, level_mm, now=NOON, **given):
        return enter(one, service.read_level, service.ReadLevel, now, level_mm=level_mm, **given)

    def inflow(one, amount, now=NOON, **given):
        return enter(one, service.record_inflow, service.RecordInflow, now, amount=amount, **given)

    def counter(one, shows, now=NOON, **given):
        return enter(one, service.record_inflow, service.RecordInflow, now, counter=shows, **given)

    def outflow(one, amount, now=NOON, **given):
        given = {"destination": "handed_over", **given}
        return enter(one, service.record_outflow, service.RecordOutflow, now, amount=amount, **given)

    def kept(one):
        session.rollback()
        return session.get_one(Tank, one.id, populate_existing=True)

    def entries(one):
        session.rollback()
        return list(reversed(queries.entries(session, one.id)[0]))

    return SimpleNamespace(
        tank=tank, enter=enter, level=level, inflow=inflow, counter=counter, outflow=outflow, kept=kept,
        entries=entries,
    )  # fmt: skip
