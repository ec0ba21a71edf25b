"""The clerk's desk: reading the cells of a row into a command as the form on the page would, problems at their columns.

A cell may be written as people write it: words of a list in either language, a division by code or by name, a day in
any of Excel's forms. What is then said against the command is said by the same rules as on the page.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import select

from wastetrack.domain.days import parse_day
from wastetrack.domain.problems import Fact, Problem, Refusal, refuse, refuse_all
from wastetrack.domain.typed_text import compact, narrow, quoted
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.domain.words import N_, Several, Term
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.catalogue.models import Region
from wastetrack.features.imports.service.columns import Column, Form, Row
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Organisation
from wastetrack.infra.commands import Command, read
from wastetrack.infra.i18n import CHINESE, LANGUAGES, _, speaking
from wastetrack.infra.work import Work

T = TypeVar("T")
W = TypeVar("W", bound=Term)
C = TypeVar("C", bound=Command)

_CRUSHED = re.compile(r"[0-9](\.[0-9]+)?e\+?[0-9]{2}", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;，；、|]+")
_MODE = re.compile(r"[A-Z][0-9]{1,2}(?![0-9])")
_REGION_CODE = re.compile(r"[0-9A-Z]{2,12}")


@dataclass
class Desk:
    """What the rows of one pass share: the transaction, the file's name, divisions already found."""

    work: Work
    columns: tuple[Column, ...]
    act_key: str
    file_name: str
    regions: dict[str, str | None] = field(default_factory=dict)
    at_hand: list[object] = field(default_factory=list)
    """What was fetched for many rows at once: held, so that the session need not look it up for each."""
    known: dict[str, Any] = field(default_factory=dict)
    """What a kind of sheet has looked up for these rows, by its own keys."""
    absent: frozenset[str] = frozenset()
    """Credit codes of these rows that nobody had when they were looked up together."""

    def fetch(self, rows: Sequence[Row]) -> None:
        """Fetch for many rows at once what most of them will ask for one by one."""
        session = self.work.session
        places = {text for row in rows if _REGION_CODE.fullmatch(text := compact(row["region_code"]))}
        self.at_hand += session.scalars(select(Region).where(Region.code.in_(places)))
        codes = {code for row in rows if (code := compact(row["credit_code"]))}
        among = select(Organisation).where(Organisation.credit_code.in_(codes), parties.KNOWN)
        known = session.scalars(among).all() if codes else []
        self.at_hand += known
        self.absent = frozenset(codes - {one.credit_code for one in known})

    @property
    def reason(self) -> str:
        """Return why a record changes, for the ledger."""
        with speaking(CHINESE):
            return _("Bulk import of the file {file}", file=self.file_name[:120])

    def key(self, row: Row, act: str = "") -> str:
        """Return the idempotency key of an act of this row."""
        return f"{self.act_key}:{row.number}{act}"


class Slip:
    """One row on its way to a command: what was read of it, and all that is wrong with it."""

    def __init__(self, desk: Desk, row: Row) -> None:
        """Begin with an untouched row."""
        self.desk, self.row = desk, row
        self.problems: list[Problem] = []

    def get(self, key: str, reader: Callable[[str], T]) -> T | None:
        """Read one cell; an empty one is None, a wrong one is kept as a problem, once, and is None too."""
        if any(problem.field == key for problem in self.problems):
            return None
        try:
            return reader(self.row[key]) if self.row[key] else None
        except Refusal as refusal:
            self.note(replace(problem, field=key) for problem in refusal.problems)
            return None

    def note(self, problems: Iterator[Problem]) -> None:
        """Keep problems, none twice."""
        self.problems += [problem for problem in problems if problem not in self.problems]

    def value(self, key: str) -> Any:
        """Read one cell as its column says."""
        column = next(one for one in self.desk.columns if one.key == key)
        return self.get(key, lambda text: _read_cell(self.desk, column, text))

    def organisation(self, key: str = "organisation") -> Organisation | None:
        """Return the organisation that a cell names by its code."""
        self.code(key)
        return self.get(key, lambda text: _organisation(self.desk.work, text))

    def code(self, key: str) -> None:
        """Note when a spreadsheet program has made a number of a code."""
        self.get(key, _whole_code)

    def fill(self, command: type[C], fields: Mapping[str, str], given: Mapping[str, Any]) -> C:
        """Read the row into a command. `fields` says which column each field comes from, `given` what is known beside.

        What a cell says goes before what is given. Raises everything that is wrong with the row at once.
        """
        values = {name: value for name, value in given.items() if value is not None}
        values |= {name: value for name, key in fields.items() if (value := self.value(key)) is not None}
        wrong = {problem.field for problem in self.problems}
        try:
            made = read(command, values)
        except Refusal as refusal:
            said = (_at_column(problem, fields) for problem in refusal.problems)
            self.note(problem for problem in said if problem.field not in wrong)
        refuse_all(self.problems)
        return made


