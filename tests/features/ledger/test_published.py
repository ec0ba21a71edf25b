"""What is published of the ledger, to anyone, and the proof of a step to whoever sees the container."""

import json
import sys

import pytest

from tests.chain import *  # noqa: F403
from tests.chain import sealed
from tests.conftest import NOON
from tests.features.ledger.conftest import all_heads, log_of
from tests.features.ledger.test_exports import _load
from wastetrack.domain.access import SYSTEM
from wastetrack.domain.merkle import continues
from wastetrack.features.ledger import queries, service
from wastetrack.infra.db import reader, writing
from wastetrack.infra.work import Work

pytestmark = pytest.mark.store


@pytest.fixture
def two_heads(store, sealer, write):
    sealer.round()
    write(5)
    sealer.round()
    return [one.head for one in all_heads(store)]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_anyone_sees_the_heads_and_keys(browser, two_heads, language):
    browser.language = language
    page = browser.get("/ledger/heads").text
    for head in two_heads:
        assert head.root.hex()[:16] in page
        assert head.key_id in page


def test_before_the_first_head_the_page_says_so(browser):
    assert browser.get("/ledger/heads").status_code == 200
    assert browser._client.get("/ledger/head").status_code == 404


def test_the_newest_head_and_each_earlier_one_are_json_that_may_be_kept(browser, two_heads, store):
    client = browser._client
    answer = client.get("/ledger/head")
    assert service.from_json(answer.json) == all_heads(store)[-1]
    assert answer.headers["Cache-Control"] == "public, max-age=10"
    older = client.get(f"/ledger/head.json?size={two_heads[0].size}")
    assert service.from_json(older.json) == all_heads(store)[0]
    assert client.get("/ledger/head.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/ledger/head.json?size=1").status_code == 404
    assert client.get("/ledger/head.json?size=-1").status_code == 404


def test_heads_come_in_pages_that_follow_each_other(browser, store, sealer, write, monkeypatch):
    from wastetrack.features.ledger import pages

    monkeypatch.setattr(pages, "A_PAGE", 2)
    for _ in range(5):
        write(1)
        sealer.round()
    found, address = [], "/ledger/heads.json"
    while address:
        answer = browser._client.get(address).json
        found += [one["size"] for one in answer["heads"]]
        address = answer["next"]
    assert found == sorted((one.head.size for one in all_heads(store)), reverse=True)


def test_the_keys_are_published_and_fit_the_signatures(browser, two_heads, store):
    (key,) = browser._client.get("/ledger/keys.json").json["keys"]
    assert key["key"] == two_heads[0].key_id
    assert browser._client.get("/ledger/keys.pem").text == key["public"]


def test_the_growth_between_two_heads_is_proven_to_anyone(browser, two_heads):
    old, new = two_heads
    answer = browser._client.get(f"/ledger/consistency.json?old={old.size}&new={new.size}").json
    path = [bytes.fromhex(one) for one in answer["path"]]
    assert continues(old.size, old.root, new.size, new.root, path)
    for wrong in ("", "?old=1&new=2", f"?old={new.size}&new={old.size}", "?old=x&new=1"):
        assert browser._client.get(f"/ledger/consistency.json{wrong}").status_code in {400, 404, 422}


def test_a_regulator_finds_the_heads_in_his_navigation(signed_in, two_heads):
    assert 'href="/ledger/heads"' in signed_in("county").get("/ledger/heads").text


# --- the proof of a step ---------------------------------------------------------------------------------------------


@pytest.fixture
def bag(world, work_as, sealer):
    made = sealed(work_as, world.people["collector"], department="内科")
    sealer.round()
    return made


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "已证明"), ("en", "Proven")])
def test_a_step_is_proven_on_the_containers_page(signed_in, bag, language, words):
    page = signed_in("collector", language)
    assert f'href="/c/{bag.code}?prove=1#step-1"' in page.get(f"/c/{bag.code}").text
    proof = page.get(f"/c/{bag.code}?prove=1").text
    assert words in proof
    assert f"/c/{bag.code}/proof/1.json" in proof


def test_a_step_that_waits_says_so(signed_in, world, work_as, sealer):
    made = sealed(work_as, world.people["collector"], department="内科")
    assert "tone-wait" in signed_in("collector").get(f"/c/{made.code}?prove=1").text
    sealer.round()


