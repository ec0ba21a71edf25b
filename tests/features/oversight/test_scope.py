"""A regulator sees his region and below, and nothing else: in search, lists, by code, by id, in print."""

from datetime import timedelta

import pytest

from tests.conftest import NOON
from wastetrack.domain.access import Actor, Role
from wastetrack.domain.container_code import pretty
from wastetrack.domain.containers import State
from wastetrack.domain.problems import Refusal
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.oversight import queries
from wastetrack.features.oversight.queries import Wanted
from wastetrack.features.parties import queries as parties
from wastetrack.features.watch import queries as watch
from wastetrack.infra.ids import new_id

LATER = NOON + timedelta(hours=49)
SEES = {"province": True, "city": True, "county": True, "town": False, "elsewhere": False}
"""Who sees what the county's hospital does; its waste goes to a plant in another county of the same city."""


def regulator(session, code):
    region = catalogue.region(session, code)
    return Actor(new_id(), "演示", frozenset({Role.REGULATOR}), None, "", code, (region.path,), region.name)


def listed(session, who, **wanted):
    return {row.container.id for row in queries.find_containers(session, who, Wanted(**wanted))[0]}


@pytest.fixture
def load(chain):
    """A bag on its way from the county's hospital to the plant."""
    bag = chain.bag()
    return bag, chain.depart([bag])


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_search_finds_a_container_only_in_the_own_region(session, world, load, who, sees):
    bag, _made = load
    for text in (bag.code, pretty(bag.code), bag.code[:6], f"HTTP://127.0.0.1:8000/C/{bag.code}"):
        hits = queries.find(session, world.people[who], text, NOON)
        assert bool(hits.containers) is sees, text


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_search_finds_a_manifest_by_number_in_part_and_by_plate_only_in_the_own_region(session, world, load, who, sees):
    _bag, made = load
    for text in (made.number, made.number[-6:], "冀A12345", "a123"):
        hits = queries.find(session, world.people[who], text, NOON)
        assert [row.manifest.id for row in hits.manifests] == ([made.id] if sees else []), text


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_search_finds_organisations_and_stores_by_two_characters_only_in_the_own_region(session, world, who, sees):
    hits = queries.find(session, world.people[who], "医院", NOON)
    assert bool(hits.organisations) is sees
    assert bool(hits.stores) is sees


def test_search_by_nothing_much_finds_nothing(session, world, load):
    assert queries.find(session, world.people["province"], "冀", NOON).none


@pytest.mark.parametrize("who", ["manager", "driver", "operator", "system_admin", "audit_admin"])
def test_search_is_for_regulators_alone(session, world, load, who):
    bag, made = load
    for text in (bag.code, made.number, "医院"):
        assert queries.find(session, world.people[who], text, NOON).none
    assert listed(session, world.people[who]) == set()


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_the_list_of_containers_stays_in_the_region(session, world, load, who, sees):
    bag, _made = load
    assert listed(session, world.people[who]) == ({bag.id} if sees else set())


def test_a_township_sees_its_own_clinic_and_not_the_county(session, world, chain):
    hospital, clinic = chain.bag(), chain.bag("doctor_a", "clinic_a")
    assert listed(session, world.people["town"]) == {clinic.id}
    assert listed(session, world.people["county"]) == {hospital.id, clinic.id}


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_every_way_to_open_a_thing_keeps_to_the_region(session, world, load, who, sees):
    bag, made = load
    actor = world.people[who]
    ways = [
        lambda: containers.view(session, actor, bag.code),
        lambda: manifests.view(session, actor, made.id),
        lambda: parties.visible(session, actor, world.id("hospital")),
        lambda: containers.store(session, actor, world.stores["hospital"].id, NOON),
    ]
    for way in ways:
        if sees:
            way()
        else:
            with pytest.raises(Refusal):
                way()


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_alerts_keep_to_the_region(session, world, chain, who, sees):
    chain.bag()
    assert bool(watch.current(session, world.people[who], LATER)[0]) is sees


@pytest.mark.parametrize("who", ["elsewhere", "town"])
def test_a_regulator_of_another_region_gets_404_for_page_and_print_and_the_strangers_view_of_a_label(page, load, who):
    bag, made = load
    page(who, f"/manifests/{made.id}", status=404)
    page(who, f"/manifests/{made.id}/print.pdf", status=404)
    assert made.number not in page(who, "/manifests")
    assert "内科" not in page(who, f"/c/{bag.code}")


def test_the_regulator_of_the_region_opens_manifest_print_and_time_line(app, page, load):
    bag, made = load
    page("county", f"/manifests/{made.id}")
    assert "内科" in page("county", f"/c/{bag.code}")


CITIES_AND_WHAT_THEY_DO_NOT_SUPERVISE = [("130100", "130181"), ("130600", "130682"), ("130600", "130638")]
"""石家庄 and 辛集; 保定 and 定州; 保定 and 雄县 of 雄安新区: supervised by the province, whatever their codes say."""


@pytest.mark.parametrize(("city", "apart"), CITIES_AND_WHAT_THEY_DO_NOT_SUPERVISE)
def test_what_the_province_supervises_itself_is_not_seen_by_the_city_whose_code_it_bears(
    session, world, chain, work_as, city, apart
):
    bag = chain.bag()
    with work_as() as work:  # as if it had arisen there
        kept = containers.locked(work.session, bag.id)
        kept.producer_region_code = kept.holder_region_code = apart
    assert listed(session, regulator(session, city)) == set()
    assert listed(session, regulator(session, apart)) == {bag.id}
    assert listed(session, regulator(session, "130000")) == {bag.id}


def test_a_region_without_a_path_sees_nothing(session, chain):
    chain.bag()
    nobody = Actor(new_id(), "演示", frozenset({Role.REGULATOR}))
    assert listed(session, nobody) == set()
    assert queries.sum_containers(session, nobody, Wanted(state=State.STORED)).count == 0
