"""Secrets in a column: sealed with a key that follows from the installation's secret, so that a copied store is mute.

Each text carries the id of its key. When SECRET_KEY changes, the one before goes into SECRET_KEY_FALLBACKS: what is
sealed can still be opened, and is sealed anew when it is next used.
"""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wastetrack.infra.ids import random_bytes

_NONCE = 12


class Sealer:
    """Seals and opens texts (AES-256-GCM), and makes marks by which a random code is known again (HMAC-SHA-256)."""

    def __init__(self, secret: str, fallbacks: tuple[str, ...] = ()) -> None:
        """Derive the keys (HKDF, RFC 5869); the first seals, all of them open."""
        self._keys = {_id(key): key for key in (_derived(text, b"sealing") for text in (secret, *fallbacks))}
        self._marking = [_derived(text, b"marking") for text in (secret, *fallbacks)]
        self.present = next(iter(self._keys))

    def seal(self, text: str, about: str) -> str:
        """Return the text unreadable, bound to what it is about: it cannot be moved to another row."""
        nonce = random_bytes(_NONCE)
        sealed = AESGCM(self._keys[self.present]).encrypt(nonce, text.encode(), about.encode())
        return f"{self.present}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> str | None:
        """Return the text; None when its key is gone or something was changed."""
        key_id, _dot, rest = sealed.partition(".")
        key = self._keys.get(key_id)
        if key is None:
            return None
        raw = base64.urlsafe_b64decode(rest)
        try:
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
        except InvalidTag:
            return None

    def is_stale(self, sealed: str) -> bool:
        """Tell whether the text is sealed with a key that is on its way out."""
        return not sealed.startswith(f"{self.present}.")

    def marks(self, text: str, about: str) -> list[str]:
        """Return what is kept of a random code instead of the code: first by the present key, then by those before."""
        said = f"{about}\n{text}".encode()
        return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in self._marking]


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"wastetrack " + use).derive(secret.encode())


def _id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
