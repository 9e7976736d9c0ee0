"""QuestDB's HTTP port, where karb writes: whether it answers there and takes a password.

Without QuestDB's client, which takes a while to import: whoever starts a server of karb's own
asks here every few milliseconds.
"""

import urllib.error
import urllib.request
from base64 import b64encode
from http.client import HTTPException

from karb.errors import ConfigError, StoreDownError

MEANS = "history waits in karb's spool; nothing that decides needs it"

_PATIENCE = 2
"""Seconds; a person waits."""
_PAGE = 1 << 16
"""Bytes of an answer that are read: QuestDB's is a line."""


def takes_rows(host: str, port: int, user: str, password: str) -> None:
    """Return when a query is answered there. Raises `StoreDownError`, `ConfigError`."""
    word = b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{host}:{port}/exec?query=select%201", headers={"Authorization": f"Basic {word}"}
    )
    # A store stands in one's own network: no proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PATIENCE) as reply:
            known = b"dataset" in reply.read(_PAGE)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403):
            raise not_let_in() from None
        raise down(f"HTTP {error.code}", "QUESTDB_HTTP_PORT") from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise down(f"port {port}: {reason}", "QUESTDB_HTTP_PORT") from None
    if not known:
        raise down(f"something else answers at port {port}", "QUESTDB_HTTP_PORT")


def down(reason: str, setting: str) -> StoreDownError:
    """It does not answer; `setting` names where it was looked for."""
    return StoreDownError(
        f"QuestDB does not answer: {reason}", means=MEANS, do=f"start it, or check {setting}"
    )


def not_let_in() -> ConfigError:
    """It answers, and not to this password."""
    return ConfigError(
        "QuestDB does not let karb in: user or password is wrong",
        means=MEANS,
        do="check QUESTDB_PG_USER and QUESTDB_PG_PASSWORD",
    )
