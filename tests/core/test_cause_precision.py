"""Which failing requests more lines may explain."""

from __future__ import annotations

import polars as pl
import pytest

from apigw_tui.core.cause_precision import is_unexplained
from apigw_tui.core.diagnosis_rules import FIELD_RULES, VARIABLES, FieldRule, Precision
from apigw_tui.core.schema import REQUESTS


def unexplained(status: int | None, cause: str | None, evidence: str | None) -> bool:
    row = pl.DataFrame([{"status": status, "cause": cause, "evidence": evidence}], schema_overrides=REQUESTS)
    return bool(row.select(is_unexplained()).item())


@pytest.mark.parametrize(
    ("status", "cause", "evidence", "expected"),
    [
        (200, None, None, False),
        (None, None, None, False),
        (404, "unknown", None, True),
        (502, "unknown", None, True),
        (502, "unknown", "error.responseType: INTEGRATION_FAILURE", True),
        (500, "api_configuration_error", "error.responseType: API_CONFIGURATION_ERROR", True),
        (504, "integration_network", "error.responseType: INTEGRATION_FAILURE", True),
        (502, "lambda_function_error", "integration.error: Unhandled", True),
        (502, "lambda_function_error", "integration.error: Lambda Customer Function Error:no table", False),
        (504, "integration_timeout", "error.responseType: INTEGRATION_TIMEOUT", False),
        (500, "integration_tls", "Execution failed due to configuration error: PKIX path", False),
        (503, "backend_error", "integration.status: 503", False),
        (403, "authorizer_denied", "error.responseType: ACCESS_DENIED", False),
        (404, "backend_client_error", "integration.status: 404", False),
    ],
)
def test_server_errors_told_in_general_and_unknown_causes_are_unexplained(
    status: int | None, cause: str | None, evidence: str | None, *, expected: bool
) -> None:
    assert unexplained(status, cause, evidence) is expected


def is_general(rule: FieldRule) -> bool:
    of_server_errors = rule.statuses is None or rule.statuses[1] >= 500
    return of_server_errors and rule.precision is not Precision.EXACT


@pytest.mark.parametrize("rule", [rule for rule in FIELD_RULES if is_general(rule)])
def test_whatever_a_general_rule_tells_of_a_server_error_is_unexplained(rule: FieldRule) -> None:
    assert unexplained(500, rule.code, f"{VARIABLES[rule.column]}: anything")
