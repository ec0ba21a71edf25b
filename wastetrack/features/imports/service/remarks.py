"""What is said of a row, kept so that every reader can be told in his own language: sentences beside their facts."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Fact, Problem
from wastetrack.domain.words import Several, Term
from wastetrack.infra.i18n import _


def packed(remarks: Iterable[Problem]) -> str:
    """Write remarks down."""
    return json.dumps([_packed(remark) for remark in remarks], ensure_ascii=False)


def unpacked(text: str) -> list[Problem]:
    """Read remarks; words of a list come out in the language of the present reader."""
    return [
        Problem(
            one["code"],
            one["sentence"],
            {name: _read(value) for name, value in one["facts"].items()},
            one["column"],
            basis=one["basis"],
        )
        for one in json.loads(text)
    ]


def _packed(remark: Problem) -> dict[str, Any]:
    return {
        "code": remark.code,
        "sentence": remark.sentence,
        "facts": {name: _write(fact) for name, fact in remark.facts.items()},
        "column": remark.field,
        "basis": remark.basis,
    }


def _write(fact: Fact) -> Any:
    match fact:
        case Term():
            return {"label": fact.label}
        case Several():
            return {"several": [_write(name) for name in fact.names], "more": fact.more}
        case Grams():
            return {"grams": int(fact)}
        case datetime():
            return {"at": fact.isoformat()}
        case date():
            return {"day": fact.isoformat()}
        case _:
            return fact


def _read(value: Any) -> Fact:
    match value:
        case {"label": label}:
            return _(label)
        case {"several": names, "more": more}:
            return Several(tuple(str(_read(name)) for name in names), more)
        case {"grams": grams}:
            return Grams(grams)
        case {"at": moment}:
            return datetime.fromisoformat(moment)
        case {"day": day}:
            return date.fromisoformat(day)
        case _:
            plain: Fact = value
            return plain
