"""What people ask of an organisation's papers: may it do this, how much is left, what stands in its plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.credit_code import parse_credit_code
from wastetrack.domain.fleet import Carriage, Fleet, carriage
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import Deed, Fields, Load, Wish, problems, used
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.plans import Line, PlanState, files_plan, plan_state
from wastetrack.domain.plans import used as used_of_plan
from wastetrack.domain.problems import Problem, refuse
from wastetrack.domain.storage_time import LimitState, LocalLimit, hours_by_law, hours_of, limit_state, local_limit
from wastetrack.domain.supervision import Computed, Supervision, supervision_class
from wastetrack.domain.waste_codes import TreatmentMode, category_of, parse_waste_code
from wastetrack.domain.weighing import MassUnit, parse_mass
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import (
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    StoreTimeLimit,
    SupervisionDecision,
)
from wastetrack.features.parties.queries.supervision import decision_on, decisions_of, facts_of
from wastetrack.features.parties.queries.time_limits import as_limit, entered
from wastetrack.infra.commands import Command, Day, read_by

_MOST = Grams(10_000_000_000_000)
_PAPERS = {
    Deed.CARRY: (LicenceKind.TRANSPORT,),
    Deed.COLLECT: (LicenceKind.OPERATING,),
    Deed.TREAT: (LicenceKind.OPERATING, LicenceKind.POINT_TO_POINT),
}
_AT = Fields(party="deed", waste="waste_code", mode="mode", amount="mass")


class Question(Command):
    """May the organisation do this with this waste, amount, mode, on this day?"""

    deed: Deed
    waste_code: Annotated[str, read_by(parse_waste_code)]
    mass: Annotated[Grams, read_by(lambda text: parse_mass(text, MassUnit.TONNE, most=_MOST).mass)]
    mode: TreatmentMode | None = None
    day: Day
    source_code: Annotated[str, read_by(parse_credit_code)] | None = None


@dataclass(frozen=True)
class Answer:
    """Every reason against it; nothing means that it may. For carrying, what there is to carry with and what fits."""

    reasons: list[Problem]
    fleet: Fleet | None = None
    carriage: Carriage | None = None


def answer(session: Session, one: Organisation, asked: Question) -> Answer:
    """Answer a question whole."""
    if asked.deed is Deed.TREAT and asked.mode is None:
        raise refuse("question.mode", N_("Choose the mode of treatment."), field="mode")
    source = queries.by_credit_code(session, asked.source_code) if asked.source_code else None
    load = Load(asked.waste_code, asked.mass, category_of(parse_waste_code(asked.waste_code)) == "HW01")
    party = queries.party(one, one.region_code, queries.licences_of(session, one.id, *_PAPERS[asked.deed]))
    if asked.deed is Deed.CARRY:
        load = replace(load, exempt=_is_exempt(session, source, asked))
        fleet = queries.fleet_of(session, one.id)
        found = carriage(party, fleet, load, asked.day, _AT)
        return Answer(found.reasons, fleet, found)
    wish = Wish(
        asked.deed,
        asked.day,
        [load],
        asked.mode.value if asked.mode and asked.deed is Deed.TREAT else "",
        str(source.id) if source else "",
        queries.taken_in(session, one.id, asked.day.year),
        fields=_AT,
    )
    return Answer(problems(party, wish))


def _is_exempt(session: Session, source: Organisation | None, asked: Question) -> bool:
    """Tell whether it is the waste of a small institution that is carried without a licence."""
    if source is None:
        return False
    exemptions = queries.exempt_sources(session, {source.id}, asked.day).get(source.id, ())
    return any(each.covers(asked.waste_code) for each in exemptions)


@dataclass(frozen=True)
class Quantity:
    """How much of a licence's yearly quantity is used and left."""

    used_g: int
    left_g: int


