"""The exchange's REST answers about the account: its key, its limits, its cash and no more yet."""

from collections.abc import Callable

from aiohttp import web

from karb.sim.auth import Account
from karb.sim.limits import BALANCE, COSTS, DEFAULT_COST, Limits
from karb.sim.paging import RefusedError
from karb.sim.refusals import NOT_FOUND
from karb.sim.routes import Answer, Route, nothing
from karb.sim.units import SECOND, YEAR, rfc3339

_CASH = "10000.0000"


class AccountRest:
    """What only the account's key may ask for, and what requests cost everybody."""

    def __init__(self, account: Account, limits: Limits, now: Callable[[], int]) -> None:
        self._account, self._limits, self._now = account, limits, now

    def routes(self) -> list[Route]:
        """Every path."""
        own = {
            "/account/limits": self.limits,
            "/api_keys": self.api_keys,
            BALANCE: self.balance,
            "/portfolio/positions": self.positions,
            "/portfolio/fills": nothing("fills"),
            "/portfolio/orders": nothing("orders"),
            "/portfolio/orders/queue_positions": self.queue_positions,
            "/portfolio/orders/{order}": self.order,
            "/portfolio/orders/{order}/queue_position": self.order,
            "/portfolio/settlements": nothing("settlements"),
            "/portfolio/summary/total_resting_order_value": self.resting,
            "/historical/fills": nothing("fills"),
            "/historical/orders": nothing("orders"),
        }
        return [
            Route("/account/endpoint_costs", self.costs),
            Route("/exchange/user_data_timestamp", self.as_of),
            *(Route(path, handler, signed=True) for path, handler in own.items()),
        ]

    def costs(self, _: web.Request) -> Answer:
        """What a request costs, and the paths that cost something else."""
        others = [{"method": "GET", "path": path, "cost": cost} for path, cost in COSTS.items()]
        return {"default_cost": DEFAULT_COST, "endpoint_costs": others}

    def as_of(self, _: web.Request) -> Answer:
        """Until when the account's data are complete: now, nothing here lags."""
        return {"as_of_time": rfc3339(self._now())}

    def limits(self, _: web.Request) -> Answer:
        """The account's tier, which is enforced."""
        tier = self._limits.tier
        return {
            "usage_tier": tier.name,
            "read": {"bucket_capacity": tier.read, "refill_rate": tier.read},
            "write": {"bucket_capacity": tier.write, "refill_rate": tier.write},
            "grants": [],
        }

    def api_keys(self, _: web.Request) -> Answer:
        """The one key."""
        key = {"api_key_id": self._account.key_id, "name": "sim", "scopes": ["read", "write"]}
        return {
            "api_keys": [key],
            "api_key_region_expiration_ts": (self._now() + YEAR) // SECOND,
        }

    def balance(self, _: web.Request) -> Answer:
        """The account's cash."""
        return {
            "balance": 1_000_000,
            "balance_dollars": _CASH,
            "balance_breakdown": [{"balance": _CASH, "exchange_index": 0}],
            "portfolio_value": 0,
            "updated_ts": self._now() // SECOND,
        }

    def positions(self, _: web.Request) -> Answer:
        """None yet."""
        return {"market_positions": [], "event_positions": [], "cursor": ""}

    def queue_positions(self, _: web.Request) -> Answer:
        """Of no order."""
        return {"queue_positions": []}

    def order(self, _: web.Request) -> Answer:
        """There is none."""
        raise RefusedError(NOT_FOUND)

    def resting(self, _: web.Request) -> Answer:
        """Nothing rests."""
        nothing_rests = {"balance": "0.0000", "exchange_index": 0}
        return {"total_resting_order_value": 0, "resting_order_value_breakdown": [nothing_rests]}
