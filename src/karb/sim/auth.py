"""Who may ask: the three headers of the exchange, verified as it does.

Signed is `timestamp + METHOD + path`, the path whole and without the query, with RSA-PSS
(SHA-256, salt as long as the digest) or Ed25519. A stamp may be 5 seconds off.
"""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from karb.sim.refusals import Refusal, unauthorized
from karb.sim.units import MILLISECOND, SECOND

KEY, TIMESTAMP, SIGNATURE = (
    "KALSHI-ACCESS-KEY",
    "KALSHI-ACCESS-TIMESTAMP",
    "KALSHI-ACCESS-SIGNATURE",
)
_SKEW = 5 * SECOND
_BITS = 2048

KeyKind = Literal["rsa", "ed25519"]
Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)


class UnusableKeyError(Exception):
    """A key that was brought back and cannot sign; the text says why."""


class Account:
    """The one account of the venue and its key; `pem` is what its owner signs with."""

    def __init__(self, kind: KeyKind, pem: bytes | None) -> None:
        private = _private(kind) if pem is None else _read(pem)
        self.pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._public = private.public_key()
        self.key_id = str(uuid5(NAMESPACE_URL, f"key/{sha256(self.pem).hexdigest()}"))

    def refusal(
        self, headers: Mapping[str, str], method: str, path: str, now: int
    ) -> Refusal | None:
        """Why these headers do not open this path now; None when they do."""
        given = [headers.get(name, "") for name in (KEY, TIMESTAMP, SIGNATURE)]
        if not all(given):
            return unauthorized("signature_is_missing_from_headers")
        key, stamp, signature = given
        if key != self.key_id:
            return unauthorized("authentication_error", details="NOT_FOUND")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
            return unauthorized("header_timestamp_expired", message="header timestamp expired")
        if abs(int(stamp) * MILLISECOND - now) > _SKEW:
            return unauthorized("header_timestamp_expired", message="header timestamp expired")
        if not self._signed(signature, f"{stamp}{method}{path}".encode()):
            return unauthorized("authentication_error", details="INCORRECT_API_KEY_SIGNATURE")
        return None

    def _signed(self, signature: str, text: bytes) -> bool:
        try:
            raw = base64.b64decode(signature, validate=True)
            if isinstance(self._public, rsa.RSAPublicKey):
                self._public.verify(raw, text, _PSS, hashes.SHA256())
            else:
                self._public.verify(raw, text)
        except (binascii.Error, InvalidSignature, ValueError):
            return False
        return True


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether a request tries to say who it is from."""
    return any(name in headers for name in (KEY, TIMESTAMP, SIGNATURE))


def _private(kind: KeyKind) -> Private:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65_537, key_size=_BITS)
    return ed25519.Ed25519PrivateKey.generate()


def _read(pem: bytes) -> Private:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise UnusableKeyError("it is not a private key without a password") from error
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise UnusableKeyError("it is neither an RSA nor an Ed25519 key")
    return key