@contextmanager
def at_columns(fields: Mapping[str, str]) -> Iterator[None]:
    """Have what a service refuses stand at the row's columns."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal([_at_column(problem, fields) for problem in refusal.problems]) from None


def left(key: str, stored: Fact, sent: Fact) -> Problem:
    """Say that a record differs from the row and is left as it is."""
    sentence = N_("The record says {stored}, the file says {sent}. An import does not change this: do it by hand.")
    return Problem("import.left", sentence, {"stored": stored, "sent": sent}, key)


def _at_column(problem: Problem, fields: Mapping[str, str]) -> Problem:
    name = (problem.field or "").partition(".")[0]
    return replace(problem, field=fields.get(name, name) or None)


def _read_cell(desk: Desk, column: Column, text: str) -> Any:
    match column.form:
        case Form.CODE:
            return _whole_code(text)
        case Form.DAY:
            return parse_day(text)
        case Form.TERM:
            return _term(column, text)
        case Form.TERMS:
            return frozenset(_term(column, word) for word in _BETWEEN.split(narrow(text)) if word.strip())
        case Form.REGION:
            return _region(desk, text)
        case _:
            return text


def _whole_code(text: str) -> str:
    if _CRUSHED.fullmatch(text.strip()):
        sentence = N_(
            "The spreadsheet program has made a number of this code and dropped digits. "
            "Format the column as text, then type the code again."
        )
        raise refuse("import.crushed", sentence)
    return text


# --- words of a list -----------------------------------------------------------------------------------------------


def _term(column: Column, text: str) -> Term:
    assert column.terms is not None  # noqa: S101  (a column of words has a list)
    if column.terms is TreatmentMode:
        found = _MODE.match(compact(text))
        text = found.group() if found else text
    term = word_of(column.terms, text)
    if term is None:
        sentence = N_("{typed} is not in the list. Write one of these: {choices}.")
        raise refuse("import.word", sentence, typed=quoted(text), choices=Several(column.choices))
    return term


def word_of(terms: type[W], text: str) -> W | None:
    """Return the word of a list that was written, in either language, if it is one."""
    return cast("W | None", _words(terms).get(_plain(text)))


@cache
def _words(terms: type[Term]) -> dict[str, Term]:
    """Return the words by what may be written for them: the stored word, the label in both languages, a part of it."""
    found: dict[str, Term] = {}
    labels = []
    for language in LANGUAGES:
        with speaking(language):
            labels += [(_plain(_(term.label)), term) for term in terms]
    for label, term in [*((_plain(term.value), term) for term in terms), *labels]:
        found.setdefault(label, term)
    for label, term in labels:
        for part in label.split("/"):
            found.setdefault(part, term)
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", narrow(text)).lower()


# --- divisions -----------------------------------------------------------------------------------------------------


def _region(desk: Desk, text: str) -> str:
    if text not in desk.regions:
        desk.regions[text] = _region_code(desk.work, text)
    code = desk.regions[text]
    if code is None:
        sentence = N_(
            "{typed} names no division, or several. Write its code, such as 130123, or its whole name from the city on."
        )
        raise refuse("import.region", sentence, typed=quoted(text))
    return code


def _region_code(work: Work, text: str) -> str | None:
    plain = compact(text)
    if _REGION_CODE.fullmatch(plain) and plain[0].isdigit():
        return _by_code(work, plain)
    return _by_name(work, re.sub(r"\s+", "", narrow(text)))


def _by_code(work: Work, code: str) -> str | None:
    """Find a division by its code; the twelve digits of the statistics office stand for the same division."""
    tries = [code] + [code[:length] for length in (9, 6) if len(code) == 12 and not code[length:].strip("0")]
    return next((one for one in tries if catalogue.region(work.session, one) is not None), None)


def _by_name(work: Work, name: str) -> str | None:
    """Find the one division whose name ends the text and whose upper divisions, some of them left out, begin it."""
    endings = [name[start:] for start in range(len(name))]
    query = select(Region.code).where(Region.name.in_(endings), Region.current)
    fitting = []
    for code in work.session.scalars(query):
        chain = catalogue.lineage(work.session, code)
        if not chain[-1].placeholder and _is_made_of(name, [above.name for above in chain]):
            fitting.append(code)
    return fitting[0] if len(fitting) == 1 else None


def _is_made_of(name: str, chain: list[str]) -> bool:
    """Tell whether the last name of a chain, with some of those before it in their order, makes up the whole text."""
    rest = name.removesuffix(chain[-1])
    for above in reversed(chain[:-1]):
        rest = rest.removesuffix(above)
    return not rest


# --- organisations -------------------------------------------------------------------------------------------------


def _organisation(work: Work, text: str) -> Organisation:
    code = compact(text)
    found = parties.by_credit_code(work.session, code) or parties.by_medical_licence(work.session, code)
    if found is None or not parties.is_visible(work.session, work.actor, found):
        sentence = N_("No organisation with the code {typed} is entered. Import the organisations first.")
        raise refuse("import.organisation", sentence, typed=quoted(text))
    return found


def organisation_id(one: Organisation | None) -> UUID | None:
    """Return the identity of what was found, if anything was."""
    return one.id if one is not None else None
