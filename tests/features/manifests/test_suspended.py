"""A suspended or closed organisation finishes what is under way and begins nothing new; then its people stay out."""

import pytest

from tests.client import Browser
from tests.world import PASSWORD
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.collection import service as collection
from wastetrack.features.containers import service as containers
from wastetrack.features.manifests import service
from wastetrack.features.parties import service as parties
from wastetrack.infra.ids import new_token


@pytest.fixture
def put(trade):
    """Suspend, close or reopen an organisation; its people act from then on as they would after their next click."""
    trade.world.people = dict(trade.world.people)

    def set_state(name, state):
        command = parties.SetOrganisationState(organisation_id=trade.world.id(name), state=state, reason="演示整改")
        with trade.work_as(trade.world.people["system_admin"]) as work:
            parties.set_organisation_state(work, command)
            for who, person in trade.world.people.items():
                trade.world.people[who] = accounts.actor_of(work.session, person.user_id)

    return set_state


NOT_ACTIVE = [OrganisationState.SUSPENDED, OrganisationState.CLOSED]


def refused(code):
    return pytest.raises(Refusal, match=code)


@pytest.mark.parametrize("state", NOT_ACTIVE)
def test_it_drafts_nothing(trade, put, state):
    boxes = trade.boxes()
    put("hospital", state)
    with refused("access.finishing") as refusal:
        trade.draft(boxes)
    assert refusal.value.problems[0].facts["state"] is state


@pytest.mark.parametrize("state", NOT_ACTIVE)
@pytest.mark.parametrize("who", ["hospital", "carrier", "plant"])
def test_nothing_is_signed_that_names_it(trade, put, state, who):
    manifest = trade.draft()
    put(who, state)
    with refused("party_inactive"):
        trade.sign(manifest)


def test_it_drops_its_draft_and_takes_a_signed_one_back(trade, put):
    draft, signed = trade.draft(), trade.signed()
    put("hospital", OrganisationState.SUSPENDED)
    trade.act("manager", service.discard, service.DiscardDraft(manifest_id=draft.id, act_key=new_token()))
    trade.act("manager", service.void, service.VoidManifest(manifest_id=signed.id, reason="停业", act_key=new_token()))


@pytest.mark.parametrize("state", NOT_ACTIVE)
def test_what_is_signed_goes_its_whole_way(trade, put, state):
    boxes = trade.boxes(2)
    manifest = trade.signed(boxes)
    for one in ("hospital", "carrier", "plant"):
        put(one, state)
    manifest = trade.arrive(trade.depart(trade.load(manifest, *boxes)))
    manifest = trade.confirm(trade.refuse(trade.receive(manifest, boxes[0]), boxes[1]))
    trade.scan("manager", service.take_back, manifest, boxes[1])
    trade.treat(boxes[0])


def test_waste_of_a_suspended_one_is_still_seen_and_of_a_closed_one_is_not_made(trade, put):
    put("hospital", OrganisationState.SUSPENDED)
    trade.boxes(1)
    put("hospital", OrganisationState.CLOSED)
    with refused("access.finishing"):
        trade.boxes(1)


@pytest.mark.parametrize(("who", "code"), [("clinic_a", "access.finishing"), ("station", "organisation.station_state")])
def test_no_hand_in_begins_at_or_by_a_suspended_one(trade, put, who, code):
    doctor = trade.world.people["doctor_a"]
    with trade.work_as(doctor) as work:
        bag = containers.register(work, containers.RegisterContainer(waste="infectious", mass="1.2"))
    put(who, OrganisationState.SUSPENDED)
    with refused(code):
        trade.act("doctor_a", collection.declare, collection.DeclareHandIn(container_ids=(bag.id,)))


# --- what the pages offer ---

WHY = "状态：只能办结在途业务，不得新办业务。"
NEW, REGISTER, CHANGE = 'href="/manifests/new"', 'href="/register"', "/change"


