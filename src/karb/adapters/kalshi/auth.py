"""Signs requests to Kalshi: who asks, when, and proof of the private key.

What is signed is the time in milliseconds, the method, and the path with `/trade-api/v2`
but without the query. RSA keys sign by PSS with SHA-256, the salt as long as the digest,
which is what every client does (a setting takes the longest instead); Ed25519 keys sign
plainly. Which it is, the key itself says. The key stays inside and is in no text of karb.

The exchange refuses a signature whose time is more than a few seconds off. Its answers tell
its own time, so that a signer can `learn` how far this machine's clock is from it.
"""

from base64 import b64encode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.errors import ConfigError

Salt = Literal["digest", "max"]
Sign = Callable[[bytes], bytes]

_AGE_DIGITS = 10
"""A cache keeps nothing for longer than 2**31 seconds, says the standard of that header."""


class Signer:
    """One key of one account. `offset` is the exchange's clock minus ours, 0 until learned."""

    def __init__(self, key_id: str, sign: Sign) -> None:
        self._key_id, self._sign = key_id, sign
        self.offset: Nanos = 0

    @classmethod
    def of_pem(cls, key_id: str, pem: bytes, *, salt: Salt = "digest") -> "Signer":
        """A signer with the private key of a PEM file; `ConfigError` when it holds none."""
        return cls(key_id, _signing(pem, salt))

    def headers(self, method: str, path: str, now: Nanos) -> dict[str, str]:
        """The three headers of a request that leaves now; `path` may have a query."""
        at = (now + self.offset) // MILLISECOND
        text = f"{at}{method.upper()}{path.partition('?')[0]}"
        return {
            "KALSHI-ACCESS-KEY": self._key_id,
            "KALSHI-ACCESS-TIMESTAMP": str(at),
            "KALSHI-ACCESS-SIGNATURE": b64encode(self._sign(text.encode())).decode(),
        }

    def learn(self, date: str, now: Nanos) -> bool:
        """Sign by the exchange's clock from now on; False when `date` does not tell it."""
        told = offset_told(date, now)
        if told is None:
            return False
        self.offset = told
        return True


def offset_told(date: str, now: Nanos, age: str = "") -> Nanos | None:
    """The exchange's clock minus ours, by the `Date` of an answer; None for no date.

    Right to about half a second: the header has whole seconds. `age` is the header of that
    name, the seconds that a cache on the way has kept the answer.
    """
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    if told.tzinfo is None:
        return None
    kept = int(age) if age.isascii() and age.isdigit() and len(age) <= _AGE_DIGITS else 0
    return (int(told.timestamp()) + kept) * SECOND + SECOND // 2 - now


def _signing(pem: bytes, salt: Salt) -> Sign:
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise _unfit("is locked with a passphrase", "openssl pkey -in KEY -out plain.pem") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unfit("is not a private key in PEM form", "download the key again") from None
    if isinstance(key, Ed25519PrivateKey):
        return key.sign
    if not isinstance(key, RSAPrivateKey):
        raise _unfit("is neither an RSA nor an Ed25519 key", "make a new key at Kalshi")
    rsa, digest = key, hashes.SHA256()
    padding = PSS(MGF1(digest), PSS.MAX_LENGTH if salt == "max" else PSS.DIGEST_LENGTH)
    return lambda text: rsa.sign(text, padding, digest)


def _unfit(problem: str, do: str) -> ConfigError:
    return ConfigError(
        f"the file of KALSHI_PRIVATE_KEY_PATH {problem}",
        means="karb cannot sign requests, so it gets no prices",
        do=do,
    )
