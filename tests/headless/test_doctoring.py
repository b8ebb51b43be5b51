"""`apigw-tui doctor`: stages, groups and files are examined over real HTTP; what is denied is a finding, no failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apigw_tui.cli import main
from apigw_tui.core.access_lint import good_format
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.headless import opening
from tests.sources.recorded_account import RecordedAccount, Refusals

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"
FIREHOSE = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"
SETTINGS = {"*/*": {"loggingLevel": "INFO", "dataTraceEnabled": False, "metricsEnabled": True}}

Run = Callable[..., tuple[int, str, str]]


class Account(RecordedAccount):
    """Has a role that may write logs, until it is taken away."""

    role: str | None = "arn:aws:iam::123456789012:role/writes-logs"

    def account(self) -> dict[str, Any]:
        return {"cloudwatchRoleArn": self.role} if self.role else {}


def stage(name: str, destination: str | None = None, access_format: str | None = None) -> dict[str, Any]:
    logged = {"destinationArn": destination, "format": access_format or good_format("REST")} if destination else None
    settings = {"accessLogSettings": logged} if logged else {}
    return {"stageName": name, "methodSettings": SETTINGS, "tracingEnabled": True, **settings}


@pytest.fixture
def account() -> Account:
    recorded = Account()
    for name in (
        "/shop/good",
        "/shop/poor",
        "API-Gateway-Execution-Logs_a1/good",
        "API-Gateway-Execution-Logs_a1/poor",
    ):
        recorded.add_group(name)
    recorded.rest["a1"] = (
        "shop",
        [
            stage("good", f"{LOGS}/shop/good"),
            stage("poor", f"{LOGS}/shop/poor", "$context.extendedRequestId $context.status"),
            stage("fire", FIREHOSE),
        ],
    )
    return recorded


@pytest.fixture
def refusals() -> Refusals:
    return Refusals()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    # The endpoint here has no quota to share with deployments.
    monkeypatch.setattr("apigw_tui.sources.limiter.CONTROL_BURST", 1_000.0)


@pytest.fixture
def run(
    account: Account, refusals: Refusals, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    monkeypatch.setenv("COLUMNS", "100")
    with EmulatorServer(account, account, clock=opening.now_ms, before=refusals) as server:

        def run(*words: str) -> tuple[int, str, str]:
            code = main(["doctor", *words, "--endpoint-url", server.url, "--region", "eu-west-1"])
            captured = capsys.readouterr()
            return code, captured.out, captured.err

        yield run


def examined(run: Run, *words: str) -> dict[str, dict[str, Any]]:
    code, out, _ = run(*words, "-o", "json")
    assert code == 0
    return {one["target"]: one for one in json.loads(out)}


def codes(one: dict[str, Any], *, notes: bool = False) -> list[str]:
    return [finding["code"] for finding in one["findings"] if notes or finding["severity"] != "note"]


def test_without_a_target_every_stage_is_examined_the_worst_first(run: Run) -> None:
    code, out, _ = run("-o", "ndjson")
    assert code == 0
    targets = [json.loads(line)["target"] for line in out.splitlines()]
    assert targets == ["shop/fire", "shop/poor", "shop/good"]


def test_a_finding_has_these_fields_and_no_others(run: Run) -> None:
    one = examined(run, "shop/poor")["shop/poor"]
    assert (one["kind"], one["api_id"], one["type"], one["stage"]) == ("stage", "a1", "REST", "poor")
    assert {tuple(finding) for finding in one["findings"]} == {
        ("code", "severity", "title", "detail", "fix", "variable")
    }
    assert "no_latency" in codes(one)
    assert "$context.responseLatency" in one["access_format"]
    assert one["command"].startswith("aws apigateway update-stage --rest-api-id a1 --stage-name poor ")


def test_a_stage_with_nothing_to_find_is_said_to_be_well(run: Run) -> None:
    code, out, _ = run("shop/good")
    assert code == 0
    assert out.splitlines()[0] == "shop/good  REST  a1  all is well"
    assert "aws apigateway" not in out


def test_the_overview_is_short_and_the_target_gets_its_commands(run: Run) -> None:
    overview = run()[1]
    assert "update-stage" not in overview
    assert "`apigw-tui doctor TARGET`" in overview
    one = run("shop/poor")[1]
    assert "Set it with:\naws apigateway update-stage" in one
    assert "→ Add $context.responseLatency to the access log format." in one


def test_a_stage_that_logs_nothing_is_examined_too(run: Run, account: Account) -> None:
    account.rest["a1"][1].append({"stageName": "mute"})
    one = examined(run, "shop/mute")["shop/mute"]
    assert codes(one)[:2] == ["no_access_log", "level_off"]


def test_a_missing_role_is_found(run: Run, account: Account) -> None:
    account.role = None
    assert codes(examined(run, "shop/good")["shop/good"]) == ["no_account_role"]


def test_a_group_that_is_not_there_is_found(run: Run) -> None:
    assert "execution_group_missing" in codes(examined(run, "shop/fire")["shop/fire"])


def test_events_that_may_not_be_read_are_findings_of_the_stage(run: Run, refusals: Refusals) -> None:
    refusals.codes["FilterLogEvents"] = "AccessDeniedException"
    one = examined(run, "shop/good")["shop/good"]
    assert codes(one) == ["access_denied", "execution_denied"]
    assert one["findings"][0]["fix"].startswith(f"Allow logs:FilterLogEvents on {LOGS}/shop/good:*")


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetAccount", "apigateway:GET on /account"),
        ("GetRestApis", "apigateway:GET on /restapis"),
        ("GetApis", "apigateway:GET on /apis"),
        ("DescribeLogGroups", "logs:DescribeLogGroups"),
        ("ListLogGroups", "logs:ListLogGroups"),
        ("DescribeLogStreams", "logs:DescribeLogStreams on /shop/good"),
    ],
)
def test_each_action_that_is_not_allowed_is_named(run: Run, refusals: Refusals, operation: str, action: str) -> None:
    refusals.codes[operation] = "AccessDeniedException"
    # Without REST APIs none of them can be named.
    words = () if operation in {"GetRestApis", "GetApis"} else ("shop/good",)
    account = next(one for one in examined(run, *words).values() if one["kind"] == "account")
    assert account["findings"][0]["title"] == action
    assert account["findings"][0]["fix"] == f"Allow {action} in your IAM policy."
    assert len(account["findings"]) == 1


def test_when_no_api_may_be_listed_that_is_what_is_reported(run: Run, refusals: Refusals) -> None:
    refusals.codes.update(GetRestApis="AccessDeniedException", GetApis="AccessDeniedException")
    (account,) = examined(run).values()
    assert account["kind"] == "account"
    assert set(codes(account)) == {"permission_missing"}


def test_a_group_is_examined_by_its_last_lines(run: Run, account: Account) -> None:
    entry = '{"requestId":"3f0d2c1b-6a5e-4f7d-8c9b-0a1b2c3d4e5f","status":"200","httpMethod":"GET","path":"/carts"}'
    account.log("/shop/poor", opening.now_ms() - 60_000, entry)
    one = examined(run, "log-group:/shop/poor")["/shop/poor"]
    assert (one["kind"], one["stage"]) == ("group", None)
    assert {"no_latency", "no_execution_lines"} <= set(codes(one))


def test_a_group_of_a_class_that_cannot_be_read_is_examined_too(run: Run, account: Account) -> None:
    account.group_classes["/shop/poor"] = "INFREQUENT_ACCESS"
    assert codes(examined(run, "/shop/poor")["/shop/poor"]) == ["group_unreadable"]


def test_a_file_is_examined_without_aws(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    entry = '{"requestId":"3f0d2c1b-6a5e-4f7d-8c9b-0a1b2c3d4e5f","status":"200","httpMethod":"GET","path":"/carts"}'
    file.write_text(f"{entry}\n", encoding="utf-8")
    assert main(["doctor", str(file), "-o", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["kind"], one["target"]) == ("files", str(file))
    assert {"no_latency", "no_execution_lines"} <= set(codes(one))


def test_a_target_that_means_nothing_is_an_error(run: Run) -> None:
    code, out, err = run("shop/nowhere")
    assert (code, out) == (2, "")
    assert "The API shop has no stage nowhere." in err


def test_markdown_has_a_section_with_a_table_for_each(run: Run) -> None:
    out = run("shop/poor", "shop/good", "-o", "markdown")[1]
    assert "## shop/poor  REST  a1" in out
    assert "| error | No " in out or "| warning | No " in out
    assert "All is well." in out
    table = [line for line in out.splitlines() if line.startswith("| ")]
    assert all(line.count(" | ") >= 3 for line in table)


def test_the_demo_has_something_to_find(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "partner-gateway/v1", "--demo", "-o", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert codes(one)[:2] == ["access_unreadable", "error_level"]
