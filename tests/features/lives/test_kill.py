"""kill -9 of the whole site while people work on it: what was answered stands once, nothing is half, the log goes on.

Takes some seconds, because the real site with its servers and its worker has to start, work and die several times.
"""

import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from tests import stores
from tests.client import Browser
from tests.features.ledger.conftest import all_heads
from tests.features.lives.killed import SCANS, Client, Crew, Site
from tests.living import Chain, sit_down
from tests.rebuilding import assert_rebuilds
from tests.world import World, build
from wastetrack.domain.merkle import continues
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import stream_of
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger import service
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests.queries import stream_of as manifest_stream
from wastetrack.infra.db import reader, snapshot

pytestmark = pytest.mark.store
KILLS = 3
AGO = datetime.now(UTC) - timedelta(hours=1)
"""When all was made ready: the site lives by the real clock, which a test cannot set."""


@pytest.fixture
def store_url(template: str, server: str | None, tmp_path: Path) -> Iterator[str]:
    """Address of a store of its own, in which the world is built by the real clock."""
    with stores.copy_of(template, server, tmp_path) as own:
        yield own


@pytest.fixture
def world(work_as) -> World:
    return build(work_as, AGO)


@pytest.fixture
def site(store_url, tmp_path) -> Iterator[Site]:
    made = Site(store_url, tmp_path, _free_port())
    yield made
    made.kill()


def _free_port() -> int:
    """Return a port below those that the system gives to callers: who calls one of those may reach himself."""
    while True:
        with suppress(OSError), socket.socket() as free:
            port = random.randrange(20_000, 32_000)
            free.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def client(app, world, site) -> Callable[..., Client]:
    """Have somebody signed in, ready to work on the real site until `stop` is set."""

    def signed_in(who: str, stop: Event, rounds: Callable[[Client], None]) -> Client:
        browser = sit_down(Browser(app), world.people[who])
        browser.get("/find-code")
        name = app.config["SESSION_COOKIE_NAME"]
        return Client(site, f"{name}={browser._client.get_cookie(name).value}", browser._token, rounds, stop)

    return signed_in


def test_whenever_the_site_is_killed_what_was_answered_stands_once_and_nothing_is_half(
    app, world, work_as, client, site, store
):
    chance, stop = random.Random(4), Event()
    chain = Chain(world, work_as)
    boxes = [chain.bag(at=AGO) for _ in range(4)]
    trip = chain.sign(boxes, AGO)
    with reader(store) as session:
        before = {one.code: len(ledger.stream(session, stream_of(one.id))) for one in boxes}
    sealing, (here, there) = _sealing(world.stores["hospital"].id), (boxes[:2], boxes[2:])
    clients = [
        *(client(who, stop, sealing) for who in ("collector", "collector", "manager")),
        *(client("driver", stop, _loading(trip, some)) for some in (here, there)),
    ]
    crew = Crew(site, clients, stop)
    site.start()
    for one in clients:
        one.start()
    for _ in range(KILLS):
        crew.everybody_goes_on()
        time.sleep(chance.uniform(0.05, 1))
        site.kill()
        _all_stand(store, crew.answered())
        site.start()
    crew.everybody_goes_on()
    crew.go_home()
    crew.wait_for(lambda: _sealed(store) == _written(store))
    site.kill()
    assert all(one.repeated for one in clients), "somebody was never interrupted: this showed less than it says"
    with reader(store) as session:
        _lived_once(session, crew.answered(), before)
        _on_the_manifest_once(session, crew.answered(), trip)
        assert_rebuilds(session)
        kept = app.extensions["wastetrack.sealer"].kept
        assert list(service.verify(session, service.Outside(kept))) == []
        for old, new in pairwise(one.head for one in all_heads(store)):
            assert continues(old.size, old.root, new.size, new.root, ledger.consistency(session, old.size, new.size))


def _sealing(store_id) -> Callable[[Client], None]:
    """One bag after the other: registered, put into the store, weighed again."""

    def rounds(one: Client) -> None:
        form = {"waste": "infectious", "mass": "3.4", "department": "内科"}
        bag = one.act("container.registered", "/register", form)
        one.act("container.store", f"/stores/{store_id}", {"codes": bag}, bag)
        one.act("container.weigh", f"/c/{bag}/weigh", {"mass": "3.5"}, bag)

    return rounds


def _loading(trip, boxes) -> Callable[[Client], None]:
    """One box after the other onto the vehicle and off again."""
    turn = cycle(one.code for one in boxes)

    def rounds(one: Client) -> None:
        code = next(turn)
        one.act("container.load", f"/trips/{trip.id}/load", {"code": code}, code)
        one.act("container.unload", f"/trips/{trip.id}/unload", {"code": code}, code)

    return rounds


def _written(store) -> int:
    with reader(store) as session:
        return session.scalar(select(func.count()).select_from(LedgerEvent))


def _sealed(store) -> int:
    return max((one.head.size for one in all_heads(store)), default=0)


def _all_stand(store, answered) -> None:
    """What was answered is there as soon as the site is dead, before anybody repeats anything; and no act is half."""
    with snapshot(store) as session:  # PostgreSQL may still be ending what the dead asked for last
        there = set(session.execute(select(LedgerEvent.kind, LedgerEvent.act_key)).tuples())
        assert {act for acts in answered.values() for act in acts} <= there
        assert_rebuilds(session)


def _lived_once(session, answered, before) -> None:
    """Each container lived what its client was answered, in that order, and nothing else; and there is no other."""
    rows = {one.code: one for one in session.scalars(select(Container))}
    assert set(rows) == set(answered) | set(before)
    for code, acts in answered.items():
        stream = ledger.stream(session, stream_of(rows[code].id))
        assert [(one.kind, one.act_key) for one in stream[before.get(code, 0) :]] == acts, code


def _on_the_manifest_once(session, answered, trip) -> None:
    """The manifest says of every load and unload what the container's life says, once."""
    stream = ledger.stream(session, manifest_stream(trip.id))
    said = Counter((one.kind, one.act_key) for one in stream if one.kind in SCANS.values())
    assert said == Counter((SCANS[kind], key) for acts in answered.values() for kind, key in acts if kind in SCANS)
