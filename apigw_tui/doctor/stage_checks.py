"""What a stage logs and what not, by its settings and by what AWS tells of its log groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from apigw_tui.core.access_format import AccessFormat
from apigw_tui.core.access_lint import completed_format, good_format
from apigw_tui.core.blind_spots import BLIND_SPOTS, of_stage
from apigw_tui.doctor import aws_commands
from apigw_tui.doctor.evidence import Evidence
from apigw_tui.doctor.findings import Examined, Finding, worst_first
from apigw_tui.doctor.format_checks import format_findings
from apigw_tui.doctor.group_checks import denied, retention

if TYPE_CHECKING:
    from apigw_tui.core.stage import AccessLog, Stage

LAMBDA_PREFIX: Final = "/aws/lambda/"
_NOTHING: Final = Evidence()
_NOTES: Final = {
    "no_execution_log": ("HTTP APIs have no execution log", "What the access format logs is all that is known."),
    "too_large": ("413", "Requests that are too large may be refused without any log line."),
    "excessive_throttling": ("429", "When far too many requests are throttled, not all of them are logged."),
    "unmapped_domain": (
        "Custom domains",
        "Requests to a domain or base path that leads to no API are answered 400 or 403 and logged nowhere.",
    ),
    "internal_error": ("500", "Internal errors of API Gateway itself may leave no log line."),
    "before_execution": (
        "Refused early",
        "What WAF, the resource policy or the routing refuses has an access entry and no execution lines.",
    ),
    "sampled": ("Live Tail", "It streams 500 events a second at most and drops the rest; polls read them later."),
}
"""What is said of blind spots that no setting of the stage causes."""


def examine_stage(stage: Stage, evidence: Evidence = _NOTHING) -> Examined:
    """Everything that is to be said of a stage."""
    found = (
        *_access(stage, evidence),
        *_execution(stage, evidence),
        *_role(stage, evidence),
        *_retentions(stage, evidence),
        *_functions(stage, evidence),
        *_measures(stage),
        *_notes(stage),
    )
    wanted = _wanted_format(stage)
    command = None if wanted is None else aws_commands.set_access_log(stage, _destination(stage, evidence), wanted)
    return Examined("stage", stage.title, worst_first(found), stage, wanted, command)


def _wanted_format(stage: Stage) -> str | None:
    """The format that the stage should have; None when its own has nothing wrong."""
    if stage.access is None:
        return good_format(stage.api_type)
    access_format = AccessFormat.compile(stage.access.format)
    if not format_findings(access_format, stage.api_type):
        return None
    return completed_format(access_format, stage.api_type)


def _destination(stage: Stage, evidence: Evidence) -> str:
    if stage.access is not None:
        return stage.access.destination
    return aws_commands.group_arn(_new_group(stage), region=evidence.region, account=evidence.account)


def _new_group(stage: Stage) -> str:
    return f"/aws/apigateway/{stage.api_name}-{stage.name.strip('$')}-access".replace(" ", "-")


def _access(stage: Stage, evidence: Evidence) -> Iterator[Finding]:
    access = stage.access
    if access is None:
        group = _new_group(stage)
        detail = "Method, path, latency and failures of its requests are known from execution lines only, at INFO."
        if stage.execution.log_group is None or stage.execution.level == "OFF":
            detail = "Nothing is known of its requests."
        fix = f"{aws_commands.create_group(group)} && {_access_command(stage, evidence)}"
        yield Finding("no_access_log", "error", "Access log off", detail, fix)
        return
    yield from _reachable(access, evidence)
    yield from format_findings(AccessFormat.compile(access.format), stage.api_type)


def _access_command(stage: Stage, evidence: Evidence) -> str:
    return aws_commands.set_access_log(stage, _destination(stage, evidence), good_format(stage.api_type))


def _reachable(access: AccessLog, evidence: Evidence) -> Iterator[Finding]:
    if access.obstacle is not None:
        where = access.log_group or access.destination
        detail = f"{where} {access.obstacle.sentence}, so it cannot be read here."
        if access.log_group is None:
            detail = f"It {access.obstacle.sentence}, {access.destination}, so it cannot be read here."
        yield Finding(
            "access_unreadable", "error", f"Access log {access.obstacle.told}", detail, access.obstacle.remedy
        )
    elif evidence.is_missing(access.log_group):
        detail = f"The stage writes to {access.log_group}, which is not there: its entries are lost."
        fix = aws_commands.create_group(access.log_group or "")
        yield Finding("access_group_missing", "error", "Access log group missing", detail, fix)
    else:
        yield from denied("access_denied", "Access log not readable", access.log_group, evidence)


def _execution(stage: Stage, evidence: Evidence) -> Iterator[Finding]:
    execution = stage.execution
    if stage.api_type == "HTTP" or execution.log_group is None:
        return
    yield from _level(stage)
    if execution.data_trace and execution.level != "OFF":
        detail = (
            "Only Authorization and X-Api-Key are masked: cookies, tokens and bodies are readable to everyone who "
            "can read the log."
        )
        fix = aws_commands.set_data_trace(stage, on=False)
        yield Finding("secrets_in_data_trace", "warning", "Secrets in data trace", detail, fix)
    if execution.level == "OFF":
        return
    if execution.obstacle is not None:
        detail = f"{execution.log_group} {execution.obstacle.sentence}."
        title = f"Execution log {execution.obstacle.told}"
        yield Finding("execution_unreadable", "warning", title, detail, execution.obstacle.remedy)
    elif evidence.is_missing(execution.log_group):
        detail = (
            f"The level is {execution.level}, but there is no group {execution.log_group}: no request came since, "
            "or API Gateway may not write."
        )
        fix = "Send a request; if the group stays away, check the account's role for logs, and deploy the stage again."
        yield Finding("execution_group_missing", "warning", "Execution group missing", detail, fix)
    else:
        yield from denied("execution_denied", "Execution log not readable", execution.log_group, evidence)


def _level(stage: Stage) -> Iterator[Finding]:
    execution = stage.execution
    fix = aws_commands.set_execution_level(stage, "INFO")
    if execution.level == "OFF":
        detail = (
            "Why a request failed is known from its access entry only."
            if stage.access
            else "No line says why a request failed."
        )
        yield Finding("level_off", "warning", "Execution log off", detail, fix)
    elif execution.level == "ERROR":
        yield _only_errors(stage, fix)
    elif not execution.data_trace:
        detail = (
            "Headers, bodies and the integration's latency are not in the execution log. It writes secrets, too: turn "
            "it on for as long as you look."
        )
        yield Finding("no_data_trace", "note", "Data trace off", detail, aws_commands.set_data_trace(stage, on=True))


def _only_errors(stage: Stage, fix: str) -> Finding:
    """Where nothing else is read, level ERROR hides that requests succeed."""
    if stage.access is None or stage.access.obstacle is not None:
        detail = (
            "Its execution log is all that is read, and at level ERROR only failing requests write lines, without "
            "method and path: how many succeed is not known."
        )
        return Finding("error_level", "error", "Execution log ERROR only", detail, fix)
    return Finding("error_level", "hint", "Execution log ERROR only", BLIND_SPOTS["error_level"].sentence, fix)


def _role(stage: Stage, evidence: Evidence) -> Iterator[Finding]:
    logs = stage.execution.level != "OFF" or (stage.access is not None and stage.access.log_group is not None)
    if stage.api_type == "HTTP" or not logs or evidence.role is None or evidence.role.arn:
        return
    detail = "API Gateway has no role for CloudWatch Logs in this account and region: it can write nothing."
    yield Finding("no_account_role", "error", "No role for logs", detail, aws_commands.set_role())


def _retentions(stage: Stage, evidence: Evidence) -> Iterator[Finding]:
    access = stage.access
    if access is not None and access.obstacle is None:
        yield from retention(evidence.group(access.log_group))
    if stage.execution.level != "OFF":
        yield from retention(evidence.group(stage.execution.log_group))


def _functions(stage: Stage, evidence: Evidence) -> Iterator[Finding]:
    for name in evidence.functions.get(stage.scope, ()):
        group = f"{LAMBDA_PREFIX}{name}"
        if evidence.is_missing(group):
            detail = (
                f"There is no log group {group}: the function {name} never ran, logs elsewhere, or may not write logs."
            )
            fix = "Check the function's logging configuration, and that its role allows logs:CreateLogGroup."
            yield Finding("function_group_missing", "hint", "Function log missing", detail, fix)
        yield from denied("function_denied", "Function log not readable", group, evidence, severity="warning")


def _measures(stage: Stage) -> Iterator[Finding]:
    if stage.api_type == "REST" and not stage.tracing:
        detail = "No request has an X-Ray trace: time within the backend cannot be split up."
        yield Finding("tracing_off", "hint", "Tracing off", detail, aws_commands.turn_on_tracing(stage))
    if not stage.metrics:
        detail = "CloudWatch has no metrics per route, so that no alarm can watch one route. They cost extra."
        yield Finding("metrics_off", "hint", "Detailed metrics off", detail, aws_commands.turn_on_metrics(stage))


def _notes(stage: Stage) -> Iterator[Finding]:
    codes = [spot.code for spot in of_stage(stage) if spot.code in _NOTES]
    if stage.api_type == "HTTP":
        # It has no execution lines at all.
        codes.remove("before_execution")
    for code in (*codes, "sampled"):
        title, detail = _NOTES[code]
        yield Finding(code, "note", title, detail)
