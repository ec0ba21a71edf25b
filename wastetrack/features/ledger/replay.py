"""The ledger's own tables follow from nothing else; `ledger verify` checks them."""

from wastetrack.features.ledger.models import (
    LedgerEntry,
    LedgerEvent,
    LedgerHead,
    LedgerNode,
    LedgerPending,
    LedgerStream,
)
from wastetrack.features.ledger.service.replaying import Replay
from wastetrack.infra.outbox import Waiting

_ITSELF = "the ledger itself, which `ledger verify` checks"

REPLAY = Replay(
    "ledger",
    aside={
        **dict.fromkeys((LedgerEvent, LedgerStream, LedgerPending, LedgerEntry, LedgerNode, LedgerHead), _ITSELF),
        Waiting: "work that waits for the worker; what it does is written when it is done",
    },
    silent={"ledger": "the keys and the names of the log, read from their streams whenever they are needed"},
)
