"""Writing to the ledger, in the same transaction as the change it records."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session, SessionTransaction

from wastetrack.domain.access import Actor
from wastetrack.domain.ledger import FIRST_LINK, Event, Evidence, canonical, hash_of
from wastetrack.features.ledger import queries
from wastetrack.features.ledger.models import LedgerEvent, LedgerStream
from wastetrack.infra.work import Work

Listener = Callable[[Work, Event], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called inside the writing transaction after each event. Wired once, in `wastetrack.app`.

    This is how features higher on the ladder keep their projections true without the lower ones knowing them.
    """
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass
class _Held:
    """The ends of streams that one transaction holds, and what it knows of acts written in them.

    Nobody else can write in a stream whose end is held, so neither need be read twice.
    """

    transaction: SessionTransaction
    ends: dict[str, LedgerStream | None] = field(default_factory=dict)
    acts: dict[tuple[str, str], bool] = field(default_factory=dict)


def _held(session: Session) -> _Held:
    """Return what the present transaction holds; a savepoint counts for itself, as its locks go with it."""
    transaction = session.get_nested_transaction() or session.get_transaction() or session.begin()
    held = session.info.get("ledger")
    if not isinstance(held, _Held) or held.transaction is not transaction:
        held = session.info["ledger"] = _Held(transaction)
    return held


def hold(work: Work, streams: Collection[str], act_key: str | None = None) -> None:
    """Hold the ends of all these streams in one look, and see where the act with this key is already written.

    For acts that write in several streams. Whoever asks holds the rows of the things themselves already, so that
    what is read here is what the last writer left.
    """
    held = _held(work.session)
    wanted = [one for one in streams if one not in held.ends or (act_key and (one, act_key) not in held.acts)]
    if not wanted:
        return
    found = queries.ends(work.session, wanted, act_key)
    for stream in wanted:
        end, written = found.get(stream, (None, False))
        held.ends[stream] = end
        if act_key:
            held.acts[stream, act_key] = written


def done(work: Work, stream: str, act_key: str | None) -> bool:
    """Tell whether the act with this key is already written in the stream, whose end is held from now on."""
    if not act_key:
        return False
    hold(work, [stream], act_key)
    return _held(work.session).acts[stream, act_key]


def append(
    work: Work,
    stream: str,
    kind: str,
    facts: Mapping[str, object],
    *,
    occurred_at: datetime | None = None,
    place: str | None = None,
    evidence: Evidence = Evidence.CHOSEN,
    act_key: str | None = None,
    acting_for: UUID | None = None,
    begins: bool = False,
) -> Event:
    """Write one event at the end of its stream, such as `container:<id>`, and return it.

    `occurred_at` is when it happened where that differs from when the server took it; `act_key` is the
    idempotency key of the act, unique in the stream; `acting_for` an organisation other than the actor's own.
    `begins` says that the thing is new and so is its stream; were it not, the store would refuse the event.
    The rows go out with the next flush, together with the change that they record.
    """
    held = _held(work.session)
    if not begins:
        hold(work, [stream])
    end = held.ends.get(stream)
    organisation = acting_for or work.actor.organisation_id
    event = Event(
        stream=stream,
        seq=end.seq + 1 if end else 1,
        kind=kind,
        facts=canonical({**facts, **_by_mandate(work.actor)}),
        occurred_at=occurred_at or work.now,
        recorded_at=work.now,
        actor_id=str(work.actor.user_id) if work.actor.user_id else None,
        acting_for=str(organisation) if organisation else None,
        device=work.device[:120],
        place=place,
        evidence=evidence.value,
        act_key=act_key,
        prev_hash=end.hash if end else FIRST_LINK,
    )
    event = replace(event, hash=hash_of(event))
    work.session.add(LedgerEvent(**{name: getattr(event, name) for name in Event.__dataclass_fields__}))
    if end:
        end.seq, end.hash = event.seq, event.hash
    else:
        held.ends[stream] = LedgerStream(stream=stream, seq=event.seq, hash=event.hash)
        work.session.add(held.ends[stream])
    if act_key:
        held.acts[stream, act_key] = True
    for listener in _listeners:
        listener(work, event)
    return event


def _by_mandate(actor: Actor) -> Mapping[str, object]:
    """Return what every event says of somebody who acts for another: by which mandate, and whose he is."""
    if actor.by_mandate is None:
        return {}
    return {"by_mandate": {"mandate": actor.by_mandate.id, "organisation": actor.by_mandate.organisation_id}}
