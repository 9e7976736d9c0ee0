"""Signatures as the exchange checks them, and key files that cannot sign."""

import subprocess
from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from kalshi_keys import KEY_ID, ed25519_key, pem_of, rsa_key
from karb.adapters.kalshi.auth import Salt, Signer, offset_told
from karb.domain.units import MILLISECOND, SECOND, Nanos
from karb.errors import ConfigError

NOW: Nanos = 1_795_000_000_123 * MILLISECOND
PATH = "/trade-api/v2/portfolio/balance"
TEXT = b"1795000000123GET/trade-api/v2/portfolio/balance"
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
"""1795000000 s."""


def rsa_signer(salt: Salt = "digest") -> Signer:
    return Signer.of_pem(KEY_ID, pem_of(rsa_key()), salt=salt)


def signature(signer: Signer, method: str = "GET", path: str = PATH) -> bytes:
    return b64decode(signer.headers(method, path, NOW)["KALSHI-ACCESS-SIGNATURE"], validate=True)


def test_the_headers_say_who_and_when() -> None:
    headers = rsa_signer().headers("GET", PATH, NOW)
    assert headers["KALSHI-ACCESS-KEY"] == KEY_ID
    assert headers["KALSHI-ACCESS-TIMESTAMP"] == "1795000000123"
    assert len(headers) == 3


@pytest.mark.parametrize(("salt", "length"), [("digest", 32), ("max", 2048 // 8 - 32 - 2)])
def test_rsa_signs_by_pss_with_the_salt_that_was_chosen(salt: Salt, length: int) -> None:
    signed = signature(rsa_signer(salt))
    padding, other = (PSS(MGF1(SHA256()), each) for each in (length, length - 1))
    rsa_key().public_key().verify(signed, TEXT, padding, SHA256())
    with pytest.raises(InvalidSignature):
        rsa_key().public_key().verify(signed, TEXT, other, SHA256())


def test_ed25519_signs_the_same_text() -> None:
    signer = Signer.of_pem(KEY_ID, pem_of(ed25519_key()))
    ed25519_key().public_key().verify(signature(signer), TEXT)


@pytest.mark.parametrize(("method", "path"), [("get", PATH), ("GET", f"{PATH}?limit=5&cursor=a")])
def test_the_method_is_upper_case_and_the_query_is_left_out(method: str, path: str) -> None:
    signer = Signer.of_pem(KEY_ID, pem_of(ed25519_key()))
    ed25519_key().public_key().verify(signature(signer, method, path), TEXT)


def test_openssl_agrees(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keys")
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    (folder / "text").write_bytes(TEXT)
    (folder / "signature").write_bytes(signature(rsa_signer()))
    options = ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]
    command = ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"]
    for option in options:
        command += ["-sigopt", option]
    subprocess.run([*command, "text"], cwd=folder, check=True, capture_output=True)


def test_the_older_pem_of_rsa_is_read_as_well() -> None:
    old = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert signature(Signer.of_pem(KEY_ID, old))


def _locked() -> bytes:
    lock = BestAvailableEncryption(b"hunter2")
    return ed25519_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def _curve() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public() -> bytes:
    return rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "is not a private key in PEM form"),
        (b"hello", "is not a private key in PEM form"),
        (_public(), "is not a private key in PEM form"),
        (pem_of(rsa_key())[:600], "is not a private key in PEM form"),
        (_locked(), "is locked with a passphrase"),
        (_curve(), "is neither an RSA nor an Ed25519 key"),
    ],
    ids=["empty", "words", "public", "cut", "locked", "another curve"],
)
def test_a_file_that_cannot_sign_is_told_without_its_contents(pem: bytes, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        Signer.of_pem(KEY_ID, pem)
    error = caught.value
    assert error.means
    assert error.do
    assert error.__suppress_context__ or error.__context__ is None
    for line in pem.decode().splitlines():
        assert len(line) < 10 or line not in str(error)


def test_a_signer_does_not_show_its_key() -> None:
    assert KEY_ID not in repr(rsa_signer())


@pytest.mark.parametrize("off", [-61 * SECOND, 0, 3_600 * SECOND])
def test_a_clock_that_is_off_is_learned_from_the_exchange(off: Nanos) -> None:
    signer = rsa_signer()
    now = 1_795_000_000 * SECOND - off
    assert signer.learn(DATE, now)
    stamp = int(signer.headers("GET", PATH, now)["KALSHI-ACCESS-TIMESTAMP"])
    assert abs(stamp - 1_795_000_000_000) <= 500


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Wed, 18 Nov 2026 11:06:40",
        "0",
        "Wed, 18 Nov 99999999999999999999 11:06:40 GMT",
        "Wed, 18 Nov 2026 11:06:40 +9999999999999999",
    ],
)
def test_no_date_teaches_nothing(date: str) -> None:
    signer = rsa_signer()
    assert not signer.learn(date, NOW)
    assert signer.offset == 0


def test_the_age_of_a_kept_answer_counts() -> None:
    fresh, kept = (offset_told(DATE, NOW, age) for age in ("", "15"))
    assert fresh is not None
    assert kept == fresh + 15 * SECOND
    for nonsense in ("-3", "9" * 400, "9" * 5_000):
        assert offset_told(DATE, NOW, nonsense) == fresh
