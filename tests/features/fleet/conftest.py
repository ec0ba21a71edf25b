"""The shared world with a tractor, trailers, and somebody who manages the carrier."""

from datetime import date

import pytest

from tests.living import chain, living_template, page, store_url, world
from tests.world import PASSWORD
from wastetrack.domain.access import Role
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.fleet import service
from wastetrack.features.parties import service as parties
from wastetrack.infra.ids import new_token

__all__ = ["chain", "living_template", "page", "store_url", "world"]

UNTIL = date(2028, 12, 31)


@pytest.fixture
def dispatcher(world, work_as):
    """The manager of the carrier, among the people of the world as `dispatcher`."""
    with work_as(world.people["security_admin"]) as work:
        user, _ = accounts.create_account(
            work,
            accounts.CreateAccount(
                username="dispatcher", name="演示-调度", roles={Role.MANAGER}, organisation_id=world.id("carrier")
            ),
            password=PASSWORD,
            must_change=False,
        )
        world.people["dispatcher"] = account_queries.actor_of(work.session, user.id)
    yield world.people["dispatcher"]
    del world.people["dispatcher"]


@pytest.fixture
def vehicle(world, work_as):
    """Enter another vehicle of the carrier: `vehicle("冀J1234挂")`."""

    def enter(plate, kind=None, capacity="8000", of="carrier", **given):
        command = parties.AddVehicle(
            organisation_id=world.id(of), plate=plate, kind=kind, permit_no=f"YSZ{plate[2:5]}", permit_until=UNTIL,
            capacity_g=capacity, **given,
        )  # fmt: skip
        with work_as(world.people["system_admin"]) as work:
            return parties.add_vehicle(work, command)

    return enter


@pytest.fixture
def clean(world, work_as):
    """Record that a vehicle was cleaned, as somebody, at a moment."""

    def record(vehicle, who, now, **given):
        command = service.CleanVehicle(vehicle_id=vehicle.id, **{"act_key": new_token(), **given})
        with work_as(world.people[who], now) as work:
            return service.clean(work, command)

    return record
