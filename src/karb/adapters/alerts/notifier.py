"""Tells a person away from the terminal: signals on request, and what cannot wait.

A message goes out from a thread of its own, because the services behind Apprise block for
seconds and nothing that decides may wait for them. A person reads a few messages and not a
thousand: past a number a minute they are counted, and the next one that goes out says how
many were held back.
"""

import logging
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from karb.domain.units import SECOND, Nanos
from karb.errors import ConfigError

Send = Callable[[str, str], bool]
"""Title and text; whether it was delivered. A network that is gone may be an `OSError`."""

MOST = 10
"""Messages a minute."""
MINUTE: Nanos = 60 * SECOND
LINGER = 5.0
"""Seconds that the end of the process waits for what is still to be sent."""


class Notifier:
    """An `Alarm`. `failed` counts messages that were not delivered, `held` those held back.

    `clock` is one that nobody sets: the minute is measured by it.
    """

    def __init__(self, send: Send, *, clock: Callable[[], Nanos]) -> None:
        self._send, self._clock = send, clock
        self._waiting: SimpleQueue[tuple[str, str] | None] = SimpleQueue()
        self._sent: deque[Nanos] = deque(maxlen=MOST)
        self.failed = self.held = 0
        self._held_since = 0
        self._thread = Thread(target=self._deliver, name="notify", daemon=True)
        self._thread.start()

    def raise_alarm(self, what: str, means: str, do: str) -> None:
        """Three sentences: what happened, what it means for the money, what to do."""
        self.tell(f"karb: {what}", f"{means}\n{do}")

    def tell(self, title: str, text: str) -> None:
        """Send one message, unless there were too many in the last minute."""
        now = self._clock()
        if len(self._sent) == MOST and now - self._sent[0] < MINUTE:
            self.held += 1
            self._held_since += 1
            return
        self._sent.append(now)
        if self._held_since:
            text = f"{text}\n({self._held_since} messages before this one were held back)"
            self._held_since = 0
        self._waiting.put((title, text))

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._waiting.put(None)
        self._thread.join(LINGER)

    def _deliver(self) -> None:
        while (message := self._waiting.get()) is not None:
            try:
                delivered = self._send(*message)
            except OSError:
                delivered = False
            self.failed += not delivered


def apprise_sender(url: str) -> Send:
    """Delivery by Apprise. `ConfigError` without the package or for a URL it does not know.

    The URL holds a secret and is in no message.
    """
    try:
        from apprise import Apprise
    except ModuleNotFoundError:
        raise ConfigError(
            "--notify needs the package apprise",
            means="nobody would be told",
            do="pip install 'karb[notify]'",
        ) from None
    for library in ("apprise", "urllib3"):  # they log the address: at DEBUG, and when it is away
        logging.getLogger(library).setLevel(logging.CRITICAL)
    service = Apprise()
    if not service.add(url):
        raise ConfigError(
            "KARB_NOTIFY_URL is not an address that Apprise knows",
            means="nobody would be told",
            do="write it in Apprise's notation, such as ntfy://topic or tgram://token/chat",
        )

    def send(title: str, text: str) -> bool:
        return bool(service.notify(title=title, body=text))

    return send
