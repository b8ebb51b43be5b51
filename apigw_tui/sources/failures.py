"""What AWS, the network or the machine refused, as one sentence and the next thing to type.

Exceptions are told apart by class name, so that nothing of botocore or urllib3 is imported for it; names that
both use (ReadTimeoutError, SSLError …) mean the same.
"""

from __future__ import annotations

from typing import Final

from apigw_tui.errors import AppError, ExitCode
from apigw_tui.sources.failure_terms import FailureContext, FailureKind, Finding, one_clause
from apigw_tui.sources.local_failures import RULES, unexpected
from apigw_tui.sources.service_refusals import error_code

__all__ = ["PASSING", "AwsError", "FailureContext", "FailureKind", "error_code", "explain", "kind_of"]

_EXIT_CODES: Final = {
    FailureKind.EXPIRED: ExitCode.CREDENTIALS,
    FailureKind.CREDENTIALS: ExitCode.CREDENTIALS,
    FailureKind.DENIED: ExitCode.CREDENTIALS,
    FailureKind.NETWORK: ExitCode.NETWORK,
    FailureKind.CONFIG: ExitCode.USAGE,
}

PASSING: Final = frozenset({FailureKind.EXPIRED, FailureKind.THROTTLED, FailureKind.NETWORK, FailureKind.SERVICE})
"""Kinds that may go away by waiting or by logging in again."""


class AwsError(AppError):
    """A failed call to AWS; `kind` says whether trying again can help."""

    def __init__(self, kind: FailureKind, message: str, hint: str) -> None:
        super().__init__(message, hint, exit_code=_EXIT_CODES.get(kind, ExitCode.FAILED))
        self.kind = kind


def explain(exc: BaseException, *, action: str, context: FailureContext) -> AppError:
    """Put an exception of botocore, urllib3 or the OS into one sentence.

    `action` completes "Could not …", e.g. `list the stages`.
    """
    if isinstance(exc, AppError):
        return exc
    finding = _find(exc, context)
    return AwsError(finding.kind, f"Could not {action}: {one_clause(finding.clause)}.", finding.hint)


def kind_of(exc: BaseException) -> FailureKind:
    """The kind of any exception."""
    if isinstance(exc, AwsError):
        return exc.kind
    return _find(exc, FailureContext()).kind


def _find(exc: BaseException, context: FailureContext) -> Finding:
    for parent in type(exc).__mro__:
        rule = RULES.get(parent.__name__)
        if rule is not None:
            return rule(exc, context)
    return unexpected(exc, context)
