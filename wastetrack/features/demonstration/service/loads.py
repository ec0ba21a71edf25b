"""Loads: drafted, signed, driven, received and treated, the way the people on the road do it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.domain.ledger import Evidence
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Signature
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.containers.models import Container
from wastetrack.features.demonstration import queries
from wastetrack.features.demonstration.service.stage import Stage
from wastetrack.features.fleet import service as fleet
from wastetrack.features.fleet.service import CleanVehicle
from wastetrack.features.manifests import queries as manifest_queries
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.manifests.service import (
    Arrive,
    ConfirmReceipt,
    Depart,
    DraftManifest,
    GoOnUnverified,
    ProvePresence,
    ReceiveBox,
    RefuseBox,
    ScanBox,
    SignManifest,
    VoidManifest,
)
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.features.treatment import queries as treatment_queries
from wastetrack.features.treatment import service as treatment
from wastetrack.features.treatment.service import ChooseBatch, TreatBatch
from wastetrack.infra.work import Work

_PER_BOX = timedelta(seconds=20)
_WEIGHED_AGAIN = 4
"""The receiver puts every so manieth box on the scale."""


@dataclass(frozen=True)
class Route:
    """Who sends what from where, who drives it, and who receives and treats it how."""

    store: str
    consignor: str
    truck: str
    receiver: str
    receiving: str
    mode: TreatmentMode
    codes: Collection[str] = ()
    """The waste codes it is for; everything when empty."""
    drive: timedelta = timedelta(minutes=70)

    def takes(self, container: Container) -> bool:
        """Tell whether a container goes this way."""
        return not self.codes or container.waste_code in self.codes


@dataclass
class Load:
    """A manifest under way: its boxes by code, as the people carry them in mind."""

    route: Route
    manifest_id: UUID
    boxes: dict[str, UUID] = field(default_factory=dict)


_PLANTS = {"incineration": "plant.incineration", "steam": "plant.steam"}


def draft(stage: Stage, route: Route, at: datetime) -> Load | None:
    """Draft a manifest for all that stands in the store and goes this way; None when there is nothing."""
    truck = stage.trucks[route.truck]
    with stage.act(route.consignor, at) as work:
        chosen = [one for one in queries.free_in(work.session, stage.stores[route.store]) if route.takes(one)]
        if not chosen:
            return None
        command = DraftManifest(
            container_ids=[one.id for one in chosen],
            facility_id=stage.stores[route.store],
            carrier_id=truck.carrier_id,
            vehicle_id=truck.vehicle_id,
            driver_id=truck.driver_id,
            escort_id=truck.escort_id,
            receiver_id=stage.organisations[route.receiver],
            receiver_facility_id=stage.stores[route.receiving],
            mode=route.mode,
            act_key=stage.key(),
        )
        manifest = manifests.draft(work, command)
        return Load(route, manifest.id, {one.code: one.id for one in chosen})


def sign(stage: Stage, load: Load, at: datetime) -> None:
    """Sign for the consignor."""
    with stage.act(load.route.consignor, at) as work:
        version, shown = _shown(work, load, Signature.CONSIGNOR)
        command = SignManifest(manifest_id=load.manifest_id, version=version, shown=shown, act_key=stage.key())
        manifests.sign(work, command)


def is_refused(stage: Stage, load: Load, at: datetime, code: str) -> bool:
    """Try to sign where the law stands against it; tell whether it was refused for this reason. Nothing is kept."""
    try:
        sign(stage, load, at)
    except Refusal as refusal:
        return any(problem.code == code for problem in refusal.problems)
    return False


def void(stage: Stage, load: Load, at: datetime, reason: str) -> None:
    """Take a signed manifest back before the vehicle came."""
    with stage.act(load.route.consignor, at) as work:
        manifests.void(work, VoidManifest(manifest_id=load.manifest_id, reason=reason, act_key=stage.key()))


def depart(stage: Stage, load: Load, at: datetime) -> None:
    """Scan the sign of the store and every box onto the vehicle, then sign and go at `at`."""
    driver = f"driver.{load.route.truck}"
    with stage.act(driver, at) as work:
        _stand_at_the_store(stage, replace(work, now=at - timedelta(minutes=2) - _PER_BOX * len(load.boxes)), load)
        _each(stage, work, load.boxes, at - timedelta(minutes=2), manifests.load, load.manifest_id)
        version, shown = _shown(work, load, Signature.CARRIER)
        command = Depart(manifest_id=load.manifest_id, version=version, shown=shown, act_key=stage.key())
        manifests.depart(work, command)


def _stand_at_the_store(stage: Stage, work: Work, load: Load) -> None:
    """Scan the sign on the wall; where none hangs yet, say so."""
    sign = in_force(work.session, stage.stores[load.route.store])
    if sign:
        command = ProvePresence(
            manifest_id=load.manifest_id, presence=sign.code, evidence=Evidence.SCANNED, act_key=stage.key()
        )
        manifests.prove_presence(work, command)
    else:
        unproven = GoOnUnverified(manifest_id=load.manifest_id, reason="墙上无标识（演示）", act_key=stage.key())
        manifests.go_on_unverified(work, unproven)


def arrive(stage: Stage, load: Load, at: datetime) -> None:
    """Say that the vehicle is at the gate."""
    with stage.act(f"driver.{load.route.truck}", at) as work:
        manifests.arrive(work, Arrive(manifest_id=load.manifest_id, act_key=stage.key()))


def receive(stage: Stage, load: Load, at: datetime, codes: Sequence[str]) -> None:
    """Scan these boxes in at the gate, some of them weighed again."""
    with stage.act(_PLANTS[load.route.receiver], at) as work:
        for number, code in enumerate(codes):
            moment = at - _PER_BOX * (len(codes) - number)
            weighed = None if number % _WEIGHED_AGAIN else _weighed_again(stage, work, load.boxes[code])
            command = ReceiveBox(
                manifest_id=load.manifest_id,
                code=code,
                evidence=Evidence.SCANNED,
                mass=weighed,
                act_key=stage.key(),
            )
            manifests.receive_box(replace(work, now=moment), command)


def refuse(stage: Stage, load: Load, at: datetime, codes: Sequence[str], reason: str) -> None:
    """Refuse these boxes at the gate."""
    with stage.act(_PLANTS[load.route.receiver], at) as work:
        for code in codes:
            command = RefuseBox(
                manifest_id=load.manifest_id, code=code, evidence=Evidence.SCANNED, reason=reason, act_key=stage.key()
            )
            manifests.refuse_box(work, command)


def confirm(stage: Stage, load: Load, at: datetime, *, name_missing: bool = False) -> None:
    """Sign the receipt."""
    with stage.act(_PLANTS[load.route.receiver], at) as work:
        version, shown = _shown(work, load, Signature.RECEIVER)
        command = ConfirmReceipt(
            manifest_id=load.manifest_id,
            version=version,
            shown=shown,
            name_missing=name_missing,
            act_key=stage.key(),
        )
        manifests.confirm(work, command)


def wash(stage: Stage, load: Load, at: datetime) -> None:
    """Have the driver wash and disinfect the vehicle after medical waste."""
    with stage.act(f"driver.{load.route.truck}", at) as work:
        vehicle = stage.trucks[load.route.truck].vehicle_id
        fleet.clean(work, CleanVehicle(vehicle_id=vehicle, note="含氯消毒剂", act_key=stage.key()))


def take_back(stage: Stage, load: Load, at: datetime, codes: Sequence[str]) -> None:
    """Have refused boxes back in the consignor's store."""
    with stage.act(load.route.consignor, at) as work:
        _each(stage, work, codes, at, manifests.take_back, load.manifest_id)


