"""Counting what fails at the door, by name and by where it comes from, in the store: a restart forgets nothing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from wastetrack.domain.accounts import Origin, failures_now, wait_after
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import FailedSignIns
from wastetrack.features.accounts.service.base import stream_of
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.work import Work


def locked_now(work: Work, username: str, origin: Origin) -> Refusal | None:
    """Return why nobody gets in under this name from there for a while.

    Meanwhile nothing is counted and no password helps, so that guessing on learns nothing and the lock ends when it
    was said to end.
    """
    until = [row.locked_until for row, _free in _counters(work, username, origin) if row.locked_until]
    return _locked(max(until)) if until and max(until) > work.now else None


def count_failure(work: Work, username: str, origin: Origin) -> Refusal | None:
    """Count a failure under each counter of its origin; return the lock it may bring."""
    until: list[datetime] = []
    user = queries.by_username(work.session, username)
    for row, free in _counters(work, username, origin):
        row.failures = failures_now(row.failures, row.last_at, work.now) + 1
        row.last_at = work.now
        wait = wait_after(row.failures, free)
        row.locked_until = work.now + wait if wait else None
        if row.locked_until is None:
            continue
        until.append(row.locked_until)
        if user is not None:
            facts = {"failures": row.failures, "until": row.locked_until, "origin": row.origin.partition(" ")[0]}
            ledger.append(work, stream_of(user.id), "account.locked", facts)
    work.session.flush()
    return _locked(max(until)) if until else None


def forgive(work: Work, username: str, origin: Origin) -> None:
    """Forget the failures from there: the person is in, with all that was asked."""
    names = [name for name, _free in origin.counters()]
    mine = FailedSignIns.username_hash == queries.username_hash(username)
    work.session.execute(delete(FailedSignIns).where(mine, FailedSignIns.origin.in_(names)))


def forgive_all(work: Work, username: str) -> None:
    """Forget the failures under a name, wherever they came from."""
    mine = FailedSignIns.username_hash == queries.username_hash(username)
    work.session.execute(delete(FailedSignIns).where(mine))


def at_field(refusal: Refusal, field: str) -> Refusal:
    """Return the refusal at another field of the form."""
    return Refusal([replace(refusal.problems[0], field=field)])


def _counters(work: Work, username: str, origin: Origin) -> Iterator[tuple[FailedSignIns, int]]:
    """Yield the rows that count for this origin, made where they are not there, held against other writers."""
    for name, free in origin.counters():
        found = queries.failed_sign_ins(work.session, username, name)
        if found is None:
            hashed = queries.username_hash(username)
            row = FailedSignIns(username_hash=hashed, origin=name, failures=0, last_at=work.now)
            # Somebody else may have made it this very moment; then his is the one that counts.
            with suppress(IntegrityError), work.session.begin_nested():
                work.session.add(row)
                work.session.flush()
            found = queries.failed_sign_ins(work.session, username, name)
        assert found is not None  # noqa: S101
        yield found, free


def _locked(until: datetime) -> Refusal:
    return refuse(
        "account.locked",
        N_(
            "There were too many failures under this username. Wait until {until}, then try again, "
            "or use a device on which you have signed in before."
        ),
        field="username",
        until=until,
    )
