"""`--notify`: signals to a person's phone, where the settings say how."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from karb.config.settings import Settings
from karb.domain.edge.signal import Signal
from karb.domain.units import cash_cents, cents, dollars
from karb.errors import ConfigError
from karb.wiring.clock import boot_time

Notify = Callable[[Signal], None]


@contextmanager
def notifying(settings: Settings, *, wanted: bool) -> Iterator[Notify]:
    """A taker of signals that tells a person; nobody where it is not wanted."""
    if not wanted:
        yield _nobody
        return
    if settings.karb_notify_url is None:
        raise ConfigError(
            "--notify needs KARB_NOTIFY_URL",
            means="nobody would be told",
            do="set it in .env, in Apprise's notation, such as ntfy://topic",
        )
    from karb.adapters.alerts.notifier import Notifier, apprise_sender

    notifier = Notifier(
        apprise_sender(settings.karb_notify_url.get_secret_value()), clock=boot_time
    )
    try:
        yield lambda signal: notifier.tell(title(signal), text(signal))
    finally:
        notifier.close()


def _nobody(_signal: Signal) -> None:
    """Nobody is told."""


def title(signal: Signal) -> str:
    """What to do, in one line: `BUY_YES Buffalo Bills at 48c, net 5.3c`."""
    price = "an unknown price" if signal.edge is None else cents(signal.edge.price)
    net = "unknown" if signal.net_edge is None else cash_cents(signal.net_edge)
    return f"{signal.action} {signal.listing.team} at {price}, net {net}"


def text(signal: Signal) -> str:
    """What stands behind it."""
    return (
        f"{signal.listing.ticker}: {signal.recommended_contracts} contracts, "
        f"{dollars(signal.risk_amount)} at risk, fair {cash_cents(signal.fair)}, "
        f"{signal.confidence_tier} confidence"
    )
