"""Which process the page of the treatment offers: what the manifests of the chosen boxes name, when they agree."""

import re

import pytest

from tests.conftest import NOON
from tests.living import Chain
from wastetrack.domain.parties import LicenceKind
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties.models import Licence


@pytest.fixture
def chain(world, work_as):
    return Chain(world, work_as)


@pytest.fixture
def received(chain, work_as):
    """Make a load of one box, meant for this process, and receive it."""

    def make(mode):
        box = chain.bag(at=NOON)
        load = chain.depart([box])
        with work_as() as work:
            work.session.get_one(Manifest, load.id).mode = mode
        chain.receive(chain.arrive(load), box)
        return box

    return make


def offered(page):
    return re.findall(r'name="mode" value="(\w+)" checked', page.text)


def test_what_all_waiting_boxes_are_meant_for_is_offered(signed_in, received):
    received("Y10"), received("Y10")
    assert offered(signed_in("operator").get("/treatment")) == ["Y10"]


def test_nothing_is_offered_where_the_manifests_differ(signed_in, received):
    received("Y10"), received("D10")
    assert offered(signed_in("operator").get("/treatment")) == []


def test_only_the_chosen_boxes_count(signed_in, received):
    received("Y10")
    box = received("D10")
    operator = signed_in("operator")
    operator.get("/treatment")
    page = operator.post("/treatment/scan", {"code": box.code})
    assert offered(page) == ["D10"]
    assert re.search(r'type="hidden" name="mode" value=""', page.text), "an offer is not yet a choice"


def test_what_the_person_chose_stays(signed_in, received):
    received("Y10")
    assert offered(signed_in("operator").get("/treatment?mode=D10")) == ["D10"]


def test_a_process_that_is_no_longer_licensed_is_not_offered(signed_in, received, work_as):
    received("Y10")
    with work_as() as work:
        for licence in work.session.query(Licence).filter(Licence.kind == LicenceKind.OPERATING):
            licence.modes = "D10 Y11"
    assert offered(signed_in("operator").get("/treatment")) == []
