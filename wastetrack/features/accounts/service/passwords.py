"""Changing and resetting passwords, by the rules of the policy."""

from uuid import UUID

from sqlalchemy import delete, select

from wastetrack.domain.access import SYSTEM, Act, forbidden, require
from wastetrack.domain.accounts import Origin, console_problems
from wastetrack.domain.invitations import InvitationState
from wastetrack.domain.passwords import password_problems
from wastetrack.domain.problems import Kind, Problem, Refusal, refuse, refuse_all
from wastetrack.domain.security import PasswordRules, Policy
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, PastPassword, User
from wastetrack.features.accounts.service.base import (
    Password,
    Proof,
    end_invitations,
    end_sessions,
    hashed,
    stream_of,
    verifies,
)
from wastetrack.features.accounts.service.failures import at_field, count_failure, forgive, forgive_all, locked_now
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Command
from wastetrack.infra.ids import new_token
from wastetrack.infra.work import Work

HERE = Origin(signed_in=True)
"""Whoever is signed in fails for himself alone."""


class ChangePassword(Command):
    """Choose another password, for oneself."""

    password: Password
    new_password: Password
    repeated: Password


class ResetPassword(Command):
    """Give somebody who cannot sign in a one-time password."""

    user_id: UUID
    act_key: ActKey | None = None


def problems_of(work: Work, password: str, username: str) -> list[Problem]:
    """Return what is wrong with a new password by the policy that holds now."""
    policy = queries.policy(work.session)
    return password_problems(password, username, policy=policy, common=queries.common_passwords())


def new_password() -> str:
    """Return a random password that is easy to copy by hand and meets the rules, e.g. `7K3M-9qxr-2F4C`."""
    while True:
        token = new_token()
        password = f"{token[:4]}-{token[4:8].lower()}-{token[8:12]}"
        if not password_problems(password, "", policy=Policy()):
            return password


def change_password(work: Work, command: ChangePassword, proof: Proof | None) -> User | Refusal:
    """Choose another password for oneself; all sessions end. As in `sign_in`, a counted failure is returned."""
    user = queries.locked(work.session, work.actor.user_id)  # type: ignore[arg-type]
    refusal = right_password(work, user, proof, "password")
    if refusal is not None:
        return refusal
    problems = problems_of(work, command.new_password, user.username)
    if command.new_password != command.repeated:
        sentence = N_("The two new passwords differ. Type the same one twice.")
        problems.append(Problem("password.repeated", sentence, field="repeated"))
    if command.new_password == command.password:
        sentence = N_("The new password is the old one. Choose another.")
        problems.append(Problem("password.same", sentence, field="new_password"))
    refuse_all(problems or _used_before(work, user, command.new_password))
    set_password(work, user, command.new_password, must_change=False)
    ledger.append(work, stream_of(user.id), "account.password_changed", {})
    return user


def right_password(work: Work, user: User, proof: Proof | None, field: str) -> Refusal | None:
    """Return why somebody who is signed in has not shown again who he is; a failure is counted for him alone."""
    refusal = locked_now(work, user.username, HERE)
    if refusal is None and proof == Proof(user.id, user.password_hash):
        forgive(work, user.username, HERE)
        return None
    refusal = refusal or count_failure(work, user.username, HERE)
    if refusal is not None:
        return at_field(refusal, field)
    return refuse("account.wrong", N_("The present password is wrong."), field=field)


def _used_before(work: Work, user: User, password: str) -> list[Problem]:
    policy = queries.policy(work.session)
    if policy.passwords is not PasswordRules.CLASSIFIED:
        return []
    if not any(verifies(one.password_hash, password) for one in queries.past_passwords(work.session, user.id)):
        return []
    sentence = N_("You have had this password before. Choose one that is none of your last {count}.")
    facts = {"count": policy.remembered}
    basis = "GB/T 22239-2019 8.1.4.1"
    return [Problem("password.used_before", sentence, facts, "new_password", basis=basis)]


def reset_password(work: Work, command: ResetPassword) -> tuple[User, str | None]:
    """Give an account a one-time password; its sessions and its lock end. The same act again returns no password."""
    require(work.actor, Act.MANAGE_ACCOUNTS)
    user = queries.locked(work.session, command.user_id)
    stream = stream_of(user.id)
    if command.act_key and ledger_queries.has_act(work.session, stream, command.act_key):
        return user, None
    if user.id == work.actor.user_id:
        raise refuse("account.own", N_("Change your own password on the page “Change password”."), kind=Kind.CONFLICT)
    refuse_all(console_problems(queries.roles_of(work.session, user.id)))
    password = new_password()
    _reset(work, user, password, must_change=True)
    ledger.append(work, stream, "account.password_reset", {}, act_key=command.act_key)
    return user, password


def reset_at_console(work: Work, username: str, *, password: str | None = None) -> tuple[User, str | None]:
    """Give any account another password, at the console: the only way to an administrator who has lost his.

    Without a password a one-time one is made and returned.
    """
    user = at_console(work, username)
    if password is not None:
        refuse_all(problems_of(work, password, user.username))
    one_time = None if password is not None else new_password()
    _reset(work, user, password or one_time or "", must_change=password is None)
    ledger.append(
        work, stream_of(user.id), "account.password_reset", {"at": "console", "must_change": password is None}
    )
    return user, one_time


def at_console(work: Work, username: str) -> User:
    """Return the account that is helped at the console, held; nobody else may ask so."""
    if work.actor is not SYSTEM:
        raise forbidden(Act.MANAGE_ACCOUNTS)
    found = queries.by_username(work.session, username)
    if found is None:
        raise refuse("account.unknown", N_("There is no account {username}."), field="username", username=username)
    return queries.locked(work.session, found.id)


def _reset(work: Work, user: User, password: str, *, must_change: bool) -> None:
    """Set a password; the lock that failures may have brought ends too."""
    set_password(work, user, password, must_change=must_change)
    forgive_all(work, user.username)


def set_password(work: Work, user: User, password: str, *, must_change: bool) -> None:
    """Keep another password, remember the one before, and end all sessions and whatever invites to choose one."""
    if user.password_hash != NO_PASSWORD and not user.must_change_password:
        _remember(work, user)
    user.password_hash = hashed(password)
    user.password_changed_at = work.now
    user.must_change_password = must_change
    work.session.flush()
    end_invitations(work, user.id, InvitationState.REPLACED)
    end_sessions(work, [user.id])


def _remember(work: Work, user: User) -> None:
    """Remember the present password among the last ones, as many as the policy says, the new one not counted."""
    held = PastPassword(user_id=user.id, set_at=user.password_changed_at or user.created_at)
    held.password_hash = user.password_hash
    work.session.merge(held)
    work.session.flush()
    newest = select(PastPassword.set_at).where(PastPassword.user_id == user.id).order_by(PastPassword.set_at.desc())
    kept = list(work.session.scalars(newest.limit(queries.policy(work.session).remembered)))
    stale = delete(PastPassword).where(PastPassword.user_id == user.id, PastPassword.set_at < kept[-1])
    work.session.execute(stale.execution_options(synchronize_session=False))
