"""No table is cut off at its frame, however long the names in it, however late the waste, in both languages."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import func, update

from tests.conftest import NOON
from tests.journeys.conftest import Opens
from tests.journeys.looks import flaws, too_wide
from tests.journeys.people import DESK, PHONE
from tests.journeys.site import Site
from wastetrack.features.containers.models import Container
from wastetrack.features.parties.models import Facility, Organisation

LONG = "某某省某某自治州某某县第一人民医院医疗共同体集团医疗废物集中暂存与转运单位（演示）"
NAME_OF_WASTE = "含有机溶剂的废弃包装物、容器、过滤吸附介质及其他沾染物（演示用的长名称）"
PAGES = {
    "county": ("/", "/find/containers", "/find?q=某某", "/stores", "/organisations", "/manifests", "/alerts"),
    "manager": ("/", "/stores", "/manifests", "/alerts", "/hand-ins/whereabouts"),
    "attendant": ("/", "/hand-ins", "/hand-ins/received", "/stores"),
}


@pytest.fixture
def long_named(site: Site) -> Site:
    """Late, lost, sealed, loaded and treated waste of organisations with names of forty characters and more."""
    chain, late = site.chain, NOON - timedelta(hours=60)
    chain.bag(at=late)
    chain.bag("doctor_a", "clinic_a", at=late, waste="pathological")
    chain.bag(store=None, at=late, waste="pharmaceutical")
    gone, here = chain.bag(), chain.bag()
    chain.confirm(chain.receive(chain.depart([gone, here]), here))
    chain.treat([here])
    chain.depart([chain.bag(waste="chemical")])
    with site.work_as() as work:
        for model in (Organisation, Facility):
            work.session.execute(update(model).values(name=func.substr(model.name, 1, 4).concat(LONG)))
        work.session.execute(update(Container).where(Container.id == gone.id).values(waste_name=NAME_OF_WASTE))
    return site


def test_tables_hold_long_names(people: Opens, long_named: Site) -> None:
    wrong = []
    for name, language in product(PAGES, ("zh", "en")):
        person = people(name, language=language)
        for path in PAGES[name]:
            person.open(path)
            for width in (DESK, PHONE):
                person.page.set_viewport_size(width)  # type: ignore[arg-type]
                wrong += [f"{name} {language} {path}: {flaw}" for flaw in too_wide(person.page)]
    assert wrong == []


def test_the_audit_record_holds_the_longest_line_it_can_write(people: Opens, site: Site) -> None:
    hospital, store = site.world.organisations["hospital"], site.world.stores["hospital"]
    people("system_admin").open(f"/organisations/{hospital.id}/change/store/{store.id}")
    wrong = []
    for language, width in product(("zh", "en"), (DESK, PHONE)):
        person = people("audit_admin", language=language).open("/audit").sees(str(store.id))
        person.page.set_viewport_size(width)  # type: ignore[arg-type]
        wrong += [f"{language} {width}: {flaw}" for flaw in flaws(person.page, language)]
        person.shot("audit")
    assert wrong == []
