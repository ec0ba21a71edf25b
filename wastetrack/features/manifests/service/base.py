"""How every act on a manifest begins and ends: lock and ask access; derive the state, write event and print."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from wastetrack.documents.fonts import require_printable
from wastetrack.domain.access import Act, forbidden, may, unknown
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.containers import ENDED, Doing, Unbound, not_now
from wastetrack.domain.containers import State as BoxState
from wastetrack.domain.ledger import Evidence
from wastetrack.domain.manifests import Progress, State, Verdict, derive
from wastetrack.domain.problems import Kind, Refusal, refuse
from wastetrack.domain.words import N_
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.queries import all_locked, is_blank
from wastetrack.features.containers.queries import stream_of as container_stream
from wastetrack.features.ledger import service as ledger
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg, ManifestPrint
from wastetrack.features.signing.service import Inked
from wastetrack.infra.ids import new_token
from wastetrack.infra.work import Work


def begin(work: Work, manifest_id: UUID, *acts: Act, act_key: str) -> tuple[Manifest, bool]:
    """Lock the manifest, ask whether the person may do one of `acts`, and tell whether this very act is already done.

    Whoever may not even see it learns nothing.
    """
    manifest, _leg = _held(work, manifest_id, acts)
    return manifest, ledger.done(work, queries.stream_of(manifest.id), act_key)


def _held(work: Work, manifest_id: UUID, acts: Sequence[Act]) -> tuple[Manifest, ManifestLeg]:
    manifest, leg, crew_id = queries.locked_with_leg(work.session, work.actor, manifest_id)
    related = queries.relations_by(work.session, work.actor, manifest, leg, crew_id)
    if not may(work.actor, Act.VIEW_MANIFEST, related):
        raise unknown()
    if not any(may(work.actor, act, related) for act in acts):
        raise forbidden(acts[0])
    return manifest, leg


def require_version(manifest: Manifest, shown: int) -> None:
    """Refuse to sign what has changed since the person looked at it."""
    if manifest.version != shown:
        raise refuse(
            "manifest.changed_meanwhile",
            N_("This manifest changed after you opened it. Look at it again as it is now, then repeat the step."),
            field="version",
            kind=Kind.CONFLICT,
        )


def record(
    work: Work,
    manifest: Manifest,
    kind: str,
    facts: Mapping[str, object],
    *,
    act_key: str | None,
    evidence: Evidence = Evidence.CONFIRMED,
    prints: bool = True,
    whole: queries.Sheet | None = None,
    inked: Inked | None = None,
) -> None:
    """End an act: the state that follows, the event, and (but for single scans) the print of the new version.

    `whole` is the manifest as the act itself has read it, all boxes included, and changed it since.

    The document's hash and the print's token stand in the event, so that the ledger vouches for the paper. `inked` is
    the signature that the act is, on the document that it makes.
    """
    if prints:  # the state follows from signatures and the verdicts signed for, and so does what is printed
        _settle(work, manifest, whole)
        work.session.flush()
    written = {"number": manifest.number, "state": manifest.state, **facts}
    if work.assurance is not None:
        written |= {"assurance": work.assurance, "roles": sorted(role.value for role in work.actor.roles)}
    made = _print(work, manifest, whole) if prints else None
    if made:
        written |= {"document_hash": made.document_hash, "print": made.token}
    if made and inked:
        written |= inked.write(work, queries.stream_of(manifest.id), made.version, made.document_hash)
    event = ledger.append(work, queries.stream_of(manifest.id), kind, written, evidence=evidence, act_key=act_key)
    if event.seq != manifest.version + 1:
        raise RuntimeError(f"manifest {manifest.id} and its stream disagree about the version")
    manifest.version = event.seq
    work.session.flush()


def _settle(work: Work, manifest: Manifest, whole: queries.Sheet | None) -> None:
    """Derive the state from signatures and verdicts; nobody sets it."""
    leg = whole.leg if whole else queries.leg_of(work.session, manifest.id)
    boxes = [line.box for line in whole.lines] if whole else []
    if manifest.confirmed_at and not whole:  # verdicts count only once the receipt is confirmed
        boxes = queries.boxes_of(work.session, manifest.id)
    counted = [box for box in boxes if box.left_behind_at is None]
    manifest.state = derive(
        Progress(
            discarded=manifest.discarded_at is not None,
            signed=manifest.signed_at is not None,
            void=manifest.voided_at is not None,
            departed=leg.departed_at is not None,
            arrived=leg.arrived_at is not None,
            confirmed=manifest.confirmed_at is not None,
            verdicts=[box.verdict for box in counted],
            untreated=sum(box.verdict is Verdict.ACCEPTED and box.treated_at is None for box in counted),
        )
    )
    if manifest.state is not State.COMPLETED:
        manifest.completed_at = None
    elif manifest.completed_at is None:
        manifest.completed_at = work.now


def _print(work: Work, manifest: Manifest, whole: queries.Sheet | None) -> ManifestPrint:
    """Keep what the manifest says now, so that the same paper can be printed again at any time."""
    whole = whole or queries.sheet(work.session, manifest)
    document = queries.document(work.session, whole, manifest.version + 1, work.now)
    require_printable(document.as_dict())
    text = json.dumps(document.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    made = ManifestPrint(
        token=new_token(),
        manifest_id=manifest.id,
        version=document.version,
        document=text,
        document_hash=document.content_hash,
        made_at=work.now,
    )
    work.session.add(made)
    return made


# --- boxes -----------------------------------------------------------------------------------------------------------


def hold_containers(work: Work, ids: Iterable[UUID]) -> dict[UUID, Container]:
    """Lock the containers, always in the order of their ids so that no two acts wait for each other in a ring."""
    wanted = list(ids)
    return {one.id: one for one in all_locked(work.session, wanted)} if wanted else {}


@dataclass(frozen=True)
class Scan:
    """One label scanned or typed in an act on a manifest: everything that the act changes is held."""

    manifest: Manifest
    leg: ManifestLeg
    key: str
    """Idempotency key of this one scan."""
    done: bool
    """Whether this very scan was taken before."""
    code: str
    others_open: bool
    """Whether another box that the vehicle took along has no verdict yet."""
    _box: ManifestBox | None
    _container: Container | None
    _blank: bool
    """Whether the label was issued and stands for no waste yet."""

    @property
    def unknown(self) -> bool:
        """Tell whether no container bears this code: it may be that of a large box."""
        return self._container is None

    def on_it(self) -> tuple[ManifestBox, Container]:
        """Return the box that bears this label; refuse a label that is unknown, used up, or belongs elsewhere."""
        return _on_it(self._box, self._container, self.code, blank=self._blank)


def begin_scan(work: Work, manifest_id: UUID, code: str, *acts: Act, act_key: str) -> Scan:
    """Do what `begin` does for an act on one box, and hold the box's container too. Nothing is said of it yet."""
    manifest, leg = _held(work, manifest_id, acts)
    box, container, others_open = queries.locked_box(work.session, manifest.id, code)
    blank = container is None and is_blank(work.session, code)
    key, stream = scan_key(act_key, code), queries.stream_of(manifest.id)
    ledger.hold(work, [stream, *([container_stream(container.id)] if container else [])], key)
    return Scan(manifest, leg, key, ledger.done(work, stream, key), code, others_open, box, container, blank)


