"""Which functions a stage calls, as the settings of its API say. Each API is asked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event as StopFlag
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from apigw_tui.sources.api_calls import ANY, ApiCalls, RouteKey, calls_of_api, function_name

if TYPE_CHECKING:
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.session import Aws


@dataclass(frozen=True)
class StageFunctions:
    """The names of the functions behind a stage; empty where nothing is known.

    `routes` has the API's routes with their functions, None for what is no function. `authorizers` are those
    that some route asks.
    """

    routes: Mapping[RouteKey, str | None] = field(default_factory=dict)
    authorizers: tuple[str, ...] = ()

    def of(self, method: str | None, route: str | None) -> str | None:
        """The function behind a route; None where there is none or it is not known."""
        return next((self.routes[key] for key in _keys(method, route) if key in self.routes), None)

    def knows(self, method: str | None, route: str | None) -> bool:
        """Whether the API has this route."""
        return any(key in self.routes for key in _keys(method, route))

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, each once: first the one with the most routes, authorizers last."""
        counted = Counter(name for name in self.routes.values() if name)
        ranked = sorted(counted, key=lambda name: (-counted[name], name))
        return tuple(dict.fromkeys((*ranked, *self.authorizers)))


def functions_of(aws: Aws, stage: Stage, *, stop: StopFlag | None = None) -> StageFunctions:
    """What the stage calls, as far as AWS lets us see. Never raises.

    API Gateway tells the present settings of the API, which may be newer than what is deployed.
    """
    with _lock:
        directory = _directories.setdefault(aws, _Directory())
    return _of_stage(directory.calls_of(aws, stage, stop or StopFlag()), stage.name)


def _of_stage(calls: ApiCalls, name: str) -> StageFunctions:
    variables = calls.variables.get(name, {})
    named = {key: (uri, function_name(uri, variables) if uri else None) for key, uri in calls.routes.items()}
    # A URI that a variable completes may well be a function's.
    routes = {key: name for key, (uri, name) in named.items() if name or not uri or "${" not in uri}
    asked = (function_name(uri, variables) for uri in calls.authorizers)
    return StageFunctions(routes, tuple(dict.fromkeys(name for name in asked if name)))


def _keys(method: str | None, route: str | None) -> tuple[RouteKey, ...]:
    return () if route is None else ((method or ANY, route), (ANY, route))


class _Directory:
    """What is known of the APIs of one session, which it does not keep alive."""

    def __init__(self) -> None:
        self._apis: dict[str, ApiCalls] = {}
        self._lock = Lock()

    def calls_of(self, aws: Aws, stage: Stage, stop: StopFlag) -> ApiCalls:
        """What the stage's API calls; who comes while it is being asked waits for the answer."""
        with self._lock:
            calls = self._apis.get(stage.api_id)
            if calls is None:
                calls = calls_of_api(aws, stage, stop)
                if calls.is_settled:
                    self._apis[stage.api_id] = calls
            return calls


_lock: Final = Lock()
_directories: Final[WeakKeyDictionary[Aws, _Directory]] = WeakKeyDictionary()
