"""The supervision class of an organisation fixed by a document; the computed one needs no act."""

from uuid import UUID

from wastetrack.domain.access import Act
from wastetrack.domain.problems import refuse_all
from wastetrack.domain.supervision import Ordered, decision_problems
from wastetrack.features.parties.models import SupervisionDecision
from wastetrack.features.parties.service.base import added, done_before, held
from wastetrack.infra.commands import ActKey, Command, Day, Text
from wastetrack.infra.ids import new_id
from wastetrack.infra.work import Work


class FixSupervision(Command):
    """Enter the class that a document fixes, or that the computed one counts again."""

    organisation_id: UUID
    ordered: Ordered
    valid_from: Day
    valid_until: Day | None = None
    document: Text
    act_key: ActKey | None = None


def fix_supervision(work: Work, command: FixSupervision) -> SupervisionDecision:
    """Enter a decision. Those before it stay as they are; it supersedes them from its first day on."""
    one = held(work, command.organisation_id, Act.MANAGE_PARTIES)
    done = done_before(work, SupervisionDecision, one.id, command.act_key)
    if done is not None:
        return done
    refuse_all(decision_problems(command.valid_from, command.valid_until))
    row = SupervisionDecision(
        id=new_id(),
        organisation_id=one.id,
        ordered=command.ordered,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        document=command.document,
        recorded_at=work.now,
    )
    facts = {
        "ordered": row.ordered,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "document": row.document,
    }
    return added(work, row, "supervision_fixed", facts, command.act_key, list)
