"""A private key's file: what may be signed with, and what is refused before it is tried."""

import os
import subprocess
from pathlib import Path

import pytest

from karb.config.keyfile import key_kind, read_key
from karb.errors import ConfigError

# Made for these tests: the beginning of a PKCS #8 key of each kind, and nothing that can sign.
RSA = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQAAAAAAAAAA"
ED25519 = "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
EC = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAA"


def pem(label: str, body: str) -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def key(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "key.pem"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


def refusal(path: Path, user: int | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        key_kind(path, os.getuid() if user is None else user)
    return str(refused.value)


@pytest.mark.parametrize(
    ("label", "body", "kind"),
    [
        ("PRIVATE KEY", RSA, "RSA"),
        ("RSA PRIVATE KEY", RSA, "RSA"),
        ("PRIVATE KEY", ED25519, "Ed25519"),
    ],
)
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_the_two_kinds_that_kalshi_takes(
    folder: Path, label: str, body: str, kind: str, mode: int
) -> None:
    assert key_kind(key(folder, pem(label, body), mode), os.getuid()) == kind


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not a PEM file"),
        ("just some words", "not a PEM file"),
        (pem("PUBLIC KEY", RSA), "public key"),
        (pem("CERTIFICATE", RSA), "certificate"),
        (pem("ENCRYPTED PRIVATE KEY", RSA), "encrypted"),
        (pem("RSA PRIVATE KEY", f"Proc-Type: 4,ENCRYPTED\n\n{RSA}"), "encrypted"),
        (pem("PRIVATE KEY", EC), "neither an RSA nor an Ed25519"),
        (pem("PRIVATE KEY", "not base64!"), "damaged"),
    ],
)
def test_another_content_is_refused(folder: Path, text: str, problem: str) -> None:
    assert problem in refusal(key(folder, text))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o700])
def test_a_file_that_others_may_read_is_refused(folder: Path, mode: int) -> None:
    path = key(folder, pem("PRIVATE KEY", RSA), mode)
    assert f"chmod 600 {path}" in refusal(path)


def test_another_users_file_is_refused(folder: Path) -> None:
    path = key(folder, pem("PRIVATE KEY", RSA))
    assert "another user" in refusal(path, user=os.getuid() + 1)


def test_a_link_a_pipe_a_folder_and_nothing_are_refused(folder: Path) -> None:
    path = key(folder, pem("PRIVATE KEY", RSA))
    link, pipe = folder / "link.pem", folder / "pipe.pem"
    link.symlink_to(path)
    os.mkfifo(pipe, 0o600)
    assert "is a link" in refusal(link)
    assert "not a regular file" in refusal(pipe)
    assert "not a regular file" in refusal(folder)
    assert "cannot be opened" in refusal(folder / "none.pem")


def test_a_folder_where_others_may_write_is_refused(folder: Path) -> None:
    path = key(folder, pem("PRIVATE KEY", RSA))
    folder.chmod(0o777)
    assert "others may write" in refusal(path)


def test_what_is_read_is_the_file_that_was_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key that takes the name in between is not the one that signs."""
    path, checked = key(folder, pem("PRIVATE KEY", RSA)), os.fstat
    content = path.read_bytes()

    def replaced(handle: int) -> os.stat_result:
        path.unlink()
        key(folder, pem("PRIVATE KEY", ED25519))
        return checked(handle)

    monkeypatch.setattr(os, "fstat", replaced)
    assert read_key(path, os.getuid()) == ("RSA", content)


def test_a_key_shows_itself_in_no_text(folder: Path) -> None:
    assert RSA not in repr(read_key(key(folder, pem("PRIVATE KEY", RSA)), os.getuid()))


def test_keys_as_openssl_makes_them(folder: Path) -> None:
    for algorithm, kind in (("RSA", "RSA"), ("ED25519", "Ed25519")):
        path = folder / f"{algorithm}.pem"
        made = subprocess.run(
            ["openssl", "genpkey", "-algorithm", algorithm, "-out", path],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"openssl cannot make a {algorithm} key here")
        path.chmod(0o600)
        assert key_kind(path, os.getuid()) == kind
