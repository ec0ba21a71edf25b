"""The second factor: a code that follows the clock (RFC 6238), and recovery codes for the day the telephone is lost."""

import hmac
from datetime import datetime
from typing import Annotated
from uuid import UUID

import pyotp
from pydantic import StringConstraints
from sqlalchemy import delete, update

from wastetrack.domain.access import Act, require
from wastetrack.domain.accounts import console_problems
from wastetrack.domain.problems import Kind, Refusal, refuse, refuse_all
from wastetrack.domain.security import Assurance
from wastetrack.domain.totp import DIGITS, RECOVERY_CODES, open_steps, read_code
from wastetrack.domain.words import N_
from wastetrack.features.accounts import queries
from wastetrack.features.accounts.models import RecoveryCode, SecondFactor, SignIn, User
from wastetrack.features.accounts.service.base import end_sessions, execute, stream_of
from wastetrack.features.accounts.service.failures import at_field, count_failure, locked_now
from wastetrack.features.accounts.service.passwords import HERE, at_console
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.infra.commands import ActKey, Command, Text
from wastetrack.infra.ids import new_token
from wastetrack.infra.sealing import Sealer
from wastetrack.infra.work import Work

ISSUER = "WasteTrack"

Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ConfirmSecondFactor(Command):
    """The first code from the telephone: it has the secret."""

    code: Code


class ResetSecondFactor(Command):
    """Take somebody's second factor away because his telephone is lost, with the reason."""

    user_id: UUID
    reason: Text
    act_key: ActKey | None = None


_sealers: list[Sealer] = []


def seal_with(sealer: Sealer) -> None:
    """Have secrets sealed with the installation's key. Wired once, in `wastetrack.app`."""
    _sealers[:] = [sealer]


def _about(user_id: UUID) -> str:
    return f"second factor of {user_id}"


# --- setting it up -----------------------------------------------------------------------------------------------


def begin_second_factor(work: Work) -> str:
    """Return a new secret for the person's telephone; nothing counts until a code has confirmed it.

    Asked again before that, it is the same secret: a page that is loaded twice breaks nothing.
    """
    user = queries.locked(work.session, _own(work))
    row = queries.second_factor(work.session, user.id)
    if row is not None and row.confirmed_at is not None:
        sentence = N_("You have a second factor already. Remove it first if you want to set up another one.")
        raise refuse("second_factor.there", sentence, kind=Kind.CONFLICT)
    if row is not None and (secret := _sealers[0].open(row.secret, _about(user.id))) is not None:
        return secret
    secret = pyotp.random_base32()
    sealed = _sealers[0].seal(secret, _about(user.id))
    work.session.merge(SecondFactor(user_id=user.id, secret=sealed, created_at=work.now, last_step=0))
    work.session.flush()
    return secret


def address_for(secret: str, username: str) -> str:
    """Return what the QR code says, as authenticator programs read it."""
    return pyotp.TOTP(secret, digits=DIGITS).provisioning_uri(name=username, issuer_name=ISSUER)


def confirm_second_factor(work: Work, command: ConfirmSecondFactor, token_hash: str) -> list[str]:
    """Let the second factor count from now on; return the recovery codes, this once. Other sessions end.

    The code is from a telephone in the person's hand and a secret that this session was shown: nobody can guess
    anything here that he does not know already, so failures are not counted.
    """
    user = queries.locked(work.session, _own(work))
    row = queries.second_factor(work.session, user.id)
    if row is None or row.confirmed_at is not None:
        sentence = N_("There is nothing to confirm here. Load the page again.")
        raise refuse("second_factor.none", sentence, kind=Kind.CONFLICT)
    if not _uses(work, row, read_code(command.code)):
        raise wrong_code("code")
    row.confirmed_at = work.now
    _assure(work, token_hash)
    end_sessions(work, [user.id], but=token_hash)
    ledger.append(work, stream_of(user.id), "account.second_factor_set", {})
    return _new_codes(work, user.id)


def new_recovery_codes(work: Work) -> list[str]:
    """Return ten new recovery codes; those before are worth nothing from now on."""
    user = queries.locked(work.session, _own(work))
    if not queries.has_second_factor(work.session, user.id):
        raise refuse("second_factor.none", N_("Set up the second factor first."), kind=Kind.CONFLICT)
    ledger.append(work, stream_of(user.id), "account.recovery_codes_made", {})
    return _new_codes(work, user.id)


