"""`config show`: each option with its value and what said so."""

import json
from pathlib import Path

import pytest

from apigw_tui.cli import main
from apigw_tui.config import Config
from apigw_tui.sources.saved_queries import save_query


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[object, str]]:
    return {each["option"]: (each["value"], each["origin"]) for each in json.loads(capsys.readouterr().out)}


def test_flag_variable_file_and_default_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('theme = "light"\nregion = "us-east-1"\n[keys]\nmark = "M"\n', encoding="utf-8")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert main(["config", "show", "--config", str(path), "--tz", "utc", "-o", "json"]) == 0
    told = shown(capsys)
    assert told["tz"] == ("utc", "--tz")
    assert told["region"] == ("eu-west-1", "AWS_REGION")
    assert told["theme"] == ("light", str(path))
    assert told["keys.mark"] == ("M", str(path))
    assert told["max-events"] == (Config().max_events, "default")
    assert told["endpoint-url"] == ("http://127.0.0.1:1", "AWS_ENDPOINT_URL")


def test_as_text_it_is_a_table_and_stderr_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0].split() == ["OPTION", "VALUE", "FROM"]
    assert "config.toml" in told.err


def test_what_config_cannot_do_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "edit"]) == 2
    assert "`config` cannot 'edit'. Use `apigw-tui config show`." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nmakr = "M"', "[keys] has an unknown action 'makr'. Did you mean 'mark'?"),
        ('[keys]\nmark = "ctl+x"', "[keys] mark names an unknown key 'ctl+x'. Did you mean 'ctrl+x'?"),
        ('[keys]\nmark = "e"', "'e' would do both next_failure and mark."),
        ("[keys]\nmark = 3", "[keys] mark must be a key or a list of keys, not 3."),
        ("keys = 3", "keys must be a table"),
        ("[kes]", "has an unknown key 'kes'. Did you mean 'keys'?"),
    ],
)
def test_every_command_tells_a_mistake_in_the_file(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["requests", ".", "--config", str(path)]) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    assert told in said


def test_a_saved_query_is_opened_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = tmp_path / "access.log"
    lines.write_text(
        '{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11","httpMethod":"GET","status":"504"}\n'
        '{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a12","httpMethod":"GET","status":"200"}\n',
        encoding="utf-8",
    )
    save_query("failing", "status:5xx")
    assert main(["requests", str(lines), "-q", "@failing", "-o", "ndjson"]) == 0
    assert [json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()] == [504]
    assert main(["requests", str(lines), "-q", "@fialing"]) == 2
    assert "Did you mean @failing?" in capsys.readouterr().err
