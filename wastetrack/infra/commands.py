"""What an act is asked for with: one frozen command, the same from page, API, job and sync."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.weighing import Weighing, parse_mass
from wastetrack.domain.words import N_

T = TypeVar("T")
C = TypeVar("C", bound="Command")


class Command(BaseModel):
    """Base of every command: nothing unknown is let in, texts are trimmed, nothing is changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, arbitrary_types_allowed=True)


_SENTENCES = {
    "missing": N_("This is still empty. Fill it in."),
    "string_too_short": N_("This is still empty. Fill it in."),
    "string_too_long": N_("This is too long. Use at most {most} characters."),
    "int_parsing": N_("Write a whole number here, without letters or decimals."),
    "greater_than_equal": N_("The number is too small. The least is {least}."),
    "greater_than": N_("The number must be above {least}."),
    "less_than_equal": N_("The number is too large. The most is {most}."),
    "date_from_datetime_parsing": N_("Write a date such as 2026-11-23."),
    "date_parsing": N_("Write a date such as 2026-11-23."),
    "enum": N_("Choose one of the entries in the list."),
    "uuid_parsing": N_("Choose one of the entries in the list."),
    "bool_parsing": N_("Choose yes or no."),
    "extra_forbidden": N_("This form does not know such a field. Load the page again and repeat."),
}
_OTHERWISE = N_("This cannot be read. Check it and try again.")


def read(command: type[C], values: Mapping[str, Any]) -> C:
    """Read values into a command. Raises a Refusal with every problem, each at its field."""
    try:
        return command.model_validate(values)
    except ValidationError as error:
        raise Refusal([problem for detail in error.errors() for problem in _problems(detail)]) from None


def _problems(detail: ErrorDetails) -> list[Problem]:
    field = ".".join(str(part) for part in detail["loc"]) or None
    context_of = detail.get("ctx", {})
    if detail["type"] == "domain":
        return [Problem(p.code, p.sentence, p.facts, field, p.kind, p.basis) for p in context_of["problems"]]
    facts = {
        "most": context_of.get("max_length", context_of.get("le")),
        "least": context_of.get("ge", context_of.get("gt")),
    }
    return [Problem(f"field.{detail['type']}", _SENTENCES.get(detail["type"], _OTHERWISE), facts, field)]


def read_by(reader: Callable[[str], T]) -> BeforeValidator:
    """Have pydantic read a field by a rule of the domain, keeping the sentences of its refusal."""
    return _read_by(reader, str)


def read_file_by(reader: Callable[[bytes], T]) -> BeforeValidator:
    """Have pydantic read a file that was sent, the same way."""
    return _read_by(reader, bytes)


def _read_by(reader: Callable[[Any], T], kind: type) -> BeforeValidator:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            return value
        try:
            return reader(value)
        except Refusal as refusal:
            raise PydanticCustomError("domain", "refused", {"problems": refusal.problems}) from None

    return BeforeValidator(read)


Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=60)]
OptionalText = Annotated[str, StringConstraints(max_length=200)]
Mass = Annotated[Weighing, read_by(parse_mass)]
"""A mass as people and scales write it; a figure without unit is in kg."""
Code = Annotated[str, read_by(parse_container_code)]
"""The code of a container, scanned or typed."""
Day = date
ActKey = Annotated[str, StringConstraints(max_length=64)]
"""The idempotency key of an act: a form carries a fresh one, so that sending it twice is one act."""
