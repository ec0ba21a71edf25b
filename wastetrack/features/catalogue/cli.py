"""Commands of the platform operator: `flask --app wastetrack.app catalogue …`. Safe to repeat at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from wastetrack.domain.access import SYSTEM
from wastetrack.domain.problems import Refusal
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import service
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.i18n import _, say
from wastetrack.infra.reference import Change
from wastetrack.infra.work import Work
from wastetrack.web import context

catalogue = AppGroup("catalogue", help="Load reference data: divisions, the national list, working days.")

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_CHANGED = N_("{table}: {rows} rows; {added} added, {changed} changed, {removed} removed")
_UNCHANGED = N_("{table}: {rows} rows, nothing to change")


@catalogue.command("load")
@click.option("--if-new", is_flag=True, help="Do nothing when these very files were the last to be loaded.")
def load(*, if_new: bool) -> None:
    """Bring all reference tables to what ships with the platform."""
    with _work() as work:
        changes = service.load_if_new(work) if if_new else service.load(work)
    for change in changes:
        _tell(change)


@catalogue.command("load-edition")
@click.argument("edition")
@_FILE
@click.option("--from", "effective_from", type=click.DateTime(["%Y-%m-%d"]), help="First day of force, if new.")
@click.option("--decree", help="Name and number of the decree, if new.")
def load_edition(edition: str, file: Path, effective_from: datetime | None, decree: str | None) -> None:
    """Load the codes of EDITION of the national list from the CSV FILE.

    Columns: code, category_name, industry, description, hazards (T,I = the first certain; T/C = one or more).
    """
    first_day: date | None = effective_from.date() if effective_from else None
    with _work() as work:
        change = service.load_edition(work, edition, file.read_bytes(), effective_from=first_day, decree=decree)
    _tell(change)


@catalogue.command("load-exemptions")
@click.argument("edition")
@_FILE
def load_exemptions(edition: str, file: Path) -> None:
    """Load the exemption list of EDITION from the CSV FILE.

    Columns: item, applies_to (codes or a category, with ; between them), waste, stage, condition, exempted_as.
    """
    with _work() as work:
        change = service.load_exemptions(work, edition, file.read_bytes())
    _tell(change)


@catalogue.command("load-working-days")
@click.argument("year", type=click.IntRange(2020, 2100))
@_FILE
def load_working_days(year: int, file: Path) -> None:
    """Load the State Council's notice for YEAR from the CSV FILE, in place of an estimate.

    Columns: day (2027-01-01), works (1 for a make-up working day, 0 for a day off), occasion.
    """
    with _work() as work:
        change = service.load_working_days(work, year, file.read_bytes())
    _tell(change)


@contextmanager
def _work() -> Iterator[Work]:
    try:
        with writing(context.engine()) as session:
            yield Work(session, SYSTEM, clock.now(), device="console")
    except Refusal as refusal:
        lines = [say(problem) for problem in refusal.problems]
        raise click.ClickException("\n".join(lines)) from None


def _tell(change: Change) -> None:
    words = _CHANGED if change.any else _UNCHANGED
    click.echo(
        _(
            words,
            table=change.table,
            rows=change.rows,
            added=change.added,
            changed=change.changed,
            removed=change.removed,
        )
    )
