"""Acts on the ledger: writing to it, sealing it, verifying it, giving parts of it out with proofs."""

from wastetrack.features.ledger import queries
from wastetrack.features.ledger.service.appending import append, done, hold, listen
from wastetrack.features.ledger.service.declaring import declare_wrong
from wastetrack.features.ledger.service.kept_heads import KeptHeads, as_json, from_json
from wastetrack.features.ledger.service.proving import Part, Proof, export, key_json, line, prove, prove_growth
from wastetrack.features.ledger.service.rebuilding import Deviation, Difference, Plan, Rebuild
from wastetrack.features.ledger.service.sealing import ContradictionError, LogSealer, Round, seal, sign
from wastetrack.features.ledger.service.verifying import (
    Checkpoint,
    CheckpointFile,
    Outside,
    Verification,
    checkpoint,
    signature_fits,
    verify,
    verify_since,
)

__all__ = [
    "Checkpoint",
    "CheckpointFile",
    "ContradictionError",
    "Deviation",
    "Difference",
    "KeptHeads",
    "LogSealer",
    "Outside",
    "Part",
    "Plan",
    "Proof",
    "Rebuild",
    "Round",
    "Verification",
    "append",
    "as_json",
    "checkpoint",
    "declare_wrong",
    "done",
    "export",
    "from_json",
    "hold",
    "key_json",
    "line",
    "listen",
    "prove",
    "prove_growth",
    "queries",
    "seal",
    "sign",
    "signature_fits",
    "verify",
    "verify_since",
]
