"""Acts on scans of papers: add one, withdraw one with the reason. The file itself stays as long as a row names it.

The file is written before the transaction ends: a file that no row names is harmless and is found by `files check`.
"""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, StringConstraints

from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.scans import MOST_OF_ONE, PaperKind
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Scan
from wastetrack.features.parties.service.base import done_before, held, recorded, stream_of
from wastetrack.infra.commands import ActKey, Command, Text, read_file_by
from wastetrack.infra.files import Files
from wastetrack.infra.ids import new_id
from wastetrack.infra.scanned import Scanned, read_scanned
from wastetrack.infra.work import Work

_most_of_one = [MOST_OF_ONE]


def keep_at_most(of_one: int) -> None:
    """Keep so many scans of one paper. Wired once, in `wastetrack.app`."""
    _most_of_one[:] = [of_one]


def short_name(text: str) -> str:
    """Return how a file is called, without folders and what cannot be seen, its ending kept when it is too long."""
    name = "".join(sign for sign in text.replace("\\", "/").rpartition("/")[2] if sign.isprintable()).strip()
    return name[-200:] or "scan"


FileName = Annotated[str, StringConstraints(max_length=200), BeforeValidator(short_name)]


class AddScan(Command):
    """Keep a scan beside the paper it is of."""

    organisation_id: UUID
    paper: PaperKind
    paper_id: UUID
    file_name: FileName
    file: Annotated[Scanned, read_file_by(read_scanned)]
    act_key: ActKey | None = None


class WithdrawScan(Command):
    """Say that a scan does not count any more, and why: it was of something else, or unreadable."""

    organisation_id: UUID
    scan_id: UUID
    reason: Text
    act_key: ActKey | None = None


def add_scan(work: Work, files: Files, command: AddScan) -> Scan:
    """Keep a scan beside its paper. What is kept already beside it is not kept there twice."""
    one = held(work, command.organisation_id, command.paper.act)
    paper = queries.part(work.session, queries.model_of(command.paper), command.paper_id, one.id)
    done = done_before(work, Scan, one.id, command.act_key)
    if done is not None:
        return done
    digest = files.keep(command.file.content)
    refuse_all(_kept_already(work, command, digest))
    row = Scan(
        id=new_id(),
        organisation_id=one.id,
        paper=command.paper,
        paper_id=paper.id,
        file_hash=digest,
        file_size=len(command.file.content),
        file_type=command.file.kind,
        file_name=command.file_name,
        added_at=work.now,
        added_by=work.actor.user_id,
        withdrawn_reason="",
    )
    work.session.add(row)
    work.session.flush()
    facts = {"size": row.file_size, "type": row.file_type, **_facts(row)}
    return recorded(work, row, "scan_added", facts, command.act_key)


def withdraw_scan(work: Work, command: WithdrawScan) -> Scan:
    """Withdraw a scan. It can still be looked at, marked as withdrawn, by whoever could look at it before."""
    row, _paper = queries.scan(work.session, command.organisation_id, command.scan_id)
    one = held(work, command.organisation_id, row.paper.act)
    row = queries.part(work.session, Scan, command.scan_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    if row.withdrawn_at is not None:
        raise refuse("scan.withdrawn", N_("This scan is already withdrawn."), kind=Kind.CONFLICT)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = work.now, work.actor.user_id, command.reason
    work.session.flush()
    return recorded(work, row, "scan_withdrawn", {"reason": command.reason, **_facts(row)}, command.act_key)


def _facts(row: Scan) -> dict[str, object]:
    """Return what the ledger says of a scan. How the sender called it may be a person's name and stays out."""
    return {"paper": row.paper, "paper_id": row.paper_id, "file": row.file_hash}


def _kept_already(work: Work, command: AddScan, digest: str) -> list[Problem]:
    scans = queries.scans_of(work.session, command.paper, command.paper_id)
    if any(scan.file_hash == digest and scan.withdrawn_at is None for scan in scans):
        sentence = N_("This very file is already kept with this paper.")
        return [Problem("scan.twice", sentence, field="file", kind=Kind.CONFLICT)]
    if len(scans) >= _most_of_one[0]:
        sentence = N_("{most} scans are kept with this paper, more it cannot have. Put the pages together in one PDF.")
        return [Problem("scan.many", sentence, {"most": _most_of_one[0]}, "file")]
    return []
