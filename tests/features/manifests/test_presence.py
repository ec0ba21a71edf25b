"""A driver proves at each stop that he stands at the store, or the pick-up goes on and says that it is unverified."""

import json
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.features.manifests.conftest import Trade
from tests.features.manifests.test_pages import as_  # noqa: F401
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.presence_code import PresenceCode, show_presence_code
from wastetrack.domain.problems import Refusal
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests import queries, service
from wastetrack.features.manifests.models import Manifest, ManifestLeg
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.infra.ids import new_token


def sign_of(session, trade: Trade, store: str = "hospital") -> str:
    session.rollback()
    return in_force(session, trade.world.stores[store].id).code


def shows(trade: Trade, manifest: Manifest, code: str, who: str = "driver", **given: Any) -> Manifest:
    command = {"manifest_id": manifest.id, "presence": code, "act_key": new_token(), **given}
    return trade.act(who, service.prove_presence, service.ProvePresence(**command))


def goes_on(trade: Trade, manifest: Manifest, reason: str = "标志被遮挡") -> Manifest:
    command = service.GoOnUnverified(manifest_id=manifest.id, reason=reason, act_key=new_token())
    return trade.act("driver", service.go_on_unverified, command)


def presence(session, manifest: Manifest) -> Presence:
    session.rollback()
    return session.query(ManifestLeg).filter_by(manifest_id=manifest.id).one().presence


@pytest.mark.parametrize("as_written", [
    str, str.lower, lambda code: show_presence_code(PresenceCode(code)),
    lambda code: f"HTTPS://WASTE.EXAMPLE/P/{code}",
])  # fmt: skip
def test_the_code_on_the_wall_proves_it_scanned_or_typed(trade: Trade, session, as_written) -> None:
    boxes = trade.boxes(2)
    manifest = shows(trade, trade.signed(boxes), as_written(sign_of(session, trade)))
    trade.depart(trade.load(manifest, *boxes))
    assert presence(session, manifest) is Presence.PROVEN


def test_every_event_of_the_pick_up_says_it_and_none_holds_the_code(trade: Trade, session) -> None:
    boxes, code = trade.boxes(1), sign_of(session, trade)
    manifest = trade.depart(trade.load(shows(trade, trade.signed(boxes), code), *boxes))
    session.rollback()
    facts = {one.kind: one.facts for one in ledger.stream(session, queries.stream_of(manifest.id))}
    facts |= {one.kind: one.facts for one in ledger.stream(session, f"container:{boxes[0].id}")}
    told = ("manifest.presence_proven", "manifest.box_loaded", "container.load", "manifest.departed")
    assert {json.loads(facts[kind])["presence"] for kind in told} == {"proven"}
    assert not any(code in text for text in facts.values())


def test_a_replaced_sign_is_dead_at_once_and_another_store_s_proves_nothing(trade: Trade, session) -> None:
    manifest, old = trade.signed(trade.boxes(1)), sign_of(session, trade)
    hospital = trade.world.stores["hospital"]
    trade.act("manager", parties.reissue_presence_code, parties.ReissuePresenceCode(
        organisation_id=hospital.organisation_id, facility_id=hospital.id, reason="遗失", act_key=new_token()
    ))  # fmt: skip
    plant, new = sign_of(session, trade, "plant"), sign_of(session, trade)
    for code, expected in ((old, "presence.replaced"), (plant, "presence.elsewhere")):
        with pytest.raises(Refusal) as refused:
            shows(trade, manifest, code)
        (problem,) = refused.value.problems
        assert (problem.code, problem.field) == (expected, "presence")
        said = f"{problem.sentence} {problem.facts}"
        assert not any(secret in said for secret in (old, plant, new, trade.world.stores["plant"].name))
    assert presence(session, manifest) is Presence.OPEN
    assert presence(session, shows(trade, manifest, new)) is Presence.PROVEN


