"""The command line: light help, one sentence per error, exit codes, stdout for data only."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from apigw_tui import __version__
from apigw_tui.arguments import COMMANDS
from apigw_tui.cli import main

HEAVY = ("textual", "boto3", "botocore", "polars")


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apigw_tui", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - ourselves


def modules_after(*words: str) -> set[str]:
    code = (
        "import sys\nfrom apigw_tui.cli import main\n"
        f"try:\n    main({list(words)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write('MODULES ' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)  # noqa: S603
    return set(done.stderr.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("tail", "--help")])
def test_help_and_version_load_nothing_heavy(words: tuple[str, ...]) -> None:
    assert modules_after(*words).isdisjoint(HEAVY)


def test_headless_commands_never_load_textual(tmp_path: Path) -> None:
    lines = tmp_path / "access.log"
    lines.write_text(
        '{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11","httpMethod":"GET","status":"200"}\n', encoding="utf-8"
    )
    for command in ("requests", "events", "stats", "tail"):
        loaded = modules_after(command, str(lines))
        assert "polars" in loaded
        assert "textual" not in loaded


def test_version_is_the_package_version() -> None:
    assert run("--version").stdout == f"apigw-tui {__version__}\n"


def test_help_names_every_command() -> None:
    text = run("--help").stdout
    assert all(f"\n  {command}" in text for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--bogus",), "Unrecognized arguments: --bogus."),
        (("requests",), "Name at least one TARGET."),
        (("show", "only-an-id"), "`show` needs a request ID and a TARGET."),
        (("requests", "no/such-target-anywhere", "--demo"), "no/such-target-anywhere"),
        (("requests", ".", "--since", "lately"), "lately"),
        (("requests", ".", "-q", "status>=many"), "col 9: a number or a class such as 5xx was expected"),
        (("requests", ".", "-o", "yaml"), "`requests` cannot print 'yaml'."),
        (("stages", "a", "b"), "`stages` takes one PATTERN at most."),
        (("tail", ".", "--for", "soon"), "'soon' is not a length of time."),
    ],
)
def test_a_usage_error_is_one_line_on_stderr_and_exit_code_2(words: tuple[str, ...], sentence: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_the_explorer_without_terminal_and_target_says_so() -> None:
    done = run()
    assert done.returncode == 2
    assert "The explorer needs a terminal" in done.stderr


def test_a_target_without_terminal_is_printed_as_ndjson(tmp_path: Path) -> None:
    lines = tmp_path / "access.log"
    lines.write_text(
        '{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11","httpMethod":"GET","status":"504"}\n', encoding="utf-8"
    )
    done = run(str(lines))
    assert done.returncode == 0
    assert '"request_id":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11"' in done.stdout
    assert "printing what `apigw-tui tail` prints" in done.stderr


def test_a_missing_file_is_one_sentence() -> None:
    done = run("events", "./missing/access.log")
    assert done.returncode in (1, 2)
    assert "missing/access.log" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_ends_silently(tmp_path: Path) -> None:
    lines = tmp_path / "access.log"
    entry = '{{"requestId":"5b1f7c9e-8a52-4a0e-9d53-{:012d}","httpMethod":"GET","status":"200"}}\n'
    lines.write_text("".join(entry.format(number) for number in range(30_000)), encoding="utf-8")
    command = f"{sys.executable} -m apigw_tui requests {lines} -o ndjson | head -n 1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    lines = tmp_path / "access.log"
    lines.write_text(
        '{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11","httpMethod":"GET","status":"504"}\n', encoding="utf-8"
    )
    command = f"{sys.executable} -m apigw_tui requests {lines} > /dev/full"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_words_may_stand_before_the_command() -> None:
    assert main(["--tz", "utc", "requests"]) == 2


def test_an_interrupted_tail_ends_with_130_and_no_traceback() -> None:
    command = [sys.executable, "-m", "apigw_tui", "tail", "orders/prod", "--demo", "-o", "ndjson"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:  # noqa: S603
        assert tail.stdout is not None
        assert tail.stdout.readline().startswith('{"request_id":')
        tail.send_signal(signal.SIGINT)
        _, narrated = tail.communicate(timeout=60)
    assert tail.returncode == 130
    assert "Traceback" not in narrated


def test_an_unknown_scenario_names_those_that_there_are() -> None:
    done = run("emulator", "--scenario", "calm")
    assert done.returncode == 2
    assert "There is no scenario 'calm'. Use steady, slow-backend" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--lag", "sometimes"), "There is no lag model 'sometimes'. Use fixed, lognormal"),
        (("--tps", "0"), "--tps 0 lets no call through. Give calls per second"),
        (("--latency", "-5"), "--latency -5 is before the call. Give milliseconds"),
    ],
)
def test_misbehaviour_of_the_emulator_is_checked(words: tuple[str, str], told: str) -> None:
    done = run("emulator", *words)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
