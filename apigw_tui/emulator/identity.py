"""STS GetCallerIdentity and AssumeRole in the query protocol."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

from apigw_tui.emulator.feed import ACCOUNT_ID
from apigw_tui.emulator.wire import Request, Response, ServiceError, request_id

_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_USER_ID: Final = "AIDAEXPLORER4EMULATOR"
_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:user/explorer"
_XML: Final = "text/xml"
_OPERATIONS: Final = frozenset({"GetCallerIdentity", "AssumeRole"})
_CODE: Final = re.compile(r"\d{6}")
_DEFAULT_SECONDS: Final = 3_600


@dataclass(frozen=True)
class AssumedRole:
    """A role session that was given out."""

    role_arn: str
    session_name: str
    access_key_id: str
    caller: str
    serial: str | None = None
    code: str | None = None


class IdentityService:
    """Says who is calling: always the same user of the one account. Gives role sessions out to everyone.

    A code of an MFA device is taken once, as STS does; any six digits are right. Sessions expire by this machine's
    clock, whatever time it is in the logs: so clients check them.
    """

    def __init__(self) -> None:
        self.roles: list[AssumedRole] = []
        self.unsigned = ServiceError(
            "MissingAuthenticationToken", "Request is missing Authentication Token", status=403
        )

    def operation(self, request: Request) -> str:
        """The Action of the form."""
        action = request.form.get("Action", "")
        if action not in _OPERATIONS:
            version = request.form.get("Version", "")
            raise ServiceError("InvalidAction", f"Could not find operation {action} for version {version}", status=400)
        return action

    def call(self, operation: str, request: Request) -> Response:
        """Answer an operation."""
        if operation == "AssumeRole":
            return _answer(operation, self._assume_role(request))
        return _answer(operation, f"<Arn>{_ARN}</Arn><UserId>{_USER_ID}</UserId><Account>{ACCOUNT_ID}</Account>")

    def error(self, error: ServiceError) -> Response:
        """The error as XML."""
        body = (
            f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>'
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id()}</RequestId>"
            "</ErrorResponse>"
        )
        return Response(error.status, body.encode(), _XML)

    def _assume_role(self, request: Request) -> str:
        form = request.form
        serial, code = form.get("SerialNumber"), form.get("TokenCode")
        self._check_code(serial, code)
        role_arn, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
        key_id = f"ASIA{len(self.roles) + 1:016d}"
        self.roles.append(AssumedRole(role_arn, name, key_id, request.access_key_id, serial, code))
        seconds = int(form.get("DurationSeconds") or _DEFAULT_SECONDS)
        expires = datetime.now(tz=UTC) + timedelta(seconds=seconds)
        session_arn = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        return (
            f"<AssumedRoleUser><AssumedRoleId>AROAEXPLORER:{escape(name)}</AssumedRoleId>"
            f"<Arn>{escape(session_arn)}/{escape(name)}</Arn></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>invented</SecretAccessKey>"
            f"<SessionToken>invented-{key_id}</SessionToken>"
            f"<Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
        )

    def _check_code(self, serial: str | None, code: str | None) -> None:
        if serial is None and code is None:
            return
        taken = any((role.serial, role.code) == (serial, code) for role in self.roles)
        if taken or serial is None or not _CODE.fullmatch(code or ""):
            message = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
            raise ServiceError("AccessDenied", message, status=403)


def _answer(operation: str, result: str) -> Response:
    body = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{result}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{request_id()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Response(200, body.encode(), _XML)
