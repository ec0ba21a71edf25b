"""How organisations, their kinds, decisions on their supervision, and requests to be admitted follow from events."""

from collections.abc import Iterator

from wastetrack.domain.admission import RequestState
from wastetrack.domain.parties import OrganisationState
from wastetrack.features.ledger.service.replaying import Change, Gone, Key, Put, Rows, Told, Value
from wastetrack.features.parties.models import AdmissionRequest, Organisation, OrganisationKindRow, SupervisionDecision

ORGANISATIONS, KINDS = Organisation.__tablename__, OrganisationKindRow.__tablename__
DECISIONS, REQUESTS = SupervisionDecision.__tablename__, AdmissionRequest.__tablename__

_AS_SAID = (
    "name", "credit_code", "medical_licence_no", "industry_name", "address", "beds", "latitude_e6", "longitude_e6",
)  # fmt: skip


def created(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an organisation, entered by who keeps the parties."""
    yield from _begun(rows, told, OrganisationState.ACTIVE)


def asked(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an organisation that asks to be admitted, and its request."""
    yield from _begun(rows, told, OrganisationState.PENDING)
    values = {
        "organisation_id": told.thing,
        "state": RequestState.OPEN.value,
        "reason": "",
        "asked_at": told.recorded_at,
        "decided_at": None,
        "version": 1,
    }
    yield Put(REQUESTS, (told.facts["request"],), values)


def asked_again(rows: Rows, told: Told) -> Iterator[Change]:
    """Open a request again with what has been mended."""
    yield Put(ORGANISATIONS, (told.thing,), _identity(told))
    yield from _kinds(rows, told)
    values = {"state": RequestState.OPEN.value, "reason": "", "asked_at": told.recorded_at, "decided_at": None}
    yield _request(rows, told, values)


def admitted(rows: Rows, told: Told) -> Iterator[Change]:
    """Make an organisation one of the others."""
    state = OrganisationState.ACTIVE.value
    yield Put(ORGANISATIONS, (told.thing,), {"state": state, "version": _next(rows, ORGANISATIONS, (told.thing,))})
    yield _request(rows, told, {"state": RequestState.ACCEPTED.value, "decided_at": told.recorded_at})


def not_admitted(rows: Rows, told: Told) -> Iterator[Change]:
    """End a request, refused with a reason."""
    values = {"state": RequestState.REFUSED.value, "reason": told.facts["reason"], "decided_at": told.recorded_at}
    yield _request(rows, told, values)


def withdrawn(rows: Rows, told: Told) -> Iterator[Change]:
    """End a request that its applicant took back."""
    yield _request(rows, told, {"state": RequestState.WITHDRAWN.value, "decided_at": told.recorded_at})


def forgotten(rows: Rows, told: Told) -> Iterator[Change]:
    """End what was asked long ago, with the organisation where it was never admitted."""
    yield Gone(REQUESTS, (told.facts["request"],))
    if told.facts["organisation"]:
        yield from [Gone(KINDS, rows.key_of(KINDS, row)) for row in rows.where(KINDS, "organisation_id", told.thing)]
        yield Gone(ORGANISATIONS, (told.thing,))


def changed(rows: Rows, told: Told) -> Iterator[Change]:
    """Change what an organisation is known by."""
    values = {**_identity(told), "version": _next(rows, ORGANISATIONS, (told.thing,))}
    yield Put(ORGANISATIONS, (told.thing,), values)
    yield from _kinds(rows, told)


def state_set(rows: Rows, told: Told) -> Iterator[Change]:
    """Suspend, close or reopen an organisation."""
    values = {"state": told.facts["to"], "version": _next(rows, ORGANISATIONS, (told.thing,))}
    yield Put(ORGANISATIONS, (told.thing,), values)


def supervision_fixed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Enter a supervision class fixed by a document."""
    values = told.all_said(("ordered", "valid_from", "valid_until", "document"))
    values |= {"organisation_id": told.thing, "recorded_at": told.recorded_at}
    yield Put(DECISIONS, (told.facts["id"],), values)


def _begun(rows: Rows, told: Told, state: OrganisationState) -> Iterator[Change]:
    values = {**_identity(told), "state": state.value, "version": 1, "created_at": told.recorded_at}
    yield Put(ORGANISATIONS, (told.thing,), values)
    yield from _kinds(rows, told)


def _identity(told: Told) -> dict[str, Value]:
    facts = told.facts
    other = {
        "industry_code": facts["industry"],
        "region_code": facts["region"],
        "station_facility_id": facts["station"],
    }
    return {**told.all_said(_AS_SAID), **other}


def _kinds(rows: Rows, told: Told) -> Iterator[Change]:
    wanted = [(told.thing, kind) for kind in told.facts["kinds"]]
    held = [rows.key_of(KINDS, row) for row in rows.where(KINDS, "organisation_id", told.thing)]
    yield from [Gone(KINDS, key) for key in held if key not in wanted]
    yield from [Put(KINDS, key, {}) for key in wanted]


def _request(rows: Rows, told: Told, values: dict[str, Value]) -> Change:
    key = (told.facts["request"],)
    return Put(REQUESTS, key, {**values, "version": _next(rows, REQUESTS, key)})


def _next(rows: Rows, table: str, key: Key) -> Value:
    row = rows.get(table, *key)
    return row["version"] + 1 if row else None
