"""`apigw-tui emulator`: the invented shop for other clients, until interrupted."""

from __future__ import annotations

from threading import Event

from apigw_tui.emulator.scenarios import SCENARIOS
from apigw_tui.errors import ExitCode, UsageError
from apigw_tui.headless import opening, output
from apigw_tui.headless.narration import say

_ENVIRONMENT = (
    ("AWS_ENDPOINT_URL", "{url}"),
    ("AWS_ACCESS_KEY_ID", "demo"),
    ("AWS_SECRET_ACCESS_KEY", "demo"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
)


def serve(port: int, scenario: str | None) -> int:
    """Print the line to paste on stdout, then serve."""
    if scenario is not None and scenario not in SCENARIOS:
        raise UsageError(f"There is no scenario {scenario!r}.", f"Use {', '.join(SCENARIOS)}, or leave it out.")
    with opening.serve_shop(port=port, scenario=scenario) as server:
        pairs = " ".join(f"{name}={value.format(url=server.url)}" for name, value in _ENVIRONMENT)
        output.write_lines([f"export {pairs}"])
        say("apigw-tui: serving CloudWatch Logs, API Gateway and STS of an invented shop; ctrl+c stops.")
        try:
            Event().wait()
        except KeyboardInterrupt:
            say("apigw-tui: stopped.")
    return int(ExitCode.OK)
