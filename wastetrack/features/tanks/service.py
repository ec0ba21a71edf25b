"""Acts on tanks and pools: each an event of the stream `tank:<id>` and an entry that says what it changed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import select

from wastetrack.domain import tanks
from wastetrack.domain.access import Act, Actor, Relation, may, require, require_beginning, unknown
from wastetrack.domain.container_code import ENTROPY_BYTES, ContainerCode, new_container_code, pretty
from wastetrack.domain.containers import TRANSITIONS, Doing, not_now
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.registration import foreign_label, moment_in, on_manifest
from wastetrack.domain.tanks import (
    HIGH_PERCENT,
    LEAST_DENSITY,
    MOST_DENSITY,
    MOST_LITRES,
    MOST_MILLIMETRES,
    Destination,
    Entry,
    Figure,
    MeterUnit,
    Origin,
    Point,
    Shape,
    TankState,
    Unit,
    Vessel,
)
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import Form, Hazard, WasteCode, parse_waste_code
from wastetrack.domain.words import N_
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.containers import queries as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import move_held
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Facility
from wastetrack.features.tanks import queries
from wastetrack.features.tanks.models import Tank, TankEntry
from wastetrack.features.tanks.queries import stream_of
from wastetrack.infra.commands import ActKey, Code, Command, Day, OptionalText, Text, read_by
from wastetrack.infra.ids import new_id, random_bytes
from wastetrack.infra.work import Work

Amount = Annotated[Figure, read_by(tanks.figure_in)]
Moment = Annotated[AwareDatetime, read_by(moment_in)]
Length = Annotated[int, Field(ge=1, le=MOST_MILLIMETRES)]


class DescribeTank(Command):
    """What a tank is: where it stands, what it holds, how a level becomes a volume, what its counter counts."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    waste: Annotated[WasteCode, read_by(parse_waste_code)]
    waste_name: OptionalText = ""
    hazards: tuple[Hazard, ...] = ()
    form: Form = Form.LIQUID
    harmful: OptionalText = ""
    shape: Shape
    diameter_mm: Length | None = None
    length_mm: Length | None = None
    width_mm: Length | None = None
    calibration: Annotated[Sequence[Point], read_by(tanks.calibration_in)] = ()
    usable_l: Annotated[int, Field(ge=1, le=MOST_LITRES)]
    density_g_l: Annotated[int, Field(ge=LEAST_DENSITY, le=MOST_DENSITY)]
    high_percent: Annotated[int, Field(ge=10, le=100)] = HIGH_PERCENT
    meter: MeterUnit = MeterUnit.NONE
    counter: Amount | None = None
    """Where the counter stands; left out, at zero for a new tank, and where it stood for one that is changed."""
    act_key: ActKey

    def vessel(self) -> Vessel:
        """Return it as far as its figures go; lengths that the shape does not need are left out."""
        upright, box = self.shape is Shape.UPRIGHT, self.shape is Shape.BOX
        return Vessel(
            self.shape, self.usable_l, self.density_g_l, self.high_percent, self.diameter_mm if upright else None,
            self.length_mm if box else None, self.width_mm if box else None,
            tuple(self.calibration) if self.shape is Shape.TABLE else (),
        )  # fmt: skip


class SetUpTank(DescribeTank):
    """Set up a tank or pool in one of the own stores."""

    facility_id: UUID


class ChangeTank(DescribeTank):
    """Change what is entered of a tank, with the reason; a new counter is entered here, too."""

    tank_id: UUID
    reason: Text


