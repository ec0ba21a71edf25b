"""What pages and commands share: the sealer of the running application, and a verification from the last checkpoint."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from wastetrack.domain.ledger import Finding
from wastetrack.domain.tree_heads import SignedHead
from wastetrack.features.ledger import service
from wastetrack.features.ledger.service import CheckpointFile, KeptHeads, LogSealer, Outside

FOLDER = "ledger"
"""Where in the data folder keys, heads and the checkpoint are kept."""


def init(app: Flask, sealer: LogSealer) -> None:
    """Join the application to its sealer."""
    app.extensions["wastetrack.sealer"] = sealer


def sealer() -> LogSealer:
    """Return the sealer of the running application."""
    return cast(LogSealer, current_app.extensions["wastetrack.sealer"])


def kept_in(instance: Path) -> KeptHeads:
    """Return where heads are kept beside the database."""
    return KeptHeads(instance / FOLDER)


@dataclass
class Verification:
    """A verification under way: everything, or what came since the last one that found nothing wrong."""

    session: Session
    brought: tuple[SignedHead, ...] = ()
    full: bool = False
    since: service.Checkpoint | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """See from where it starts."""
        kept = sealer().kept
        self._file = CheckpointFile(kept.folder / "checkpoint.json")
        self._outside = Outside(kept, self.brought)
        self.since = None if self.full else self._file.read()

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; when that was nothing, the next one may start from here."""
        last = self.since
        found = False
        for one in (
            service.verify_since(self.session, last, self._outside)
            if last
            else service.verify(self.session, self._outside)
        ):
            found = True
            yield one
        fresh = None if found else service.checkpoint(self.session, last)
        if fresh:
            self._file.write(fresh)
