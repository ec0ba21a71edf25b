"""How inspections and their findings follow from the streams `inspection:<id>`."""

from collections.abc import Iterator, Mapping

from wastetrack.domain.inspections import FindingState
from wastetrack.features.inspections.models import Finding, Inspection
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told, Value

INSPECTIONS, FINDINGS = Inspection.__tablename__, Finding.__tablename__

_NOTHING_SAID = {"answer": "", "done_on": None, "reply": "", "version": 1}


def recorded(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an inspection with its findings."""
    facts = told.facts
    values = {
        "organisation_id": facts["organisation"],
        "site_id": facts["site"],
        "facility_id": facts["facility"],
        "region_code": facts["region"],
        "inspector_region_code": facts["inspector_region"],
        **told.all_said(("inspected_at", "presence", "presence_reason", "met", "looked_at")),
        "recorded_at": told.recorded_at,
        "inspector_id": told.actor_id,
        "act_key": told.act_key,
        "withdrawn_at": None,
        "withdrawn_by": None,
        "withdrawn_reason": "",
    }
    yield Put(INSPECTIONS, (told.thing,), values)
    for position, finding in enumerate(facts["findings"], start=1):
        yield Put(FINDINGS, (told.thing, position), {**finding, **_NOTHING_SAID})


def answered(rows: Rows, told: Told) -> Iterator[Change]:
    """Enter what the organisation says was done about a finding."""
    facts = told.facts
    values = {"answer": facts["words"], "done_on": facts["done_on"], "reply": ""}
    yield _moved(rows, told, FindingState.ANSWERED, values)


def confirmed(rows: Rows, told: Told) -> Iterator[Change]:
    """Enter that a finding is put right."""
    yield _moved(rows, told, FindingState.CONFIRMED, {"reply": told.facts["words"]})


def sent_back(rows: Rows, told: Told) -> Iterator[Change]:
    """Enter that a finding is not put right yet, and by when it is to be."""
    values = {"reply": told.facts["words"], "due_on": told.facts["due_on"]}
    yield _moved(rows, told, FindingState.SENT_BACK, values)


def withdrawn(_rows: Rows, told: Told) -> Iterator[Change]:
    """Declare an inspection wrong."""
    values = {
        "withdrawn_at": told.recorded_at,
        "withdrawn_by": told.actor_id,
        "withdrawn_reason": told.facts["reason"],
    }
    yield Put(INSPECTIONS, (told.thing,), values)


def _moved(rows: Rows, told: Told, state: FindingState, values: Mapping[str, Value]) -> Change:
    key = (told.thing, told.facts["position"])
    row = rows.get(FINDINGS, *key)
    return Put(FINDINGS, key, {**values, "state": state.value, "version": row["version"] + 1 if row else None})


REPLAY = Replay(
    "inspections",
    families=("inspection",),
    tables=(Projection(Inspection), Projection(Finding)),
    steps={
        "inspection.recorded": recorded,
        "inspection.finding_answered": answered,
        "inspection.finding_confirmed": confirmed,
        "inspection.finding_sent_back": sent_back,
        "inspection.withdrawn": withdrawn,
    },
)
