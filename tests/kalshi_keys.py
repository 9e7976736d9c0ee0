"""Keys made for a test run: nothing that is worth hiding."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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


class OwnContext(ssl.SSLContext):
    """A server's side of TLS, with a certificate that only it vouches for."""

    own_certificate = ""


@cache
def server_context() -> OwnContext:
    """TLS for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    context = OwnContext(ssl.PROTOCOL_TLS_SERVER)
    context.own_certificate = pem.decode()
    with NamedTemporaryFile() as file:
        file.write(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context