def set_up(work: Work, command: SetUpTank) -> Tank:
    """Set up a tank: empty and clean until something is entered."""
    require(work.actor, Act.SET_UP_TANK, {Relation.OWN} if work.actor.organisation_id else ())
    require_beginning(work.actor)
    if known := queries.set_up_with(work.session, work.actor.organisation_id, command.act_key):
        return known
    store = _own_store(work, command.facility_id)
    name, hazards = _as_listed(work, command)
    kinds = parties.kinds_of(work.session, store.organisation_id)
    refuse_all([
        *tanks.place_problems(store.kind, kinds),
        *_number_problems(work, store.id, command.number),
        *tanks.waste_problems(command.waste, hazards),
        *tanks.vessel_problems(command.vessel()),
    ])  # fmt: skip
    tank = Tank(
        id=new_id(), organisation_id=store.organisation_id, facility_id=store.id, code=_fresh_code(work), counter=0,
        content_g=0, last_at=work.now, state=TankState.EMPTY, act_key=command.act_key, version=0,
    )  # fmt: skip
    _describe(tank, command, name, hazards)
    work.session.add(tank)
    _enter(work, tank, Entry.SET_UP, at=work.now, following=TankState.EMPTY, act_key=command.act_key)
    return tank


def change(work: Work, command: ChangeTank) -> Tank:
    """Change what is entered of a tank; its content stays as it is."""
    tank = _held(work, command.tank_id, Act.SET_UP_TANK)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    following = tanks.after(tank.state, Entry.CHANGED, number=tank.number)
    name, hazards = _as_listed(work, command)
    vessel, before = command.vessel(), WasteCode(tank.waste_code)
    refuse_all([
        *_number_problems(work, tank.facility_id, command.number, tank.id),
        *tanks.waste_problems(command.waste, hazards),
        *tanks.vessel_problems(vessel),
        *tanks.change_problems(tank.content_g, before=before, waste=command.waste, vessel=vessel),
    ])  # fmt: skip
    _describe(tank, command, name, hazards)
    at = max(work.now, tank.last_at)
    _enter(work, tank, Entry.CHANGED, at=at, following=following, note=command.reason, act_key=command.act_key)
    return tank


def _describe(tank: Tank, command: DescribeTank, name: str, hazards: Sequence[Hazard]) -> None:
    vessel = command.vessel()
    tank.number, tank.waste_code, tank.waste_name = command.number, command.waste, name
    tank.hazards, tank.form, tank.harmful = " ".join(hazards), command.form.value, command.harmful
    tank.shape, tank.diameter_mm = vessel.shape, vessel.diameter_mm
    tank.length_mm, tank.width_mm = vessel.length_mm, vessel.width_mm
    tank.calibration = tanks.points_kept(vessel.calibration)
    tank.usable_l, tank.density_g_l, tank.high_percent = vessel.usable_l, vessel.density_g_l, vessel.high_percent
    if command.meter is MeterUnit.NONE or tank.meter is not command.meter:
        tank.counter = 0
    tank.meter = command.meter
    if command.counter is not None and command.meter is not MeterUnit.NONE:
        tank.counter = tanks.counter_at(command.counter, command.meter)


def _as_listed(work: Work, command: DescribeTank) -> tuple[str, tuple[Hazard, ...]]:
    """Return name and hazards of the waste: as entered, else as the national list says."""
    listed = catalogue.listing(work.session, command.waste, local_day(work.now)).entry
    name = command.waste_name or (listed.category_name if listed else command.waste)
    return name, command.hazards or (listed.hazard_list if listed else ())


def _own_store(work: Work, facility_id: UUID) -> Facility:
    """Return an own store, held until the number of the new tank is taken."""
    query = select(Facility).where(Facility.id == facility_id).with_for_update(key_share=True)
    store = work.session.scalar(query)
    if store is None or not work.actor.acts_for(store.organisation_id):
        raise unknown()
    return store


def _number_problems(work: Work, facility_id: UUID, number: str, but: UUID | None = None) -> list[Problem]:
    if not queries.is_number_taken(work.session, facility_id, number, but):
        return []
    sentence = N_("There is a tank {number} in this store already. Give it another number.")
    return [Problem("tank.number", sentence, {"number": number}, "number", Kind.CONFLICT)]