def test_a_step_that_was_changed_is_not_proven(signed_in, bag, store, behind_our_back):
    behind_our_back(f"UPDATE ledger_events SET device = 'x' WHERE stream = 'container:{bag.id}'")
    assert "does NOT lead" in signed_in("collector", "en").get(f"/c/{bag.code}?prove=1").text


@pytest.mark.parametrize("number", ["0", "99", "x", "1.5", "٣", "9" * 30])
def test_a_number_that_is_no_step_is_no_mistake_of_ours(signed_in, bag, number):
    assert signed_in("collector").get(f"/c/{bag.code}?prove={number}").status_code in {200, 404}


def test_the_proof_as_a_file_is_accepted_by_the_program(signed_in, bag, store, tmp_path, monkeypatch):
    proof, key = tmp_path / "proof.json", tmp_path / "key.pem"
    browser = signed_in("collector")
    proof.write_text(browser._client.get(f"/c/{bag.code}/proof/1.json").text)
    key.write_text(browser._client.get("/ledger/keys.pem").text)
    monkeypatch.setattr(sys, "argv", ["verify_ledger", str(proof), "--key", str(key)])
    assert _load().main() == 0


def test_only_who_sees_the_container_gets_its_proofs(signed_in, browser, bag):
    address = f"/c/{bag.code}/proof/1.json"
    assert browser._client.get(address).status_code == 303
    assert signed_in("doctor_a")._client.get(address).status_code == 404
    assert signed_in("county")._client.get(address).status_code == 200


# --- the audit administrator's page ----------------------------------------------------------------------------------


def test_the_page_says_how_far_it_is_sealed_and_checked(signed_in, two_heads, store):
    with writing(store) as session:
        service.append(Work(session, SYSTEM, NOON), "test:later", "test.done", {})
    page = signed_in("audit_admin", "en")
    assert "not checked yet" in page.get("/ledger").text
    page.post("/ledger/verify")
    with reader(store) as session:
        head = queries.latest_head(session)
    shown = page.get("/ledger").text
    assert head.short in shown
    assert "not checked yet" not in shown
    assert f"{head.head.size} of the log" in shown


def test_the_second_verification_reads_only_what_is_new_and_a_full_one_everything(
    app, signed_in, two_heads, store, behind_our_back, monkeypatch
):
    from wastetrack.features.ledger.service import verifying

    page = signed_in("audit_admin")
    page.get("/ledger")
    assert "tone-ok" in page.post("/ledger/verify").text
    monkeypatch.setattr(verifying, "AGAIN", 0)
    first, seq = log_of(store)[0]
    behind_our_back(f"UPDATE ledger_events SET device = 'x' WHERE stream = '{first}' AND seq = {seq}")
    shown = page.post("/ledger/verify").text
    assert "ledger_events_no_update" in shown
    assert first not in shown.split("tone-alarm", 1)[1].split("</ul>")[0]
    done = app.test_cli_runner().invoke(args=["ledger", "verify", "--full"])
    assert done.exit_code == 1
    assert f"{first} #{seq}" in done.output


def test_a_head_kept_elsewhere_is_met_by_the_command(app, two_heads, store, tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps([service.as_json(one) for one in all_heads(store)]))
    runner = app.test_cli_runner()
    assert runner.invoke(args=["ledger", "verify", "--head", str(kept)]).exit_code == 0
    said = service.as_json(all_heads(store)[0])
    kept.write_text(json.dumps(said | {"root": "00" * 32}))
    assert runner.invoke(args=["ledger", "verify", "--head", str(kept)]).exit_code == 1
    kept.write_text("nonsense")
    assert runner.invoke(args=["ledger", "verify", "--head", str(kept)]).exit_code == 2


def test_the_worker_verifies_and_puts_what_is_wrong_into_its_log(sealer, two_heads, behind_our_back, caplog):
    from wastetrack.features.ledger import jobs

    assert jobs.verify(sealer) == 0
    behind_our_back("DELETE FROM ledger_log WHERE position = 0")
    assert jobs.verify(sealer) > 0
    assert "the ledger is not intact" in caplog.text
