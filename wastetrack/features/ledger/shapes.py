"""How pages and commands reach the sealer of the running application, and how a rebuild is told."""

from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app

from wastetrack.features.ledger.service import Difference, KeptHeads, LogSealer, Rebuild
from wastetrack.infra.i18n import _

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


# --- a rebuild -------------------------------------------------------------------------------------------------------


def said_of(one: Difference) -> str:
    """Say one difference in a line: where, what is wrong, what it should be, and which event says so."""
    where = " ".join(part for part in (one.table, ", ".join(map(str, one.key)), one.column) if part)
    told = [f"{where}: {_(one.what.label)}" if where else _(one.what.label)]
    if one.column:
        told.append(_("expected {expected}, found {found}", expected=_shown(one.expected), found=_shown(one.found)))
    elif one.found:
        told.append(str(one.found))
    if one.by_rule:
        told.append(_("by rule"))
    elif one.said:
        told.append(f"{one.said.stream} #{one.said.seq}" if one.said.seq else one.said.stream)
    return "; ".join(told)


def _shown(value: object) -> str:
    return "—" if value is None else repr(value) if isinstance(value, str) else str(value)


def summed_up(one: Rebuild, number: int) -> str:
    """Say in the end how much was compared, and what the ledger is too old to say."""
    lines = [
        _(
            "{events} {events:event|events} replayed, {rows} {rows:row|rows} compared.",
            events=one.events,
            rows=one.compared,
        )
    ]
    if one.unsaid:
        lines.append(_("What older events do not say is not held against a table:"))
        lines += [f"  {column}: {count}" for column, count in sorted(one.unsaid.items())]
    if number:
        lines.append(_("The tables are NOT what the ledger says: {n} {n:finding|findings}.", n=number))
    else:
        lines.append(_("The tables are what the ledger says."))
    return "\n".join(lines)


def differing(one: Difference) -> dict[str, Any]:
    """Return one difference as JSON says it."""
    plainly: dict[str, Any] = {"what": one.what.value, "table": one.table, "key": list(one.key), "column": one.column}
    expected = one.expected if isinstance(one.expected, str | int | list | dict | None) else str(one.expected)
    event = None if one.said is None or one.by_rule else {"stream": one.said.stream, "seq": one.said.seq}
    return {**plainly, "expected": expected, "found": one.found, "said_by": event, "by_rule": one.by_rule}


def counted(one: Rebuild, number: int) -> dict[str, Any]:
    """Return the end of a report as JSON says it."""
    return {
        "events": one.events,
        "rows": one.compared,
        "findings": number,
        "not_said": dict(sorted(one.unsaid.items())),
    }
