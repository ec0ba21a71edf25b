"""The sealer's place in the worker."""

from wastetrack.features.ledger.service import LogSealer
from wastetrack.infra.jobs import Beat


def beat(sealer: LogSealer, seconds: int) -> Beat:
    """Return the sealer's round, at the interval within which every event comes under a signed head."""
    return Beat("ledger.seal", seconds, sealer.round)
