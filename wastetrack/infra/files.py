"""Files that people sent, kept by the hash of what is in them, outside whatever the web serves."""

import hashlib
import os
import re
from pathlib import Path

from wastetrack.infra.ids import new_token

_DIGEST = re.compile(r"[0-9a-f]{64}")


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

    def read(self, digest: str) -> bytes:
        """Return the content with this hash. A file that is no longer what was sent is a mishap, not an answer."""
        content = self._path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise OSError(f"the kept file {digest} has been changed")
        return content

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not the hash of a file")
        return self.folder / digest[:2] / digest[2:]


def _sync(folder: Path) -> None:
    """Have the folder's entry survive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
