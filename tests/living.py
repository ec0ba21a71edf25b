"""Fixtures for tests that need the whole world of `tests.world`: built once, copied for each test.

Import them in a conftest: `from tests.living import chain, living_template, page, store_url, world`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests import stores
from tests.client import Browser
from tests.conftest import NOON, WorkAs
from tests.world import World, build
from wastetrack.domain.access import Actor
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import Assurance
from wastetrack.domain.signing import Signature
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.accounts.models import SignIn
from wastetrack.features.collection import queries as collection_queries
from wastetrack.features.collection.models import HandIn
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import queries as manifest_queries
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.signing import service as signing
from wastetrack.features.treatment import queries as treatment_queries
from wastetrack.features.treatment import service as treatment
from wastetrack.features.watch import service as watch
from wastetrack.infra.db import make_engine, writing
from wastetrack.infra.ids import new_token
from wastetrack.infra.work import Work
from wastetrack.web.login import hash_of

__all__ = [
    "Chain", "chain", "living_template", "page", "shown", "shown_batch", "shown_hand_in", "sit_down", "store_url",
    "world",
]  # fmt: skip


@pytest.fixture(scope="session")
def living_template(
    template: str, server: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, World]]:
    """Address of a store in which the world is built, and the world."""
    with stores.copy_of(template, server, tmp_path_factory.mktemp("living")) as url:
        engine = make_engine(url)
        ledger.listen(watch.notice)
        ledger.listen(signing.notice)

        @contextmanager
        def work_as(actor: Actor, now: datetime) -> Iterator[Work]:
            with writing(engine) as session:
                yield Work(session, actor, now, device="test")

        world = build(work_as)
        stores.settle(engine)
        yield url, world


@pytest.fixture
def store_url(living_template: tuple[str, World], server: str | None, tmp_path: Path) -> Iterator[str]:
    """Address of this test's own copy of the store with the world in it."""
    url, _world = living_template
    with stores.copy_of(url, server, tmp_path) as own:
        yield own


@pytest.fixture
def world(living_template: tuple[str, World]) -> World:
    """Who and what there is in this test's store."""
    return living_template[1]


def shown(work: Work, manifest: Manifest, signature: Signature) -> str:
    """Return the hash of the words that the page of this signature would show now."""
    return manifest_queries.statement(work.session, manifest, signature).hash


def shown_hand_in(work: Work, hand_in: HandIn) -> str:
    """Return that of the words over the station's signature."""
    boxes = collection_queries.boxes_of(work.session, hand_in.id)
    return collection_queries.statement(work.session, hand_in, boxes).hash


def shown_batch(work: Work, chosen: treatment.ChooseBatch) -> treatment.TreatBatch:
    """Return what signs the batch that was chosen; one that is not to be is signed as if it were of nothing."""
    try:
        seen = treatment.preview(work, chosen)
        words = treatment_queries.statement(seen.facility, seen.mode, seen.boxes).hash
    except Refusal:
        words = "0" * 64
    return treatment.TreatBatch(**chosen.model_dump(), shown=words)


