"""How the tables of treatment follow from the streams `batch:<id>`."""

from collections.abc import Iterator

from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told
from wastetrack.features.treatment.models import Batch, BatchBox


def finished(_rows: Rows, told: Told) -> Iterator[Change]:
    """Keep a batch and what went into it."""
    facts = told.facts
    values = {
        "organisation_id": told.acting_for,
        "facility_id": facts["facility"],
        "number": facts["number"],
        "mode": facts["mode"],
        "finished_at": told.recorded_at,
        "finished_by": told.actor_id,
        "act_key": told.act_key,
        "boxes": len(facts["boxes"]),
        "mass_g": facts["mass_g"],
        "version": told.seq,
    }
    yield Put(Batch.__tablename__, (told.thing,), values)
    for box in facts["boxes"]:
        yield Put(BatchBox.__tablename__, (box["container"],), {"batch_id": told.thing})


REPLAY = Replay(
    "treatment",
    families=("batch",),
    tables=(Projection(Batch), Projection(BatchBox)),
    steps={"batch.finished": finished},
)
