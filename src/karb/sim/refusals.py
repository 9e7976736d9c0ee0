"""How the two venues say no, body for body.

The exchange wraps an error or, for what its parser refuses, does not; 429 is a bare word. The
odds source has one shape, and tells by `error_code` what its status does not.
"""

from typing import Any, NamedTuple


class Refusal(NamedTuple):
    """An answer that is not the one asked for."""

    status: int
    body: dict[str, Any]


def refused(status: int, code: str, *, message: str = "", details: str = "") -> Refusal:
    """The exchange's usual shape."""
    error = {"code": code, "message": message or code}
    return Refusal(status, {"error": error | ({"details": details} if details else {})})


def unauthorized(code: str, *, message: str = "", details: str = "") -> Refusal:
    """401: who asks is not known, or not believed."""
    return refused(401, code, message=message, details=details)


def bad_request(details: str) -> Refusal:
    """400, in the shape of the exchange's parser."""
    return Refusal(400, {"code": "bad_request", "message": "bad request", "details": details})


NOT_FOUND = refused(404, "not_found", message="not found")
TOO_MANY = Refusal(429, {"error": "too many requests"})
INTERNAL = refused(500, "internal_server_error", message="internal server error")
UNAVAILABLE = refused(503, "service_unavailable", message="service unavailable")
BAD_STATUS = refused(400, "invalid_status_filter", message="invalid status filter")

_CODES = "https://the-odds-api.com/liveapi/guides/v4/api-error-codes.html"


def odds_refused(status: int, code: str, message: str) -> Refusal:
    """The odds source's shape."""
    anchor = code.lower().replace("_", "-")
    body = {"message": message, "error_code": code, "details_url": f"{_CODES}#{anchor}"}
    return Refusal(status, body)


MISSING_KEY = odds_refused(401, "MISSING_KEY", "API key is missing")
INVALID_KEY = odds_refused(401, "INVALID_KEY", "API key is not valid. Check the API key")
OUT_OF_CREDITS = odds_refused(
    401,
    "OUT_OF_USAGE_CREDITS",
    "Usage quota has been reached. See usage plans at https://the-odds-api.com",
)
TOO_FREQUENT = odds_refused(
    429, "EXCEEDED_FREQ_LIMIT", "Requests are too frequent. Slow the requests down and try again"
)
UNKNOWN_SPORT = odds_refused(404, "UNKNOWN_SPORT", "Unknown sport")
