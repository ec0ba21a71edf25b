"""Bringing a table to what a file says: rows are added, changed or taken away, and nothing else is touched."""

import csv
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, select
from sqlalchemy.orm import Session

from wastetrack.infra.db import Base

Key = tuple[Any, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What loading did to one table: rows in the file, added, changed, removed (or marked as gone)."""

    table: str
    rows: int
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def any(self) -> bool:
        """Tell whether the table differs from before."""
        return bool(self.added or self.changed or self.removed)


def packed_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a gzipped CSV file with a header."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        for line in lines:
            yield dict(zip(header, line, strict=True))


def reconcile(
    session: Session,
    model: type[Base],
    rows: Sequence[Values],
    *,
    within: ColumnElement[bool] | None = None,
    gone: Values | None = None,
) -> Change:
    """Bring the rows of `model` (only those `within`, if given) to `rows`, each with a value for every column.

    A stored row that is not among `rows` is deleted, or given the values of `gone` where other tables may name it.
    Rows are inserted in the order given, so one may refer to an earlier one. Doing it twice changes nothing.
    """
    session.flush()
    table = model.metadata.tables[model.__tablename__]
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    key_of, wanted_values = _picker(keys), _picker(names)
    stored = _stored(session, table, keys, within)
    wanted = {key_of(row): row for row in rows}
    if len(wanted) != len(rows):
        raise ValueError(f"a key stands twice among the rows for {table.name}")

    new = [row for key, row in wanted.items() if key not in stored]
    changed = [row for key, row in wanted.items() if key in stored and stored[key] != wanted_values(row)]
    rest = [dict(zip(names, values, strict=True)) for key, values in stored.items() if key not in wanted]
    lost = [row for row in rest if gone is None or any(row[name] != value for name, value in gone.items())]

    _execute(session, table, "insert", keys, new)
    _execute(session, table, "update", keys, changed)
    if gone is None:
        _execute(session, table, "delete", keys, lost)
    else:
        _execute(session, table, "update", keys, [{**row, **gone} for row in lost])
    change = Change(table.name, len(rows), len(new), len(changed), len(lost))
    if change.any:
        session.expire_all()
    return change


def _picker(names: Sequence[str | int]) -> Callable[[Any], Key]:
    return itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)


def _stored(session: Session, table: Table, keys: list[str], within: ColumnElement[bool] | None) -> dict[Key, Key]:
    query = select(*table.columns)
    if within is not None:
        query = query.where(within)
    key_of = _picker([list(table.columns.keys()).index(key) for key in keys])
    return {key_of(row): row._tuple() for row in session.execute(query)}


def _execute(session: Session, table: Table, how: str, keys: list[str], rows: Sequence[Values]) -> None:
    if not rows:
        return
    connection = session.connection()
    if how == "insert":
        connection.execute(table.insert(), [dict(row) for row in rows])
        return
    this = [table.c[key] == bindparam(f"old_{key}") for key in keys]
    named = [{f"old_{key}": row[key] for key in keys} for row in rows]
    if how == "delete":
        connection.execute(table.delete().where(*this), named)
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name not in keys}
    settings = [{f"new_{name}": row[name] for name in rows[0] if name not in keys} for row in rows]
    changes = [old | new for old, new in zip(named, settings, strict=True)]
    connection.execute(table.update().where(*this).values(values), changes)
