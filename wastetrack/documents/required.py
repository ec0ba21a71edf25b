"""What a label must say before it may be printed."""

from collections.abc import Mapping

from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.words import N_


def require(facts: object, fields: Mapping[str, str], basis: str) -> None:
    """Refuse at once every one of `fields` (name → word on the label) that is empty."""
    sentence = N_("The label cannot be printed: “{entry}” is missing, and {basis} asks for it.")
    refuse_all([
        Problem("print.entry_missing", sentence, {"entry": word, "basis": basis}, field=name, basis=basis)
        for name, word in fields.items()
        if getattr(facts, name) in ("", None, ())
    ])  # fmt: skip