@pytest.mark.parametrize("state", NOT_ACTIVE)
def test_no_button_leads_to_a_manifest_that_would_be_refused(trade, put, page, state):
    draft = trade.draft()
    assert NEW in page("manager", "/manifests")
    assert NEW in page("manager", "/")
    assert CHANGE in page("manager", f"/manifests/{draft.id}")
    put("hospital", state)
    for path in ("/", "/manifests", "/manifests?number=99999999999999"):
        shown = page("manager", path)
        assert NEW not in shown, path
        assert WHY in shown, path
    shown = page("manager", f"/manifests/{draft.id}")
    assert CHANGE not in shown
    assert "/discard" in shown, "what was begun can still be dropped"
    for path in ("/manifests/new", f"/manifests/{draft.id}/change"):
        page("manager", path, status=303)


def test_waste_is_offered_to_be_registered_while_suspended_and_not_when_closed(trade, put, page):
    trade.draft()
    put("hospital", OrganisationState.SUSPENDED)
    assert REGISTER in page("manager", "/")
    assert 'action="/register"' in page("manager", "/register")
    put("hospital", OrganisationState.CLOSED)
    store = f"/stores/{trade.world.stores['hospital'].id}"
    assert [path for path in ("/", "/manifests", store) if REGISTER in page("manager", path)] == []
    shown = page("manager", "/register")
    assert 'action="/register"' not in shown
    assert WHY in shown


def test_a_suspended_clinic_sees_what_it_has_and_why_it_cannot_hand_it_in(trade, put, page):
    doctor = trade.world.people["doctor_a"]
    with trade.work_as(doctor) as work:
        bag = containers.register(work, containers.RegisterContainer(waste="infectious", mass="1.2"))
    before = page("doctor_a", "/hand-ins")
    assert 'type="checkbox" name="container_ids"' in before
    assert "勾选的全部交接" in before
    put("clinic_a", OrganisationState.SUSPENDED)
    shown = page("doctor_a", "/hand-ins")
    assert bag.code in shown
    assert 'type="checkbox" name="container_ids"' not in shown
    assert "勾选的全部交接" not in shown
    assert WHY in shown
    assert 'href="/hand-ins"' not in page("doctor_a", "/register").partition("<main")[2].partition("</main>")[0]


# --- signing in ---


def test_people_of_a_suspended_one_sign_in_and_are_told(trade, put, app):
    put("hospital", OrganisationState.SUSPENDED)
    browser = Browser(app)
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"username": "manager", "password": PASSWORD}, follow=True)
    assert "只能办结在途业务" in answer.text


def test_people_of_a_closed_one_sign_in_only_while_something_is_under_way(trade, put, app):
    boxes = trade.boxes(1)
    manifest = trade.depart(trade.load(trade.signed(boxes), *boxes))
    put("hospital", OrganisationState.CLOSED)
    manager = Browser(app)
    assert manager.sign_in("manager", PASSWORD).status_code == 303
    assert manager.get("/manifests").status_code == 200
    trade.confirm(trade.receive(trade.arrive(manifest), *boxes))
    assert manager.get("/manifests").status_code == 303
    answer = Browser(app).sign_in("manager", PASSWORD)
    assert answer.status_code == 403
    assert "已关闭且无在途业务" in answer.text


@pytest.mark.parametrize("waits", ["in the store", "to be taken back", "at the plant"])
def test_waste_that_waits_for_a_closed_one_is_under_way(trade, put, app, waits):
    boxes = trade.boxes(1)
    if waits != "in the store":
        manifest = trade.arrived(boxes)
        judged = trade.refuse if waits == "to be taken back" else trade.receive
        trade.confirm(judged(manifest, boxes[0]))
    put("plant" if waits == "at the plant" else "hospital", OrganisationState.CLOSED)
    who = "operator" if waits == "at the plant" else "manager"
    assert Browser(app).sign_in(who, PASSWORD).status_code == 303


def test_a_wrong_password_learns_nothing_of_the_organisation(trade, put, app):
    put("hospital", OrganisationState.CLOSED)
    assert "已关闭且无在途业务" not in Browser(app).sign_in("manager", "Wrong-password-1").text