def treat(stage: Stage, route: Route, at: datetime, container_ids: Sequence[UUID]) -> None:
    """Treat these containers in one batch."""
    if not container_ids:
        return
    with stage.act(_PLANTS[route.receiver], at) as work:
        chosen = ChooseBatch(
            facility_id=stage.stores[route.receiving],
            mode=route.mode,
            container_ids=tuple(container_ids),
        )
        seen = treatment.preview(work, chosen)
        shown = treatment_queries.statement(seen.facility, seen.mode, seen.boxes).hash
        treatment.treat(work, TreatBatch(**chosen.model_dump(), shown=shown))


def _each(
    stage: Stage,
    work: Work,
    codes: Collection[str],
    end: datetime,
    act: Callable[[Work, ScanBox], Manifest],
    manifest_id: UUID,
) -> None:
    """Scan one label after the other, the last at `end`."""
    for number, code in enumerate(codes, start=1):
        command = ScanBox(manifest_id=manifest_id, code=code, evidence=Evidence.SCANNED, act_key=stage.key())
        act(replace(work, now=end - _PER_BOX * (len(codes) - number)), command)


def _shown(work: Work, load: Load, signature: Signature) -> tuple[int, str]:
    """Return the version that is signed, and the words that its page would show."""
    manifest = work.session.get_one(Manifest, load.manifest_id)
    return manifest.version, manifest_queries.statement(work.session, manifest, signature).hash


def _weighed_again(stage: Stage, work: Work, container_id: UUID) -> str:
    stated = work.session.get_one(Container, container_id).mass_g / 1000
    return f"ST,GS,+ {max(0.1, stated + stage.random.choice((-0.02, 0, 0, 0, 0.01, 0.03))):.2f}kg"
