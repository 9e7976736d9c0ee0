"""The search for secrets finds each spelling of one; a search that cannot find proves nothing."""

import base64
import json
from pathlib import Path

import pytest

from canary import Canaries, Hit, Process, spellings
from kalshi_keys import pem_of, rsa_key

SECRET = "c4n4ry0123456789/p@:?#&=+ '\"\\fedcba9876543210ö%zz>>>???"  # noqa: S105 - it opens nothing
CANARIES = Canaries({"planted": SECRET})


@pytest.mark.parametrize("way", spellings(SECRET))
def test_every_spelling_is_found_wherever_it_is_planted(tmp_path: Path, way: str) -> None:
    planted = b"... " + spellings(SECRET)[way] + b" ..."
    (tmp_path / "log").write_bytes(planted)
    assert Hit("log", "planted", way) in CANARIES.in_files(tmp_path)
    in_arguments = CANARIES.in_processes([Process("server", planted, b"")])
    in_environment = CANARIES.in_processes([Process("server", b"", planted)])
    assert Hit("command line of server", "planted", way) in in_arguments
    assert Hit("environment of server", "planted", way) in in_environment


@pytest.mark.parametrize("before", ["", "u", "us"])
@pytest.mark.parametrize("after", ["", "e", "nd"])
def test_a_secret_is_found_inside_any_base64(before: str, after: str) -> None:
    text = f"{before}{SECRET}{after}".encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes):
        hits = CANARIES.in_bytes("header", encode(text))
        assert any("base64 of raw" in hit.spelling for hit in hits)


def test_a_secret_is_found_in_a_files_name(tmp_path: Path) -> None:
    (tmp_path / "c4n4ry0123456789").touch()
    assert CANARIES.in_files(tmp_path) == [Hit("a file's name", "planted", "piece 0")]


def test_a_secret_is_found_in_wide_letters_and_among_zeros() -> None:
    column = bytes(512) + SECRET.encode("utf-16-le") + bytes(512)
    assert CANARIES.in_bytes("column", column) != []


def test_every_line_of_a_key_is_found() -> None:
    pem = pem_of(rsa_key()).decode()
    canaries, lines = Canaries({}, pem), pem.splitlines()[1:-1]
    assert all(canaries.in_text("log", json.dumps([line])) for line in lines)
    assert all(canaries.in_bytes("memory", base64.b64decode(line)) for line in lines)
    assert canaries.in_text("log", pem.splitlines()[0]) == []


@pytest.mark.parametrize("text", ["", "canary c4n4ry", "redis://:****@host", SECRET[:10]])
def test_what_is_no_secret_is_not_found(text: str) -> None:
    assert CANARIES.in_text("log", text) == []
