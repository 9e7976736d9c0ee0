"""Keys made for a test run: nothing that is worth hiding."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KEY_ID = "cafe0000-canary-key-id"


@cache
def rsa_key() -> RSAPrivateKey:
    """An RSA key; making one takes a while."""
    return generate_private_key(65_537, 2_048)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    """An Ed25519 key."""
    return Ed25519PrivateKey.generate()


def pem_of(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    """The PEM file of a key, as the exchange gives it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