@dataclass
class Chain:
    """The people of the world at work, each act in its own transaction at the moment given."""

    world: World
    work_as: WorkAs

    def bag(
        self,
        who: str = "collector",
        store: str | None = "hospital",
        mass: str = "3.4",
        at: datetime = NOON,
        waste: str = "infectious",
    ) -> Container:
        """Seal one bag and place it in a store; None leaves it where it was sealed."""
        actor = self.world.people[who]
        department = "内科" if actor.organisation_id == self.world.id("hospital") else ""
        with self.work_as(actor, at) as work:
            made = containers.register(
                work,
                containers.RegisterContainer(waste=waste, mass=mass, department=department, act_key=new_token()),
            )
            if store is not None:
                self._place(work, made, store)
        return made

    def place(self, made: Container, store: str, who: str = "collector", at: datetime = NOON) -> None:
        """Put a bag into a store."""
        with self.work_as(self.world.people[who], at) as work:
            self._place(work, made, store)

    def void(self, made: Container, at: datetime, who: str = "collector") -> None:
        """Make a label void: the shortest way out of a store."""
        with self.work_as(self.world.people[who], at) as work:
            containers.void(work, containers.VoidContainer(code=made.code, reason="演示", act_key=new_token()))

    def draft(self, boxes: Sequence[Container], at: datetime = NOON) -> Manifest:
        """Prepare the hospital's manifest to the plant."""
        w = self.world
        command = manifests.DraftManifest(
            container_ids=[one.id for one in boxes], facility_id=w.stores["hospital"].id, carrier_id=w.id("carrier"),
            vehicle_id=w.vehicles["truck"].id, driver_id=w.crew["driver"].id, escort_id=w.crew["escort"].id,
            receiver_id=w.id("plant"), receiver_facility_id=w.stores["plant"].id, mode=TreatmentMode.Y10,
            act_key=new_token(),
        )  # fmt: skip
        with self.work_as(w.people["manager"], at) as work:
            return manifests.draft(work, command)

    def sign(self, boxes: Sequence[Container], at: datetime = NOON) -> Manifest:
        """Prepare and sign the hospital's manifest."""
        made = self.draft(boxes, at)
        with self.work_as(self.world.people["manager"], at) as work:
            command = manifests.SignManifest(
                manifest_id=made.id, version=made.version, shown=shown(work, made, Signature.CONSIGNOR),
                act_key=new_token(),
            )  # fmt: skip
            return manifests.sign(work, command)

    def depart(self, boxes: Sequence[Container], at: datetime = NOON) -> Manifest:
        """Have the hospital's boxes signed, loaded and on the way."""
        made = self.sign(boxes, at)
        with self.work_as(self.world.people["driver"], at) as work:
            for one in boxes:
                scan = manifests.ScanBox(manifest_id=made.id, code=one.code, act_key=new_token())
                made = manifests.load(work, scan)
            command = manifests.Depart(
                manifest_id=made.id, version=made.version, shown=shown(work, made, Signature.CARRIER),
                act_key=new_token(),
            )  # fmt: skip
            return manifests.depart(work, command)

    def arrive(self, made: Manifest, at: datetime = NOON) -> Manifest:
        """Have the vehicle arrive."""
        with self.work_as(self.world.people["driver"], at) as work:
            return manifests.arrive(work, manifests.Arrive(manifest_id=made.id, act_key=new_token()))

    def receive(self, made: Manifest, box: Container, at: datetime = NOON) -> Manifest:
        """Accept one box at the plant."""
        with self.work_as(self.world.people["operator"], at) as work:
            command = manifests.ReceiveBox(manifest_id=made.id, code=box.code, act_key=new_token())
            return manifests.receive_box(work, command)

    def refuse(self, made: Manifest, box: Container, at: datetime = NOON) -> Manifest:
        """Refuse one box at the plant."""
        with self.work_as(self.world.people["operator"], at) as work:
            command = manifests.RefuseBox(manifest_id=made.id, code=box.code, reason="破损", act_key=new_token())
            return manifests.refuse_box(work, command)

    def confirm(self, made: Manifest, at: datetime = NOON) -> Manifest:
        """Sign the receipt; what was not scanned is declared missing."""
        with self.work_as(self.world.people["operator"], at) as work:
            now = work.session.get_one(Manifest, made.id)
            command = manifests.ConfirmReceipt(
                manifest_id=now.id, version=now.version, shown=shown(work, now, Signature.RECEIVER), name_missing=True,
                act_key=new_token(),
            )  # fmt: skip
            return manifests.confirm(work, command)

    def treat(self, boxes: Sequence[Container], at: datetime = NOON) -> None:
        """Treat boxes that stand at the plant."""
        with self.work_as(self.world.people["operator"], at) as work:
            chosen = treatment.ChooseBatch(
                facility_id=self.world.stores["plant"].id, mode=TreatmentMode.Y10,
                container_ids=tuple(one.id for one in boxes), act_key=new_token(),
            )  # fmt: skip
            treatment.treat(work, shown_batch(work, chosen))

    def _place(self, work: Work, made: Container, store: str) -> None:
        command = containers.PlaceContainers(
            facility_id=self.world.stores[store].id, codes=(made.code,), act_key=new_token()
        )
        containers.place(work, command)


@pytest.fixture
def chain(world: World, work_as: WorkAs) -> Chain:
    """The people of the world at work."""
    return Chain(world, work_as)


def sit_down(browser: Browser, actor: Actor, **host: str) -> Browser:
    """Sign somebody in without the cost of checking a password: a session on the server, its name in the cookie."""
    token = new_token()
    now = datetime.now(UTC)
    with writing(browser.app.extensions["wastetrack.engine"]) as session:
        session.add(
            SignIn(
                token_hash=hash_of(token), user_id=actor.user_id, created_at=now, seen_at=now,
                expires_at=now + timedelta(days=400), device="test",
                proven_at=now, assurance=Assurance.PASSWORD,
                mandate_id=actor.by_mandate.id if actor.by_mandate else None,
            )
        )  # fmt: skip
    with browser._client.session_transaction(**host) as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return browser


@pytest.fixture
def page(app: Flask, world: World) -> Callable[..., str]:
    """Open a page as somebody and return its text: `page("manager", "/alerts", status=200, language="zh-CN")`."""

    def open_page(who: str, path: str, status: int = 200, language: str = "zh-CN") -> str:
        answer = sit_down(Browser(app, language), world.people[who]).get(path)
        assert answer.status_code == status, (who, path, answer.status_code)
        return answer.text

    return open_page
