"""The private key's file: whether it may be used, before anything tries to sign with it.

Nothing is imported for it and the key itself is never shown. A file that others can read or
replace, a link, another user's file, a public or encrypted key: each is one `ConfigError`.
"""

import base64
import binascii
import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from karb.errors import ConfigError

MAX_BYTES = 1 << 16
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----\s+(.*?)\s*-----END \1-----", re.DOTALL)
_KINDS = {
    bytes.fromhex("06092a864886f70d010101"): "RSA",
    bytes.fromhex("06032b6570"): "Ed25519",
}
"""Object identifiers as they stand near the beginning of a PKCS #8 key."""


class KeyFile(NamedTuple):
    """A key that may be used: `kind` is `RSA` or `Ed25519`, `pem` what was checked."""

    kind: str
    pem: bytes

    def __repr__(self) -> str:
        """Its kind; the key itself stands in no log and no traceback."""
        return f"KeyFile({self.kind})"


def key_path(text: str) -> Path:
    """KALSHI_PRIVATE_KEY_PATH as a path, `~` written out."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ConfigError(
            f"KALSHI_PRIVATE_KEY_PATH ({text}) begins with ~, and there is no home folder to it",
            means="karb cannot sign requests, so it gets no prices",
            do="write the whole path",
        ) from None


def key_kind(path: Path, user: int) -> str:
    """`RSA` or `Ed25519`, for a file that belongs to `user` and that only he can read."""
    return read_key(path, user).kind


def read_key(path: Path, user: int) -> KeyFile:
    """The key of such a file, read once: what signs is what was checked."""
    pem = _guarded(path, user)
    return KeyFile(_kind(path, pem.decode("ascii", errors="replace")), pem)


def _kind(path: Path, text: str) -> str:
    match = _PEM.search(text)
    if match is None:
        raise _unfit(path, "is not a PEM file", "download the key again, as a .pem file")
    label, body = match.groups()
    if label == "RSA PRIVATE KEY" and "ENCRYPTED" not in body:
        return "RSA"
    if "ENCRYPTED" in label or "ENCRYPTED" in body:
        raise _unfit(path, "is encrypted", f"openssl pkey -in {path} -out plain.pem")
    if label != "PRIVATE KEY":
        raise _unfit(path, f"holds a {label.lower()}", "name the file with the private key")
    return _pkcs8(path, body)


def _pkcs8(path: Path, body: str) -> str:
    try:
        start = base64.b64decode("".join(body.split()), validate=True)[:40]
    except binascii.Error:
        raise _unfit(path, "is damaged", "download the key again") from None
    for identifier, kind in _KINDS.items():
        if identifier in start:
            return kind
    raise _unfit(path, "is neither an RSA nor an Ed25519 key", "make a new key at Kalshi")


def _guarded(path: Path, user: int) -> bytes:
    """The file's content, after the checks on the file that was opened, not on its name."""
    try:
        # NONBLOCK: a pipe under that name must not make karb wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise _unfit(path, "is a link", "name the file itself") from None
        raise _unfit(path, f"cannot be opened: {error.strerror}", "check the path") from error
    try:
        _safe(path, os.fstat(handle), user)
        return os.read(handle, MAX_BYTES)
    finally:
        os.close(handle)


def _safe(path: Path, status: os.stat_result, user: int) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        raise _unfit(path, "is not a regular file", "name the .pem file")
    if status.st_uid != user:
        raise _unfit(path, "belongs to another user", f"chown $(id -u) {path}")
    if mode & 0o177:
        raise _unfit(path, f"has mode {mode:04o}: others may read it", f"chmod 600 {path}")
    parent = path.resolve().parent.stat()
    if parent.st_mode & 0o022 and not parent.st_mode & stat.S_ISVTX:
        raise _unfit(path, "lies in a folder where others may write", f"chmod go-w {path.parent}")


def _unfit(path: Path, problem: str, do: str) -> ConfigError:
    return ConfigError(f"the key file {path} {problem}", means="karb will not sign with it", do=do)
