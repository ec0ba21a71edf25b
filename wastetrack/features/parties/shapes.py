"""What people ask of an organisation's papers: may it do this, how much is left, what stands in its plan."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy.orm import Session

from wastetrack.domain.access import Actor
from wastetrack.domain.credit_code import parse_credit_code
from wastetrack.domain.fleet import Carriage, Fleet, carriage
from wastetrack.domain.measures import Grams
from wastetrack.domain.papers import Deed, Fields, Load, Wish, problems, used
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.plans import Line, PlanState, files_plan, plan_state
from wastetrack.domain.plans import used as used_of_plan
from wastetrack.domain.problems import Problem, refuse_all
from wastetrack.domain.storage_time import (
    LimitState,
    LocalLimit,
    StoreGroup,
    group_of,
    hours_of,
    limit_state,
    local_limit,
)
from wastetrack.domain.supervision import Computed, Supervision, supervision_class
from wastetrack.domain.waste_codes import TreatmentMode, category_of, parse_waste_code
from wastetrack.domain.weighing import MassUnit, parse_mass
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import (
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    RegionTimeLimit,
    StoreTimeLimit,
    SupervisionDecision,
)
from wastetrack.features.parties.queries.supervision import decision_on, decisions_of, facts_of
from wastetrack.features.parties.queries.time_limits import as_limit, entered, of_region, seen_region_limits
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
    source = queries.by_credit_code(session, asked.source_code) if asked.source_code else None
    refuse_all(_unclear(asked, source))
    load = Load(asked.waste_code, asked.mass, category_of(parse_waste_code(asked.waste_code)) == "HW01")
    party = queries.party(one, one.region_code, queries.licences_of(session, one.id, *_PAPERS[asked.deed]))
    load = replace(load, exempt=_is_exempt(session, source, asked))
    if asked.deed is Deed.CARRY:
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


def _unclear(asked: Question, source: Organisation | None) -> list[Problem]:
    """Return what the question leaves open."""
    wrong = []
    if asked.deed is Deed.TREAT and asked.mode is None:
        wrong.append(Problem("question.mode", N_("Choose the mode of treatment."), field="mode"))
    if asked.source_code and source is None:
        sentence = N_(
            "No organisation with this credit code is entered here. Check the code, or have it entered first."
        )
        wrong.append(Problem("question.unknown_source", sentence, field="source_code"))
    return wrong


def _is_exempt(session: Session, source: Organisation | None, asked: Question) -> bool:
    """Tell whether it is the waste of a small institution that is collected and carried without a licence."""
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
    """A time limit of a store or a region with how it stands now; of a region with its whole name."""

    row: StoreTimeLimit | RegionTimeLimit
    state: LimitState
    region: str = ""

    @property
    def by_law(self) -> int | None:
        """Return what the law allows the stores that a region's limit is for."""
        return hours_of(self.row.stores.allowed) if isinstance(self.row, RegionTimeLimit) else None


@dataclass(frozen=True)
class LimitsView:
    """The time limits of a store: what the law allows, what counts now, everything entered for it and its regions."""

    by_law: int | None
    now: LocalLimit | None
    rows: list[LimitRow]
    regions: Sequence[LocalLimit]


def time_limits_view(session: Session, store: Facility, at: datetime) -> LimitsView:
    """Return the time limits of a store, the newest first, and those of its regions that are not over."""
    rows = entered(session, store.id)
    read = [as_limit(row) for row in rows]
    stand = [LimitRow(row, limit_state(read, one, at)) for row, one in zip(rows, read, strict=True)]
    group = group_of(store.kind, store.temperature)
    above = of_region(session, store.region_code, group)
    now = local_limit([*above, *read], at, group.allowed)
    shown = [one for one in above if limit_state(above, one, at) in {LimitState.COUNTS, LimitState.FUTURE}]
    return LimitsView(hours_of(group.allowed), now, stand[::-1], shown)


def region_limits_view(session: Session, actor: Actor, at: datetime) -> list[LimitRow]:
    """Return the limits that count in a person's regions, those of the highest region first, of each the newest."""
    found = seen_region_limits(session, actor)
    names = catalogue.full_names(session, {region.code for _row, region in found})
    of_place: dict[tuple[str, StoreGroup], list[tuple[RegionTimeLimit, LocalLimit]]] = defaultdict(list)
    for row, region in found[::-1]:
        of_place[region.code, row.stores].append((row, as_limit(row)))
    state = {
        row.id: limit_state([limit for _each, limit in entered], one, at)
        for entered in of_place.values()
        for row, one in entered
    }
    return [LimitRow(row, state[row.id], names[region.code]) for row, region in found]


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
