"""Who may do what, and who did: for the administrators of security and audit."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.audit import AuditKind
from wastetrack.domain.typed_text import narrow
from wastetrack.features.audit import queries, shapes
from wastetrack.features.audit.queries import MOST_EXPORTED, Filters
from wastetrack.infra.i18n import _
from wastetrack.web.context import look
from wastetrack.web.routing import Pages

pages = Pages("audit", __name__)

NARROWS = ("person", "kind", "subject", "since", "until")
"""What of an address is carried to the next page and to the files."""
FILES = {
    "csv": ("text/csv", shapes.as_text),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", shapes.as_workbook),
}


@pages.shows("/access", needs=Act.VIEW_ACCESS)
def access_page() -> ResponseReturnValue:
    """Show the table of rights as it is in force."""
    return render_template("audit/access.html", table=shapes.rights(_app()))


@pages.shows("/audit", needs=Act.VIEW_AUDIT)
def record_page() -> ResponseReturnValue:
    """Show the audit record, narrowed by the filters in the address."""
    before, kept = request.args.get("before", type=UUID), _kept()
    rows, following = queries.page(look(), _filters(), before)
    return render_template(
        "audit/record.html",
        rows=rows,
        roles_of=shapes.roles_of,
        for_whom=shapes.for_whom,
        deed=partial(shapes.deed, _app()),
        kinds=list(AuditKind),
        kept=kept,
        most=MOST_EXPORTED,
        next_href=url_for("audit.record_page", **kept, before=following) if following else None,
        first_href=url_for("audit.record_page", **kept) if before else None,
        files=[(form, url_for("audit.record_file", form=form, **kept)) for form in FILES] if rows else [],
    )


@pages.shows("/audit/record.<form>", needs=Act.VIEW_AUDIT)
def record_file(form: str) -> ResponseReturnValue:
    """Give what the page lists, all pages of it, as a file."""
    if form not in FILES:
        raise unknown()
    kind, write = FILES[form]
    rows, _following = queries.page(look(), _filters(), size=MOST_EXPORTED)
    answer = Response(write(rows), mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{_('Audit record')}.{form}")
    return answer


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


def _kept() -> dict[str, Any]:
    return {name: request.args[name][:100] for name in NARROWS if request.args.get(name)}


def _filters() -> Filters:
    kept = _kept()
    return Filters(
        person=kept.get("person", ""),
        kind=next((one for one in AuditKind if one.value == kept.get("kind")), None),
        subject=kept.get("subject", "").strip(),
        since=_day(kept.get("since", "")),
        until=_day(kept.get("until", "")),
    )


def _day(typed: str) -> date | None:
    """Read a day out of an address; what is none narrows nothing."""
    try:
        return date.fromisoformat(narrow(typed))
    except ValueError:
        return None
