"""Every failure is one sentence with names, a next step and the right exit code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any, Final

import botocore.exceptions
import pytest
import urllib3.exceptions
from botocore.exceptions import ClientError

from apigw_tui.errors import AppError, ExitCode, UsageError
from apigw_tui.sources.failures import AwsError, FailureContext, FailureKind, explain, kind_of

SHOP = FailureContext(profile="shop", region="eu-west-1", log_group="/orders/access", profiles=("shop", "lab"))


def refusal(code: str, message: str = "No. Not now.", status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "FilterLogEvents")


def is_one_sentence(message: str) -> bool:
    return message.endswith(".") and "\n" not in message and not re.search(r"[.!?]\s", message)


def botocore_exceptions() -> Iterator[Any]:
    for name, kind in inspect.getmembers(botocore.exceptions, inspect.isclass):
        if not issubclass(kind, Exception) or issubclass(kind, Warning):
            continue
        if issubclass(kind, ClientError):
            error: Exception = kind({"Error": {"Code": "Oops", "Message": "First. Second!"}}, "FilterLogEvents")
        elif kind is botocore.exceptions.UndefinedModelAttributeError:
            error = kind("one. two.")
        else:
            fields = {field for _, field, _, _ in Formatter().parse(getattr(kind, "fmt", "")) if field}
            required = {
                name
                for name, parameter in inspect.signature(kind).parameters.items()
                if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            }
            error = kind(**{name: f"the {name}" for name in fields | required})
        yield pytest.param(error, id=name)


@pytest.mark.parametrize("error", list(botocore_exceptions()))
def test_every_botocore_exception_becomes_one_sentence(error: Exception) -> None:
    explained = explain(error, action="read the log", context=SHOP)
    assert isinstance(explained, AppError)
    assert explained.message.startswith("Could not read the log: ")
    assert is_one_sentence(explained.message), explained.message
    assert explained.hint


@pytest.mark.parametrize(
    ("error", "names", "hint", "exit_code"),
    [
        (botocore.exceptions.NoCredentialsError(), "profile shop", "--demo", ExitCode.CREDENTIALS),
        (botocore.exceptions.ProfileNotFound(profile="shpo"), "shpo", "lab, shop", ExitCode.CREDENTIALS),
        (botocore.exceptions.SSOTokenLoadError(error_msg="x"), "shop", "aws sso login --profile shop", 3),
        (botocore.exceptions.UnauthorizedSSOTokenError(), "shop", "aws sso login --profile shop", 3),
        (botocore.exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "shop", "aws sso login", 3),
        (botocore.exceptions.LoginRefreshRequired(), "shop", "aws login --profile shop", 3),
        (botocore.exceptions.RefreshWithMFAUnsupportedError(), "MFA code", "enter the code", 3),
        (
            botocore.exceptions.InvalidConfigError(error_msg="source_profile base does not exist"),
            "source_profile base does not exist",
            "~/.aws/config",
            ExitCode.USAGE,
        ),
        (botocore.exceptions.ProxyConnectionError(proxy_url="http://proxy:1"), "proxy:1", "HTTPS_PROXY", 4),
        (refusal("SignatureDoesNotMatch", "Signature expired: 2026"), "signature", "clock", ExitCode.CREDENTIALS),
        (refusal("RequestTimeTooSkewed"), "signature", "clock", ExitCode.CREDENTIALS),
        (PermissionError(13, "Permission denied", "/opt/vault"), "/opt/vault", "credential_process", 3),
        (
            botocore.exceptions.PartialCredentialsError(provider="env", cred_var="aws_secret"),
            "aws_secret",
            "Set",
            3,
        ),
        (
            botocore.exceptions.CredentialRetrievalError(provider="custom", error_msg=""),
            "custom",
            "by hand",
            3,
        ),
        (FileNotFoundError(2, "No such file", "/opt/vault"), "/opt/vault", "credential_process", 3),
        (botocore.exceptions.NoRegionError(), "no AWS region", "--region", ExitCode.USAGE),
        (botocore.exceptions.InvalidRegionError(region_name="mars_1"), "mars_1", "--region", ExitCode.USAGE),
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="https://logs"),
            "https://logs",
            "network",
            4,
        ),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="https://logs"), "https://logs", "VPN", 4),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="https://logs"), "https://logs", "VPN", 4),
        (
            botocore.exceptions.SSLError(endpoint_url="https://logs", error=OSError("bad CA")),
            "bad CA",
            "--ca-bundle",
            4,
        ),
        (urllib3.exceptions.ProtocolError("cut"), "was cut", "network", ExitCode.NETWORK),
        (ConnectionResetError(104, "reset"), "eu-west-1", "network", ExitCode.NETWORK),
        (refusal("ExpiredTokenException"), "expired", "aws sso login --profile shop", 3),
        (refusal("UnrecognizedClientException"), "access key", "get-caller-identity", 3),
        (refusal("InvalidSignatureException"), "signature", "clock", ExitCode.CREDENTIALS),
        (refusal("ResourceNotFoundException"), "/orders/access", "apigw-tui stages", ExitCode.FAILED),
        (refusal("ThrottlingException"), "throttles", "quota", ExitCode.FAILED),
        (refusal("InvalidParameterException", "Invalid filter pattern"), "pattern", "--filter-pattern", 2),
        (refusal("UnknownOperationException"), "FilterLogEvents", "--endpoint-url", ExitCode.FAILED),
        (refusal("InternalFailure", "", 500), "500 InternalFailure", "health", ExitCode.FAILED),
        (RuntimeError("surprise. really"), "RuntimeError", "--debug", ExitCode.FAILED),
    ],
)
def test_a_failure_names_who_and_says_what_to_do(error: BaseException, names: str, hint: str, exit_code: int) -> None:
    explained = explain(error, action="read the log", context=SHOP)
    assert names in explained.message
    assert hint in explained.hint
    assert explained.exit_code == exit_code
    assert is_one_sentence(explained.message), explained.message


OF_LOGIN_OR_WAY: Final = re.compile(
    "Credential|Token|SSO|Login|Profile|Region|Endpoint|Config|Connect|Connection|Timeout|Proxy|Proxies|SSL|MFA"
    "|HTTPClient|IMDS|Metadata|Dependency|Signature|HostLabel|Streaming|IncompleteRead|AuthToken"
)
ELSEWHERE: Final = re.compile("S3|Waiter|Outpost|Stub")
"""Of services and parts of botocore that are not used."""

NEXT_STEP: Final = re.compile(r"`[^`]+`|--[a-z-]+|~/\.aws|[A-Z]{2,}_[A-Z_]+|There are: |network")


@pytest.mark.parametrize("error", list(botocore_exceptions()))
def test_every_exception_of_login_or_network_is_understood_and_says_what_to_type(error: Exception) -> None:
    name = type(error).__name__
    if not OF_LOGIN_OR_WAY.search(name) or ELSEWHERE.search(name):
        return
    explained = explain(error, action="read the log", context=SHOP)
    assert isinstance(explained, AwsError)
    assert " ended in " not in explained.message
    assert explained.kind is not FailureKind.SERVICE
    assert NEXT_STEP.search(explained.hint), explained.hint


def test_a_refused_mfa_code_is_no_missing_permission() -> None:
    refused = refusal("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    explained = explain(refused, action="read", context=SHOP)
    assert explained.message == "Could not read: AWS refused the MFA code of profile shop."
    assert "next code" in explained.hint


def test_a_login_that_needs_a_part_of_botocore_says_how_to_install_it() -> None:
    error = botocore.exceptions.MissingDependencyException(msg="Using the login credential provider requires CRT")
    explained = explain(error, action="read", context=SHOP)
    assert "`pip install 'botocore[crt]'`" in explained.hint
    assert explained.exit_code is ExitCode.CREDENTIALS


def test_a_denial_names_the_action_and_the_resource() -> None:
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/orders/access:log-stream:x"
    user = "arn:aws:iam::123456789012:user/ada"
    text = f"User: {user} is not authorized to perform: logs:FilterLogEvents on resource: {arn}"
    explained = explain(refusal("AccessDeniedException", text), action="read", context=SHOP)
    assert "logs:FilterLogEvents" in explained.message
    assert arn in explained.message
    assert explained.exit_code is ExitCode.CREDENTIALS


def test_a_proxy_is_named_without_its_password() -> None:
    error = botocore.exceptions.ProxyConnectionError(proxy_url="http://ada:secret@proxy:3128")
    explained = explain(error, action="read", context=SHOP)
    assert "proxy:3128" in explained.message
    assert "secret" not in explained.message


def test_control_characters_of_an_answer_do_not_reach_the_terminal() -> None:
    explained = explain(refusal("Odd", "red \x1b[31m\r\n alert"), action="read", context=SHOP)
    assert "\x1b" not in explained.message
    assert is_one_sentence(explained.message)


def test_an_explained_error_stays_what_it_is() -> None:
    error = UsageError("No such thing.")
    assert explain(error, action="read", context=SHOP) is error


def test_the_kind_survives_the_explanation() -> None:
    explained = explain(refusal("ExpiredToken"), action="read", context=SHOP)
    assert isinstance(explained, AwsError)
    assert kind_of(explained) is FailureKind.EXPIRED
    assert kind_of(refusal("Throttling")) is FailureKind.THROTTLED
