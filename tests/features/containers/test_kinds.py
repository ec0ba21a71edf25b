"""Kinds with their rules: zones keep apart, isolated patients' waste has two bags, three quarters is full."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from tests.rebuilding import CUSTODY, assert_rebuilds
from wastetrack.domain.containers import Isolation
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers import queries, service
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import mending
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import service as parties
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store
ACID, ALKALI, CYANIDE = "900-300-34", "900-352-35", "336-104-33"


@pytest.fixture
def factory(world, work_as):
    return Factory(world, work_as)


class Factory:
    """A factory whose manager fills drums and divides its warehouse."""

    def __init__(self, people, work_as):
        self.people, self.work_as = people, work_as
        self.store = people.factory.stores[FacilityKind.WAREHOUSE]
        self.at = NOON

    def _work(self):
        self.at += timedelta(minutes=1)
        return self.work_as(self.people.worker, self.at)

    def drum(self, waste):
        asked = {"waste": waste, "mass": "20", "hazards": ("C",), "act_key": new_token()}
        with self._work() as work:
            return service.register(work, service.RegisterContainer.model_validate(asked))

    def zone(self, name):
        with self._work() as work:
            return parties.add_zone(
                work, parties.AddZone(organisation_id=self.people.factory.id, facility_id=self.store, name=name)
            )

    def close(self, zone):
        given = {"organisation_id": self.people.factory.id, "facility_id": self.store, "zone_id": zone.id}
        with self._work() as work:
            return parties.close_zone(work, parties.CloseZone.model_validate(given))

    def place(self, *boxes, zone=None):
        given = {"facility_id": self.store, "zone_id": zone.id if zone else None}
        with self._work() as work:
            return service.place(
                work, service.PlaceContainers(codes=tuple(box.code for box in boxes), act_key=new_token(), **given)
            )


def seen(session, container_id):
    """Return a container as it stands now, not as the session remembers it."""
    session.rollback()
    return session.get_one(Container, container_id)


def last_facts(session, box):
    session.rollback()
    query = select(LedgerEvent.facts).where(LedgerEvent.stream == f"container:{box.id}")
    return json.loads(session.scalars(query.order_by(LedgerEvent.seq.desc())).first())


def test_a_zone_refuses_what_is_incompatible_and_another_zone_takes_it(factory, session):
    acids, alkalis = factory.zone("废酸区"), factory.zone("废碱区")
    acid, alkali = factory.drum(ACID), factory.drum(ALKALI)
    factory.place(acid, zone=acids)
    with pytest.raises(Refusal) as caught:
        factory.place(alkali, zone=acids)
    (problem,) = caught.value.problems
    assert (problem.code, problem.field) == ("compatibility.acid_alkali", "codes")
    assert seen(session, alkali.id).holder_facility_id is None
    factory.place(alkali, zone=alkalis)
    assert seen(session, alkali.id).zone_id == alkalis.id
    with pytest.raises(Refusal, match=r"compatibility\.acid_alkali"):
        factory.place(alkali, zone=acids)  # nor is it moved there


def test_of_two_incompatible_ones_put_there_together_neither_goes(factory, session):
    zone = factory.zone("废酸区")
    acid, cyanide = factory.drum(ACID), factory.drum(CYANIDE)
    with pytest.raises(Refusal, match=r"compatibility\.acid_cyanide"):
        factory.place(acid, cyanide, zone=zone)
    assert {seen(session, one.id).zone_id for one in (acid, cyanide)} == {None}


def test_a_warehouse_without_zones_takes_both_and_keeps_the_warning(factory, session):
    acid, alkali = factory.drum(ACID), factory.drum(ALKALI)
    factory.place(acid)
    assert "warned" not in last_facts(session, acid)
    factory.place(alkali)
    kept = last_facts(session, alkali)
    assert kept["warned"] == ["compatibility.acid_alkali"]
    assert kept["beside"] == [queries.labels_of(session, [acid], "https://w.example")[0].code]


def test_the_past_tells_in_which_zone_a_drum_stood(factory, session):
    here, there = factory.zone("甲区"), factory.zone("乙区")
    drum = factory.drum(ACID)
    factory.place(drum, zone=here)
    moment = factory.at
    factory.place(drum, zone=there)

    def zone_at(at):
        session.rollback()
        found = queries.inventory(session, factory.store, at)
        assert found.count == 1
        return found.rows[0].zone_id

    assert (zone_at(moment), zone_at(factory.at)) == (here.id, there.id)
    assert_rebuilds(session, CUSTODY)


def test_a_zone_closes_only_when_it_is_empty_and_takes_nothing_more(factory, session):
    zone, other = factory.zone("甲区"), factory.zone("乙区")
    drum = factory.drum(ACID)
    factory.place(drum, zone=zone)
    with pytest.raises(Refusal, match=r"zone\.occupied"):
        factory.close(zone)
    factory.place(drum, zone=other)
    factory.close(zone)
    with pytest.raises(Refusal, match=r"zone\.unknown"):
        factory.place(drum, zone=zone)
    assert factory.zone("甲区").id == zone.id  # opened again under its name
    with pytest.raises(Refusal, match=r"zone\.name"):
        factory.zone("乙区")


def sealed(work_as, people, **given):
    asked = {"waste": "infectious", "mass": "2", "department": "内科", "act_key": new_token(), **given}
    with work_as(people.collector, NOON) as work:
        return service.register(work, service.RegisterContainer.model_validate(asked))


@pytest.mark.parametrize(("isolation", "words"), [("isolation", "隔离"), ("epidemic", "高度感染性废物")])
def test_waste_of_isolated_patients_needs_two_bags_and_its_tag_says_so(world, work_as, session, isolation, words):
    with pytest.raises(Refusal) as caught:
        sealed(work_as, world, isolation=isolation)
    assert [(one.code, one.field) for one in caught.value.problems] == [("registration.double_bag", "double_bagged")]
    box = sealed(work_as, world, isolation=isolation, double_bagged="yes", note="样本")
    assert seen(session, box.id).isolation is Isolation(isolation)
    note = queries.labels_of(session, [box], "https://w.example")[0].special_note
    assert words in note
    assert "双层包装" in note
    assert note.endswith("样本")


def test_only_medical_waste_comes_from_isolation(factory):
    asked = {"waste": ACID, "mass": "20", "isolation": "isolation", "double_bagged": True, "hazards": ("C",)}
    with pytest.raises(Refusal, match=r"registration\.not_isolation"), factory._work() as work:
        service.register(work, service.RegisterContainer.model_validate(asked))


def test_fuller_than_three_quarters_warns_and_is_kept(world, work_as, session):
    box = sealed(work_as, world, overfull="yes")
    assert seen(session, box.id).overfull is True
    assert last_facts(session, box)["overfull"] is True
    assert_rebuilds(session, CUSTODY)
    assert sealed(work_as, world).overfull is False


def test_what_is_repacked_stays_in_its_zone_and_from_isolation(factory, session):
    zone = factory.zone("甲区")
    drum = factory.drum(ACID)
    factory.place(drum, zone=zone)
    with factory._work() as work:
        asked = {"code": drum.code, "packaging": "drum", "mass": "19", "reason": "渗漏", "act_key": new_token()}
        new = mending.repack(work, mending.Repack.model_validate(asked))
    assert seen(session, new.id).zone_id == zone.id
    assert seen(session, drum.id).zone_id is None
    assert_rebuilds(session, CUSTODY)
