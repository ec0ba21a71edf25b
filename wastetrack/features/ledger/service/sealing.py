"""Taking events into the log over all of them, and signing its heads. ADR 0011 says why it is done this way."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.orm import Session

from wastetrack.domain.access import SYSTEM
from wastetrack.domain.ledger import Evidence, moment
from wastetrack.domain.merkle import grown, leaf_hash
from wastetrack.domain.problems import refuse
from wastetrack.domain.tree_heads import KEYS_STREAM, LOG_STREAM, KeyAct, SignedHead, TreeHead
from wastetrack.domain.words import N_
from wastetrack.features.ledger import queries
from wastetrack.features.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerPending
from wastetrack.features.ledger.service.appending import append
from wastetrack.features.ledger.service.kept_heads import KeptHeads, as_json
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.ids import new_token
from wastetrack.infra.signing import KeyFileError, KeyRing, Signer
from wastetrack.infra.work import Work

log = logging.getLogger(__name__)

BATCH = 2_000
"""Events that go into the log in one transaction."""
BREATH = 0.05
"""Seconds between two batches on SQLite, where whoever wants to write waits meanwhile."""
_LOCK = 0x4C45444745520019
"""The advisory lock of the one sealer on PostgreSQL."""


class ContradictionError(Exception):
    """The database no longer holds what was signed before: nothing is signed until a person has looked at it."""


@dataclass(frozen=True)
class Round:
    """What one round of the sealer did. `turn` is false where another sealer was at it."""

    sealed: int = 0
    signed: int = 0
    turn: bool = True


@dataclass(frozen=True)
class LogSealer:
    """The sealer of one store, with the keys it signs with and the file in which heads are kept."""

    engine: Engine
    keys: KeyRing
    kept: KeptHeads

    def round(self, *, wait: bool = False) -> Round:
        """Take in all that waits, then sign what is new. Another sealer at it is left alone, or waited for."""
        sealed = 0
        while True:
            with writing(self.engine) as session:
                if not _turn(session, wait=wait):
                    return Round(sealed, turn=False)
                self._begin(session)
                number = seal(session)
            sealed += number
            if number < BATCH:
                break
            if self.engine.dialect.name == "sqlite":
                time.sleep(BREATH)
        return Round(sealed, len(self._sign(wait=wait)))

    def _begin(self, session: Session) -> None:
        """Name the log and introduce its first key where that was not done yet."""
        if queries.log_ids(session):
            return
        work = _work(session)
        _note(work, LOG_STREAM, "log.began", {"log": new_token()})
        own = list(self.keys.signers().values()) or [self.keys.make()]
        for key in own:
            _introduce(work, key)
        session.flush()

    def _sign(self, *, wait: bool) -> list[SignedHead]:
        with writing(self.engine) as session:
            if not _turn(session, wait=wait):
                return []
            self._check_kept(session)
            made = sign(session, self.keys)
        self._keep()
        return made

    def _check_kept(self, session: Session) -> None:
        """Raise when the log is not what follows on the last head that this installation kept."""
        log_id = queries.log_ids(session)[-1]
        last = self.kept.last(log_id)
        if last is None:
            return
        head = last.head
        if head.size > queries.size(session) or queries.root(session, head.size) != head.root:
            raise ContradictionError(
                f"the database contradicts the head of {head.size} events signed at {moment(head.signed_at)}:"
                " run `ledger verify --full`; after restoring a backup run `ledger restored REASON`"
            )

    def _keep(self) -> None:
        """Bring the file up to what the database holds: also what a crash kept from it."""
        with Session(self.engine) as session:
            log_id = queries.log_ids(session)[-1]
            latest = self.kept.latest(log_id)
            there = queries.heads_from(session, above=max((one.head.size for one in latest), default=0) - 1)
        known = {(one.head.size, one.head.key_id) for one in latest}
        self.kept.add(
            one for one in there if one.head.log_id == log_id and (one.head.size, one.head.key_id) not in known
        )

    # --- what the operator does with keys --------------------------------------------------------------------------

    def introduce(self) -> Signer:
        """Bring in one more key: a new one, or one that was put beside the others and is not known yet."""
        with writing(self.engine) as session:
            _turn(session, wait=True)
            self._begin(session)
            known = queries.keys(session)
            fresh = [key for name, key in self.keys.signers().items() if name not in known]
            key = fresh[0] if fresh else self.keys.make()
            _introduce(_work(session), key)
        self.round(wait=True)
        return key

    def retire(self, key_id: str) -> None:
        """Have a key sign no more. What it signed stays valid; the last key cannot go."""
        with writing(self.engine) as session:
            _turn(session, wait=True)
            active = {name for name, one in queries.keys(session).items() if one.until is None}
            if key_id not in active:
                raise refuse("ledger.no_such_key", N_("There is no key {key} that signs."), key=key_id)
            if not (active & self.keys.signers().keys()) - {key_id}:
                raise refuse("ledger.last_key", N_("No other key could sign. Bring in another one first."))
            _note(_work(session), KEYS_STREAM, KeyAct.RETIRED, {"key": key_id})
        self.round(wait=True)

    def restored(self, reason: str) -> str:
        """Begin a new log after a backup was put back: what was signed and is lost stands on the record."""
        with writing(self.engine) as session:
            _turn(session, wait=True)
            before = queries.log_ids(session)[-1]
            lost = self.kept.last(before)
            fresh = new_token()
            facts = {"log": fresh, "before": before, "reason": reason, "lost": as_json(lost) if lost else None}
            _note(_work(session), LOG_STREAM, "log.restored", facts)
        self.round(wait=True)
        return fresh


def seal(session: Session, most: int = BATCH) -> int:
    """Take the oldest markers away and write their events into the log; return how many."""
    oldest = select(LedgerPending.id).order_by(LedgerPending.id).limit(most).scalar_subquery()
    taken = session.execute(
        delete(LedgerPending)
        .where(LedgerPending.id.in_(oldest))
        .returning(LedgerPending.id, LedgerPending.stream, LedgerPending.seq, LedgerPending.hash)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        return 0
    begin = queries.size(session)
    # The markers' numbers keep the order within a stream: its end is held from before one is drawn until the commit.
    rows = [
        {"position": begin + at, "stream": stream, "seq": seq, "hash": bytes.fromhex(digest)}
        for at, (_id, stream, seq, digest) in enumerate(sorted(tuple(row) for row in taken))
    ]
    made = grown(begin, queries.tails(session, begin), [leaf_hash(row["hash"]) for row in rows])
    inner = [{"level": level, "position": position, "hash": one} for level, position, one in made]
    session.connection().execute(insert(LedgerEntry), rows)
    if inner:
        session.connection().execute(insert(LedgerNode), inner)
    return len(rows)


def sign(session: Session, keys: KeyRing) -> list[SignedHead]:
    """Sign the log as it stands with every key that is in use, as far as that has not been done."""
    size, known = queries.size(session), queries.keys(session)
    last = queries.latest_head(session)
    done = {one.head.key_id for one in queries.heads_from(session, above=size - 1)}
    active = [one.key_id for one in known.values() if one.until is None]
    if size == 0 or not set(active) - done:
        return []
    own = keys.signers()
    able = [own[name] for name in active if name in own]
    if not able:
        raise KeyFileError(f"no private key is here for any of {', '.join(active)}: put one back into {keys.folder}")
    log_id, root, at = queries.log_ids(session)[-1], queries.root(session, size), clock.now()
    if last is not None and at < last.head.signed_at:
        at = last.head.signed_at  # a clock that was put back makes no head older than the one before it
    made = []
    for key in able:
        if key.key_id not in done:
            head = TreeHead(log_id, size, root, at, key.key_id)
            made.append(SignedHead(head, key.sign(head.text().encode())))
    session.add_all(
        LedgerHead(size=size, key_id=one.head.key_id, log_id=log_id, root=root, signed_at=at, signature=one.signature)
        for one in made
    )
    session.flush()
    return made


def _turn(session: Session, *, wait: bool) -> bool:
    """Be the one sealer until the transaction ends; False where another one is. On SQLite whoever writes is alone."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    if wait:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}))


def _work(session: Session) -> Work:
    return Work(session, SYSTEM, clock.now(), device="sealer")


def _note(work: Work, stream: str, kind: str, facts: Mapping[str, object]) -> None:
    append(work, stream, kind, facts, evidence=Evidence.SYSTEM)


def _introduce(work: Work, key: Signer) -> None:
    facts = {"key": key.key_id, "algorithm": key.algorithm, "public": key.public}
    _note(work, KEYS_STREAM, KeyAct.INTRODUCED, facts)