def _fresh_code(work: Work) -> ContainerCode:
    while True:
        code = new_container_code(random_bytes(ENTROPY_BYTES))
        if not queries.is_code_taken(work.session, code):
            return code


# --- what flows in and out -------------------------------------------------------------------------------------------


class TankAct(Command):
    """What every entry says: which tank, when (now, unless it is said), and what there is to say of it."""

    tank_id: UUID
    at: Moment | None = None
    note: OptionalText = ""
    act_key: ActKey


class RecordInflow(TankAct):
    """What flowed in: where the counter stands now, or a quantity; with a day, that of the whole day."""

    counter: Amount | None = None
    amount: Amount | None = None
    unit: Unit = Unit.LITRE
    day: Day | None = None
    origin: Literal[Origin.METERED, Origin.ESTIMATED, Origin.MANUAL] = Origin.METERED


class ReadLevel(TankAct):
    """The level that was read, in mm."""

    level_mm: Annotated[int, Field(ge=0, le=MOST_MILLIMETRES)]
    origin: Literal[Origin.MEASURED, Origin.ESTIMATED] = Origin.MEASURED


class RecordOutflow(TankAct):
    """What flowed out, and where to."""

    amount: Amount
    unit: Unit = Unit.LITRE
    destination: Destination
    origin: Literal[Origin.METERED, Origin.ESTIMATED, Origin.MANUAL] = Origin.METERED


class CorrectContent(TankAct):
    """What is really in it, where what was entered is wrong, with the reason."""

    content: Amount
    note: Text


class CleanTank(TankAct):
    """It was emptied and cleaned."""


class CloseTank(TankAct):
    """It is used no more, with the reason."""

    note: Text


class PourIn(TankAct):
    """Empty a container into a tank: its label is used up, its mass flows in."""

    code: Code


def record_inflow(work: Work, command: RecordInflow) -> Tank:
    """Enter what flowed in, by counter or by quantity."""
    tank = _held(work, command.tank_id, Act.KEEP_TANK)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    if (command.counter is None) is (command.amount is None):
        sentence = N_("Enter where the counter stands, or the quantity: one of both.")
        raise refuse("tank.which", sentence, field="amount")
    given = tanks.piped_at(command.day, work.now) if command.day else command.at
    at = tanks.fitting(given, tank.last_at, work.now)
    problems = tanks.moment_problems(at, tank.last_at, work.now, "day" if command.day else "at")
    flowed, counter, read = tanks.Quantity(Grams(0)), None, "amount"
    if command.counter is not None:
        counter, read = tanks.counter_at(command.counter, tank.meter), "counter"
        wrong = tanks.counter_problems(tank.meter, tank.counter, counter)
        problems += wrong
        if not wrong:
            flowed = tanks.counted(tank.counter, counter, tank.meter, tank.density_g_l)
    elif command.amount is not None:
        flowed = tanks.quantity(command.amount, command.unit, tank.density_g_l)
    if command.day and queries.has_daily(work.session, tank.id, command.day):
        sentence = N_("The quantity of {day} is entered already. If it is wrong, enter a correction.")
        problems.append(Problem("tank.day_twice", sentence, {"day": command.day}, "day", Kind.CONFLICT))
    problems += tanks.content_problems(tank.content_g, tank.vessel, change=flowed.mass, field=read)
    refuse_all(problems)
    _enter(
        work, tank, Entry.INFLOW, at=at, change=flowed.mass, volume_ml=flowed.volume_ml, counter=counter,
        day=command.day, origin=Origin.METERED if counter is not None else command.origin, note=command.note,
        act_key=command.act_key,
    )  # fmt: skip
    return tank


