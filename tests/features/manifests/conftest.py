"""The shared world, built once, and the acts of a manifest in one line each."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.conftest import NOON
from tests.living import living_template, page, shown, store_url, world
from tests.world import World
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.signing import Signature
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests import service
from wastetrack.features.manifests.models import Manifest, ManifestBox
from wastetrack.features.parties.models import Licence
from wastetrack.infra.ids import new_token

MORNING = NOON - timedelta(hours=4)


@dataclass
class Trade:
    """The people of the world at work: each act in its own transaction, by the person whose act it is."""

    world: World
    work_as: Any

    def act(self, who: str, do: Any, command: Any, now: datetime = NOON) -> Any:
        with self.work_as(self.world.people[who], now) as work:
            return do(work, command)

    def boxes(
        self, count: int = 2, who: str = "manager", waste: str = "infectious", mass: str = "3.50"
    ) -> list[Container]:
        """Register boxes in the morning and put them into the store of whose they are."""
        store = {"manager": "hospital", "factory": "factory", "collector": "hospital"}[who]
        made = []
        with self.work_as(self.world.people[who], MORNING) as work:
            for _ in range(count):
                registered = containers.RegisterContainer(
                    waste=waste, mass=mass, department="内科" if store == "hospital" else "", act_key=new_token()
                )
                made.append(containers.register(work, registered))
            containers.place(
                work,
                containers.PlaceContainers(
                    facility_id=self.world.stores[store].id, codes=tuple(box.code for box in made), act_key=new_token()
                ),
            )
        return made

    def plan(self, boxes: list[Container], **given: Any) -> dict[str, Any]:
        w = self.world
        return {
            "container_ids": [box.id for box in boxes],
            "facility_id": w.stores["hospital"].id,
            "carrier_id": w.id("carrier"),
            "vehicle_id": w.vehicles["truck"].id,
            "driver_id": w.crew["driver"].id,
            "escort_id": w.crew["escort"].id,
            "receiver_id": w.id("plant"),
            "receiver_facility_id": w.stores["plant"].id,
            "mode": "Y10",
            "act_key": new_token(),
            **given,
        }

    def draft(self, boxes: list[Container] | None = None, who: str = "manager", **given: Any) -> Manifest:
        boxes = self.boxes() if boxes is None else boxes
        return self.act(who, service.draft, service.DraftManifest(**self.plan(boxes, **given)))

    def sign(self, manifest: Manifest, who: str = "manager", now: datetime = NOON, **given: Any) -> Manifest:
        return self.put_name(who, service.sign, service.SignManifest, Signature.CONSIGNOR, manifest, now, **given)

    def put_name(
        self, who: str, do: Any, kind: Any, signature: Signature, manifest: Manifest, now: datetime, **given: Any
    ) -> Any:
        """Sign as the page does: the version, and the words that stand there now."""
        command = {"manifest_id": manifest.id, "version": manifest.version, "act_key": new_token(), **given}
        with self.work_as(self.world.people[who], now) as work:
            stands = work.session.get_one(Manifest, manifest.id)
            return do(work, kind(**{"shown": shown(work, stands, signature), **command}))

    def signed(self, boxes: list[Container] | None = None, **given: Any) -> Manifest:
        return self.sign(self.draft(boxes, **given))

    def scan(self, who: str, do: Any, manifest: Manifest, box: Container | str, **given: Any) -> Manifest:
        code = box if isinstance(box, str) else box.code
        kind = {service.receive_box: service.ReceiveBox, service.refuse_box: service.RefuseBox}.get(do, service.ScanBox)
        command = {"manifest_id": manifest.id, "code": code, "act_key": new_token(), **given}
        return self.act(who, do, kind(**command))

    def load(self, manifest: Manifest, *boxes: Container | str) -> Manifest:
        for box in boxes:
            manifest = self.scan("driver", service.load, manifest, box)
        return manifest

    def depart(self, manifest: Manifest, **given: Any) -> Manifest:
        return self.put_name("driver", service.depart, service.Depart, Signature.CARRIER, manifest, NOON, **given)

    def arrive(self, manifest: Manifest, who: str = "driver") -> Manifest:
        return self.act(who, service.arrive, service.Arrive(manifest_id=manifest.id, act_key=new_token()))

    def arrived(self, boxes: list[Container]) -> Manifest:
        return self.arrive(self.depart(self.load(self.signed(boxes), *boxes)))

    def receive(self, manifest: Manifest, *boxes: Container | str, **given: Any) -> Manifest:
        for box in boxes:
            manifest = self.scan("operator", service.receive_box, manifest, box, **given)
        return manifest

    def refuse(self, manifest: Manifest, box: Container, reason: str = "破损") -> Manifest:
        return self.scan("operator", service.refuse_box, manifest, box, reason=reason)

    def confirm(self, manifest: Manifest, **given: Any) -> Manifest:
        kind = service.ConfirmReceipt
        return self.put_name("operator", service.confirm, kind, Signature.RECEIVER, manifest, NOON, **given)

    def treat(self, *boxes: Container) -> list[Manifest]:
        """Do what the treatment does: move the containers, then tell the manifests."""
        with self.work_as(self.world.people["operator"], NOON) as work:
            for box in sorted(boxes, key=lambda box: box.id):
                containers.move(work, box.id, containers.Doing.TREAT)
            return service.boxes_treated(work, [box.id for box in boxes])

    def change_licence(self, kind: LicenceKind, **values: Any) -> None:
        with self.work_as() as work:
            for licence in work.session.query(Licence).filter(Licence.kind == kind):
                for name, value in values.items():
                    setattr(licence, name, value)


@pytest.fixture
def trade(world: World, work_as: Any) -> Trade:
    return Trade(replace(world), work_as)


@pytest.fixture
def stands(session: Session) -> Any:
    """Read a container, manifest or box as it is kept."""

    def read(kind: type, key: UUID | tuple[UUID, UUID]) -> Any:
        session.rollback()
        return session.get(kind, key, populate_existing=True)

    return read


__all__ = ["Manifest", "ManifestBox", "living_template", "page", "store_url", "world"]
