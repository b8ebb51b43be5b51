"""Completion of shells: made of the parser, with the stages that earlier runs saw; little is loaded for it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apigw_tui.arguments import COMMANDS
from apigw_tui.cli import main
from apigw_tui.headless.completion import bash, fish, known_stages, zsh
from apigw_tui.sources.cache_place import cache_place
from apigw_tui.sources.settings import AwsSettings
from tests.aws_user import with_keys

BASH = shutil.which("bash")
SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish}


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_keys(monkeypatch, tmp_path)


def keep_stages(*names: str) -> None:
    place = cache_place(AwsSettings(region="eu-west-1"), "stages")
    assert place is not None
    place.parent.mkdir(parents=True)
    stages = [dict(zip(("api_name", "stage"), name.split("/"), strict=True)) for name in names]
    place.with_suffix(".json").write_text(json.dumps({"stages": stages}), encoding="utf-8")


def completed(line: str, tmp_path: Path) -> list[str]:
    """What bash offers behind this line."""
    ours = tmp_path / "apigw-tui"
    ours.write_text(f'#!/bin/sh\nexec {sys.executable} -m apigw_tui "$@"\n', encoding="utf-8")
    ours.chmod(0o755)
    words = line.split(" ")
    script = f"""
{bash()}
PATH={tmp_path}:$PATH
COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
_apigw_tui
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run([str(BASH), "-c", script], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stderr == ""
    return sorted(filter(None, done.stdout.splitlines()))


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_offers_commands_stages_options_and_values(tmp_path: Path) -> None:
    keep_stages("orders/prod", "orders/staging", "chat/prod")
    assert completed("apigw-tui sta", tmp_path) == ["stages", "stats"]
    assert completed("apigw-tui --region eu-west-1 requests ord", tmp_path) == ["orders/prod", "orders/staging"]
    assert completed("apigw-tui --region us-east-1 requests ord", tmp_path) == []
    assert completed("apigw-tui tail --e", tmp_path) == ["--endpoint-url", "--events"]
    assert completed("apigw-tui requests -o nd", tmp_path) == ["ndjson"]
    assert completed("apigw-tui --profile x", tmp_path) == []
    assert completed("apigw-tui config s", tmp_path) == ["show"]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_command_and_option_is_in_the_script(shell: str) -> None:
    text = SCRIPTS[shell]()
    for name in (*COMMANDS, "live-tail", "max-events", "query", "fresh"):
        assert name in text


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_one_that_the_shell_understands(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(SCRIPTS[shell](), encoding="utf-8")
    subprocess.run([program, "-n", str(script)], check=True, timeout=60)  # noqa: S603


def test_print_completion_prints_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", "zsh"]) == 0
    assert capsys.readouterr().out == zsh()
    assert main(["--print-completion", "tcsh"]) == 2


def test_without_a_list_of_stages_there_is_none_to_offer() -> None:
    assert known_stages({"region": "eu-west-1"}) == []
    keep_stages("orders/prod")
    assert known_stages({"region": "eu-west-1"}) == ["orders/prod"]
    place = cache_place(AwsSettings(region="eu-west-1"), "stages")
    assert place is not None
    place.with_suffix(".json").write_text('{"stages": [1]}', encoding="utf-8")
    assert known_stages({"region": "eu-west-1"}) == []


def test_nothing_heavy_is_loaded_for_the_stages() -> None:
    code = (
        "import sys\nfrom apigw_tui.cli import main\nmain(['--print-stages'])\n"
        "print({'textual', 'boto3', 'botocore', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stdout.strip() == "set()"
