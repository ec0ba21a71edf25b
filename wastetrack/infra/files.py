"""Files that people sent, kept by the hash of what is in them, outside whatever the web serves."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wastetrack.infra.ids import new_token

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileChangedError(OSError):
    """What is kept under a hash is no longer what was sent."""


class Files:
    """A folder of files. The same content is kept once, and never under a name that somebody sent."""

    def __init__(self, folder: Path) -> None:
        """Keep files below `folder`, which is made when the first file comes."""
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Write the content for good and return its SHA-256, by which it is found again."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_name(f".{digest}.{new_token()}")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _sync(path.parent)
        return digest

    def keep_written(self, write: Callable[[IO[bytes]], None]) -> str:
        """Keep for good what `write` writes, part by part: never in memory as a whole. Return its SHA-256."""
        part = self.folder / "00" / f".written.{new_token()}"
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            path = self._path(digest)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.replace(path)
            _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)
        return digest

    def read(self, digest: str) -> bytes:
        """Return the content with this hash. A file that is no longer what was sent is a mishap, not an answer."""
        content = self._path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise FileChangedError(f"the kept file {digest} has been changed")
        return content

    def drop(self, digest: str) -> None:
        """Let go of a file: one made here that can be made again, or one that was sent and whose days are over."""
        self._path(digest).unlink(missing_ok=True)

    def kept(self) -> Iterator[str]:
        """Yield the hash of every file in the folder, and the name of each that was left half written."""
        for path in sorted(self.folder.glob("??/*")):
            digest = path.parent.name + path.name
            yield digest if _DIGEST.fullmatch(digest) else str(path.relative_to(self.folder))

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not the hash of a file")
        return self.folder / digest[:2] / digest[2:]


@dataclass(frozen=True)
class Compared:
    """What the folder holds against what the rows name. An orphan is harmless: its act was dropped in the end."""

    whole: int
    missing: list[str]
    changed: list[str]
    orphan: list[str]


def compare(files: Files, named: Callable[[], set[str]]) -> Compared:
    """Read every file that a row names, and find those that none names. Acts may go on meanwhile."""
    missing, changed = [], []
    wanted = named()
    for digest in sorted(wanted):
        try:
            files.read(digest)
        except FileNotFoundError:
            missing.append(digest)
        except OSError:
            changed.append(digest)
    lying = list(files.kept())
    # What was kept since the rows were asked is named by now, or its act is still under way.
    orphan = sorted(set(lying) - named()) if set(lying) - wanted else []
    return Compared(len(wanted) - len(missing) - len(changed), missing, changed, orphan)


def _sync(folder: Path) -> None:
    """Have the folder's entry survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
