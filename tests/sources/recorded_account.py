"""A small AWS account for the tests: log groups filled by hand, and APIs as the control plane tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.feed import ACCOUNT_ID, GroupInfo, LogFeed, LoggedEvent
from apigw_tui.emulator.paging import Paging
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.emulator.wire import ServiceError
from apigw_tui.sources.session import Aws, AwsSettings
from tests.sources.virtual_time import START, VirtualTime

EVENT_ID_BITS = 144


class RecordedAccount:
    """A log feed and a control plane of what was put into it."""

    def __init__(self) -> None:
        self._groups: dict[str, list[LoggedEvent]] = {}
        self._count = 0
        self.rest: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self.v2: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
        self.resources: list[dict[str, Any]] = []
        self.authorizers: list[dict[str, Any]] = []
        self.routes: list[dict[str, Any]] = []
        self.integrations: list[dict[str, Any]] = []
        self.rest_domains: dict[str, list[dict[str, Any]]] = {}
        self.v2_domains: dict[str, list[dict[str, Any]]] = {}
        self.group_classes: dict[str, str] = {}
        self.linked_groups: dict[str, str] = {}

    def add_group(self, name: str) -> None:
        self._groups.setdefault(name, [])

    def log(self, group: str, timestamp: int, message: str, *, lag: int = 3_000, stream: str = "stream") -> str:
        """An event that becomes readable `lag` ms after its timestamp; returns its ID."""
        self._count += 1
        event_id = f"{(timestamp << EVENT_ID_BITS) + self._count:056d}"
        self.add_group(group)
        self._groups[group].append(LoggedEvent(timestamp, timestamp + lag, event_id, stream, message))
        self._groups[group].sort(key=lambda event: (event.timestamp, event.event_id))
        return event_id

    def groups(self) -> Sequence[GroupInfo]:
        """Those of `linked_groups` belong to the account named there, those of `group_classes` are of that class."""
        return [
            GroupInfo(
                name,
                START - 86_400_000,
                14,
                self.group_classes.get(name, "STANDARD"),
                self.linked_groups.get(name, ACCOUNT_ID),
            )
            for name in self._groups
        ]

    def events(self, log_group: str, start: int, end: int) -> Sequence[LoggedEvent]:
        name = log_group.rpartition("log-group:")[2]
        return [event for event in self._groups.get(name, ()) if start <= event.timestamp <= end]

    def rest_apis(self) -> list[dict[str, Any]]:
        return [{"id": api_id, "name": name} for api_id, (name, _) in self.rest.items()]

    def rest_stages(self, api_id: str) -> list[dict[str, Any]]:
        return self.rest[api_id][1] if api_id in self.rest else []

    def rest_resources(self, api_id: str) -> list[dict[str, Any]]:
        return self.resources if api_id in self.rest else []

    def rest_authorizers(self, api_id: str) -> list[dict[str, Any]]:
        return self.authorizers if api_id in self.rest else []

    def account(self) -> dict[str, Any]:
        return {}

    def v2_apis(self) -> list[dict[str, Any]]:
        return [api for api, _ in self.v2.values()]

    def v2_stages(self, api_id: str) -> list[dict[str, Any]]:
        return self.v2[api_id][1] if api_id in self.v2 else []

    def v2_routes(self, api_id: str) -> list[dict[str, Any]]:
        return self.routes if api_id in self.v2 else []

    def v2_integrations(self, api_id: str) -> list[dict[str, Any]]:
        return self.integrations if api_id in self.v2 else []

    def v2_authorizers(self, api_id: str) -> list[dict[str, Any]]:
        return self.authorizers if api_id in self.v2 else []

    def domain_names(self) -> list[dict[str, Any]]:
        return [{"domainName": name} for name in self.rest_domains]

    def base_path_mappings(self, domain: str) -> list[dict[str, Any]]:
        return self.rest_domains.get(domain, [])

    def v2_domain_names(self) -> list[dict[str, Any]]:
        return [{"DomainName": name} for name in self.v2_domains]

    def v2_api_mappings(self, domain: str) -> list[dict[str, Any]]:
        return self.v2_domains.get(domain, [])


class Refusals:
    """Makes the endpoint refuse operations for as long as they are listed."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.left: int | None = None

    def __call__(self, operation: str) -> None:
        code = self.codes.get(operation)
        if code is None or self.left == 0:
            return
        if self.left is not None:
            self.left -= 1
        raise ServiceError(code, f"{operation} was refused", status=400)


@contextmanager
def served(
    account: RecordedAccount,
    time: VirtualTime,
    *,
    refusals: Callable[[str], None] | None = None,
    paging: Paging | None = None,
    feed: LogFeed | None = None,
    conditions: Conditions | None = None,
) -> Iterator[Aws]:
    """The account behind real HTTP on loopback, at virtual time; `feed` has the events instead of the account."""
    with EmulatorServer(
        feed or account,
        account,
        clock=time.now,
        before=refusals,
        paging=paging,
        conditions=conditions,
        advance=time.advance,
    ) as server:
        yield Aws(AwsSettings.for_emulator(server.url), clock=time.now)
