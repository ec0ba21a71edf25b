"""Acts on licences: add one with its scope, renew it or end it early."""

import re
from collections.abc import Collection
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from wastetrack.domain.access import Act
from wastetrack.domain.credit_code import parse_credit_code
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import Coverage
from wastetrack.domain.parties import (
    SMALL_SCOPE,
    LicenceKind,
    LicenceSays,
    OrganisationKind,
    date_problems,
    licence_problems,
)
from wastetrack.domain.problems import Problem, Refusal, refuse_all
from wastetrack.domain.waste_codes import TreatmentMode, parse_scope_entry
from wastetrack.domain.weighing import MassUnit
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Licence, Organisation
from wastetrack.features.parties.service.base import (
    PaperNumber,
    added,
    changed,
    done_before,
    held,
    mass_in,
    stream_of,
    taken_problems,
)
from wastetrack.infra.commands import ActKey, Command, Day, OptionalText, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_IN_A_YEAR = Grams(10_000_000_000_000)


def read_scope(text: str) -> str:
    """Read the scope of a licence as people copy it, every wrong entry named at once."""
    entries: dict[str, None] = {}
    problems: list[Problem] = []
    for word in filter(None, re.split(r"[\s,，;；、]+", text)):
        try:
            entries[parse_scope_entry(word)] = None
        except Refusal as refusal:
            problems += refusal.problems
    refuse_all(problems)
    return " ".join(entries)


YearlyMass = Annotated[Grams, read_by(mass_in(MassUnit.TONNE, MOST_IN_A_YEAR))]
ScopeText = Annotated[str, StringConstraints(min_length=1, max_length=2000), read_by(read_scope)]


class AddLicence(Command):
    """Add a licence, permit or exemption; modes, quantity and coverage are an operating licence's.

    `basis` is the document that an exemption rests on, `source_code` the credit code of whose waste alone it is for.
    """

    organisation_id: UUID
    kind: LicenceKind
    number: PaperNumber
    valid_from: Day
    valid_until: Day
    yearly_quantity_g: YearlyMass | None = None
    scope: ScopeText | None = None
    modes: frozenset[TreatmentMode] = frozenset()
    coverage: Coverage | None = None
    basis: OptionalText = ""
    source_code: Annotated[str, read_by(parse_credit_code)] | None = None
    act_key: ActKey | None = None


class ChangeLicenceDates(Command):
    """Enter that a licence was renewed, or ended early, with the reason."""

    organisation_id: UUID
    licence_id: UUID
    valid_from: Day
    valid_until: Day
    reason: OptionalText = ""
    act_key: ActKey | None = None


def add_licence(work: Work, command: AddLicence) -> Licence:
    """Add a licence with its scope. One that has run out may be entered too: old records rest on it."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    done = done_before(work, Licence, one.id, command.act_key)
    if done is not None:
        return done
    kinds = queries.kinds_of(work.session, one.id)
    says, source = _read_through(work, command, kinds)
    problems = licence_problems(says, kinds, one.beds) + _source_problems(command, source)
    refuse_all(problems + date_problems(command.valid_from, command.valid_until))

    def taken() -> list[Problem]:
        sentences = (
            N_("A licence with this number is already entered for {holder}."),
            N_("A licence with this number is already entered for another organisation. Ask the system administrator."),
        )
        return taken_problems(work, queries.holder_of_licence(work.session, command.number), None, "number", sentences)

    row = Licence(
        id=new_id(),
        modes=" ".join(mode.value for mode in TreatmentMode if mode in command.modes),
        scope=says.scope,
        coverage=says.coverage,
        source_id=source.id if source else None,
        **command.model_dump(exclude={"act_key", "modes", "scope", "coverage", "source_code"}),
    )
    facts: dict[str, object] = {
        "kind": row.kind, "number": row.number, "scope": row.scope, "modes": row.modes, "coverage": row.coverage,
        "yearly_quantity_g": row.yearly_quantity_g, "basis": row.basis, "source": row.source_id, **_licence_dates(row),
    }  # fmt: skip
    return added(work, row, "licence_added", facts, command.act_key, taken)


def _read_through(
    work: Work, command: AddLicence, kinds: Collection[OrganisationKind]
) -> tuple[LicenceSays, Organisation | None]:
    """Return what is entered with what follows from the kind, and whose waste it is for."""
    source = queries.by_credit_code(work.session, command.source_code) if command.source_code else None
    coverage = command.coverage if command.kind is LicenceKind.OPERATING else None
    if command.kind is LicenceKind.OPERATING and coverage is None:
        treats = bool(command.modes) or OrganisationKind.DISPOSER in kinds
        coverage = Coverage.COMPREHENSIVE if treats else Coverage.COLLECTION
    scope = command.scope or (SMALL_SCOPE if command.kind is LicenceKind.SMALL_SOURCE else "")
    quantity = command.yearly_quantity_g
    return LicenceSays(
        command.kind, coverage, command.modes, quantity, scope, command.basis, bool(command.source_code)
    ), source


def _source_problems(command: AddLicence, source: Organisation | None) -> list[Problem]:
    if source is not None or not command.source_code:
        return []
    sentence = N_("No organisation with this credit code is entered here. Check the code, or have it entered first.")
    return [Problem("licence.unknown_source", sentence, field="source_code")]


def change_licence_dates(work: Work, command: ChangeLicenceDates) -> Licence:
    """Enter that a licence was renewed or ended early."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    row = queries.part(work.session, Licence, command.licence_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return row
    refuse_all(date_problems(command.valid_from, command.valid_until))
    before = {f"{name}_before": day for name, day in _licence_dates(row).items()}
    row.valid_from, row.valid_until = command.valid_from, command.valid_until
    facts = {**before, **_licence_dates(row), "reason": command.reason}
    return changed(work, row, "licence_dates_changed", facts, command.act_key)


def _licence_dates(row: Licence) -> dict[str, date]:
    return {"valid_from": row.valid_from, "valid_until": row.valid_until}
