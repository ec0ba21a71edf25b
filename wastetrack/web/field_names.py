"""An error summary stands above the fields that it names: their labels are filled in once the page is whole.

`field_line` leaves a marked line in the summary, `field_called` notes the label where the field is drawn, the layout
runs the whole through `with_field_names`. So a line says what the reader finds beside the field, in his language, and
leads to it; a line on something that cannot be filled in here leads nowhere.
"""

import re

from flask import Flask, g
from markupsafe import Markup, escape

from wastetrack.infra.i18n import _

_LINE = re.compile("\x02([^\x03]*)\x03([^\x04]*)\x04")


def init(app: Flask) -> None:
    """Give the templates the three."""
    app.jinja_env.globals.update(field_line=_line, field_called=_note)
    app.jinja_env.filters["with_field_names"] = fill_in


def _line(field: str, text: str) -> str:
    return f"\x02{field}\x03{text}\x04"


def _note(field: str, label: str) -> str:
    """Note what the field is called on this page. The first of a name is the one that a link leads to."""
    _labels().setdefault(field, label)
    return ""


def fill_in(page: str) -> Markup:
    """Name the fields and link them wherever a line was marked; line and label were escaped with the page."""
    return Markup(_LINE.sub(_named, page))  # noqa: S704  # the page is markup already


def _named(found: re.Match[str]) -> str:
    field, text = found.groups()
    if field not in _labels():
        return text
    named = escape(_("{field}: ", field=_labels()[field]))
    return f'<a href="#field-{field.replace(".", "-")}">{named}{text}</a>'


def _labels() -> dict[str, str]:
    labels: dict[str, str] = g.setdefault("field_labels", {})
    return labels
