"""What the check page says of a printed manifest: whether it is ours, unaltered, and still how things stand."""

from collections.abc import Iterable

from wastetrack.domain.access import Relation
from wastetrack.domain.manifests import State
from wastetrack.domain.words import N_, Term


class Standing(Term):
    """How a genuine print stands to its manifest today."""

    CURRENT = "current", N_("Genuine and current")
    SUPERSEDED = "superseded", N_("Genuine, but out of date")
    DRAFT = "draft", N_("Genuine, but only a draft: nothing may be transported on it")
    VOID = "void", N_("Void: nothing may be transported on it")
    ALTERED = "altered", N_("Not to be trusted: the stored record does not match the ledger")


def standing(state: State, *, newest: bool, intact: bool) -> Standing:
    """Judge a print of a manifest that is now in `state`.

    `newest`: no later print was made; `intact`: the stored document is the one whose hash the ledger holds.
    """
    if not intact:
        return Standing.ALTERED
    if state in {State.VOID, State.DISCARDED}:
        return Standing.VOID
    if not newest:
        return Standing.SUPERSEDED
    return Standing.DRAFT if state is State.DRAFT else Standing.CURRENT


_OF_DRAFTS = frozenset({Relation.CONSIGNOR, Relation.REGION})
_OF_SIGNED = frozenset(Relation) - {Relation.PRODUCER}


def readers(held: Iterable[Relation], *, draft: bool) -> set[Relation]:
    """Return by which of his relations a person may open a print, none where it is not for him.

    What the consignor weighed up before signing concerns nobody but him and who oversees him, also afterwards. A
    producer follows his own boxes, and the form shows everybody's.
    """
    return set(held) & (_OF_DRAFTS if draft else _OF_SIGNED)
