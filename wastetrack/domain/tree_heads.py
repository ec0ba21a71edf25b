"""What is signed: the head of the log at one size, and the keys that may sign it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wastetrack.domain.ledger import moment

KEYS_STREAM = "ledger:keys"
LOG_STREAM = "ledger:log"


class KeyAct(StrEnum):
    """What is done with a key; the kinds of the events in `KEYS_STREAM`."""

    INTRODUCED = "key.introduced"
    RETIRED = "key.retired"


@dataclass(frozen=True)
class TreeHead:
    """The log as it stood: how many events, and the root over them."""

    log_id: str
    size: int
    root: bytes
    signed_at: datetime
    key_id: str

    def text(self) -> str:
        """Return what is signed, always the same for the same head."""
        return (
            f"wastetrack tree head v1\nlog {self.log_id}\nsize {self.size}\nroot {self.root.hex()}\n"
            f"time {moment(self.signed_at)}\nkey {self.key_id}\n"
        )


@dataclass(frozen=True)
class SignedHead:
    """A head with its signature."""

    head: TreeHead
    signature: bytes

    @property
    def short(self) -> str:
        """Return what is printed of it: size and the first 16 digits of the root, in fours."""
        digits = self.head.root.hex()[:16].upper()
        return f"{self.head.size} · " + " ".join(digits[at : at + 4] for at in range(0, 16, 4))


@dataclass(frozen=True)
class PublicKey:
    """One key as the log knows it. Retired, it signs no more; what it signed stays valid."""

    key_id: str
    algorithm: str
    public: str
    since: datetime
    until: datetime | None = None


def keys_after(events: Iterable[tuple[str, dict[str, str], datetime]]) -> dict[str, PublicKey]:
    """Return the keys by their id, as the events (kind, facts, moment) of `KEYS_STREAM` left them."""
    found: dict[str, PublicKey] = {}
    for kind, facts, at in events:
        if kind == KeyAct.INTRODUCED:
            found[facts["key"]] = PublicKey(facts["key"], facts["algorithm"], facts["public"], at)
        elif kind == KeyAct.RETIRED:
            one = found[facts["key"]]
            found[one.key_id] = PublicKey(one.key_id, one.algorithm, one.public, one.since, at)
    return found
