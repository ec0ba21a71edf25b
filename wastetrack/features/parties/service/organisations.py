"""Acts on the organisation itself: enter, change, suspend, close, reopen."""

from collections.abc import Iterable
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete

from wastetrack.domain.access import Act, require
from wastetrack.domain.coordinates import coordinate_problems, parse_degrees
from wastetrack.domain.credit_code import parse_credit_code
from wastetrack.domain.industry import parse_industry
from wastetrack.domain.medical_licence import parse_medical_licence
from wastetrack.domain.parties import (
    FacilityKind,
    OrganisationKind,
    OrganisationState,
    identity_problems,
    is_known,
    station_problems,
    store_problems,
)
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Facility, Organisation, OrganisationKindRow
from wastetrack.features.parties.service.base import Name, Phone, held, keep, region_problems, stream_of, taken_problems
from wastetrack.infra.commands import ActKey, Command, ShortText, Text, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

Degrees = Annotated[int, read_by(parse_degrees)]


class Identity(Command):
    """What an organisation is known by."""

    name: Name
    kinds: frozenset[OrganisationKind]
    credit_code: Annotated[str, read_by(parse_credit_code)] | None = None
    medical_licence_no: Annotated[str, read_by(parse_medical_licence)] | None = None
    legal_representative: ShortText | None = None
    industry_code: Annotated[str, read_by(parse_industry)] | None = None
    industry_name: ShortText | None = None
    region_code: str
    address: Text
    latitude_e6: Degrees | None = None
    longitude_e6: Degrees | None = None
    contact: ShortText
    phone: Phone
    emergency_phone: Phone
    beds: Annotated[int, Field(ge=0, le=100_000)] | None = None


class _Entered(Identity):
    """What whoever keeps the parties enters beside."""

    station_facility_id: UUID | None = None


class CreateOrganisation(_Entered):
    """Enter an organisation."""

    act_key: ActKey | None = None


class ChangeOrganisation(_Entered):
    """Change what an organisation is known by; `version` is the one that the change was made on."""

    organisation_id: UUID
    version: int
    act_key: ActKey | None = None


class SetOrganisationState(Command):
    """Suspend, close or reopen an organisation."""

    organisation_id: UUID
    state: OrganisationState
    reason: Text
    act_key: ActKey | None = None


def create_organisation(work: Work, command: CreateOrganisation) -> Organisation:
    """Enter an organisation with its kinds. The same act again is the same organisation."""
    require(work.actor, Act.MANAGE_PARTIES)
    holders = _holders(work, command)
    holder = holders.of_credit_code if command.credit_code else holders.of_medical_licence
    if holder and command.act_key and ledger_queries.has_act(work.session, stream_of(holder.id), command.act_key):
        return holder
    refuse_all(_identity_problems(work, command, None, holders))
    one = Organisation(
        id=new_id(),
        **command.model_dump(exclude={"kinds", "act_key"}),
        state=OrganisationState.ACTIVE,
        version=1,
        created_at=work.now,
    )
    keep(work, one, lambda: _identity_problems(work, command, None, _holders(work, command)))
    work.session.add_all(OrganisationKindRow(organisation_id=one.id, kind=kind) for kind in command.kinds)
    facts = {"name": one.name, **identity_facts(one, command.kinds)}
    ledger.append(work, stream_of(one.id), "organisation.created", facts, act_key=command.act_key, begins=True)
    work.session.flush()
    return one


def change_organisation(work: Work, command: ChangeOrganisation) -> Organisation:
    """Change what an organisation is known by, unless somebody else has changed it in the meantime."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return one
    if one.version != command.version:
        raise refuse(
            "organisation.changed",
            N_("Somebody else has changed {name} while you were writing. Load the page again and repeat your change."),
            kind=Kind.CONFLICT,
            name=one.name,
        )
    problems = _identity_problems(work, command, one, _holders(work, command))
    refuse_all(problems + _stores_left_over(work, one, command.kinds))
    values = command.model_dump(exclude={"organisation_id", "version", "kinds", "act_key"})
    changed = sorted(name for name, value in values.items() if getattr(one, name) != value)
    for name in changed:
        setattr(one, name, values[name])
    one.version += 1
    keep(work, one, lambda: _identity_problems(work, command, one, _holders(work, command)))
    set_kinds(work, one.id, command.kinds)
    facts = {"changed": changed, "name": one.name, **identity_facts(one, command.kinds)}
    ledger.append(work, stream_of(one.id), "organisation.changed", facts, act_key=command.act_key)
    return one


def set_organisation_state(work: Work, command: SetOrganisationState) -> Organisation:
    """Suspend, close or reopen an organisation. What it has begun goes on; it is only not newly named."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES, closed_too=True)
    if not is_known(command.state):
        raise refuse("organisation.state", N_("Choose one of the entries in the list."), field="state")
    if one.state is command.state or queries.recorded(work.session, stream_of(one.id), command.act_key):
        return one
    facts = {"from": one.state, "to": command.state, "reason": command.reason}
    one.state = command.state
    one.version += 1
    work.session.flush()
    ledger.append(work, stream_of(one.id), "organisation.state_set", facts, act_key=command.act_key)
    return one


