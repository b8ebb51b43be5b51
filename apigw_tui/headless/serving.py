"""`apigw-tui emulator`: the invented shop for other clients, until interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

from apigw_tui.core.quotas import Quota
from apigw_tui.emulator.conditions import Conditions, Latency
from apigw_tui.emulator.lag import LAG_MODELS
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


def serve(flags: Mapping[str, Any]) -> int:
    """Print the line to paste on stdout, then serve."""
    scenario, lag = flags.get("scenario"), flags.get("lag")
    if scenario is not None and scenario not in SCENARIOS:
        raise UsageError(f"There is no scenario {scenario!r}.", f"Use {', '.join(SCENARIOS)}, or leave it out.")
    if lag is not None and lag not in LAG_MODELS:
        raise UsageError(f"There is no lag model {lag!r}.", f"Use {', '.join(LAG_MODELS)}, or leave it out.")
    model = None if lag is None else LAG_MODELS[lag]
    port, conditions = flags.get("port") or 0, _conditions(flags)
    with opening.serve_shop(port=port, scenario=scenario, conditions=conditions, lag=model) as server:
        pairs = " ".join(f"{name}={value.format(url=server.url)}" for name, value in _ENVIRONMENT)
        output.write_lines([f"export {pairs}"])
        say("apigw-tui: serving CloudWatch Logs, API Gateway and STS of an invented shop; ctrl+c stops.")
        try:
            Event().wait()
        except KeyboardInterrupt:
            say("apigw-tui: stopped.")
    return int(ExitCode.OK)


def _conditions(flags: Mapping[str, Any]) -> Conditions:
    """What --latency and --tps say; as fast as it can without them."""
    latency_ms, per_second = flags.get("latency", 0.0), flags.get("tps")
    if latency_ms < 0:
        raise UsageError(f"--latency {latency_ms:g} is before the call.", "Give milliseconds, such as 400.")
    if per_second is not None and per_second <= 0:
        raise UsageError(f"--tps {per_second:g} lets no call through.", "Give calls per second, such as 10.")
    quotas = {} if per_second is None else {"FilterLogEvents": Quota(per_second, max(per_second, 1.0))}
    return Conditions(quotas=quotas, latency=Latency(latency_ms))
