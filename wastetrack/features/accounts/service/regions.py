"""Further regions of a regulator: somebody of a prefecture who also covers a county that the province supervises."""

from uuid import UUID

from sqlalchemy import delete

from wastetrack.domain.access import Act, require
from wastetrack.domain.accounts import region_problems
from wastetrack.domain.problems import Kind, Problem, refuse, refuse_all
from wastetrack.domain.times import local_day
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import User, UserRegion
from wastetrack.features.accounts.service.base import end_sessions, execute, stream_of
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Command, Day, Text
from wastetrack.infra.work import Work


class AddRegion(Command):
    """Have a regulator cover a region beside his own, from a day until a day where they are named."""

    user_id: UUID
    region_code: str
    since: Day | None = None
    until: Day | None = None
    reason: Text
    act_key: ActKey | None = None


class TakeRegion(Command):
    """Take a further region away, before its last day or because it has none."""

    user_id: UUID
    region_code: str
    reason: Text
    act_key: ActKey | None = None


def add_region(work: Work, command: AddRegion) -> User:
    """Let a regulator cover one more region."""
    require(work.actor, Act.MANAGE_ACCOUNTS)
    user = queries.locked(work.session, command.user_id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    refuse_all(_problems(work, user, command))
    work.session.add(
        UserRegion(
            user_id=user.id,
            region_code=command.region_code,
            since=command.since,
            until=command.until,
            reason=command.reason,
            added_at=work.now,
        )
    )
    work.session.flush()
    facts = command.model_dump(include={"region_code", "since", "until", "reason"})
    ledger.append(work, stream_of(user.id), "account.region_added", facts, act_key=command.act_key)
    return user


def _problems(work: Work, user: User, command: AddRegion) -> list[Problem]:
    own = catalogue.region(work.session, user.region_code) if user.region_code else None
    if own is None:
        sentence = N_("Only a regulator's account covers regions. This one acts for an organisation or the platform.")
        return [Problem("account.no_regulator", sentence, kind=Kind.CONFLICT)]
    wanted = catalogue.region(work.session, command.region_code)
    if wanted is None or wanted.placeholder:
        return [Problem("region.unknown", N_("Choose a region from the list."), field="region_code")]
    if work.session.get(UserRegion, (user.id, wanted.code)):
        sentence = N_("The account covers this region already. To change the days, take it away first.")
        return [Problem("account.region_twice", sentence, field="region_code", kind=Kind.CONFLICT)]
    return region_problems(own.path, wanted.path, command.since, command.until, local_day(work.now))


def take_region(work: Work, command: TakeRegion) -> User:
    """Take one of the further regions away; the regulator's sessions end at once."""
    require(work.actor, Act.MANAGE_ACCOUNTS)
    user = queries.locked(work.session, command.user_id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    mine = (UserRegion.user_id == user.id, UserRegion.region_code == command.region_code)
    if not execute(work, delete(UserRegion).where(*mine)):
        sentence = N_("The account does not cover this region beside its own any more.")
        raise refuse("account.region_gone", sentence, field="region_code", kind=Kind.CONFLICT)
    end_sessions(work, [user.id])
    facts = {"region_code": command.region_code, "reason": command.reason}
    ledger.append(work, stream_of(user.id), "account.region_taken", facts, act_key=command.act_key)
    return user
