"""What the store says: a picture of it to compare, whether it agrees with the model, and its streams replayed."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.features.lives.model import Box, HandIn, Paper, alive
from tests.world import World
from wastetrack.domain.containers import ENDED, STANDING, State
from wastetrack.features.collection.models import HandIn as HandInRow
from wastetrack.features.containers import queries
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests.models import Manifest, ManifestLeg
from wastetrack.features.manifests.queries import stream_of as manifest_stream

PICTURED = (
    "containers", "container_stays", "manifests", "manifest_legs", "manifest_boxes", "manifest_serials", "hand_ins",
    "hand_in_boxes", "batches", "batch_boxes", "boxes", "box_cleanings", "alerts", "vehicles", "ledger_streams",
)  # fmt: skip
COUNTED = ("ledger_events", "manifest_prints", "outbox")


def snapshot(session: Session) -> dict[str, object]:
    """Return all rows that acts of these people could change, and how many events and prints there are."""
    rows: dict[str, object] = {
        name: sorted(map(str, session.execute(text(f"SELECT * FROM {name}")))) for name in PICTURED
    }
    return rows | {name: session.scalar(text(f"SELECT count(*) FROM {name}")) for name in COUNTED}


def agree(
    session: Session, world: World, boxes: Sequence[Box], papers: Sequence[Paper], hand_ins: Sequence[HandIn]
) -> None:
    """Compare each box with what should be: state, mass, its one holder, its papers; and the sums over all."""
    rows = {one.id: one for one in session.scalars(select(Container).where(Container.id.in_([b.id for b in boxes])))}
    assert len(rows) == len(boxes)
    for box in boxes:
        _agree(world, box, rows[box.id])
    live = [rows[box.id] for box in boxes if alive(box)]
    assert sum(one.mass_g for one in live) == sum(box.mass for box in boxes if alive(box))
    for paper in papers:
        assert session.get_one(Manifest, paper.id).state == paper.stage
    for hand_in in hand_ins:
        assert session.get_one(HandInRow, hand_in.id).state == hand_in.state


def _agree(world: World, box: Box, row: Container) -> None:
    assert (row.state, row.mass_g, row.version) == (box.state, box.mass, len(box.entries)), box.code
    assert row.holder_organisation_id == (world.id(box.holder) if box.holder else None)
    assert row.holder_facility_id == (world.stores[box.store].id if box.store else None)
    assert row.manifest_id == (box.paper.id if box.paper else None)
    assert row.hand_in_id == (box.announced.id if box.announced else None)
    assert (row.holder_organisation_id is None) == (row.state in ENDED)
    assert (row.holder_facility_id is not None) == (row.state in STANDING)
    assert (row.holder_leg_id is not None) == (row.state in {State.LOADED, State.REFUSED, State.MISSING})


def replayed(session: Session, boxes: Sequence[Box], papers: Sequence[Paper]) -> None:
    """Tell each life again from its stream: every act takes over from the holder before it, and ends as the table."""
    for box in boxes:
        row = session.get_one(Container, box.id)
        told: dict[str, Any] = {}
        for event in ledger.stream(session, queries.stream_of(row.id)):
            facts = json.loads(event.facts)
            if "from" in facts:
                assert facts["from"] == told["to"], (box.code, event.seq, event.kind)
            told |= {name: facts[name] for name in ("state", "to") if name in facts}
        holder = {
            "organisation": row.holder_organisation_id, "facility": row.holder_facility_id, "leg": row.holder_leg_id
        }  # fmt: skip
        assert told == {
            "state": row.state.value, "to": {name: str(one) if one else None for name, one in holder.items()}
        }, box.code  # fmt: skip
    for paper in papers:
        manifest = session.get_one(Manifest, paper.id)
        past = ledger.stream(session, manifest_stream(paper.id))
        assert json.loads(past[-1].facts)["state"] == manifest.state
        assert past[-1].seq == manifest.version
        leg = session.scalars(select(ManifestLeg).where(ManifestLeg.manifest_id == paper.id)).one()
        assert {line.box.state for line in paper.aboard} <= {State.LOADED}
        assert (leg.departed_at is not None) == any(event.kind == "manifest.departed" for event in past)


def moments(session: Session, world: World, boxes: Sequence[Box], at: Any) -> None:
    """Ask the inventory of each store: it names those boxes of ours that stand there, and no others."""
    ours = {box.code for box in boxes}
    for name, store in world.stores.items():
        page = queries.inventory(session, store.id, at)
        shown = {row.container.code for row in page.rows}
        while page.following:
            page = queries.inventory(session, store.id, at, page.following)
            shown |= {row.container.code for row in page.rows}
        assert shown & ours == {box.code for box in boxes if box.store == name}, name
