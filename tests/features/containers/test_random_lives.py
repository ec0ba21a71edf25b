"""Random acts by several people against a small model: one holder always, mass conserved, what is refused changes
nothing, and the streams tell what the tables say.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import NOON
from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.domain.containers import ENDED, LIVE, TRANSITIONS, Doing, State
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import (
    PlaceContainers,
    RegisterContainer,
    VoidContainer,
    mending,
    place,
    register,
    void,
)
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service

pytestmark = pytest.mark.store

ACTS = st.tuples(
    st.sampled_from(["register", Doing.STORE, Doing.WEIGH, Doing.OPEN, Doing.SEAL, Doing.REPACK, Doing.VOID]),
    st.integers(0, 5),
    st.integers(1_000, 9_000),
    st.sampled_from(["collector", "manager", "worker", "doctor"]),
)
OWN = {"collector", "manager"}


@dataclass
class Model:
    """What should be: the state and the mass of each container by its code, in the order of their making."""

    states: dict[str, State] = field(default_factory=dict)
    masses: dict[str, int] = field(default_factory=dict)

    def chosen(self, number: int) -> str | None:
        return list(self.states)[number % len(self.states)] if self.states else None


def kilograms(grams: int) -> str:
    return f"{grams / 1000:.3f}"


@pytest.fixture
def doing(world: Any) -> dict[Doing, Callable[..., object]]:
    store = world.hospital.stores[FacilityKind.MEDICAL_STORE]
    why = "演示"
    return {
        Doing.STORE: lambda work, code, _mass: place(work, PlaceContainers(facility_id=store, codes=(code,))),
        Doing.WEIGH: lambda work, code, mass: mending.weigh(work, mending.WeighAgain(code=code, mass=mass)),
        Doing.OPEN: lambda work, code, _mass: mending.open_up(work, mending.OpenContainer(code=code, reason=why)),
        Doing.SEAL: lambda work, code, mass: mending.seal_again(work, mending.SealAgain(code=code, mass=mass)),
        Doing.REPACK: lambda work, code, mass: mending.repack(
            work, mending.Repack(code=code, packaging="bag", mass=mass, reason=why)
        ),
        Doing.VOID: lambda work, code, _mass: void(work, VoidContainer(code=code, reason=why)),
    }


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lives=st.lists(ACTS, min_size=8, max_size=25))
def test_random_lives_follow_the_table(lives, world: Any, work_as: Any, doing) -> None:
    model = Model()
    for act, number, grams, who in lives:
        actor = getattr(world, who)
        if act == "register":
            with work_as(world.collector) as work:
                facts = {"waste": "infectious", "mass": kilograms(grams), "department": "内科"}
                made = register(work, RegisterContainer.model_validate(facts))
            model.states[made.code], model.masses[made.code] = State.SEALED, grams
            continue
        code = model.chosen(number)
        if code is None:
            continue
        following = TRANSITIONS.get((model.states[code], act)) if who in OWN else None
        before = _told(work_as, code)
        try:
            with work_as(actor) as work:
                made = doing[act](work, code, kilograms(grams))
        except Refusal:
            assert following is None, (act, model.states[code], who)
            assert _told(work_as, code) == before
            continue
        assert following is not None, (act, model.states[code], who)
        model.states[code] = following
        if act in {Doing.WEIGH, Doing.SEAL}:
            model.masses[code] = grams
        if act is Doing.REPACK:
            model.states[made.code] = State.SEALED if made.state is State.SEALED else State.STORED
            model.masses[made.code] = grams
    _agree(world, work_as, model)


def _told(work_as, code: str) -> tuple[object, ...]:
    """Return the row and the length of the stream, to see that nothing has changed."""
    with work_as() as work:
        one = queries.by_code(work.session, code)
        length = len(ledger.stream(work.session, queries.stream_of(one.id)))
        return one.state, one.mass_g, one.holder_organisation_id, one.holder_facility_id, one.version, length


def _agree(world, work_as, model: Model) -> None:
    with work_as() as work:
        found = {code: queries.by_code(work.session, code) for code in model.states}
        assert {code: one.state for code, one in found.items()} == model.states
        assert {code: one.mass_g for code, one in found.items()} == model.masses
        for one in found.values():
            _one_holder(world, one)
            past = ledger.stream(work.session, queries.stream_of(one.id))
            assert past[-1].seq == one.version
            told = queries.holder_after(past[-1])
            assert told.get("organisation") == (str(one.holder_organisation_id) if one.state in LIVE else None)
            assert told.get("facility") == (str(one.holder_facility_id) if one.holder_facility_id else None)
            assert json.loads(past[-1].facts)["state"] == one.state
        store = world.hospital.stores[FacilityKind.MEDICAL_STORE]
        assert not list(service.verify(work.session))
        assert_rebuilds(work.session, CUSTODY)
        here = {one.code for one in found.values() if one.holder_facility_id == store}
        later = queries.inventory(work.session, store, NOON + timedelta(days=1))
        assert {row.container.code for row in later.rows} & set(found) == here


def _one_holder(world, one: Container) -> None:
    assert (one.holder_organisation_id is None) == (one.state in ENDED)
    assert one.holder_leg_id is None
    assert (one.holder_facility_id is not None) == (one.state in {State.STORED, State.OPENED})
    assert one.holder_organisation_id in {None, world.hospital.id}
