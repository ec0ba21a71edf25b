"""The security policy, chosen by the security administrator with a reason. Events in the stream `platform:policy`."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from wastetrack.domain.access import Act, require
from wastetrack.domain.security import PasswordRules, Policy, SecondFactorRule
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import SecurityPolicy
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Command, Text
from wastetrack.infra.work import Work

STREAM = "platform:policy"


class SetPolicy(Command):
    """What holds from now on, and why."""

    passwords: PasswordRules
    change_after_days: Annotated[int, Field(ge=30, le=365)] = 90
    remembered: Annotated[int, Field(ge=1, le=24)] = 5
    least_length: Annotated[int, Field(ge=8, le=64)] = 12
    second_factor: SecondFactorRule
    signing_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    longest_grant_days: Annotated[int, Field(ge=0, le=3650)] = 0
    agreement_grace_days: Annotated[int, Field(ge=0, le=180)] = 14
    reason: Text
    act_key: ActKey | None = None


def set_policy(work: Work, command: SetPolicy) -> Policy:
    """Choose another policy. It holds from the next click of everybody; nothing happens when nothing changes."""
    require(work.actor, Act.SET_POLICY)
    before = queries.policy(work.session)
    if command.act_key and ledger_queries.has_act(work.session, STREAM, command.act_key):
        return before
    chosen = Policy(**command.model_dump(exclude={"reason", "act_key"}))
    if chosen == before:
        return before
    row = work.session.get(SecurityPolicy, 1, with_for_update=True)
    if row is None:
        row = SecurityPolicy(id=1)
        work.session.add(row)
    for name, value in asdict(chosen).items():
        setattr(row, name, value)
    row.changed_at = work.now
    work.session.flush()
    was = asdict(before)
    changed = {name: {"from": was[name], "to": value} for name, value in asdict(chosen).items() if was[name] != value}
    facts = {"changed": changed, "chosen": asdict(chosen), "reason": command.reason}
    ledger.append(work, STREAM, "policy.changed", facts, act_key=command.act_key)
    return chosen
