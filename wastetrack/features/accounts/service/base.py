"""What all acts on accounts share: the stream, hashing and checking passwords, ending sessions."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from pydantic import StringConstraints
from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from wastetrack.domain.invitations import InvitationState
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import NO_PASSWORD, Invitation, PendingSignIn, SignIn
from wastetrack.infra.work import Work

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with the least that the OWASP password storage cheat sheet asks: a province signs in at eight o'clock."""

DUMMY = HASHER.hash("nobody has this password")
"""Verified where there is no account, so that an unknown name takes as long as a wrong password."""

# A password is taken as typed: trimming would make two different ones the same.
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=False)]


@dataclass(frozen=True)
class Proof:
    """That a password was right for an account as it stood: worth nothing once the password has changed."""

    user_id: UUID
    password_hash: str

    @property
    def mark(self) -> str:
        """Return what is kept of the proof while the code is still to come."""
        return hashlib.sha256(self.password_hash.encode()).hexdigest()


def stream_of(user_id: UUID) -> str:
    """Return the name of an account's stream in the ledger."""
    return f"user:{user_id}"


def proven(session: Session, username: str, password: str) -> Proof | None:
    """Check a password. Slow on purpose and always alike, so it is done outside any writing transaction."""
    user = queries.by_username(session, username)
    has_one = user is not None and user.password_hash != NO_PASSWORD
    right = verifies(user.password_hash if user is not None and has_one else DUMMY, password)
    return Proof(user.id, user.password_hash) if user is not None and has_one and right else None


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return HASHER.hash(password)


def verifies(password_hash: str, password: str) -> bool:
    """Tell whether the password has this hash."""
    try:
        return HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def end_sessions(work: Work, user_ids: Iterable[UUID], *, but: str = "") -> int:
    """End all sessions of some people, also those whose code was still to come; return how many there were."""
    ids = list(user_ids)
    execute(work, delete(PendingSignIn).where(PendingSignIn.user_id.in_(ids)))
    return execute(work, delete(SignIn).where(SignIn.user_id.in_(ids), SignIn.token_hash != but))


def end_invitations(work: Work, user_id: UUID, state: InvitationState) -> int:
    """End somebody's open invitation, if there is one; return how many ended."""
    mine = update(Invitation).where(Invitation.user_id == user_id, Invitation.state == InvitationState.OPEN)
    return execute(work, mine.values(state=state, ended_at=work.now))


def execute(work: Work, statement: Any) -> int:
    """Run a changing statement and return how many rows it met."""
    result = work.session.execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0
