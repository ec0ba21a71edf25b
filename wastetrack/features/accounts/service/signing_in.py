"""Signing in: the password, the code where there is a second factor, the session; showing again who one is."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import delete, or_, update

from wastetrack.domain.access import Act, Actor, require
from wastetrack.domain.accounts import FORGIVEN_AFTER, IDLE, LONGEST_SESSION, Origin
from wastetrack.domain.parties import is_known
from wastetrack.domain.problems import Kind, Refusal, refuse
from wastetrack.domain.security import Assurance
from wastetrack.domain.totp import PENDING
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import FailedSignIns, PendingSignIn, SignIn, User
from wastetrack.features.accounts.service.base import Password, Proof, end_sessions, execute, stream_of
from wastetrack.features.accounts.service.failures import at_field, count_failure, forgive, locked_now
from wastetrack.features.accounts.service.passwords import right_password
from wastetrack.features.accounts.service.second_factor import Code, right_code, takes_code, wrong_code
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import Command
from wastetrack.infra.work import Work


class SignInCommand(Command):
    """Sign in."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Password


class CodeCommand(Command):
    """The code after the password."""

    code: Code


@dataclass(frozen=True)
class CodeWanted:
    """The password was right; the code of the second factor is still to come."""

    user_id: UUID


def sign_in(
    work: Work, command: SignInCommand, proof: Proof | None, origin: Origin | None = None
) -> Actor | CodeWanted | Refusal:
    """Decide on an attempt to sign in and remember it.

    A refusal is *returned*, not raised: the failure it counts has to be kept. An unknown name, a wrong password, a
    closed account and a name that is locked are told apart only where that tells a stranger nothing.
    """
    origin = origin or Origin()
    refusal = locked_now(work, command.username, origin)
    if refusal is not None:
        return refusal
    user = queries.by_username(work.session, command.username)
    if user is None or not user.active or proof != Proof(user.id, user.password_hash):
        return count_failure(work, command.username, origin) or _wrong()
    if queries.has_second_factor(work.session, user.id):
        # What failed before is not forgiven yet: else whoever knows the password could try codes without end.
        return CodeWanted(user.id)
    return _enter(work, user, origin, Assurance.PASSWORD, "password")


def _wrong() -> Refusal:
    return refuse(
        "account.wrong",
        N_("Username or password is wrong. Check both; capital letters count in the password."),
        field="username",
    )


def wait_for_code(work: Work, wanted: CodeWanted, proof: Proof, token_hash: str) -> None:
    """Keep for a few minutes that the password was right, under a random name that the browser holds."""
    expires_at = work.now + PENDING
    work.session.add(
        PendingSignIn(token_hash=token_hash, user_id=wanted.user_id, password_mark=proof.mark, expires_at=expires_at)
    )
    work.session.flush()


def sign_in_with_code(
    work: Work, command: CodeCommand, token_hash: str, origin: Origin | None = None
) -> Actor | Refusal:
    """Finish what `sign_in` began. Wrong codes count like wrong passwords; as there, a refusal is returned."""
    origin = origin or Origin()
    pending = queries.pending(work.session, token_hash, work.now)
    user = queries.locked(work.session, pending.user_id) if pending else None
    if pending is None or user is None or not user.active or not _still_right(pending, user):
        sentence = N_("The time for the code is over. Sign in again with your password.")
        return refuse("account.pending_over", sentence, kind=Kind.CONFLICT)
    refusal = locked_now(work, user.username, origin)
    if refusal is not None:
        return at_field(refusal, "code")
    how = takes_code(work, user.id, command.code)
    if how is None:
        refusal = count_failure(work, user.username, origin)
        return at_field(refusal, "code") if refusal is not None else wrong_code("code")
    execute(work, delete(PendingSignIn).where(PendingSignIn.token_hash == token_hash))
    return _enter(work, user, origin, Assurance.PASSWORD_AND_CODE, how)


def _still_right(pending: PendingSignIn, user: User) -> bool:
    return pending.password_mark == Proof(user.id, user.password_hash).mark


