"""What is kept of a signature is what was shown; other words are not signed."""

import json

import pytest
from sqlalchemy import select, text, update

from tests.client import words_on
from tests.features.signing.conftest import SIGNERS, codes_of
from tests.stores import without_guards
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import Assurance
from wastetrack.domain.signing import Signature, text_hash
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests import queries as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties.models import Vehicle
from wastetrack.features.signing.models import GivenSignature
from wastetrack.infra.i18n import ENGLISH, speaking

pytestmark = pytest.mark.store


def kept(session, signature, who):
    query = select(GivenSignature).where(GivenSignature.signature == signature)
    rows = session.scalars(query.order_by(GivenSignature.id.desc())).all()
    return next(row for row in rows if row.user_id == who.user_id)


@pytest.mark.parametrize("signature", list(Signature))
def test_a_signature_keeps_who_on_what_and_the_words_and_its_event_vouches_for_it(desk, session, world, signature):
    desk.sign(signature)
    row = kept(session, signature, world.people[SIGNERS[signature]])
    assert row.shown_hash == text_hash(row.shown)
    assert row.shown.splitlines()[-1].startswith("[")
    assert (row.name, row.agreement_version, row.language) == (world.people[SIGNERS[signature]].name, 1, "zh_Hans_CN")
    query = select(LedgerEvent).where(LedgerEvent.stream == row.stream, LedgerEvent.seq == row.version)
    facts = json.loads(session.scalars(query).one().facts)
    told = facts["signature"]
    assert (told["id"], told["shown_hash"], told["signed_hash"]) == (str(row.id), row.shown_hash, row.signed_hash)
    assert (told["as"], told["grant"]) == (signature.value, str(row.grant_id))
    assert "演示" not in json.dumps(told, ensure_ascii=False), "the ledger names no person"
    if row.stream.startswith("manifest:"):
        assert row.signed_hash == facts["document_hash"]


@pytest.mark.parametrize("signature", list(Signature))
def test_other_words_than_those_that_hold_now_are_not_signed(desk, session, signature):
    with pytest.raises(Refusal) as refusal:
        desk.sign(signature, words="0" * 64)
    assert codes_of(refusal) == {"signing.shown"}
    stream = f"manifest:{desk.things[signature]}"
    assert session.scalar(select(GivenSignature.id).where(
        GivenSignature.stream == stream, GivenSignature.signature == signature)) is None  # fmt: skip


def test_what_changes_beside_the_manifest_changes_the_words(desk, work_as, world):
    with work_as() as work:
        load = work.session.get_one(Manifest, desk.things[Signature.CONSIGNOR])
        read = manifests.statement(work.session, load, Signature.CONSIGNOR)
        work.session.execute(update(Vehicle).values(plate="冀A99999"))
    with pytest.raises(Refusal, match=r"signing\.shown"):
        desk.sign(Signature.CONSIGNOR, words=read.hash)


def test_words_in_another_language_are_other_words(desk, work_as):
    with work_as() as work, speaking(ENGLISH):
        load = work.session.get_one(Manifest, desk.things[Signature.CARRIER])
        read = manifests.statement(work.session, load, Signature.CARRIER)
    assert "Sign part two and depart" in read.text
    with pytest.raises(Refusal, match=r"signing\.shown"):
        desk.sign(Signature.CARRIER, words=read.hash)


# --- on the pages ----------------------------------------------------------------------------------------------------


def test_the_page_shows_each_signature_with_the_words_it_was_given_under(desk, signed_in, session, world, work_as):
    browser = signed_in("manager", "en")
    here = f"/manifests/{desk.things[Signature.CONSIGNOR]}"
    page = browser.get(f"{here}/sign").text
    row = {"version": "1", "shown": words_on(page), "act_key": "K"}
    assert browser.post(f"{here}/sign", row).status_code == 303
    page = browser.get(here).text
    for said in ("manifest part one (consignor)", "What was shown", "version 1", "I state that the waste is"):
        assert said in page
    signed = kept(session, Signature.CONSIGNOR, world.people["manager"])
    assert (signed.language, signed.assurance) == ("en", Assurance.PASSWORD)
    with work_as() as work:
        for statement in without_guards(work.session.get_bind()):
            work.session.execute(text(statement))
        work.session.execute(update(GivenSignature).values(shown="something else"))
    assert "are not those that were signed" in browser.get(here).text


@pytest.mark.parametrize(
    ("signature", "path", "send"),
    [
        (Signature.CONSIGNOR, "/manifests/{id}/sign", "/manifests/{id}/sign"),
        (Signature.CARRIER, "/trips/{id}", "/trips/{id}/depart"),
        (Signature.RECEIVER, "/receipts/{id}", "/receipts/{id}/confirm"),
        (Signature.STATION, "/hand-ins/{id}", "/hand-ins/{id}/finish"),
        (Signature.TREATMENT, "/treatment", "/treatment"),
    ],
)
def test_a_closed_door_says_why_and_whom_to_ask_instead_of_the_button(desk, signed_in, signature, path, send):
    desk.withdraw_all()
    browser = signed_in(SIGNERS[signature], "en")
    page = browser.get(path.format(id=desk.things[signature])).text
    assert "was withdrawn" in page
    assert "Ask the security administrator" in page
    assert 'name="shown"' not in page
    form = {"version": "1", "shown": "0" * 64, "act_key": "K"}
    if signature is Signature.TREATMENT:
        chosen = desk.things[signature]
        form = {"facility_id": chosen.facility_id, "mode": "Y10", "container_ids": chosen.container_ids[0],
                "shown": "0" * 64}  # fmt: skip
        assert 'name="shown"' not in browser.post("/treatment/review", {**form, "shown": ""}).text
    answer = browser.post(send.format(id=desk.things[signature]), form)
    assert answer.status_code == 403
    assert "was withdrawn" in answer.text
