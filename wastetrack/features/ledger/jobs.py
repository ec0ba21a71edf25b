"""The ledger's places in the worker: sealing at an interval, and a verification every hour."""

import logging
from collections import Counter

from wastetrack.features.ledger import queries
from wastetrack.features.ledger.service import LogSealer, Verification
from wastetrack.infra.db import snapshot
from wastetrack.infra.jobs import Beat

log = logging.getLogger(__name__)
HOUR = 3600


def beats(sealer: LogSealer, seconds: int) -> tuple[Beat, ...]:
    """Return the sealer's round, within which every event comes under a signed head, and the hourly verification."""
    return Beat("ledger.seal", seconds, sealer.round), Beat("ledger.verify", HOUR, lambda: verify(sealer))


def verify(sealer: LogSealer) -> int:
    """Verify from the last checkpoint and put what is wrong into the service's log; return how much it was."""
    with snapshot(sealer.engine) as session:
        for power in queries.powers(session):
            log.warning("the ledger's guards could be lifted by the site's own database role: %s", power.value)
        found = Counter((one.flaw, one.stream, one.seq) for one in Verification(session, sealer.kept).findings())
    for (flaw, stream, seq), _number in found.most_common(100):
        log.critical("the ledger is not intact: %s #%s: %s", stream, seq, flaw.value)
    return len(found)
