"""A Valkey of one test's own, to be killed, stopped and emptied."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from karb.adapters.embedded.valkey import valkey_answers, valkey_program


class OwnValkey:
    """Keeps nothing on disk: one that was killed comes back empty."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        self.socket = folder / "v.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        argv = [str(valkey_program()), "--port", "0", "--dir", str(self._folder), "--save", ""]
        argv += ["--unixsocket", str(self.socket), *self._options]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not valkey_answers(self.socket):
            assert time.monotonic() < end, "it does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """Gone, as by a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """It hangs: takes connections, answers nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """It hangs no more."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def ask(self, *command: Any) -> Any:
        """One command and its answer, as text."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*command)

    def raw(self, *command: Any) -> Any:
        """The same as bytes."""
        with redis.Redis.from_url(self.url) as client:
            return client.execute_command(*command)


def free_port() -> int:
    """A port of the loopback that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def certificate(folder: Path) -> Path:
    """A certificate for localhost that vouches for itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return path


@contextmanager
def own_valkey(folder: Path, *options: str) -> Iterator[OwnValkey]:
    """A running one, gone afterwards."""
    server = OwnValkey(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