def test_without_it_the_pick_up_goes_on_and_is_marked(trade: Trade, session, as_) -> None:  # noqa: F811
    boxes = trade.boxes(2)
    first, silent = goes_on(trade, trade.signed(boxes[:1])), trade.signed(boxes[1:])
    proven = trade.boxes(1)
    third = shows(trade, trade.signed(proven), sign_of(session, trade))
    for manifest, box in ((first, boxes[0]), (silent, boxes[1]), (third, proven[0])):
        trade.depart(trade.load(manifest, box))
    session.rollback()
    found = queries.find(session, trade.world.people["county"], queries.Filter(unverified=True)).rows
    assert {row.manifest.id for row in found} == {first.id, silent.id}
    regulator = as_("county")
    assert "标志被遮挡" in regulator.get(f"/manifests/{first.id}").text
    listed = regulator.get("/manifests?presence=unproven").text
    assert str(silent.id) in listed
    assert "未核验" in listed
    assert str(third.id) not in listed
    paper = PdfReader(BytesIO(regulator.get(f"/manifests/{first.id}/print.pdf").data)).pages[0].extract_text()
    assert "未核验" in paper
    assert "标志被遮挡" in paper


def test_a_proof_follows_a_reason_but_no_reason_follows_a_proof(trade: Trade, session) -> None:
    manifest = goes_on(trade, trade.signed(trade.boxes(1)))
    shows(trade, manifest, sign_of(session, trade))
    with pytest.raises(Refusal) as refused:
        goes_on(trade, manifest)
    assert refused.value.problems[0].code == "presence.proven"
    assert presence(session, manifest) is Presence.PROVEN


def test_after_the_departure_nothing_is_proven_any_more(trade: Trade, session) -> None:
    boxes, code = trade.boxes(1), sign_of(session, trade)
    manifest = trade.depart(trade.load(trade.signed(boxes), *boxes))
    with pytest.raises(Refusal) as refused:
        shows(trade, manifest, code)
    assert refused.value.problems[0].code == "manifest.load_when_in_transit"
    assert presence(session, manifest) is Presence.UNPROVEN


def test_sent_again_it_is_one_event_and_only_the_crew_may(trade: Trade, session) -> None:
    manifest, code, key = trade.signed(trade.boxes(1)), sign_of(session, trade), new_token()
    for _ in range(2):
        shows(trade, manifest, code, act_key=key)
    session.rollback()
    kinds = [event.kind for event in ledger.stream(session, queries.stream_of(manifest.id))]
    assert kinds.count("manifest.presence_proven") == 1
    with pytest.raises(Refusal):
        shows(trade, manifest, code, who="manager")


def test_the_page_asks_first_and_a_label_is_not_taken_for_a_sign(trade: Trade, session, as_) -> None:  # noqa: F811
    boxes = trade.boxes(1)
    manifest, driver = trade.signed(boxes), as_("driver")
    page = driver.get(f"/trips/{manifest.id}").text
    assert page.index('id="field-presence"') < page.index('id="field-code"')
    answer = driver.post(f"/trips/{manifest.id}/presence", {"presence": boxes[0].code, "act_key": new_token()})
    assert answer.status_code == 422
    assert "而不是容器标签" in answer.text
    address = f"HTTP://LOCALHOST/P/{sign_of(session, trade)}"
    driver.post(f"/trips/{manifest.id}/presence", {"presence": address, "evidence": "typed", "act_key": new_token()})
    session.rollback()
    event = next(e for e in ledger.stream(session, queries.stream_of(manifest.id)) if "presence" in e.kind)
    assert event.evidence == "scanned"
    assert 'id="field-presence"' not in driver.get(f"/trips/{manifest.id}").text


def test_a_reason_that_no_paper_can_show_is_refused_where_it_is_written(trade: Trade) -> None:
    with pytest.raises(Refusal) as refused:
        goes_on(trade, trade.signed(trade.boxes(1)), "🤷")
    assert refused.value.problems[0].field == "reason"
