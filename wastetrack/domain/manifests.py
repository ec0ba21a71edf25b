"""The life of a manifest 联单: states derived from signatures and verdicts, and who may do what when.

Order 23 of 2021 (危险废物转移管理办法) Arts 10–18.
"""

from collections.abc import Collection
from dataclasses import dataclass

from wastetrack.domain.problems import Kind, Problem, Refusal
from wastetrack.domain.words import N_, Term


class State(Term):
    """How far the transfer is. No client ever sets it; `derive` does."""

    DRAFT = "draft", N_("draft")
    SIGNED = "signed", N_("signed, waiting for the vehicle")
    IN_TRANSIT = "in_transit", N_("on the way")
    ARRIVED = "arrived", N_("arrived, being received")
    ACCEPTED = "accepted", N_("accepted")
    PARTLY_ACCEPTED = "partly_accepted", N_("partly accepted")
    REJECTED = "rejected", N_("rejected")
    COMPLETED = "completed", N_("completed")
    DISCARDED = "discarded", N_("draft discarded")
    VOID = "void", N_("void")


ENDED = frozenset({State.COMPLETED, State.DISCARDED, State.VOID})


class Verdict(Term):
    """What the receiver (or the count) says of one box."""

    ACCEPTED = "accepted", N_("accepted")
    REFUSED = "refused", N_("refused")
    MISSING = "missing", N_("missing")


class Step(Term):
    """What can be done with a manifest."""

    CHANGE = "change", N_("change the draft")
    DISCARD = "discard", N_("discard the draft")
    SIGN = "sign", N_("sign")
    VOID = "void", N_("void")
    LOAD = "load", N_("load boxes")
    DEPART = "depart", N_("take over and depart")
    ARRIVE = "arrive", N_("arrive")
    RECEIVE = "receive", N_("receive boxes")
    CONFIRM = "confirm", N_("confirm the receipt")


ALLOWED: dict[Step, frozenset[State]] = {
    Step.CHANGE: frozenset({State.DRAFT}),
    Step.DISCARD: frozenset({State.DRAFT}),
    Step.SIGN: frozenset({State.DRAFT}),
    Step.VOID: frozenset({State.SIGNED}),
    Step.LOAD: frozenset({State.SIGNED}),
    Step.DEPART: frozenset({State.SIGNED}),
    Step.ARRIVE: frozenset({State.IN_TRANSIT}),
    Step.RECEIVE: frozenset({State.IN_TRANSIT, State.ARRIVED}),
    Step.CONFIRM: frozenset({State.ARRIVED}),
}

_TOO_LATE = {
    State.DRAFT: N_(
        "This manifest is still a draft: the consignor has to sign it first. Without a manifest nothing may move."
    ),
    State.SIGNED: N_("This manifest is already signed under number {number}. Look at it again before you go on."),
    State.IN_TRANSIT: N_("Manifest {number} is already on the way: nothing can be loaded or changed any more."),
    State.ARRIVED: N_("Manifest {number} has already arrived at the receiver."),
    State.ACCEPTED: N_("The receipt of manifest {number} is already signed: its verdicts stay as they are."),
    State.PARTLY_ACCEPTED: N_("The receipt of manifest {number} is already signed: its verdicts stay as they are."),
    State.REJECTED: N_("The load of manifest {number} was rejected."),
    State.COMPLETED: N_("Manifest {number} is completed."),
    State.DISCARDED: N_("This draft was discarded."),
    State.VOID: N_("Manifest {number} is void and must not be used. Ask the consignor for the valid one."),
}

_NOT_YET = {
    State.SIGNED: N_("The vehicle has not departed yet. First the driver scans the load and signs part two."),
    State.IN_TRANSIT: N_("Nothing is received on manifest {number} yet. Scan what comes off the vehicle first."),
}
_AT_THE_RECEIVER = frozenset({Step.ARRIVE, Step.RECEIVE, Step.CONFIRM})


def check_step(state: State, step: Step, *, number: str | None) -> None:
    """Refuse `step` when the manifest is not where it can be done; the sentence says where it is."""
    if state not in ALLOWED[step]:
        raise Refusal(
            [
                Problem(
                    f"manifest.{step.value}_when_{state.value}",
                    _why_not(state, step),
                    {"number": number or "—"},
                    kind=Kind.CONFLICT,
                    basis=N_("Order 23 of 2021, Art. 11") if step in {Step.LOAD, Step.DEPART} else None,
                )
            ]
        )


def _why_not(state: State, step: Step) -> str:
    """Return what stands against the step: it is too late for it, or too early."""
    return _NOT_YET.get(state, _TOO_LATE[state]) if step in _AT_THE_RECEIVER else _TOO_LATE[state]


@dataclass(frozen=True)
class Progress:
    """All that the state of a manifest depends on."""

    discarded: bool = False
    signed: bool = False
    void: bool = False
    departed: bool = False
    arrived: bool = False
    confirmed: bool = False
    verdicts: Collection[Verdict | None] = ()
    untreated: int = 0


def derive(progress: Progress) -> State:
    """Return the state that follows from signatures, verdicts and the count of accepted boxes not yet treated.

    A manifest is completed when everything accepted is treated; one with nothing accepted stays rejected. A missing
    box leaves it partly accepted until treated, the discrepancy stays on the record.
    """
    p = progress
    if p.discarded:
        return State.DISCARDED
    if p.void:
        return State.VOID
    if not p.signed:
        return State.DRAFT
    if not p.departed:
        return State.SIGNED
    if not p.confirmed:
        return State.ARRIVED if p.arrived else State.IN_TRANSIT
    accepted = sum(verdict is Verdict.ACCEPTED for verdict in p.verdicts)
    if not accepted:
        return State.REJECTED
    if p.untreated == 0:
        return State.COMPLETED
    return State.ACCEPTED if accepted == len(p.verdicts) else State.PARTLY_ACCEPTED
