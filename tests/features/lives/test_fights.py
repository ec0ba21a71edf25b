"""Two servers with eight threads each want the same containers: exactly one wins each act, the others are told why."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.conftest import HOUSE
from tests.living import Chain, sit_down
from wastetrack.domain.containers import State
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service
from wastetrack.features.manifests.models import Manifest

pytestmark = pytest.mark.store
SERVERS, THREADS = 2, 8


def test_of_all_who_want_a_container_exactly_one_has_it(app, houses, work_as, store_url, session, tmp_path):
    chain = Chain(houses, work_as)
    free, drawn, wanted, carried, judged = (chain.bag() for _ in range(5))
    brought = chain.bag("doctor_a", None)
    signed = chain.sign([carried])
    arrived = chain.arrive(chain.depart([judged]))
    cold, hospital = houses.stores["hospital_cold"].id, houses.stores["hospital"].id
    plan = {
        "container_ids": str(wanted.id), "facility_id": hospital, "carrier_id": houses.id("carrier"),
        "vehicle_id": houses.vehicles["truck"].id, "driver_id": houses.crew["driver"].id,
        "escort_id": houses.crew["escort"].id, "receiver_id": houses.id("plant"),
        "receiver_facility_id": houses.stores["plant"].id, "mode": "Y10",
    }  # fmt: skip
    acts = [
        ("void", "collector", f"/c/{free.code}/void", {"reason": "演示"}),
        ("open", "manager", f"/c/{drawn.code}/open", {"reason": "演示"}),
        ("repack", "collector", f"/c/{drawn.code}/repack", {"packaging": "bag", "mass": "2", "reason": "演示"}),
        ("place", "manager", f"/stores/{cold}", {"codes": free.code}),
        ("draft", "manager", "/manifests/new", plan),
        ("load", "driver", f"/trips/{signed.id}/load", {"code": carried.code}),
        ("accept", "operator", f"/receipts/{arrived.id}/receive", {"code": judged.code}),
        ("refuse", "operator", f"/receipts/{arrived.id}/refuse", {"code": judged.code, "reason": "破损"}),
        ("take in", "attendant", "/hand-ins/receive", {"code": brought.code}),
    ]
    answers = _fought(app, houses, store_url, tmp_path, acts)
    assert len(answers) == len(acts) * SERVERS * THREADS
    assert {status for _name, status, _said in answers} <= {303, 403, 404, 409, 422}, _worst(answers)
    assert not [said for _name, _status, said in answers if "deadlock" in said.lower() or "locked" in said.lower()]
    won = Counter(name for name, status, _said in answers if status == 303)
    assert {name: won[name] for name in ("void", "draft", "load", "take in")} == {
        "void": 1, "draft": 1, "load": 1, "take in": 1
    }, won  # fmt: skip
    assert won["accept"] + won["refuse"] == 1
    assert (won["repack"], won["open"] <= 1) == (1, True)
    _once_each(session, (free, drawn, wanted, carried, judged, brought))
    rows = {one.id: session.get_one(Container, one.id) for one in (free, drawn, wanted, carried, judged, brought)}
    assert rows[free.id].state is State.VOID
    assert rows[carried.id].state is State.LOADED
    assert rows[judged.id].state in {State.STORED, State.REFUSED}
    assert rows[wanted.id].manifest_id == session.scalar(
        select(Manifest.id).where(Manifest.id.not_in([signed.id, arrived.id]))
    )
    assert session.scalars(select(Container).where(Container.repacked_from == drawn.id)).one().state is State.STORED
    assert not list(service.verify(session))


def _worst(answers):
    return [answer for answer in answers if answer[1] >= 500 or answer[1] < 300][:3]


def _once_each(session, boxes):
    """No act stands twice in a life: each of these happens to a container once at most."""
    for box in boxes:
        kinds = Counter(event.kind for event in ledger.stream(session, stream_of(box.id)))
        for once in ("void", "open", "repack", "load", "accept", "refuse", "hand_in"):
            assert kinds[f"container.{once}"] <= 1, (box.code, kinds)


def _fought(app, houses, store_url, folder, acts):
    """Let both servers begin at the same moment; return what everybody was answered."""
    people = {}
    for who in {act[1] for act in acts}:
        browser = sit_down(Browser(app), houses.people[who])
        with browser._client.session_transaction() as cookie:
            people[who] = cookie["_user_id"]
    forms = [
        {"name": name, "who": who, "path": path, "form": {key: str(one) for key, one in form.items()}}
        for name, who, path, form in acts
    ]
    (folder / "wanted.json").write_text(json.dumps({"threads": THREADS, "people": people, "acts": forms}))
    command = [sys.executable, "-m", "tests.features.lives.fighter", store_url, str(folder)]
    running = [
        subprocess.Popen([*command, str(number)], cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number in range(SERVERS)
    ]
    try:
        until = time.monotonic() + 60
        while len(list(folder.glob("ready-*"))) < SERVERS:
            assert time.monotonic() < until
            assert all(one.poll() is None for one in running), running[0].communicate()[1]
            time.sleep(0.02)
        (folder / "go").touch()
        told = [one.communicate(timeout=90) for one in running]
    finally:
        for one in running:
            one.kill()
    assert [one.returncode for one in running] == [0] * SERVERS, told
    return [answer for out, _err in told for answer in json.loads(out)]