def set_kinds(work: Work, organisation_id: UUID, kinds: Iterable[OrganisationKind]) -> None:
    """Write of which kinds an organisation is."""
    work.session.execute(delete(OrganisationKindRow).where(OrganisationKindRow.organisation_id == organisation_id))
    work.session.add_all(OrganisationKindRow(organisation_id=organisation_id, kind=kind) for kind in kinds)
    work.session.flush()


def identity_facts(one: Organisation, kinds: Iterable[OrganisationKind]) -> dict[str, object]:
    """Return what the ledger says of an organisation: codes and places, no names or telephones of persons."""
    return {
        "credit_code": one.credit_code,
        "medical_licence_no": one.medical_licence_no,
        "kinds": sorted(kind.value for kind in kinds),
        "industry": one.industry_code,
        "industry_name": one.industry_name,
        "region": one.region_code,
        "address": one.address,
        "beds": one.beds,
        "latitude_e6": one.latitude_e6,
        "longitude_e6": one.longitude_e6,
        "station": one.station_facility_id,
    }


class _Holders(NamedTuple):
    """Who has the codes of a command already."""

    of_credit_code: Organisation | None
    of_medical_licence: Organisation | None


def _holders(work: Work, command: Identity) -> _Holders:
    code, number = command.credit_code, command.medical_licence_no
    return _Holders(
        queries.by_credit_code(work.session, code) if code else None,
        queries.by_medical_licence(work.session, number) if number else None,
    )


def stated_problems(work: Work, command: Identity) -> list[Problem]:
    """Return what is wrong with what is said of an organisation, whoever else there is."""
    problems = identity_problems(command.kinds, command.credit_code, command.medical_licence_no)
    problems += region_problems(work, command.region_code, command.kinds)
    return problems + coordinate_problems(command.latitude_e6, command.longitude_e6)


def _identity_problems(work: Work, command: _Entered, one: Organisation | None, holders: _Holders) -> list[Problem]:
    """Return all that speaks against entering (or, for `one`, changing) an organisation so."""
    problems = stated_problems(work, command)
    sentences = (
        N_("This credit code is already entered for {holder}. Use that organisation."),
        N_("This credit code is already entered for another organisation. Ask the system administrator."),
    )
    problems += taken_problems(work, holders.of_credit_code, one, "credit_code", sentences)
    sentences = (
        N_("This medical licence number is already entered for {holder}. Use that organisation."),
        N_("This medical licence number is already entered for another holder. Ask the system administrator."),
    )
    problems += taken_problems(work, holders.of_medical_licence, one, "medical_licence_no", sentences)
    return problems + _station_problems(work, command)


def _station_problems(work: Work, command: _Entered) -> list[Problem]:
    """Return whether the station a clinic hands in at is no station, or one that may not be newly named."""
    if command.station_facility_id is None:
        return []
    store = work.session.get(Facility, command.station_facility_id)
    if store is None or store.kind not in {FacilityKind.STATION_STORE, FacilityKind.HUB_STORE}:
        sentence = N_("Choose the store of a township station or county hub.")
        return [Problem("organisation.station", sentence, field="station_facility_id")]
    holder = queries.organisation(work.session, store.organisation_id)
    return station_problems(holder.name, holder.state, "station_facility_id")


def _stores_left_over(work: Work, one: Organisation, kinds: Iterable[OrganisationKind]) -> list[Problem]:
    """Return for which stores an organisation must stay of the kind it is."""
    stores = {store.kind for store in queries.facilities_of(work.session, one.id)}
    return [
        Problem(
            "organisation.kind_in_use",
            N_("The organisation keeps a store of the kind “{store}”, so the kind that belongs to it must stay."),
            {"store": store},
            "kinds",
        )
        for store in sorted(stores)
        if store_problems(store, set(kinds))
    ]
