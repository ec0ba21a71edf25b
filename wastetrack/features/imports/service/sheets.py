"""What a file of each kind looks like: its columns, what is told of them, and how its lines become rows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wastetrack.domain.imports import ImportKind, repeated
from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_, Several
from wastetrack.features.imports.service.columns import Column, Outcome, Row
from wastetrack.features.imports.service.desk import Desk
from wastetrack.infra.i18n import LANGUAGES, _, speaking
from wastetrack.infra.tables import Table, column_name, read_table

Keep = Callable[[Desk, Row], Outcome]
"""Does the one act that a row asks for, through the service of its feature. Raises a Refusal at the row's columns."""


@dataclass(frozen=True)
class Sheet:
    """Everything about one kind of file. `identity` tells its rows apart, `named_by` is what people call them by."""

    kind: ImportKind
    columns: tuple[Column, ...]
    identity: Callable[[Row], str]
    keep: Keep
    named_by: str = "name"
    fetch: Callable[[Desk, Sequence[Row]], None] | None = None
    """Looks up for many rows at once what each of them will ask for."""


@dataclass(frozen=True)
class Opened:
    """A file as it was read: its rows, the columns nobody knows, and the rows that name the same thing."""

    sheet: Sheet
    rows: Sequence[Row]
    unknown: tuple[str, ...] = ()
    repeats: Mapping[int, Problem] = field(default_factory=dict)


def open_file(sheet: Sheet, content: bytes) -> Opened:
    """Read a file of this kind; what is wrong with the file as a whole is refused here."""
    names = _names(sheet)
    table = read_table(content, names)
    keys = [names.get(column_name(title)) for title in table.header]
    _require_columns(sheet, keys)
    rows = [Row(line.number, _cells(keys, line.cells)) for line in table.lines]
    identities = {row.number: sheet.identity(row) for row in rows}
    contents = {row.number: [row[column.key] for column in sheet.columns] for row in rows}
    return Opened(sheet, rows, _unknown(table, keys), repeated(identities, contents))


def identity(*keys: str) -> Callable[[Row], str]:
    """Return a reader of what tells rows apart: these cells together, none when one of them is empty."""

    def read(row: Row) -> str:
        parts = [re.sub(r"[.·•]", "", compact(row[key])) for key in keys]
        return "|".join(parts) if all(parts) else ""

    return read


def _cells(keys: Sequence[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {key: cell for key, cell in zip(keys, cells, strict=False) if key is not None}


def _names(sheet: Sheet) -> dict[str, str]:
    """Return the key of every name that a column may have: its title in both languages, or the key itself."""
    found = {column.key: column.key for column in sheet.columns}
    for language in LANGUAGES:
        with speaking(language):
            found |= {column_name(_(column.title)): column.key for column in sheet.columns}
    return {column_name(name): key for name, key in found.items()}


def _require_columns(sheet: Sheet, keys: Sequence[str | None]) -> None:
    twice = [column for column in sheet.columns if keys.count(column.key) > 1]
    if twice:
        sentence = N_("These columns stand twice in the file: {columns}. Leave each of them once.")
        raise refuse("import.columns_twice", sentence, field="file", columns=_titles(twice))
    missing = [column for column in sheet.columns if column.required and column.key not in keys]
    if missing:
        sentence = N_("The file has no such columns: {columns}. Download the template and keep its first row as it is.")
        raise refuse("import.columns_missing", sentence, field="file", columns=_titles(missing))


def _titles(columns: Sequence[Column]) -> Several:
    return Several(tuple(_(column.title) for column in columns))


def _unknown(table: Table, keys: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(title for title, key in zip(table.header, keys, strict=True) if key is None and title)
