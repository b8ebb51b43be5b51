"""What can go wrong with a call: refusals, broken connections, strange pages; when, how often, with which calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from apigw_tui.emulator.feed import ACCOUNT_ID, REGION


@dataclass(frozen=True)
class Refusal:
    """The service answers with an error."""

    code: str
    message: str
    status: int = 400


class Breakage(Enum):
    """What happens to an answer on its way."""

    RESET_BEFORE = "the connection is reset instead"
    RESET_DURING = "the connection is reset when half of it is sent"
    STALL = "it is not sent while the fault lasts; the call was carried out"
    MALFORMED = "its body ends in the middle of a JSON value; boto3 takes that for an answer with nothing in it"


class PageFault(Enum):
    """What is odd about a page of FilterLogEvents. Nothing is lost to a client that reads on as AWS says.

    The first three hit the same place of the same request once only: paging comes to its end.
    """

    EMPTY = "no events, but a token"
    SAME_TOKEN = "no events, and the token that the client sent"  # noqa: S105 - no secret
    REPEATED = "the events come again with the next page"
    PARTIAL = "a few events, and a token"
    DOUBLED = "every third event is in it twice"
    OVERLAPPING = "the next page begins with its last events"


Effect = Refusal | Breakage | PageFault


@dataclass(frozen=True)
class Fault:
    """An effect, and the calls that it hits.

    `operations`: none means all. `about`: only calls whose body or URL holds this text, such as a group's name.
    `since` … `until` by the endpoint's clock (ms), the latter exclusive. The first `after_calls` of the calls
    that fit are spared, at most `times` are hit, each with a chance of `share`.
    """

    effect: Effect
    operations: tuple[str, ...] = ()
    about: str = ""
    since: int | None = None
    until: int | None = None
    after_calls: int = 0
    times: int | None = None
    share: float = 1.0

    def fits(self, operation: str, text: str, now: int) -> bool:
        """Whether the call is one of those that it may hit."""
        if self.operations and operation not in self.operations:
            return False
        return self.about in text and self.lasts(now)

    def lasts(self, now: int) -> bool:
        """Whether it is its time."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


EXPIRED_TOKEN: Final = Refusal("ExpiredTokenException", "The security token included in the request is expired")
UNKNOWN_KEY: Final = Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
THROTTLED: Final = Refusal("ThrottlingException", "Rate exceeded")
SERVER_ERROR: Final = Refusal("InternalFailure", "The request processing has failed.", 500)
UNAVAILABLE: Final = Refusal("ServiceUnavailableException", "The service cannot complete the request.", 503)


def access_denied(operation: str, *, resource: str = "*", service: str = "logs", status: int = 400) -> Refusal:
    """The refusal of one action; `resource` is the ARN in its sentence, or a log group's name."""
    arn = resource if resource == "*" or resource.startswith("arn:") else _group_arn(resource)
    user = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/session"
    message = f"User: {user} is not authorized to perform: {service}:{operation} on resource: {arn}"
    return Refusal("AccessDeniedException", message, status)


def _group_arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{name}:log-stream:"
