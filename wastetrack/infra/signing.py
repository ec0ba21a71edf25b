"""Signing keys: made on the first start, kept in files that only their owner reads, each known by its id.

What signs is behind `Signer` and what checks behind `PROCEDURES`, so that SM2 (GM/T 0003) can stand beside Ed25519
(RFC 8032) without anyone else noticing.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_END = "-----END PRIVATE KEY-----"


class KeyFileError(Exception):
    """A key cannot be used; the text says which and why."""


class Signer(Protocol):
    """One private key."""

    @property
    def algorithm(self) -> str:
        """Return the name of the procedure, as in `PROCEDURES`."""

    @property
    def key_id(self) -> str:
        """Return the first 16 hexadecimal digits of the SHA-256 over the public key."""

    @property
    def public(self) -> str:
        """Return the public key as PEM."""

    def sign(self, text: bytes) -> bytes:
        """Return the signature."""


class Ed25519Signer:
    """A private key of Ed25519."""

    algorithm = "ed25519"

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take the key and name it."""
        self._key = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]
        self.public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, text: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(text)


def _ed25519(public: str, text: bytes, signature: bytes) -> bool:
    key = load_pem_public_key(public.encode())
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


PROCEDURES: dict[str, Callable[[str, bytes, bytes], bool]] = {"ed25519": _ed25519}


def is_signed(algorithm: str, public: str, text: bytes, signature: bytes) -> bool:
    """Tell whether the signature over the text was made with the private half of this key."""
    check = PROCEDURES.get(algorithm)
    return check is not None and check(public, text, signature)


class KeyRing:
    """The private keys of this installation: a folder of its own, or one file that the operator provides."""

    def __init__(self, folder: Path, provided: Path | None = None) -> None:
        """Keep keys in `folder`; `provided` names a file with keys kept elsewhere, such as a mounted secret."""
        self.folder, self._provided = folder, provided

    def signers(self) -> dict[str, Signer]:
        """Return all keys by their id. Raises KeyFileError for one that others may read, or nobody can."""
        texts = [self._provided.read_text()] if self._provided else []
        for path in sorted(self.folder.glob("*.pem")) if self.folder.is_dir() else ():
            if path.stat().st_mode & 0o077:
                raise KeyFileError(f"others may read the signing key {path}: chmod 600 it, and rotate it if they did")
            texts.append(path.read_text())
        keys = [_read(part + _END) for text in texts for part in text.split(_END)[:-1]]
        return {key.key_id: key for key in keys}

    def make(self) -> Signer:
        """Make a key and keep it, readable by its owner only."""
        if self._provided:
            raise KeyFileError(f"the keys are provided in {self._provided}: put the new key there")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        made = Ed25519Signer(key)
        path = self.folder / f"{made.key_id}.pem"
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return made


def _read(pem: str) -> Ed25519Signer:
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"a signing key cannot be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("a signing key is of another kind than Ed25519")
    return Ed25519Signer(key)
