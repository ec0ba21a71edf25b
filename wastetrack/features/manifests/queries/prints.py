"""Prints that were made, whether one is genuine and current, and the history behind them."""

import hashlib
import json
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from wastetrack.documents.facts import ManifestDocument
from wastetrack.domain.access import Act, Actor, Relation, may, unknown
from wastetrack.domain.containers import Packaging
from wastetrack.domain.ledger import Event
from wastetrack.domain.manifest_prints import Standing, readers, standing
from wastetrack.domain.manifests import State, Verdict
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestPrint
from wastetrack.features.manifests.queries.sheets import stream_of


def newest_print(session: Session, manifest_id: UUID, version: int | None = None) -> ManifestPrint:
    """Return the print of a version, without one the newest; unknown where there is none."""
    query = select(ManifestPrint).where(ManifestPrint.manifest_id == manifest_id)
    if version is not None:
        if version.bit_length() > 31:
            raise unknown()  # no store has room for such a number
        query = query.where(ManifestPrint.version == version)
    found = session.scalar(query.order_by(ManifestPrint.version.desc()).limit(1))
    if found is None:
        raise unknown()
    return found


def printed(made: ManifestPrint) -> ManifestDocument:
    """Return what a print says."""
    return ManifestDocument.from_dict(json.loads(made.document))


def openable(actor: Actor, held: set[Relation], made: ManifestPrint) -> ManifestDocument:
    """Return what a print says to somebody who may open it; unknown to whom it is not for."""
    document = printed(made)
    if not may(actor, Act.VIEW_MANIFEST, readers(held, draft=not document.number)):
        raise unknown()
    return document


# --- the check -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Amount:
    """So many containers, so heavy together."""

    count: int = 0
    mass_g: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Add two amounts."""
        return Amount(self.count + other.count, self.mass_g + other.mass_g)


@dataclass(frozen=True)
class Figures:
    """One waste of a manifest as it is now: what was stated, and what has become of it so far."""

    waste_name: str
    waste_code: str
    packaging: Packaging | None
    accepted: Amount = Amount()
    refused: Amount = Amount()
    missing: Amount = Amount()
    open: Amount = Amount()
    stated: Amount = Amount()

    def __add__(self, other: "Figures") -> "Figures":
        """Add other figures to those of this waste."""
        return replace(
            self,
            accepted=self.accepted + other.accepted,
            refused=self.refused + other.refused,
            missing=self.missing + other.missing,
            open=self.open + other.open,
            stated=self.stated + other.stated,
        )


@dataclass(frozen=True)
class Check:
    """What the check page tells of a print: how it stands, what it said, what is true now."""

    standing: Standing
    document: ManifestDocument
    said: State | None
    """The state that the manifest was in when the print was made; None where the record is not to be trusted."""
    manifest: Manifest
    print: ManifestPrint
    newest: ManifestPrint
    newest_document: ManifestDocument
    since: list[Event]
    """The acts that have changed the form since."""
    figures: list[Figures]

    @property
    def total(self) -> Figures:
        """Return the sum of all wastes."""
        return sum(self.figures, Figures("", "", None))


def check(session: Session, token: str) -> Check | None:
    """Judge the print with this token; None when no print of this installation bears it."""
    found = session.get(ManifestPrint, token)
    if found is None:
        return None
    manifest, newest = session.get_one(Manifest, found.manifest_id), newest_print(session, found.manifest_id)
    written = _written(session, found)
    intact = written.get("document_hash") == found.document_hash == _hash_of(found)
    stated = next((state for state in State if state.value == written.get("state")), None) if intact else None
    later = history(session, manifest)[found.version :] if newest.token != token else []
    return Check(
        standing=standing(manifest.state, newest=newest.token == token, intact=intact),
        document=printed(found),
        said=stated,
        manifest=manifest,
        print=found,
        newest=newest,
        newest_document=printed(newest),
        since=[event for event in later if "document_hash" in json.loads(event.facts)],
        figures=figures(session, manifest.id),
    )


def _written(session: Session, made: ManifestPrint) -> dict[str, object]:
    """Return what the ledger says of the act with which a print was made."""
    query = select(LedgerEvent.facts)
    query = query.where(LedgerEvent.stream == stream_of(made.manifest_id), LedgerEvent.seq == made.version)
    return dict(json.loads(session.scalar(query) or "{}"))


def _hash_of(made: ManifestPrint) -> str:
    return hashlib.sha256(made.document.encode()).hexdigest()


def figures(session: Session, manifest_id: UUID) -> list[Figures]:
    """Return the amounts of each waste in each packaging, in the order of the form; counted, not listed."""
    accepted_g = case(
        (ManifestBox.verdict == Verdict.ACCEPTED, func.coalesce(ManifestBox.received_g, ManifestBox.stated_g)),
        else_=ManifestBox.stated_g,
    )
    group = (Container.waste_name, Container.waste_code, Container.hazards, Container.form, Container.packaging)
    query = (
        select(*group, ManifestBox.verdict, func.count(), func.sum(accepted_g), func.sum(ManifestBox.stated_g))
        .join(Container, Container.id == ManifestBox.container_id)
        .where(ManifestBox.manifest_id == manifest_id, ManifestBox.left_behind_at.is_(None))
        .group_by(*group, ManifestBox.verdict)
        .order_by(func.min(ManifestBox.position))
    )
    found: dict[tuple[str, ...], Figures] = {}
    for *key, verdict, count, mass_g, stated_g in session.execute(query):
        name, code, _hazards, _form, packaging = key
        some = Amount(count, int(mass_g))
        found[tuple(key)] = found.get(tuple(key), Figures(name, code, packaging)) + Figures(
            name,
            code,
            packaging,
            accepted=some if verdict is Verdict.ACCEPTED else Amount(),
            refused=some if verdict is Verdict.REFUSED else Amount(),
            missing=some if verdict is Verdict.MISSING else Amount(),
            open=some if verdict is None else Amount(),
            stated=Amount(count, int(stated_g)),
        )
    return list(found.values())


def history(session: Session, manifest: Manifest) -> list[Event]:
    """Return every event of a manifest, oldest first."""
    return ledger.stream(session, stream_of(manifest.id))
