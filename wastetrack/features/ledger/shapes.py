"""How pages and commands reach the sealer of the running application."""

from pathlib import Path
from typing import cast

from flask import Flask, current_app

from wastetrack.features.ledger.service import KeptHeads, LogSealer

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