def _on_it(
    box: ManifestBox | None, container: Container | None, code: str, *, blank: bool
) -> tuple[ManifestBox, Container]:
    shown = pretty(ContainerCode(code))
    if blank:
        raise Refusal([not_now(Unbound.BLANK, Doing.LOAD, code=shown)])
    if container is None:
        raise refuse(
            "manifest.unknown_label",
            N_("No label {container} was ever issued here. Set the container aside and report it: it may be forged."),
            field="code",
            container=shown,
        )
    if box is not None and box.left_behind_at is None:
        return box, container
    if container.state in ENDED:
        raise Refusal([not_now(container.state, Doing.LOAD, code=shown)])
    if container.state is BoxState.LOADED:
        sentence = N_(
            "Container {container} is recorded on another vehicle. Do not take it: the label may be a copy. Report it."
        )
        raise refuse("manifest.loaded_elsewhere", sentence, field="code", kind=Kind.CONFLICT, container=shown)
    raise refuse(
        "manifest.not_on_it",
        N_("Container {container} is not on this manifest. Do not take it: set it aside and ask the consignor."),
        field="code",
        container=shown,
    )


def scan_key(act_key: str, code: str) -> str:
    """Return the idempotency key of one scan: the same form sent with another label is another act."""
    return f"{act_key}:{code}"[-64:]


def about(box: ManifestBox, container: Container) -> dict[str, object]:
    """Return what the ledger says of one box of a manifest."""
    return {"container": container.id, "code": container.code, "stated_g": box.stated_g}