def _enter(work: Work, user: User, origin: Origin, assurance: Assurance, how: str) -> Actor | Refusal:
    forgive(work, user.username, origin)
    actor = queries.actor_of(work.session, user.id, work.now)
    if not is_known(actor.organisation_state):
        sentence = N_("{organisation} has asked to be admitted and is not admitted yet, so nobody signs in for it.")
        name = actor.organisation_name
        return refuse("account.organisation_pending", sentence, kind=Kind.FORBIDDEN, organisation=name)
    if not queries.let_in(work.session, actor):
        return refuse(
            "account.organisation_closed",
            N_(
                "{organisation} is closed and nothing of it is under way any more, so its people no longer sign in. "
                "If that is wrong, ask the system administrator."
            ),
            kind=Kind.FORBIDDEN,
            organisation=actor.organisation_name,
        )
    facts = {"assurance": assurance, "by": how}
    ledger.append(replace(work, actor=actor), stream_of(user.id), "account.signed_in", facts)
    return actor


# --- the session -------------------------------------------------------------------------------------------------


def open_session(
    work: Work, user_id: UUID, token_hash: str, assurance: Assurance = Assurance.PASSWORD, device: str = ""
) -> None:
    """Keep the session that the browser now holds the random name of."""
    work.session.add(
        SignIn(
            token_hash=token_hash,
            user_id=user_id,
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now + LONGEST_SESSION,
            device=(device or work.device)[:200],
            proven_at=work.now,
            assurance=assurance,
        )
    )
    work.session.flush()


def sign_out(work: Work, token_hash: str) -> None:
    """End one session for good."""
    ended = execute(work, delete(SignIn).where(SignIn.token_hash == token_hash))
    if ended and work.actor.user_id:
        ledger.append(work, stream_of(work.actor.user_id), "account.signed_out", {})


def saw(work: Work, token_hash: str) -> None:
    """Write down that a session is in use."""
    work.session.execute(update(SignIn).where(SignIn.token_hash == token_hash).values(seen_at=work.now))


def show_again(
    work: Work, token_hash: str, proof: Proof | None, code: str = "", fields: tuple[str, str] = ("password", "code")
) -> Refusal | None:
    """Note that the person has shown again who he is, by password or by code; a counted failure is returned."""
    user = queries.locked(work.session, work.actor.user_id)  # type: ignore[arg-type]
    refusal = right_code(work, user, code, fields[1]) if code else right_password(work, user, proof, fields[0])
    if refusal is None:
        work.session.execute(update(SignIn).where(SignIn.token_hash == token_hash).values(proven_at=work.now))
    return refusal


def end_session(work: Work, user_id: UUID, handle: str) -> int:
    """End one session of somebody: one's own, or, for the security administrator, another's."""
    require_keeper(work, user_id)
    found = next((one for one in queries.sessions_of(work.session, user_id, work.now) if one.handle == handle), None)
    if found is None:
        return 0
    ended = execute(work, delete(SignIn).where(SignIn.token_hash == found.token_hash))
    ledger.append(work, stream_of(user_id), "account.session_ended", {"device": found.device, "count": ended})
    return ended


def end_other_sessions(work: Work, user_id: UUID, but: str = "") -> int:
    """End all sessions of somebody except the one named."""
    require_keeper(work, user_id)
    ended = end_sessions(work, [user_id], but=but)
    if ended:
        ledger.append(work, stream_of(user_id), "account.session_ended", {"count": ended})
    return ended


def require_keeper(work: Work, user_id: UUID) -> None:
    """Refuse unless the sessions are the person's own, or he keeps the accounts."""
    if user_id != work.actor.user_id:
        require(work.actor, Act.MANAGE_ACCOUNTS)


def forget_ended(work: Work) -> int:
    """Delete sessions that have ended and failures that are forgiven; return how many rows went."""
    over = or_(SignIn.expires_at <= work.now, SignIn.seen_at <= work.now - IDLE)
    ended = execute(work, delete(SignIn).where(over))
    ended += execute(work, delete(PendingSignIn).where(PendingSignIn.expires_at <= work.now))
    return ended + execute(work, delete(FailedSignIns).where(FailedSignIns.last_at <= work.now - FORGIVEN_AFTER))