def _new_codes(work: Work, user_id: UUID) -> list[str]:
    execute(work, delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    tokens = [new_token()[-12:] for _ in range(RECOVERY_CODES)]
    for token in tokens:
        mark = _sealers[0].marks(token, _about(user_id))[0]
        work.session.add(RecoveryCode(user_id=user_id, mark=mark))
    work.session.flush()
    return [f"{token[:4]}-{token[4:8]}-{token[8:]}" for token in tokens]


# --- using it ----------------------------------------------------------------------------------------------------


def matching_step(secret: str, code: str, now: datetime, last_used: int) -> int | None:
    """Return the time step whose code this is, None when it is of none that would be taken now."""
    totp = pyotp.TOTP(secret, digits=DIGITS)
    found = [step for step in open_steps(now, last_used) if hmac.compare_digest(totp.generate_otp(step), code)]
    return found[0] if found else None


def takes_code(work: Work, user_id: UUID, text: str) -> str | None:
    """Use up a code: return "code" or "recovery code" when it was right, None when not."""
    row = queries.second_factor(work.session, user_id)
    if row is None or row.confirmed_at is None:
        return None
    code = read_code(text)
    if len(code) == DIGITS:
        return "code" if code.isascii() and code.isdigit() and _uses(work, row, code) else None
    marks = _sealers[0].marks(code, _about(user_id))
    used = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.mark.in_(marks))
    return "recovery code" if execute(work, used) else None


def _uses(work: Work, row: SecondFactor, code: str) -> bool:
    """Use the code of one time step, once: of two who send it in the same moment one is let in."""
    secret = _sealers[0].open(row.secret, _about(row.user_id))
    if secret is None:
        return False
    step = matching_step(secret, code, work.now, row.last_step) if code.isascii() else None
    if step is None:
        return False
    values: dict[str, object] = {"last_step": step}
    if _sealers[0].is_stale(row.secret):
        values["secret"] = _sealers[0].seal(secret, _about(row.user_id))
    mine = update(SecondFactor).where(SecondFactor.user_id == row.user_id, SecondFactor.last_step < step)
    return bool(execute(work, mine.values(**values)))


def right_code(work: Work, user: User, text: str, field: str) -> Refusal | None:
    """Return why somebody who is signed in has not shown his telephone; a failure is counted for him alone."""
    refusal = locked_now(work, user.username, HERE)
    if refusal is None and takes_code(work, user.id, text):
        return None
    refusal = refusal or count_failure(work, user.username, HERE)
    return at_field(refusal, field) if refusal is not None else wrong_code(field)


def wrong_code(field: str) -> Refusal:
    """Say that a code will not do."""
    sentence = N_(
        "This code is not right, or it was used already. Type the one that the telephone shows now; "
        "if it is refused again, see whether the telephone sets its clock by itself."
    )
    return refuse("account.code", sentence, field=field)


# --- taking it away ----------------------------------------------------------------------------------------------


def remove_second_factor(work: Work) -> User:
    """Take one's own second factor away; the page has asked anew who it is. Who must have one sets up another."""
    user = queries.locked(work.session, _own(work))
    if _forget(work, user.id):
        ledger.append(work, stream_of(user.id), "account.second_factor_removed", {})
    return user


def reset_second_factor(work: Work, command: ResetSecondFactor) -> User:
    """Take somebody's second factor away; his sessions end, and he sets up another at the next sign-in if he must."""
    require(work.actor, Act.MANAGE_ACCOUNTS)
    user = queries.locked(work.session, command.user_id)
    if command.act_key and ledger_queries.has_act(work.session, stream_of(user.id), command.act_key):
        return user
    if user.id == work.actor.user_id:
        sentence = N_("Remove your own second factor on its page.")
        raise refuse("account.own", sentence, kind=Kind.CONFLICT)
    refuse_all(console_problems(queries.roles_of(work.session, user.id)))
    if _forget(work, user.id):
        end_sessions(work, [user.id])
        facts = {"reason": command.reason}
        ledger.append(work, stream_of(user.id), "account.second_factor_reset", facts, act_key=command.act_key)
    return user


def reset_second_factor_at_console(work: Work, username: str) -> User:
    """Take anybody's second factor away, at the console: the only way for an administrator."""
    user = at_console(work, username)
    if _forget(work, user.id):
        end_sessions(work, [user.id])
        ledger.append(work, stream_of(user.id), "account.second_factor_reset", {"at": "console"})
    return user


def _forget(work: Work, user_id: UUID) -> int:
    execute(work, delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    execute(work, update(SignIn).where(SignIn.user_id == user_id).values(assurance=Assurance.PASSWORD))
    return execute(work, delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _assure(work: Work, token_hash: str) -> None:
    proven = {"assurance": Assurance.PASSWORD_AND_CODE, "proven_at": work.now}
    work.session.execute(update(SignIn).where(SignIn.token_hash == token_hash).values(**proven))


def _own(work: Work) -> UUID:
    assert work.actor.user_id is not None  # noqa: S101  (the platform itself has no telephone)
    return work.actor.user_id
