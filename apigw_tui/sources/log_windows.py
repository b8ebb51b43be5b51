"""Reading one span of one log group by FilterLogEvents, page by page.

No boto3 paginator: it gives up when CloudWatch answers the same token twice, and an empty page with a token
is not the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.core.stage import EXECUTION_GROUP_PREFIX
from apigw_tui.sources.calls import Call, perform
from apigw_tui.sources.events_page import EventsPage
from apigw_tui.sources.failures import AwsError, FailureKind

if TYPE_CHECKING:
    from apigw_tui.sources.limiter import Priority
    from apigw_tui.sources.session import Aws

STUCK_PAGES: Final = 100
"""So many empty pages with the same token in a row are no progress any more."""

# What can stand in a quoted term; IDs come from the log and so from strangers.
_QUOTABLE: Final = re.compile(r"[\w=+/.:-]{8,128}")


@dataclass(frozen=True)
class FollowedGroup:
    """A log group that is read, and the scope that its events get. `arn` when it was named by ARN."""

    name: str
    scope: str = ""
    arn: str | None = None

    @classmethod
    def bare(cls, name: str, arn: str | None = None) -> FollowedGroup:
        """A group named by itself; an execution group still tells its stage."""
        scope = name.removeprefix(EXECUTION_GROUP_PREFIX) if name.startswith(EXECUTION_GROUP_PREFIX) else ""
        return cls(name, scope, arn)


@dataclass(frozen=True)
class Window:
    """A span of a group or of one stream, both ends inclusive in ms; with a pattern only what matches it."""

    group: FollowedGroup
    start: int
    end: int
    pattern: str | None = None
    stream: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Of FilterLogEvents; its endTime is inclusive."""
        named = {"logGroupIdentifier": self.group.arn} if self.group.arn else {"logGroupName": self.group.name}
        pattern = {"filterPattern": self.pattern} if self.pattern else {}
        stream = {"logStreamNames": [self.stream]} if self.stream else {}
        return {**named, **stream, **pattern, "startTime": max(0, self.start), "endTime": max(0, self.end)}


def quoted(identifier: str) -> str | None:
    """The filter pattern for an ID; None for text that is no ID or could break out of the quotes."""
    return f'"{identifier}"' if _QUOTABLE.fullmatch(identifier) else None


class WindowReader:
    """The pages of one window; may be left and taken up again between any two of them."""

    def __init__(self, aws: Aws, window: Window, priority: Priority) -> None:
        self.window = window
        self.done = False
        self._aws = aws
        self._priority = priority
        self._token: str | None = None
        self._stuck = 0

    def next_page(self, stop: StopFlag) -> EventsPage | None:
        """The next page, possibly empty; None when stopped. Raises AppError and can be asked again."""
        token = {"nextToken": self._token} if self._token else {}
        name = self.window.group.name
        call = Call("logs", "filter_log_events", f"read {name}", {**self.window.parameters, **token}, log_group=name)
        answer = perform(self._aws, call, stop=stop, priority=self._priority)
        if answer is None:
            return None
        page = EventsPage.from_answer(answer)
        self._advance(page)
        return page

    def _advance(self, page: EventsPage) -> None:
        self.done = page.next_token is None
        moved = bool(page.events) or page.next_token != self._token
        self._stuck = 0 if moved else self._stuck + 1
        self._token = page.next_token
        if self._stuck >= STUCK_PAGES:
            name = self.window.group.name
            raise AwsError(
                FailureKind.SERVICE,
                f"Could not read {name}: CloudWatch answers the same empty page again and again.",
                "Try a shorter range with --since and --until.",
            )
