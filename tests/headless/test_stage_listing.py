"""`apigw-tui stages`: what is printed, what is said beside it, and what is kept for the explorer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apigw_tui.cli import main
from apigw_tui.config import Config
from apigw_tui.emulator.server import EmulatorServer
from apigw_tui.headless.opening import settings_of
from apigw_tui.sources.stage_cache import StageCache
from tests.sources.recorded_account import RecordedAccount, Refusals
from tests.sources.virtual_time import VirtualTime

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"
FIREHOSE = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"

Run = Callable[..., tuple[int, str, str]]


def account() -> RecordedAccount:
    recorded = RecordedAccount()
    for name in ("/orders/prod", "/orders/rare", "API-Gateway-Execution-Logs_a1/prod"):
        recorded.add_group(name)
    recorded.group_classes["/orders/rare"] = "INFREQUENT_ACCESS"
    recorded.rest["a1"] = (
        "orders",
        [
            {"stageName": name, "accessLogSettings": {"destinationArn": arn, "format": "$context.requestId"}}
            for name, arn in (("prod", f"{LOGS}/orders/prod"), ("rare", f"{LOGS}/orders/rare"), ("fire", FIREHOSE))
        ],
    )
    recorded.v2_domains["api.example.com"] = [
        {"ApiId": "a1", "ApiMappingId": "m", "ApiMappingKey": "orders", "Stage": "prod"}
    ]
    return recorded


@pytest.fixture
def refusals() -> Refusals:
    return Refusals()


@pytest.fixture
def config(refusals: Refusals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Config]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    with EmulatorServer(recorded := account(), recorded, clock=VirtualTime().now, before=refusals) as server:
        yield Config(endpoint_url=server.url, region="eu-west-1")


@pytest.fixture
def run(config: Config, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--endpoint-url", config.endpoint_url or "", "--region", "eu-west-1"])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_table_names_domains_and_logs_that_cannot_be_read(run: Run) -> None:
    code, out, err = run("stages")
    head, prod, rare, fire = out.splitlines()
    assert code == 0
    assert head.endswith("DOMAINS")
    assert prod.endswith("api.example.com/orders")
    assert "/orders/rare (Infrequent Access: not readable here)" in rare
    assert f"{FIREHOSE} (not readable here)" in fire
    assert "The access log of orders/rare, /orders/rare, is of class Infrequent Access" in err
    assert "goes to Firehose. Point it at a CloudWatch log group" in err


def test_the_json_has_domains_and_classes(run: Run) -> None:
    _, out, _ = run("stages", "orders/", "-o", "json")
    prod, rare, _ = json.loads(out)
    assert prod["domains"] == ["api.example.com/orders"]
    assert rare["domains"] == []
    assert rare["access"]["log_group_class"] == "INFREQUENT_ACCESS"
    assert prod["execution"]["log_group_class"] == "STANDARD"


def test_what_is_listed_is_kept_for_the_explorer_but_a_part_of_it_is_not(run: Run, config: Config) -> None:
    cache = StageCache.of(settings_of(config))
    run("stages", "prod")
    assert cache.load() is None
    run("stages")
    kept = cache.load()
    assert kept is not None
    assert [stage.title for stage in kept.stages] == ["orders/prod", "orders/rare", "orders/fire"]


def test_stages_are_asked_for_anew_each_time(run: Run, config: Config) -> None:
    run("stages")
    kept = StageCache.of(settings_of(config))
    assert kept.path is not None
    kept.path.write_text(kept.path.read_text(encoding="utf-8").replace('"orders"', '"stale"'), encoding="utf-8")
    assert "stale" not in run("stages")[1]


def test_a_group_of_a_class_that_cannot_be_read_is_one_sentence_with_what_to_do(run: Run) -> None:
    code, out, err = run("requests", "log-group:/orders/rare")
    assert (code, out) == (1, "")
    assert err.startswith("apigw-tui: The log group /orders/rare is of class Infrequent Access")
    assert "Logs Insights" in err


def test_without_any_permission_for_api_gateway_the_refusal_is_the_error(run: Run, refusals: Refusals) -> None:
    refusals.codes.update(GetRestApis="AccessDeniedException", GetApis="AccessDeniedException")
    code, out, err = run("stages")
    assert (code, out) == (3, "")
    assert "Could not list the REST APIs" in err
