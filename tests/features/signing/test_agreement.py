"""The agreement on electronic signatures: accepted before the first signature, asked again with each new version."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from tests.client import words_on
from tests.conftest import NOON
from tests.features.signing.conftest import Desk, codes_of
from tests.world import PASSWORD
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Signature, agreement_hash
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties.models import Licence
from wastetrack.features.signing import queries, service
from wastetrack.features.signing.models import AgreementAcceptance, GivenSignature

pytestmark = pytest.mark.store

TODAY = date(2026, 11, 23)
GRACE = timedelta(days=14)
SHIPPED = "680ba35589982394c7490674f361f56f0121628005af27c1f89f5379a42db883"


@pytest.fixture
def unbound(desk: Desk, work_as) -> Desk:
    """Nobody has accepted anything yet."""
    with work_as() as work:
        work.session.execute(delete(AgreementAcceptance))
    return desk


def issue(work_as, world, **given):
    with work_as(world.people["security_admin"]) as work:
        command = {"chinese": "第2版\n正文", "english": "Version 2\nText", "in_force_from": TODAY, "reason": "演示"}
        return service.issue(work, service.IssueAgreement(**command | given))


def test_the_text_that_ships_is_the_text_that_is_hashed(session):
    (one,) = queries.agreements(session)
    assert one.text_hash == agreement_hash(one.chinese, one.english)
    assert one.text_hash == "680ba35589982394c7490674f361f56f0121628005af27c1f89f5379a42db883", (
        "what was accepted is never changed: put a new version beside it"
    )


@pytest.mark.parametrize("signature", list(Signature))
def test_nobody_signs_before_he_has_accepted_it(unbound, signature):
    with pytest.raises(Refusal) as refusal:
        unbound.sign(signature)
    assert codes_of(refusal) == {"signing.agreement"}


def test_a_new_version_may_wait_for_the_days_of_grace_and_no_longer(desk, work_as, world, session):
    issue(work_as, world)
    desk.sign(Signature.CARRIER, NOON + GRACE - timedelta(hours=13))
    assert session.scalars(select(GivenSignature).order_by(GivenSignature.id.desc())).first().agreement_version == 1
    with pytest.raises(Refusal, match=r"signing\.agreement"):
        desk.sign(Signature.RECEIVER, NOON + GRACE)
    with work_as(world.people["operator"], NOON + GRACE) as work:
        service.accept(work, service.AcceptAgreement(agreement=2))
    desk.sign(Signature.RECEIVER, NOON + GRACE)
    session.rollback()
    assert session.scalars(select(GivenSignature).order_by(GivenSignature.id.desc())).first().agreement_version == 2


def test_a_version_to_come_changes_nothing_yet(desk, work_as, world):
    issue(work_as, world, in_force_from=TODAY + timedelta(days=1))
    with work_as(world.people["operator"]) as work, pytest.raises(Refusal, match=r"agreement\.other"):
        service.accept(work, service.AcceptAgreement(agreement=2))
    desk.sign(Signature.RECEIVER)


def test_what_is_wrong_with_a_new_version_is_told(work_as, world, session):
    first = queries.agreements(session)[0]
    for given, code in (
        ({"in_force_from": TODAY - timedelta(days=1)}, "agreement.backdated"),
        ({"chinese": first.chinese, "english": first.english}, "agreement.same"),
    ):
        with pytest.raises(Refusal) as refusal:
            issue(work_as, world, **given)
        assert codes_of(refusal) == {code}
    with pytest.raises(Refusal, match=r"access\.forbidden"), work_as(world.people["manager"]) as work:
        service.issue(work, service.IssueAgreement(chinese="甲", english="A", in_force_from=TODAY, reason="演示"))


# --- in the form of the signature ------------------------------------------------------------------------------------


def test_it_is_asked_in_the_form_of_the_signature_and_nothing_is_lost(unbound, signed_in, session, world):
    browser = signed_in("manager", "en")
    here = f"/manifests/{unbound.things[Signature.CONSIGNOR]}/sign"
    page = browser.get(here).text
    assert "Agreement on the use of electronic signatures (version 1)" in page
    assert 'name="agree"' in page
    assert 'name="proof_password"' in page
    form = {"version": "1", "shown": words_on(page), "act_key": "K"}
    answer = browser.post(here, form)
    assert answer.status_code == 422
    for said in ("tick that you accept it", "Show again who you are", 'name="agree"', 'name="shown"'):
        assert said in answer.text
    assert browser.post(here, {**form, "agree": "1", "proof_password": "Wrong-password-1"}).status_code == 422
    assert session.scalar(select(func.count()).select_from(AgreementAcceptance)) == 0
    session.rollback()
    assert browser.post(here, {**form, "agree": "1", "proof_password": PASSWORD}).status_code == 303
    stream = f"user:{world.people['manager'].user_id}"
    query = select(LedgerEvent).where(LedgerEvent.stream == stream, LedgerEvent.kind == "signing.agreed")
    facts = json.loads(session.scalars(query.order_by(LedgerEvent.seq.desc())).first().facts)
    agreement = queries.agreements(session)[0]
    assert facts == {"version": 1, "text_hash": agreement.text_hash, "assurance": "password"}
    assert session.get(Manifest, unbound.things[Signature.CONSIGNOR]).signed_at is not None


def test_the_acceptance_stands_also_where_the_law_then_refuses_the_signature(unbound, signed_in, session, work_as):
    with work_as() as work:
        for licence in work.session.query(Licence).filter(Licence.kind == LicenceKind.TRANSPORT):
            licence.valid_until = date(2026, 1, 1)
    browser = signed_in("manager")
    here = f"/manifests/{unbound.things[Signature.CONSIGNOR]}/sign"
    form = {"version": "1", "shown": words_on(browser.get(here).text), "act_key": "K"}
    assert browser.post(here, {**form, "agree": "1", "proof_password": PASSWORD}).status_code == 422
    assert session.get(Manifest, unbound.things[Signature.CONSIGNOR]).signed_at is None
    assert session.scalar(select(func.count()).select_from(AgreementAcceptance)) == 1


def test_the_review_of_a_batch_keeps_its_boxes_while_it_asks(unbound, signed_in):
    browser, chosen = signed_in("operator", "en"), unbound.things[Signature.TREATMENT]
    form = {"facility_id": chosen.facility_id, "mode": "Y10", "container_ids": chosen.container_ids[0]}
    sent = {**form, "shown": words_on(browser.post("/treatment/review", form).text)}
    answer = browser.post("/treatment", sent)
    assert answer.status_code == 422
    assert f'name="container_ids" value="{chosen.container_ids[0]}"' in answer.text
    assert browser.post("/treatment", {**sent, "agree": "1", "proof_password": PASSWORD}).status_code == 303


# --- on its own page -------------------------------------------------------------------------------------------------


def test_it_is_accepted_on_its_page_and_leads_back(unbound, signed_in):
    browser = signed_in("driver", "en")
    assert "to be accepted before you sign" in browser.get("/").text
    assert "I have read version 1" in browser.get("/signing/agreement?next=/trips").text
    form = {"agreement": "1", "agree": "1", "next": "/trips"}
    assert browser.post("/signing/agreement", form).status_code == 422, "it asks in any case who it is"
    answer = browser.post("/signing/agreement", {**form, "proof_password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/trips")
    assert "I have read version 1" not in browser.get("/signing/agreement").text
    assert "to be accepted before you sign" not in browser.get("/").text
    away = browser.post("/signing/agreement", {**form, "proof_password": PASSWORD, "next": "//elsewhere.example"})
    assert away.location == "/"


@pytest.mark.parametrize("version", ["0", "2", "x", "99999999999999999999"])
def test_a_version_that_is_not_there_is_not_there(signed_in, version):
    assert signed_in("driver").get(f"/signing/agreement?version={version}").status_code == 404


@pytest.mark.parametrize("version", ["", "0", "2", "x", "9" * 30])
def test_only_the_version_in_force_is_accepted(unbound, signed_in, session, version):
    form = {"agreement": version, "agree": version, "proof_password": PASSWORD}
    assert signed_in("driver").post("/signing/agreement", form).status_code in {409, 422}
    assert session.scalar(select(func.count()).select_from(AgreementAcceptance)) == 0
