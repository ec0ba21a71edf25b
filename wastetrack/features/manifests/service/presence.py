"""The driver at the store: he scans the sign on its wall, or says why he cannot. An act of its own at each stop."""

from typing import Annotated
from uuid import UUID

from wastetrack.documents.fonts import font_for
from wastetrack.domain.access import Act
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.manifests import Step, check_step
from wastetrack.domain.pick_ups import Presence, require_unproven, sign_problems
from wastetrack.domain.presence_code import PresenceCode, parse_presence_code
from wastetrack.domain.problems import refuse_all
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.manifests.service.base import begin, record
from wastetrack.features.parties.models import Facility
from wastetrack.features.parties.queries.presence import on_the_wall
from wastetrack.infra.commands import ActKey, Command, Text, read_by
from wastetrack.infra.work import Work


class ProvePresence(Command):
    """The code on the wall of the consignor's store, scanned or typed."""

    manifest_id: UUID
    presence: Annotated[PresenceCode, read_by(parse_presence_code)]
    evidence: Evidence = Evidence.TYPED
    act_key: ActKey


class GoOnUnverified(Command):
    """No sign could be scanned: the pick-up goes on with the reason."""

    manifest_id: UUID
    reason: Text
    act_key: ActKey


def prove_presence(work: Work, command: ProvePresence) -> Manifest:
    """Take the code on the wall as proof that the driver stands there. The code itself is written nowhere."""
    manifest, done = begin(work, command.manifest_id, Act.CARRY, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    store = work.session.get_one(Facility, manifest.consignor_facility_id)
    sign = on_the_wall(work.session, command.presence)
    here, replaced = sign is not None and sign.facility_id == store.id, sign is not None and bool(sign.replaced_at)
    refuse_all(sign_problems(store.name, of_this_store=here, replaced=replaced))
    _note(work, manifest, Presence.PROVEN, "", command.evidence, command.act_key)
    return manifest


def go_on_unverified(work: Work, command: GoOnUnverified) -> Manifest:
    """Keep why the presence was not shown. A proof can still follow until the vehicle leaves."""
    manifest, done = begin(work, command.manifest_id, Act.CARRY, act_key=command.act_key)
    if done:
        return manifest
    check_step(manifest.state, Step.LOAD, number=manifest.number)
    font_for(command.reason, field="reason")
    require_unproven(queries.leg_of(work.session, manifest.id).presence)
    _note(work, manifest, Presence.UNPROVEN, command.reason, Evidence.CONFIRMED, command.act_key)
    return manifest


def _note(work: Work, manifest: Manifest, presence: Presence, reason: str, evidence: Evidence, act_key: str) -> None:
    leg = queries.leg_of(work.session, manifest.id)
    leg.presence, leg.presence_reason = presence, reason
    facts = {"facility": manifest.consignor_facility_id, "presence": presence, "reason": reason}
    kind = "manifest.presence_proven" if presence is Presence.PROVEN else "manifest.presence_unproven"
    record(work, manifest, kind, facts, act_key=act_key, evidence=evidence, prints=False)
