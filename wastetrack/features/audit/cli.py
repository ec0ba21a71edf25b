"""Commands on access and its record."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from wastetrack.features.audit import shapes

HOUSE = Path(__file__).resolve().parents[3]

access = AppGroup("access", help="Print who may do what.")


@access.command("table")
def table() -> None:
    """Write docs/access.md from the table of rights and the routes."""
    path = HOUSE / "docs" / "access.md"
    path.write_text(shapes.document(current_app._get_current_object()), encoding="utf-8")  # type: ignore[attr-defined]
    click.echo(f"written: {path.relative_to(HOUSE)}")
