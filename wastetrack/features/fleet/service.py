"""A vehicle was washed and disinfected after medical waste; and that a record of it was wrong."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime

from wastetrack.domain.access import Act, Relation, may, require, unknown
from wastetrack.domain.cleaning import cleaning_problems
from wastetrack.domain.problems import refuse_all
from wastetrack.domain.registration import moment_in
from wastetrack.features.fleet import queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries as parties_queries
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.models import Vehicle
from wastetrack.infra.commands import ActKey, Command, OptionalText, Text, read_by
from wastetrack.infra.work import Work


class CleanVehicle(Command):
    """A vehicle was washed and disinfected: when (now, unless it is said), and what there is to say of it."""

    vehicle_id: UUID
    cleaned_at: Annotated[AwareDatetime, read_by(moment_in)] | None = None
    note: OptionalText = ""
    act_key: ActKey


class DeclareCleaningWrong(Command):
    """A cleaning was recorded wrongly: why, and, where there was one, when the right one ended."""

    vehicle_id: UUID
    cleaning_id: UUID
    reason: Text
    cleaned_at: Annotated[AwareDatetime, read_by(moment_in)] | None = None
    note: OptionalText = ""
    act_key: ActKey


def clean(work: Work, command: CleanVehicle) -> Vehicle:
    """Record a cleaning, by the carrier's manager, who drove it last, or the plant that received its load.

    What is not yet clean by it is what was in use again after that moment. Nobody is kept from it by being suspended:
    it ends what is under way.
    """
    vehicle = parties_queries.vehicle_held(work.session, command.vehicle_id)
    held = queries.relations(work.session, work.actor, vehicle)
    if not may(work.actor, Act.VIEW_VEHICLE, held):
        raise unknown()
    require(work.actor, Act.CLEAN_VEHICLE, held)
    if ledger.done(work, parties.stream_of(vehicle.organisation_id), command.act_key):
        return vehicle
    at = command.cleaned_at or work.now
    refuse_all(cleaning_problems(at, vehicle.unclean_since, vehicle.cleaned_at, work.now))
    if vehicle.unclean_since is not None:
        at = max(at, vehicle.unclean_since)  # typed to the minute in which the load was received
    since = queries.next_use(work.session, vehicle.id, at)
    parties.note_cleaned(work, vehicle, at, command.note, since, command.act_key)
    return vehicle


def declare_wrong(work: Work, command: DeclareCleaningWrong) -> Vehicle:
    """Declare a cleaning wrong that one's own organisation recorded, and record the right one in the same act.

    Both stay to be read. Whether the vehicle is clean follows from the cleanings that stand.
    """
    vehicle = parties_queries.vehicle_held(work.session, command.vehicle_id)
    if not may(work.actor, Act.VIEW_VEHICLE, queries.relations(work.session, work.actor, vehicle)):
        raise unknown()
    wrong = queries.cleaning(work.session, vehicle, command.cleaning_id)
    require(work.actor, Act.DECLARE_WRONG, {Relation.OWN} if work.actor.acts_for(wrong.recorded_for) else ())
    if ledger.done(work, parties.stream_of(vehicle.organisation_id), command.act_key):
        return vehicle
    right = None
    if command.cleaned_at is not None:
        refuse_all(cleaning_problems(command.cleaned_at, None, None, work.now))
        right = parties.note_cleaned(work, vehicle, command.cleaned_at, command.note, None, None)
    parties.note_cleaning_wrong(work, vehicle, wrong, command.reason, right, command.act_key)
    last = queries.last_that_stands(work.session, vehicle)
    since = queries.next_use(work.session, vehicle.id, last or datetime(1970, 1, 1, tzinfo=UTC))
    parties.follow_cleanings(work, vehicle, last, since)
    return vehicle
