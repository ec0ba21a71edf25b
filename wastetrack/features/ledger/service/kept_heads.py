"""Every head once more, in a file outside the database: whoever puts the database back cannot put this back with it."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from wastetrack.domain.ledger import moment
from wastetrack.domain.tree_heads import SignedHead, TreeHead


def as_json(one: SignedHead) -> dict[str, str | int]:
    """Return a head as it is published, kept and exported."""
    head = one.head
    return {
        "log": head.log_id,
        "size": head.size,
        "root": head.root.hex(),
        "time": moment(head.signed_at),
        "key": head.key_id,
        "signature": one.signature.hex(),
    }


def from_json(said: Mapping[str, Any]) -> SignedHead:
    """Read a head as it was published. Raises KeyError, TypeError or ValueError for anything else."""
    at = datetime.fromisoformat(said["time"])
    head = TreeHead(said["log"], int(said["size"]), bytes.fromhex(said["root"]), at, said["key"])
    return SignedHead(head, bytes.fromhex(said["signature"]))


_TAIL = 65_536
"""Bytes at the end of the file in which the latest heads are looked for: some two hundred."""


@dataclass(frozen=True)
class KeptHeads:
    """One file for each log that this installation has had, one head in each line, only ever added to."""

    folder: Path

    def logs(self) -> set[str]:
        """Return the logs of which heads are kept here."""
        return {path.stem.removeprefix("heads-") for path in self.folder.glob("heads-*.jsonl")}

    def of(self, log_id: str) -> Iterator[SignedHead]:
        """Yield the heads of one log as they were signed. A line that broke off in a crash was shown to nobody."""
        path = self._path(log_id)
        if path.exists():
            with path.open("rb") as lines:
                yield from _read(lines)

    def latest(self, log_id: str) -> list[SignedHead]:
        """Return the heads kept last, however many there are."""
        path = self._path(log_id)
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            return list(_read(file))

    def last(self, log_id: str) -> SignedHead | None:
        """Return the head of the greatest size."""
        return max(self.latest(log_id), key=lambda one: one.head.size, default=None)

    def add(self, heads: Iterable[SignedHead]) -> None:
        """Keep heads; they are on the disk when this returns."""
        for one in heads:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            line = json.dumps(as_json(one), separators=(",", ":"))
            path = self._path(one.head.log_id)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())

    def _path(self, log_id: str) -> Path:
        return self.folder / f"heads-{log_id}.jsonl"


def _read(lines: Iterable[bytes]) -> Iterator[SignedHead]:
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            yield from_json(json.loads(line))
