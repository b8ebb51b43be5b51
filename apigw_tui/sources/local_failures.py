"""What fails on the way to AWS: credentials, settings, network, and exceptions nobody expects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from apigw_tui.sources.failure_terms import FailureContext, FailureKind, Finding, Rule, one_clause
from apigw_tui.sources.service_refusals import client_error


def _no_credentials(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CREDENTIALS,
        f"there are no AWS credentials for {context.who}",
        "Run `aws configure sso`, name a profile with --profile, or try `apigw-tui --demo`.",
    )


def _partial_credentials(exc: BaseException, context: FailureContext) -> Finding:
    missing = getattr(exc, "kwargs", {}).get("cred_var", "one of the two keys")
    return Finding(
        FailureKind.CREDENTIALS,
        f"the credentials of {context.who} are incomplete and lack {missing}",
        f"Set {missing}, or run `aws configure{context.flag}`.",
    )


def _no_profile(exc: BaseException, context: FailureContext) -> Finding:
    name = getattr(exc, "kwargs", {}).get("profile", context.profile)
    known = ", ".join(sorted(context.profiles))
    return Finding(
        FailureKind.CREDENTIALS,
        f"there is no AWS profile {name}",
        f"There are: {known}." if known else "There are none yet: run `aws configure sso`.",
    )


def _sso(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.EXPIRED,
        f"{context.who} is not logged in, or its SSO session has expired",
        f"Run `aws sso login{context.flag}`; the session is picked up by itself.",
    )


def _login(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.EXPIRED,
        f"the login session of {context.who} is missing, expired or not allowed",
        f"Run `aws login{context.flag}`; the session is picked up by itself.",
    )


def _missing_dependency(exc: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CREDENTIALS,
        f"{context.who} needs a part of botocore that is not installed ({one_clause(str(exc))})",
        "Install it with `pip install 'botocore[crt]'` beside apigw-tui.",
    )


def _credential_process(exc: BaseException, context: FailureContext) -> Finding:
    provider = getattr(exc, "kwargs", {}).get("provider", "its provider")
    said = one_clause(str(getattr(exc, "kwargs", {}).get("error_msg", "") or ""))
    return Finding(
        FailureKind.CREDENTIALS,
        f"{provider} gave no credentials for {context.who}" + (f" ({said})" if said else ""),
        f"Run the command of that provider by hand, or `aws sts get-caller-identity{context.flag}`.",
    )


def _mfa(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.EXPIRED,
        f"the credentials of {context.who} have expired and need a new MFA code",
        "Open the target again and enter the code, or take keys from "
        f"`aws configure export-credentials{context.flag} --format env`.",
    )


def _no_region(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CONFIG,
        f"no AWS region is set for {context.who}",
        "Name one with --region, or set AWS_REGION.",
    )


def _bad_region(exc: BaseException, context: FailureContext) -> Finding:
    name = getattr(exc, "kwargs", {}).get("region_name", context.region)
    return Finding(FailureKind.CONFIG, f"there is no AWS region {name}", "Name one such as eu-west-1 with --region.")


def _bad_config(exc: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.CONFIG,
        f"the AWS settings of {context.who} cannot be used: {exc}",
        "Correct ~/.aws/config, the environment or the flag that says so.",
    )


def _bad_parameter(exc: BaseException, context: FailureContext) -> Finding:
    about = f" for log group {context.log_group}" if context.log_group else ""
    return Finding(
        FailureKind.INVALID, f"the call{about} is not valid: {exc}", "Check the names and the pattern given."
    )


# --- network and machine ----------------------------------------------------------------------------------


def _unreachable(exc: BaseException, context: FailureContext) -> Finding:
    url = getattr(exc, "kwargs", {}).get("endpoint_url") or context.where
    return Finding(
        FailureKind.NETWORK,
        f"{url} cannot be reached for {context.who}",
        "Check the network, VPN and --region; it is tried again by itself while the explorer is open.",
    )


def _timed_out(exc: BaseException, context: FailureContext) -> Finding:
    url = getattr(exc, "kwargs", {}).get("endpoint_url") or context.where
    return Finding(
        FailureKind.NETWORK,
        f"{url} did not answer {context.who} in time",
        "Check the network and VPN, or try again.",
    )


def _proxy(exc: BaseException, context: FailureContext) -> Finding:
    url = _without_password(str(getattr(exc, "kwargs", {}).get("proxy_url") or "of this machine"))
    return Finding(
        FailureKind.NETWORK,
        f"the proxy {url} cannot be reached on the way to {context.where}",
        "Check HTTPS_PROXY and NO_PROXY.",
    )


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)


def _tls(exc: BaseException, context: FailureContext) -> Finding:
    names = getattr(exc, "kwargs", {})
    url = names.get("endpoint_url") or context.where
    reason = one_clause(str(names.get("error", exc)))
    return Finding(
        FailureKind.NETWORK,
        f"the certificate of {url} cannot be trusted ({reason})",
        "Name your company's CA file with --ca-bundle.",
    )


def _cut(_: BaseException, context: FailureContext) -> Finding:
    return Finding(
        FailureKind.NETWORK,
        f"the connection of {context.who} to {context.where} was cut",
        "Check the network, or try again.",
    )


def _file(exc: BaseException, context: FailureContext) -> Finding:
    path = getattr(exc, "filename", None)
    reason = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return Finding(
        FailureKind.CREDENTIALS,
        f"the file or command {path} that {context.who} names cannot be used ({one_clause(str(reason))})"
        if path
        else f"this machine said {reason}",
        "Check credential_process and the paths in ~/.aws/config.",
    )


def _os_error(exc: BaseException, context: FailureContext) -> Finding:
    if getattr(exc, "filename", None):
        return _file(exc, context)
    reason = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    return Finding(
        FailureKind.NETWORK,
        f"the way from {context.who} to {context.where} failed ({one_clause(str(reason))})",
        "Check the network, or try again.",
    )


def unexpected(exc: BaseException, context: FailureContext) -> Finding:
    """An exception that no rule knows."""
    told = f"{type(exc).__name__} ({one_clause(str(exc))})" if str(exc).strip() else type(exc).__name__
    return Finding(
        FailureKind.SERVICE,
        f"talking as {context.who} to {context.where} ended in {told}",
        "Run it again with --debug for the details.",
    )


RULES: Final[Mapping[str, Rule]] = {
    "ClientError": client_error,
    "NoCredentialsError": _no_credentials,
    "NoAuthTokenError": _no_credentials,
    "PartialCredentialsError": _partial_credentials,
    "ProfileNotFound": _no_profile,
    "SSOError": _sso,
    "TokenRetrievalError": _sso,
    "LoginError": _login,
    "MissingDependencyException": _missing_dependency,
    "CredentialRetrievalError": _credential_process,
    "MetadataRetrievalError": _credential_process,
    "UnknownCredentialError": _credential_process,
    "RefreshWithMFAUnsupportedError": _mfa,
    "NoRegionError": _no_region,
    "InvalidRegionError": _bad_region,
    "UnknownRegionError": _bad_region,
    "UnknownEndpointError": _bad_region,
    "ServiceNotInRegionError": _bad_region,
    "ConfigNotFound": _bad_config,
    "ConfigParseError": _bad_config,
    "InvalidConfigError": _bad_config,
    "InvalidChecksumConfigError": _bad_config,
    "InvalidEndpointDiscoveryConfigurationError": _bad_config,
    "InvalidHostLabelError": _bad_config,
    "UnknownTokenProviderError": _bad_config,
    "UnknownSignatureVersionError": _bad_config,
    "UnsupportedSignatureVersionError": _bad_config,
    "InvalidRetryConfigurationError": _bad_config,
    "InvalidDefaultsMode": _bad_config,
    "InvalidEndpointConfigurationError": _bad_config,
    "InvalidIMDSEndpointError": _bad_config,
    "InvalidIMDSEndpointModeError": _bad_config,
    "InvalidProxiesConfigError": _bad_config,
    "InvalidSTSRegionalEndpointsConfigError": _bad_config,
    "EndpointProviderError": _bad_config,
    "BaseEndpointResolverError": _bad_config,
    "ParamValidationError": _bad_parameter,
    "ValidationError": _bad_parameter,
    "MissingParametersError": _bad_parameter,
    "ConnectTimeoutError": _timed_out,
    "ReadTimeoutError": _timed_out,
    "TimeoutError": _timed_out,
    "ProxyConnectionError": _proxy,
    "ProxyError": _proxy,
    "SSLError": _tls,
    "EndpointConnectionError": _unreachable,
    "NewConnectionError": _unreachable,
    "MaxRetryError": _unreachable,
    "ConnectionError": _unreachable,
    "ConnectionClosedError": _cut,
    "ResponseStreamingError": _cut,
    "HTTPClientError": _cut,
    "IncompleteReadError": _cut,
    "IncompleteRead": _cut,
    "ProtocolError": _cut,
    "HTTPError": _cut,
    "HTTPException": _cut,
    "ChecksumMismatch": _cut,
    "ChecksumError": _cut,
    "FlexibleChecksumError": _cut,
    "FileNotFoundError": _file,
    "OSError": _os_error,
}
