"""Custom domain names: which stage answers under which name and base path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.errors import AppError
from apigw_tui.sources.calls import Call
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.limiter import Priority
from apigw_tui.sources.stages import rest_items, v2_items

if TYPE_CHECKING:
    from apigw_tui.sources.session import Aws

MOST_DOMAINS: Final = 40
"""Each costs a call, of which there are four a second."""
_NO_BASE_PATH: Final = "(none)"


@dataclass(frozen=True)
class CustomDomains:
    """Names with base paths, as `api.example.com/orders`, by the scope `{api_id}/{stage}` that they lead to.

    `error` is why some are not known.
    """

    by_scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    error: AppError | None = None

    def of(self, scope: str) -> tuple[str, ...]:
        """The names of one stage, in order."""
        return self.by_scope.get(scope, ())


def read_domains(aws: Aws, *, stop: StopFlag, priority: Priority = Priority.PREFETCH) -> CustomDomains:
    """All custom domain names of the region and where they lead, as far as AWS lets us see. Never raises."""
    errors: list[AppError] = []
    names: dict[str, None] = {}
    for service, key in (("apigatewayv2", "DomainName"), ("apigateway", "domainName")):
        call = Call(service, "get_domain_names", "list the custom domain names")  # type: ignore[arg-type]
        items = v2_items if service == "apigatewayv2" else rest_items
        try:
            names.update((item[key], None) for item in items(aws, call, stop=stop, priority=priority))
        except AppError as error:
            errors.append(error)
    found: dict[str, list[str]] = {}
    for domain in list(names)[:MOST_DOMAINS]:
        try:
            for path, scope in mappings_of(aws, domain, stop=stop, priority=priority):
                found.setdefault(scope, []).append(f"{domain}/{path}" if path else domain)
        except AppError as error:
            errors.append(error)
    if len(names) > MOST_DOMAINS:
        message = f"{len(names) - MOST_DOMAINS} of {len(names)} custom domain names were not looked up."
        errors.append(AppError(message, "Each costs one of the few calls that API Gateway allows; TARGET may name it."))
    by_scope = {scope: tuple(sorted(paths)) for scope, paths in found.items()}
    return CustomDomains(by_scope, errors[0] if errors else None)


def mappings_of(
    aws: Aws, domain: str, *, stop: StopFlag, priority: Priority = Priority.VISIBLE
) -> Iterator[tuple[str, str]]:
    """Base path (empty for none) and scope of each mapping of a domain. Raises AppError.

    API mappings know all kinds of APIs; the older base path mappings are asked where they cannot be told, as
    for edge-optimised domains.
    """
    call = Call("apigatewayv2", "get_api_mappings", f"read the mappings of {domain}", {"DomainName": domain})
    try:
        mappings = list(v2_items(aws, call, stop=stop, priority=priority))
    except AppError as error:
        if kind_of(error) in (FailureKind.NETWORK, FailureKind.EXPIRED, FailureKind.CREDENTIALS):
            raise
        mappings = []
    if mappings:
        for item in mappings:
            yield item.get("ApiMappingKey") or "", f"{item['ApiId']}/{item['Stage']}"
        return
    call = Call("apigateway", "get_base_path_mappings", f"read the mappings of {domain}", {"domainName": domain})
    for item in rest_items(aws, call, stop=stop, priority=priority):
        path = item.get("basePath") or ""
        # A mapping without stage leaves it to the path of each request.
        if item.get("stage"):
            yield "" if path == _NO_BASE_PATH else path, f"{item['restApiId']}/{item['stage']}"
