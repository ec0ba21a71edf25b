"""Acts on management plans: file the plan of a year, file it again when it changes. Every version is kept."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from wastetrack.domain.access import Act
from wastetrack.domain.measures import Grams
from wastetrack.domain.plans import files_plan
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.times import local_day
from wastetrack.domain.waste_codes import parse_waste_code
from wastetrack.domain.weighing import MassUnit
from wastetrack.domain.words import N_
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import ManagementPlan, PlannedWaste
from wastetrack.features.parties.service.base import added, done_before, held, mass_in
from wastetrack.infra.commands import ActKey, Command, Day, OptionalText, read_by
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work

MOST_LINES = 200
PlannedMass = Annotated[Grams, read_by(mass_in(MassUnit.TONNE, Grams(10_000_000_000_000)))]


class PlanLine(Command):
    """How much of one waste is to go to one receiver; without receiver to whoever is licensed for it."""

    waste_code: Annotated[str, read_by(parse_waste_code)]
    receiver_id: UUID | None = None
    mass_g: PlannedMass


class FilePlan(Command):
    """The plan of a year as it was filed. `version` is the one that was shown, 0 before the first."""

    organisation_id: UUID
    year: Annotated[int, Field(ge=2020, le=2100)]
    version: Annotated[int, Field(ge=0)] = 0
    filed_on: Day
    reason: OptionalText = ""
    lines: dict[int, PlanLine] = Field(default_factory=dict)
    act_key: ActKey | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, values: Any) -> Any:
        """Take the fields of a form (`lines.3.mass_g`) together as lines; what is wrong is said at its field."""
        if not isinstance(values, dict):
            return values
        lines: dict[str, dict[str, Any]] = {}
        rest: dict[str, Any] = {}
        for name, value in values.items():
            parts = name.split(".")
            if len(parts) == 3 and parts[0] == "lines":
                lines.setdefault(parts[1], {})[parts[2]] = value
            else:
                rest[name] = value
        return {**rest, "lines": lines} if lines else rest

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if len(self.lines) > MOST_LINES:
            raise ValueError("more lines than a form has")
        return self


def file_plan(work: Work, command: FilePlan) -> ManagementPlan:
    """Enter the plan of a year as it was filed, or filed again after a change; the versions before it stay."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    done = done_before(work, ManagementPlan, one.id, command.act_key)
    if done is not None:
        return done
    latest = queries.plan_held(work.session, one.id, command.year)
    if (latest.version if latest else 0) != command.version:
        raise refuse(
            "plan.changed",
            N_("Somebody else has filed this plan again while you were writing. Load the page again and repeat."),
            kind=Kind.CONFLICT,
        )
    refuse_all(_problems(work, command, latest))
    row = ManagementPlan(
        id=new_id(),
        organisation_id=one.id,
        year=command.year,
        version=command.version + 1,
        filed_on=command.filed_on,
        reason=command.reason,
        recorded_at=work.now,
    )
    lines = [line for _n, line in sorted(command.lines.items())]
    facts = {
        "year": row.year, "version": row.version, "filed_on": row.filed_on, "reason": row.reason,
        "lines": [line.model_dump(mode="json") for line in lines],
    }  # fmt: skip
    added(work, row, "plan_filed", facts, command.act_key, list)
    for position, line in enumerate(lines, start=1):
        work.session.add(PlannedWaste(plan_id=row.id, position=position, **line.model_dump()))
    work.session.flush()
    return row


def _problems(work: Work, command: FilePlan, latest: ManagementPlan | None) -> list[Problem]:
    problems = []
    if not files_plan(queries.kinds_of(work.session, command.organisation_id)):
        sentence = N_("Only who produces waste files a management plan.")
        problems.append(Problem("plan.not_a_producer", sentence))
    if command.filed_on > local_day(work.now):
        sentence = N_("This day is still to come. Enter the plan once it is filed.")
        problems.append(Problem("plan.future", sentence, field="filed_on"))
    if latest is not None and not command.reason:
        sentence = N_("Say what changed against the version before.")
        problems.append(Problem("plan.reason", sentence, field="reason"))
    if not command.lines:
        sentence = N_("Enter at least one waste with its quantity.")
        problems.append(Problem("plan.empty", sentence, field="lines.0.waste_code"))
    seen: set[tuple[str, UUID | None]] = set()
    for number, line in sorted(command.lines.items()):
        if (line.waste_code, line.receiver_id) in seen:
            sentence = N_("This waste already stands above with the same receiver. Add the quantities up in one line.")
            problems.append(Problem("plan.twice", sentence, field=f"lines.{number}.waste_code"))
        seen.add((line.waste_code, line.receiver_id))
        if line.receiver_id is not None and not queries.is_receiver(work.session, line.receiver_id):
            sentence = N_("Choose one of the entries in the list.")
            problems.append(Problem("plan.receiver", sentence, field=f"lines.{number}.receiver_id"))
    return problems
