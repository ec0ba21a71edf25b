"""The table of rights and the audit record as people read them, on pages and in files."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from wastetrack.documents.workbook import Sheet, SheetColumn, workbook
from wastetrack.domain.access import NEVER_BY_MANDATE, RIGHTS, SIGNED, Act, Relation, Role
from wastetrack.domain.words import N_, Term
from wastetrack.features.audit.models import AuditEntry
from wastetrack.infra.i18n import CHINESE, ENGLISH, _, listed, show, speaking
from wastetrack.web.routing import PUBLIC, SIGNED_IN, needs_of

LETTERS = {
    Relation.OWN: "O",
    Relation.PRODUCER: "P",
    Relation.CONSIGNOR: "C",
    Relation.CARRIER: "V",
    Relation.CREW: "D",
    Relation.RECEIVER: "E",
    Relation.REGION: "R",
    Relation.ANY: "●",
}
"""How a relation is written in the wide table."""


@dataclass(frozen=True)
class Holder:
    """A role that may do an act, and the relations in which it may."""

    role: Role
    relations: list[Relation]


@dataclass(frozen=True)
class Right:
    """One act with everybody who may do it, and the routes that ask for it."""

    act: Act
    holders: list[Holder]
    routes: list[str]

    @property
    def by_mandate(self) -> str:
        """Return what is kept back from those who act for another; empty where nothing is."""
        if self.act in NEVER_BY_MANDATE:
            return _("never by authorisation")
        return _("by authorisation only where it names signing") if self.act in SIGNED else ""

    def grouped(self) -> list[tuple[str, str]]:
        """Return in words on what, and which roles may it there: those with the same relations together."""
        groups: dict[str, list[Role]] = {}
        for holder in self.holders:
            groups.setdefault(listed(show(one) for one in holder.relations), []).append(holder.role)
        everybody = len(self.holders) == len(Role) and len(groups) == 1
        return [
            (relations, _("every role") if everybody else listed(show(role) for role in roles))
            for relations, roles in groups.items()
        ]


def rights(app: Flask) -> list[Right]:
    """Return the table as it is in force, in its own order."""
    routes = _routes(app)
    return [
        Right(
            act,
            [
                Holder(role, [relation for relation in Relation if relation in RIGHTS[act][role]])
                for role in Role
                if RIGHTS[act].get(role)
            ],
            routes.get(act.value, []),
        )
        for act in Act
    ]


def _routes(app: Flask) -> dict[str, list[str]]:
    """Return the routes by what they need: an act, `public` or `signed_in`."""
    found: dict[str, list[str]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()), one.endpoint)):
        needs = needs_of(app, rule.endpoint)
        methods = " ".join(sorted((rule.methods or set()) & {"GET", "POST"}))
        for need in needs if isinstance(needs, tuple) else (needs,):
            found.setdefault(str(need.value if isinstance(need, Act) else need), []).append(f"{methods} {rule.rule}")
    return found


def document(app: Flask) -> str:
    """Return docs/access.md: both languages beside each other, so that one reads what the other reads."""
    head = ["行为 Act", *(both(role) for role in Role)]
    lines = [
        "# 权限表 Who may do what",
        "",
        "由 `flask --app wastetrack.app access table` 从 `wastetrack/domain/access.py` 生成，请勿手工修改。",
        "Printed from `wastetrack/domain/access.py` by `flask --app wastetrack.app access table`; not edited by hand.",
        "",
        "表中没有的，一律不允许。What is not in the table is refused.",
        "",
        "## 关系 Relations",
        "",
        *(f"- **{letter}** {both(relation)}" for relation, letter in LETTERS.items()),
        "",
        "## 权限 Rights",
        "",
        _row(head),
        _row(["---"] + [":-:"] * len(Role)),
    ]
    table = rights(app)
    for right in table:
        held = {holder.role: " ".join(LETTERS[one] for one in holder.relations) for holder in right.holders}
        lines.append(_row([both(right.act), *(held.get(role, "") for role in Role)]))
    never = "；".join(both(act) for act in Act if act in NEVER_BY_MANDATE)
    signed = "；".join(both(act) for act in Act if act in SIGNED)
    lines += ["", "## 受托代办 By authorisation", "", f"一律不可委托 Never: {never}。", ""]
    lines += [f"仅当委托注明可签署 Only where it names signing: {signed}。"]
    lines += ["", "## 地址 Routes", "", _row(["行为 Act", "地址 Routes"]), _row(["---", "---"])]
    lines += [_row([both(right.act), "<br>".join(f"`{one}`" for one in right.routes) or "—"]) for right in table]
    routes = _routes(app)
    for need, words in ((SIGNED_IN, "任何已登录者 anyone signed in"), (PUBLIC, "任何人，无需登录 anyone at all")):
        lines.append(_row([words, "<br>".join(f"`{one}`" for one in routes.get(need, []))]))
    return "\n".join(lines) + "\n"


def both(term: Term) -> str:
    """Return a term's label in Chinese and in English."""
    said = []
    for language in (CHINESE, ENGLISH):
        with speaking(language):
            said.append(_(term.label))
    return " ".join(said)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- the audit record ------------------------------------------------------------------------------------------------

COLUMNS = (
    (N_("When"), 18), (N_("Who"), 16), (N_("Roles"), 20), (N_("Acts for"), 24), (N_("What"), 14), (N_("On what"), 46),
    (N_("Page"), 30), (N_("Answer"), 8), (N_("Device"), 40), (N_("Whence"), 18),
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def roles_of(entry: AuditEntry) -> str:
    """Return the roles somebody had then, in the reader's language."""
    return listed(show(role) for role in Role if role.value in entry.roles.split())


def for_whom(entry: AuditEntry) -> str:
    """Return for whom somebody acted, and, where by mandate, whose he is and by which."""
    if not entry.own_organisation:
        return entry.acts_for
    return _(
        "{organisation}, by authorisation {mandate}, of {own}",
        organisation=entry.acts_for,
        mandate=str(entry.mandate_id),
        own=entry.own_organisation,
    )


def deed(app: Flask, entry: AuditEntry) -> str:
    """Return in words what a page is for; empty where it is for no act, or is no more."""
    needs = needs_of(app, entry.route) if entry.route in app.view_functions else None
    acts = needs if isinstance(needs, tuple) else (needs,)
    return listed(show(act) for act in acts if isinstance(act, Act))


def cells(entry: AuditEntry) -> list[str]:
    """Return one line of the record as the page and the files say it, in the order of COLUMNS."""
    return [
        show(entry.at), entry.name or "—", roles_of(entry) or "—", for_whom(entry) or "—", show(entry.kind),
        entry.subject or "—", entry.route, str(entry.status or "—"), entry.device, entry.address or "—",
    ]  # fmt: skip


def as_workbook(entries: Sequence[AuditEntry]) -> bytes:
    """Return the lines as a workbook in which every cell is text."""
    columns = [SheetColumn(_(title), width) for title, width in COLUMNS]
    return workbook([Sheet(_("Audit record"), columns, [cells(one) for one in entries])])


def as_text(entries: Sequence[AuditEntry]) -> bytes:
    """Return the lines as a CSV file; what a spreadsheet program would take for a formula is quoted."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow([_(title) for title, _width in COLUMNS])
    rows.writerows([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells(one)] for one in entries)
    return buffer.getvalue().encode("utf-8-sig")
