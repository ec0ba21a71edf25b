"""How the tables of labels follow from the streams `labels:<id>` and from those of containers."""

from collections.abc import Iterator

from wastetrack.features.labels.models import (
    BlankBatch,
    BlankLabel,
    LabelChoice,
    LabelCopy,
    LabelPrint,
    LabelPrinter,
)
from wastetrack.features.ledger.service.replaying import UNSAID, Change, Projection, Put, Replay, Rows, Told

PRINTS, COPIES, BATCHES, BLANKS = (
    model.__tablename__ for model in (LabelPrint, LabelCopy, BlankBatch, BlankLabel)
)  # fmt: skip

_SETTINGS = ("medical", "other", "start", "right_tenths", "down_tenths", "reason", "note", "total")
_FILE = "how far the worker is with the file, and the file as long as it is kept: work, not custody"


def printed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Keep a print of containers' labels."""
    yield Put(PRINTS, (told.thing,), {**_asked(told), **told.all_said(_SETTINGS), "batch_id": None})


def copied(rows: Rows, told: Told) -> Iterator[Change]:
    """Keep one label of a print. Older events are all that there is of their print."""
    facts = told.facts
    if "print" not in facts:
        return
    yield Put(COPIES, (facts["print"], told.thing), {"number": told.said("number"), "copy": facts["copy"]})
    if "number" not in facts and rows.get(PRINTS, facts["print"]) is None:
        yield Put(PRINTS, (facts["print"],), {**_asked(told), **dict.fromkeys((*_SETTINGS, "batch_id"), UNSAID)})


def bound(_rows: Rows, told: Told) -> Iterator[Change]:
    """Bind a blank label to the container that was registered with it."""
    if "blank" in told.facts:
        yield Put(BLANKS, (told.facts["code"],), {"container_id": told.thing})


def issued(rows: Rows, told: Told) -> Iterator[Change]:
    """Keep a batch of blank labels and the print of it."""
    facts = told.facts
    codes = facts["codes"]
    batch = {
        "organisation_id": facts["organisation"],
        "issued_by": told.actor_id,
        "issued_at": told.recorded_at,
        "format": facts["format"],
        "count": len(codes),
        "withdrawn_at": None,
        "reason": "",
    }
    yield Put(BATCHES, (told.thing,), batch)
    for number, code in enumerate(codes, start=1):
        free = {} if rows.get(BLANKS, code) else {"container_id": None}
        yield Put(BLANKS, (code,), {"batch_id": told.thing, "number": number, **free})
    paper = {
        "medical": facts["format"],
        "other": facts["format"],
        "start": 1,
        **told.all_said(("right_tenths", "down_tenths")),
        "reason": None,
        "note": "",
        "total": len(codes),
        "batch_id": told.thing,
    }
    yield Put(PRINTS, (facts["print"],), {**_asked(told), **paper})


def withdrawn(_rows: Rows, told: Told) -> Iterator[Change]:
    """Withdraw what is left of a batch."""
    yield Put(BATCHES, (told.thing,), {"withdrawn_at": told.recorded_at, "reason": told.facts["reason"]})


def cancelled(_rows: Rows, _told: Told) -> Iterator[Change]:
    """Change no row: how far the file of a print is, is aside."""
    return iter(())


def _asked(told: Told) -> dict[str, object]:
    """Return who asked for a print, when, and by which act."""
    return {
        "organisation_id": told.acting_for,
        "user_id": told.actor_id,
        "act_key": told.act_key,
        "created_at": told.recorded_at,
    }


REPLAY = Replay(
    "labels",
    families=("labels",),
    tables=(
        Projection(LabelPrint, aside=dict.fromkeys(("state", "done", "finished_at", "file_hash"), _FILE)),
        Projection(LabelCopy, key=("print_id", "container_id")),
        Projection(BlankBatch),
        Projection(BlankLabel),
    ),
    steps={
        "labels.printed": printed,
        "labels.issued": issued,
        "labels.withdrawn": withdrawn,
        "labels.cancelled": cancelled,
        "container.label_printed": copied,
        "container.registered": bound,
    },
    aside={
        LabelPrinter: "how a printer is set up; where that mattered, it stands in the print itself",
        LabelChoice: "what a person chose last, to be offered again: nothing follows from it",
    },
)
