"""Acts on contracts: enter one that the organisation made with a receiver or carrier, renew it or end it early."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from wastetrack.domain.access import Act
from wastetrack.domain.parties import date_problems, may_be_named
from wastetrack.domain.problems import Kind, Problem, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Contract, Organisation
from wastetrack.features.parties.service.base import PaperNumber, added, changed, done_before, held, stream_of
from wastetrack.features.parties.service.licences import read_scope
from wastetrack.infra.commands import ActKey, Command, Day, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

Scope = Annotated[str, StringConstraints(max_length=2000), read_by(read_scope)]


class AddContract(Command):
    """Enter a written contract of a consignor with who takes or carries its waste."""

    organisation_id: UUID
    partner_id: UUID
    number: PaperNumber
    valid_from: Day
    valid_until: Day
    scope: Scope = ""
    act_key: ActKey | None = None


class ChangeContract(Command):
    """Enter that a contract was prolonged, or ended early, with the reason."""

    organisation_id: UUID
    contract_id: UUID
    valid_from: Day
    valid_until: Day
    reason: Text
    act_key: ActKey | None = None


def add_contract(work: Work, command: AddContract) -> Contract:
    """Enter a contract; the record of the partner names it too."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, Contract, one.id, command.act_key)
    if done is not None:
        return done
    partner = work.session.get(Organisation, command.partner_id)
    refuse_all(_partner_problems(work, one, partner) + date_problems(command.valid_from, command.valid_until))

    def taken() -> list[Problem]:
        same = any(
            each.number == command.number and each.partner_id == command.partner_id
            for each in queries.contracts_of(work.session, one.id)
        )
        sentence = N_("A contract with this number is already entered with this partner. Prolong that one.")
        return [Problem("contract.number", sentence, field="number", kind=Kind.CONFLICT)] if same else []

    row = Contract(id=new_id(), **command.model_dump(exclude={"act_key"}))
    facts = {"consignor": one.id, "partner": row.partner_id, "number": row.number, "scope": row.scope, **_dates(row)}
    added(work, row, "contract_added", facts, command.act_key, taken)
    _tell_partner(work, row, "contract_added", facts)
    return row


def change_contract(work: Work, command: ChangeContract) -> Contract:
    """Enter that a contract was prolonged or ended early."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    row = queries.part(work.session, Contract, command.contract_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    refuse_all(date_problems(command.valid_from, command.valid_until))
    before = {f"{name}_before": day for name, day in _dates(row).items()}
    row.valid_from, row.valid_until = command.valid_from, command.valid_until
    facts = {"consignor": one.id, "number": row.number, **before, **_dates(row), "reason": command.reason}
    changed(work, row, "contract_changed", facts, command.act_key)
    _tell_partner(work, row, "contract_changed", facts)
    return row


def _partner_problems(work: Work, one: Organisation, partner: Organisation | None) -> list[Problem]:
    if partner is None or partner.id == one.id or not queries.is_contract_partner(work.session, partner.id):
        return [Problem("contract.partner", N_("Choose one of the entries in the list."), field="partner_id")]
    if may_be_named(partner.state):
        return []
    sentence = N_("{name} is {state} and cannot be newly named.")
    return [Problem("contract.partner_state", sentence, {"name": partner.name, "state": partner.state}, "partner_id")]


def _tell_partner(work: Work, row: Contract, doing: str, facts: dict[str, object]) -> None:
    said = {**facts, "id": row.id, "partner": row.organisation_id}
    ledger.append(work, stream_of(row.partner_id), f"organisation.{doing}", said)


def _dates(row: Contract) -> dict[str, date]:
    return {"valid_from": row.valid_from, "valid_until": row.valid_until}
