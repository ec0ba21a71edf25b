"""The shared world with everything in it that can be signed, each one signature away from being signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from tests.chain import _at_noon, living_template, sealed, signed_in, standing, store_url
from tests.conftest import NOON, WorkAs
from tests.living import Chain, chain, shown, shown_batch, shown_hand_in
from tests.world import World
from wastetrack.domain.signing import Signature
from wastetrack.domain.times import local_day
from wastetrack.features.collection import service as collection
from wastetrack.features.collection.models import HandIn
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.signing import service
from wastetrack.features.signing.models import SigningGrant
from wastetrack.features.treatment import service as treatment
from wastetrack.infra.ids import new_token

__all__ = ["_at_noon", "chain", "living_template", "signed_in", "store_url"]

SIGNERS = {
    Signature.CONSIGNOR: "manager",
    Signature.CARRIER: "driver",
    Signature.RECEIVER: "operator",
    Signature.STATION: "attendant",
    Signature.TREATMENT: "operator",
}
"""Who of the world gives each signature."""


@dataclass
class Desk:
    """One thing to sign for each signature, and how to sign it."""

    world: World
    work_as: WorkAs
    things: dict[Signature, Any]

    def sign(self, signature: Signature, now: datetime = NOON, words: str | None = None) -> Any:
        """Give the signature under the words that stand there now, or under other ones."""
        with self.work_as(self.world.people[SIGNERS[signature]], now) as work:
            if signature is Signature.TREATMENT:
                command = shown_batch(work, self.things[signature])
                return treatment.treat(work, command.model_copy(update={"shown": words or command.shown}))
            if signature is Signature.STATION:
                hand_in = work.session.get_one(HandIn, self.things[signature])
                read = words or shown_hand_in(work, hand_in)
                command = collection.FinishHandIn(hand_in_id=hand_in.id, version=hand_in.version, shown=read)
                return collection.finish(work, command)
            load = work.session.get_one(Manifest, self.things[signature])
            do, kind = {
                Signature.CONSIGNOR: (manifests.sign, manifests.SignManifest),
                Signature.CARRIER: (manifests.depart, manifests.Depart),
                Signature.RECEIVER: (manifests.confirm, manifests.ConfirmReceipt),
            }[signature]
            read = words or shown(work, load, signature)
            return do(work, kind(manifest_id=load.id, version=load.version, shown=read, act_key=new_token()))

    def grant(
        self, who: str, *signatures: Signature, by: str = "security_admin", now: datetime = NOON, **given: Any
    ) -> None:
        """Grant something to somebody."""
        with self.work_as(self.world.people[by], now) as work:
            command = {"since": local_day(now), "basis": "演示授权书1号", **given}
            user_id = self.world.people[who].user_id
            service.grant(work, service.GrantSigning(user_id=user_id, signatures=frozenset(signatures), **command))

    def take_all(self) -> None:
        """Have nobody ever have been granted anything."""
        with self.work_as() as work:
            nobody = self.world.people["audit_admin"].user_id
            work.session.execute(update(SigningGrant).values(user_id=nobody))

    def withdraw_all(self) -> None:
        """Withdraw every grant there is."""
        with self.work_as(self.world.people["security_admin"]) as work:
            for row in work.session.query(SigningGrant).all():
                command = service.WithdrawSigning(user_id=row.user_id, grant_id=row.id, reason="演示撤回")
                service.withdraw(work, command)

    def give_away(self) -> None:
        """Have every grant be for an organisation that is not the person's own."""
        with self.work_as() as work:
            work.session.execute(update(SigningGrant).values(organisation_id=self.world.id("factory")))


@pytest.fixture
def world(living_template: tuple[str, World]) -> World:
    """Who there is, to be added to by one test."""
    return World(**{name: dict(value) for name, value in vars(living_template[1]).items()})


@pytest.fixture
def desk(world: World, work_as: WorkAs, chain: Chain) -> Desk:
    """Everything waits for its signature."""
    signed, box = chain.sign([loaded := chain.bag()]), chain.bag()
    with work_as(world.people["driver"]) as work:
        manifests.load(work, manifests.ScanBox(manifest_id=signed.id, code=loaded.code, act_key=new_token()))
    received = chain.receive(chain.arrive(chain.depart([box])), box)
    clinic = sealed(work_as, world.people["doctor_a"])
    with work_as(world.people["attendant"]) as work:
        taken = collection.receive_box(work, collection.ReceiveHandedIn(code=clinic.code))
    here = standing(work_as, sealed(work_as, world.people["collector"], department="内科"), world, "plant")
    return Desk(world, work_as, {
        Signature.CONSIGNOR: chain.draft([chain.bag()]).id,
        Signature.CARRIER: signed.id,
        Signature.RECEIVER: received.id,
        Signature.STATION: taken.hand_in.id,
        Signature.TREATMENT: treatment.ChooseBatch(
            facility_id=world.stores["plant"].id, mode="Y10", container_ids=(here.id,)
        ),
    })  # fmt: skip


Codes = Callable[..., set[str]]


def codes_of(refusal: Any) -> set[str]:
    """Return the codes of a refusal that pytest caught."""
    return {one.code for one in refusal.value.problems}
