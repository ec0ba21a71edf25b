"""Row identities and other random things."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a UUIDv7: unique, and roughly ordered by the time of its making (RFC 9562 §5.7)."""
    return uuid7()


def new_token() -> str:
    """Return 128 random bits as 26 upper-case letters and digits, fit for a QR code in alphanumeric mode."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = secrets.randbits(128)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(125, -1, -5))


def random_bytes(count: int) -> bytes:
    """Return `count` unguessable bytes."""
    return secrets.token_bytes(count)
