"""Both languages behind one module: Chinese by default, English complete. Messages are written in English."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from wastetrack.domain.measures import Grams, kilograms
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.times import local
from wastetrack.domain.words import Several, Term

CHINESE, ENGLISH = "zh_Hans_CN", "en"
LANGUAGES = {CHINESE: ("zh-Hans-CN", "中文"), ENGLISH: ("en", "English")}
FOLDER = Path(__file__).resolve().parent.parent / "translations" / CHINESE

_language: ContextVar[str] = ContextVar("language", default=CHINESE)


def language() -> str:
    """Return the language of the present reader."""
    return _language.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Use language `name` within the block; an unknown one means Chinese."""
    token = _language.set(name if name in LANGUAGES else CHINESE)
    try:
        yield
    finally:
        _language.reset(token)


def catalogues() -> list[Path]:
    """Return the parts of the Chinese catalogue, one for each feature, in a fixed order."""
    return sorted(FOLDER.glob("*.po"))


@cache
def _chinese(_stamp: tuple[float, ...]) -> dict[str, str]:
    messages: dict[str, str] = {}
    for path in catalogues():
        with path.open("rb") as file:
            catalogue: Catalog = read_po(file, locale=CHINESE)
        messages.update(
            {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not isinstance(m.id, tuple)}
        )
    return messages


def _messages() -> dict[str, str]:
    # Read again only while developing, when a file changed; the stamp is fixed for the life of a server.
    return _chinese(_stamp() if os.environ.get("DEBUG") else ())


def _stamp() -> tuple[float, ...]:
    return tuple(path.stat().st_mtime for path in catalogues())


def _(message: str, /, **facts: Fact) -> str:
    """Say `message` in the reader's language, its {placeholders} filled with facts as a person reads them."""
    said = message if language() == ENGLISH else _messages().get(message, message)
    return said.format(**{name: _Said(show(fact)) for name, fact in facts.items()}) if facts else said


class _Said(str):
    """A fact as it is written; an English sentence may let its words follow the number: `{n} {n:box|boxes}`."""

    def __format__(self, words: str) -> str:
        one, between, many = words.partition("|")
        return (one if self == "1" else many) if between else super().__format__(words)


def show(fact: Fact) -> str:
    """Write one fact for people: mass in kg, moments in Asia/Shanghai to the minute, terms by their label."""
    match fact:
        case None:
            return "—"
        case Term():
            return _(fact.label)
        case Several():
            return listed(fact.names, fact.more)
        case Grams():
            return f"{kilograms(fact)} kg"
        case datetime():
            return local(fact).strftime("%Y-%m-%d %H:%M")
        case date():
            return fact.isoformat()
        case _:
            return str(fact)


def listed(names: Iterable[str], more: int = 0) -> str:
    """Join names as the reader's language does, and say how many `more` there are."""
    joined = _(", ").join(names)
    return _("{names} and {n} more", names=joined, n=more) if more else joined


def say_in_each(problem: Problem) -> dict[str, dict[str, str]]:
    """Say what is wrong in every language, with the law it rests on: to be kept as it was said."""
    said: dict[str, dict[str, str]] = {}
    for name in LANGUAGES:
        with speaking(name):
            said[name] = {"text": say(problem), "basis": _(problem.basis) if problem.basis else ""}
    return said


def say(problem: Problem) -> str:
    """Say what is wrong in the reader's language."""
    return _(problem.sentence, **problem.facts)