def read_level(work: Work, command: ReadLevel) -> Tank:
    """Enter a level that was read; what it tells beside the reckoned content is kept as the difference."""
    tank = _held(work, command.tank_id, Act.KEEP_TANK)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    measured = tank.vessel.mass_at(command.level_mm)
    at = tanks.fitting(command.at, tank.last_at, work.now)
    difference = measured - tank.content_g
    refuse_all([
        *tanks.moment_problems(at, tank.last_at, work.now),
        *tanks.content_problems(tank.content_g, tank.vessel, change=difference, field="level_mm"),
    ])  # fmt: skip
    _enter(
        work, tank, Entry.LEVEL, at=at, change=difference, level_mm=command.level_mm, origin=command.origin,
        note=command.note, act_key=command.act_key,
    )  # fmt: skip
    return tank


def record_outflow(work: Work, command: RecordOutflow) -> Tank:
    """Enter what flowed out."""
    tank = _held(work, command.tank_id, Act.KEEP_TANK)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    flowed = tanks.quantity(command.amount, command.unit, tank.density_g_l)
    at = tanks.fitting(command.at, tank.last_at, work.now)
    tanks.after(tank.state, Entry.OUTFLOW, number=tank.number)
    refuse_all([
        *tanks.moment_problems(at, tank.last_at, work.now),
        *tanks.content_problems(tank.content_g, tank.vessel, change=-flowed.mass, field="amount"),
    ])  # fmt: skip
    _enter(
        work, tank, Entry.OUTFLOW, at=at, change=-flowed.mass, volume_ml=flowed.volume_ml, origin=command.origin,
        destination=command.destination, note=command.note, act_key=command.act_key,
    )  # fmt: skip
    return tank


def correct(work: Work, command: CorrectContent) -> Tank:
    """Correct the content: what was entered stays, the correction stands beside it with its reason."""
    tank = _held(work, command.tank_id, Act.KEEP_TANK)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    right = tanks.mass_of(command.content, tank.density_g_l)
    at = tanks.fitting(command.at, tank.last_at, work.now)
    tanks.after(tank.state, Entry.CORRECTION, number=tank.number)
    refuse_all([
        *tanks.moment_problems(at, tank.last_at, work.now),
        *tanks.correction_problems(tank.content_g, right, tank.vessel),
    ])  # fmt: skip
    _enter(
        work, tank, Entry.CORRECTION, at=at, change=right - tank.content_g, origin=Origin.MANUAL, note=command.note,
        act_key=command.act_key,
    )  # fmt: skip
    return tank


def clean(work: Work, command: CleanTank) -> Tank:
    """Enter that it was emptied and cleaned: only where nothing is in it by reckoning."""
    return _settle(work, command, Entry.CLEANED, Act.KEEP_TANK)


def close(work: Work, command: CloseTank) -> Tank:
    """Close it for good: only where it was emptied and cleaned."""
    return _settle(work, command, Entry.CLOSED, Act.SET_UP_TANK)


def _settle(work: Work, command: CleanTank | CloseTank, entry: Entry, act: Act) -> Tank:
    tank = _held(work, command.tank_id, act)
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    at = tanks.fitting(command.at, tank.last_at, work.now)
    tanks.after(tank.state, entry, number=tank.number)
    refuse_all([*tanks.moment_problems(at, tank.last_at, work.now), *tanks.clean_problems(tank.content_g)])
    _enter(work, tank, entry, at=at, note=command.note, act_key=command.act_key)
    return tank


def pour_in(work: Work, command: PourIn) -> Tank:
    """Empty a container into a tank: it ends, and its mass flows in."""
    tank = _held(work, command.tank_id, Act.KEEP_TANK)
    require(work.actor, Act.REPACK, {Relation.OWN})
    if ledger.done(work, stream_of(tank.id), command.act_key):
        return tank
    poured = containers.locked_by_code(work.session, command.code)
    at = tanks.fitting(command.at, tank.last_at, work.now)
    refuse_all([
        *tanks.moment_problems(at, tank.last_at, work.now),
        *_pour_problems(work.actor, poured, tank),
        *tanks.content_problems(tank.content_g, tank.vessel, change=poured.mass_g, field="code"),
    ])  # fmt: skip
    facts = {"tank": tank.id, "tank_number": tank.number, "mass_g": poured.mass_g}
    move_held(work, poured, Doing.POUR, facts=facts, occurred_at=at, act_key=command.act_key)
    _enter(
        work, tank, Entry.FILLED, at=at, change=poured.mass_g, origin=tanks.origin_of(poured.mass_source),
        container_id=poured.id, note=command.note, act_key=command.act_key,
    )  # fmt: skip
    return tank


