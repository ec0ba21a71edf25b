"""A row for each account, known by its username. Made without a password, it opens to nobody before it has one."""

from uuid import UUID

from wastetrack.domain.access import ADMINISTRATORS, Role
from wastetrack.domain.accounts import parse_username
from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_, Several
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.accounts import service
from wastetrack.features.accounts.models import User
from wastetrack.features.imports.service.columns import Column, Form, Outcome, Row
from wastetrack.features.imports.service.desk import Desk, Slip, at_columns, left, organisation_id
from wastetrack.features.imports.service.sheets import Sheet
from wastetrack.features.parties import queries as parties

FIELDS = {
    "username": "username", "name": "name", "roles": "roles", "organisation_id": "organisation",
    "region_code": "region_code", "crew_id": "crew",
}  # fmt: skip
_CELLS = {name: key for name, key in FIELDS.items() if not name.endswith("_id")}

COLUMNS = (
    Column("username", N_("Username"), N_("3 to 60 small letters and digits, and if need be . _ @ or -"),
           required=True, form=Form.CODE, width=20, example="zhang.demo"),
    Column("name", N_("Person's name"), N_("As people know the person."), required=True, example="演示人员"),
    Column("roles", N_("Roles"), N_("One or several of the list, with 、 or a comma between them."), required=True,
           form=Form.TERMS, terms=Role, offered=tuple(role for role in Role if role not in ADMINISTRATORS), width=22,
           example="单位管理员"),
    Column("organisation", N_("Code of the organisation"), N_("Whom the person acts for; empty for a regulator."),
           form=Form.CODE, width=22, example="12130123MA0000015Y"),
    Column("region_code", N_("Region"), N_("Of a regulator: code or name; empty for everybody else."),
           form=Form.REGION, width=20),
    Column("crew", N_("Permit of the driver or escort"),
           N_("Of a driver or escort: the permit number under which the organisation has entered the person."),
           form=Form.CODE, width=22),
)  # fmt: skip


def keep(desk: Desk, row: Row) -> Outcome:
    """Make the account without a password; one that is there is not changed by a file."""
    slip = Slip(desk, row)
    one = slip.organisation()
    crew_id = slip.get("crew", lambda text: _crew(desk, organisation_id(one), text)) if one or row["crew"] else None
    username = slip.get("username", parse_username)
    given = {"organisation_id": organisation_id(one), "crew_id": crew_id, "act_key": desk.key(row)}
    command = slip.fill(service.CreateAccount, _CELLS, given)
    stored = accounts.by_username(desk.work.session, username) if username else None
    if stored is not None:
        remarks = tuple(_differences(desk, stored, command))
        return Outcome(Verdict.DIFFERS if remarks else Verdict.SAME, remarks)
    with at_columns(FIELDS):
        service.create_without_password(desk.work, command)
    return Outcome(Verdict.NEW)


def _crew(desk: Desk, holder: UUID | None, text: str) -> UUID:
    crew = parties.crew_of(desk.work.session, holder) if holder else []
    found = next((member.id for member in crew if member.permit_no == compact(text)), None)
    if found is None:
        sentence = N_("The organisation has no driver or escort with this permit number. Import the crew first.")
        raise refuse("import.crew", sentence)
    return found


def _differences(desk: Desk, stored: User, sent: service.CreateAccount) -> list[Problem]:
    remarks = [left("name", stored.name, sent.name)] if stored.name != sent.name else []
    roles = accounts.roles_of(desk.work.session, stored.id)
    if roles != sent.roles:
        held, said = (Several(tuple(role for role in Role if role in some)) for some in (roles, sent.roles))
        remarks.append(left("roles", held, said))
    elsewhere = N_("The account belongs elsewhere. An import does not move it: close it and make another one.")
    bound = ("organisation_id", "region_code", "crew_id")
    moved = [name for name in bound if getattr(stored, name) != getattr(sent, name)]
    return remarks + [Problem("import.left", elsewhere, field=FIELDS[name]) for name in moved]


def _identity(row: Row) -> str:
    return row["username"].lower()


SHEET = Sheet(ImportKind.USERS, COLUMNS, _identity, keep, named_by="username")
