"""STS GetCallerIdentity in the query protocol."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from apigw_tui.emulator.feed import ACCOUNT_ID
from apigw_tui.emulator.wire import Request, Response, ServiceError, request_id

_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_USER_ID: Final = "AIDAEXPLORER4EMULATOR"
_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:user/explorer"
_XML: Final = "text/xml"


class IdentityService:
    """Says who is calling: always the same user of the one account."""

    def __init__(self) -> None:
        self.unsigned = ServiceError(
            "MissingAuthenticationToken", "Request is missing Authentication Token", status=403
        )

    def operation(self, request: Request) -> str:
        """The Action of the form."""
        action = request.form.get("Action", "")
        if action != "GetCallerIdentity":
            version = request.form.get("Version", "")
            raise ServiceError("InvalidAction", f"Could not find operation {action} for version {version}", status=400)
        return action

    def call(self, operation: str, request: Request) -> Response:  # noqa: ARG002 - there is but one
        """Answer GetCallerIdentity."""
        body = (
            f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
            f"<Arn>{_ARN}</Arn><UserId>{_USER_ID}</UserId><Account>{ACCOUNT_ID}</Account>"
            f"</GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id()}</RequestId>"
            "</ResponseMetadata></GetCallerIdentityResponse>"
        )
        return Response(200, body.encode(), _XML)

    def error(self, error: ServiceError) -> Response:
        """The error as XML."""
        body = (
            f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>'
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id()}</RequestId>"
            "</ErrorResponse>"
        )
        return Response(error.status, body.encode(), _XML)