def _pour_problems(actor: Actor, one: Container, tank: Tank) -> list[Problem]:
    code, own = pretty(ContainerCode(one.code)), actor.acts_for(one.holder_organisation_id)
    if not own and not actor.acts_for(one.producer_id):
        return [foreign_label(code)]
    if (one.state, Doing.POUR) not in TRANSITIONS:
        return [not_now(one.state, Doing.POUR, code=code)]
    if not own:
        return [foreign_label(code)]
    on_the_way = [on_manifest(code)] if one.manifest_id is not None else []
    return [*tanks.pour_problems(code, one.waste_code, tank.waste_code), *on_the_way]


def _held(work: Work, tank_id: UUID, act: Act) -> Tank:
    """Return a tank for an act on it, held so that entries follow one another in one order."""
    tank = queries.locked(work.session, tank_id)
    own = {Relation.OWN} if work.actor.acts_for(tank.organisation_id) else set()
    if not own or not may(work.actor, act, own):
        queries.view(work.session, work.actor, tank_id)
    require(work.actor, act, own)
    return tank


def _enter(
    work: Work,
    tank: Tank,
    entry: Entry,
    *,
    at: datetime,
    change: int = 0,
    following: TankState | None = None,
    day: date | None = None,
    origin: Origin | None = None,
    volume_ml: int | None = None,
    counter: int | None = None,
    level_mm: int | None = None,
    destination: Destination | None = None,
    container_id: UUID | None = None,
    note: str = "",
    act_key: str | None = None,
) -> None:
    """Write one entry, its event, and what the tank holds after it."""
    if work.actor.user_id is None:
        raise unknown()
    content = tank.content_g + change
    tank.state = following or tanks.after(tank.state, entry, number=tank.number, holds=content > 0)
    tank.content_g, tank.last_at = content, at
    if counter is not None:
        tank.counter = counter
    if level_mm is not None:
        tank.level_mm, tank.level_at = level_mm, at
    if entry is Entry.CLEANED:
        tank.level_mm = tank.level_at = None
    row = TankEntry(
        tank_id=tank.id, seq=tank.version + 1, entry=entry, occurred_at=at, recorded_at=work.now,
        recorded_by=work.actor.user_id, day=day or local_day(at), daily=day is not None, origin=origin,
        change_g=change, after_g=content, volume_ml=volume_ml, counter=counter, level_mm=level_mm,
        destination=destination, container_id=container_id, note=note,
    )  # fmt: skip
    work.session.flush()
    work.session.add(row)
    event = ledger.append(
        work, stream_of(tank.id), f"tank.{entry.value}", {**_facts_of(row), "tank": _facts_of(tank)},
        occurred_at=at, act_key=act_key, begins=tank.version == 0,
    )  # fmt: skip
    tank.version = event.seq
    work.session.flush()


_KEPT_BESIDE = frozenset({"tank_id", "seq", "version", "act_key", "recorded_at", "recorded_by", "occurred_at"})
"""What the event itself carries: its stream, number, key, person and moments."""


def _facts_of(row: Tank | TankEntry) -> dict[str, object]:
    """Return every column of a row, so that replaying the stream makes the row again."""
    columns = [column.key for column in row.__table__.columns]
    return {name: getattr(row, name) for name in columns if name not in _KEPT_BESIDE}