def quantities(session: Session, one: Organisation, licences: Sequence[Licence], day: date) -> dict[UUID, Quantity]:
    """Return for each licence in date with a yearly quantity what is used of it in the year of `day`."""
    receiving = {LicenceKind.OPERATING, LicenceKind.POINT_TO_POINT}
    current = [each for each in licences if each.kind in receiving and queries.paper(each).in_date(day)]
    if not any(each.yearly_quantity_g for each in current):
        return {}
    shares = used([queries.paper(each) for each in current], queries.taken_in(session, one.id, day.year))
    return {
        each.id: Quantity(shares[each.number], max(0, each.yearly_quantity_g - shares[each.number]))
        for each in current
        if each.yearly_quantity_g
    }


@dataclass(frozen=True)
class SupervisionView:
    """The supervision class of a day: computed, or fixed by a document; with every decision there has been."""

    computed: Computed | None
    decision: SupervisionDecision | None
    decisions: list[SupervisionDecision]

    @property
    def supervision(self) -> Supervision | None:
        """Return the class that counts."""
        if self.decision is not None:
            return self.decision.ordered.fixed
        return self.computed.supervision if self.computed else None


def supervision_view(session: Session, one: Organisation, day: date) -> SupervisionView | None:
    """Return the class of an organisation on a day, None where it has none and no document ever fixed one."""
    facts, decisions = facts_of(session, one, day), decisions_of(session, one.id)
    if facts is None and not decisions:
        return None
    return SupervisionView(supervision_class(facts) if facts else None, decision_on(decisions, day), decisions)


@dataclass(frozen=True)
class LimitRow:
    """A time limit of a store with how it stands now."""

    row: StoreTimeLimit
    state: LimitState


@dataclass(frozen=True)
class LimitsView:
    """The time limits of a store: what the law allows, what counts now, and everything that was ever entered."""

    by_law: int | None
    now: LocalLimit | None
    rows: list[LimitRow]


def time_limits_view(session: Session, store: Facility, at: datetime) -> LimitsView:
    """Return the time limits of a store, the newest first."""
    rows = entered(session, store.id)
    read = [as_limit(row) for row in rows]
    stand = [LimitRow(row, limit_state(read, one, at)) for row, one in zip(rows, read, strict=True)]
    return LimitsView(hours_of(hours_by_law(store.kind, store.temperature)), local_limit(read, at), stand[::-1])


@dataclass(frozen=True)
class PlanRow:
    """A line of a plan as the page shows it: where to, how much, and what of it has gone."""

    waste_code: str
    receiver_id: UUID | None
    receiver: str
    mass_g: int
    used_g: int


@dataclass(frozen=True)
class PlanView:
    """The plan of a year in one version, with the versions there are."""

    year: int
    state: PlanState
    plan: ManagementPlan | None
    rows: list[PlanRow]
    versions: list[ManagementPlan]

    @property
    def version(self) -> int:
        """Return the newest version, 0 where nothing is filed."""
        return self.versions[0].version if self.versions else 0


def plan_view(session: Session, one: Organisation, year: int, day: date, version: int | None = None) -> PlanView | None:
    """Return the plan of a year, None where the organisation files none."""
    versions = [each for each in queries.plans_of(session, one.id) if each.year == year]
    if not versions and not files_plan(queries.kinds_of(session, one.id)):
        return None
    plan = next((each for each in versions if version in {None, each.version}), None)
    return PlanView(year, plan_state(bool(versions), year, day), plan, _rows(session, plan), versions)


def _rows(session: Session, plan: ManagementPlan | None) -> list[PlanRow]:
    if plan is None:
        return []
    lines = queries.planned(session, plan)
    names = queries.names(session, [line.receiver_id for line in lines])
    read: list[Line] = [queries.line(line) for line in lines]
    gone = used_of_plan(read, queries.shipped_in(session, plan.organisation_id, plan.year))
    return [
        PlanRow(line.waste_code, line.receiver_id, names.get(line.receiver_id, "") if line.receiver_id else "",
                line.mass_g, mass)
        for line, mass in zip(lines, gone, strict=True)
    ]  # fmt: skip
