"""View → command → view is the identity; a pasted command opens what it would open in a shell."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.arguments import COMMANDS
from apigw_tui.errors import UsageError
from apigw_tui.sources.saved_queries import save_query
from apigw_tui.tui.pasted import is_command, view_of
from apigw_tui.tui.session import Session

QUERIES = (
    "",
    "status>=500",
    "-status:2xx -ip:203.0.113.0/24",
    "@slow",
    " @slow",
    '"timed out" OR /a b/',
    "route:/orders/{id} latency>1s",
    "café $HOME `x` \\ '",
)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
times = st.sampled_from(("15m", "2h30m", "-3h", "13:10", "yesterday 14:00", "2026-03-09T13:10:05Z", "1773061805"))
values = words.filter(lambda word: word.strip() == word)


def option(name: str, value: str) -> tuple[str, ...]:
    return (f"{name}={value}",) if value.startswith("-") else (name, value)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    demo = draw(st.booleans())
    elsewhere = () if demo else ("--profile", "--region", "--endpoint-url", "--ca-bundle")
    named = (*elsewhere, "--filter-pattern", "--access-format")
    options = [option(name, draw(values)) for name in named if draw(st.booleans())]
    if not demo and draw(st.booleans()):
        options.append(("--no-verify-ssl",))
    targets = st.one_of(words, st.sampled_from([*COMMANDS, "-", "--", "-x", "--since", "orders/prod", "a b"]))
    return Session(
        targets=tuple(draw(st.lists(targets, min_size=1, max_size=3))),
        since=draw(st.none() | times),
        until=draw(st.none() | times),
        query=draw(st.sampled_from(QUERIES)),
        mode=draw(st.sampled_from(("requests", "events"))),
        highlight=draw(st.booleans()),
        sort=draw(st.sampled_from(("", "-latency", "status", "access.errorType"))),
        demo=demo,
        options=tuple(word for pair in options for word in pair),
        tz=draw(st.none() | st.sampled_from(("utc", "Europe/Berlin", "local"))),
    )


@given(sessions())
def test_property_view_to_command_to_view_is_the_identity(session: Session) -> None:
    assert view_of(session.command(), {}).session == session


def test_the_environment_counts_as_it_would_in_the_shell() -> None:
    view = view_of("apigw-tui orders/prod", {"AWS_PROFILE": "shop", "APIGW_TUI_QUERY": "status:5xx"})
    assert (view.config.profile, view.session.query) == ("shop", "status:5xx")
    assert view.session.options == ("--profile", "shop")


def test_the_demo_needs_no_profile_of_the_environment() -> None:
    assert view_of("apigw-tui orders/prod --demo", {"AWS_PROFILE": "shop"}).session.options == ()


def test_other_commands_open_the_rows_that_they_print() -> None:
    assert view_of("apigw-tui events orders/prod -q status:5xx", {}).session.mode == "events"
    assert view_of("apigw-tui tail --events orders/prod", {}).session.mode == "events"
    assert view_of("apigw-tui requests a/b c/d --since 1h -o json", {}).session.targets == ("a/b", "c/d")
    shown = view_of("apigw-tui show 8f0c2a1e-aaaa-bbbb-cccc-0123456789ab orders/prod", {})
    assert (shown.sought, shown.session.targets) == ("8f0c2a1e-aaaa-bbbb-cccc-0123456789ab", ("orders/prod",))


def test_a_saved_query_is_opened_by_name() -> None:
    save_query("slow", "latency>1s")
    assert view_of("apigw-tui orders/prod -q @slow", {}).session.query == "latency>1s"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("apigw-tui", "names no TARGET"),
        ("apigw-tui 'orders", "not whole"),
        ("ls -l", "ls is another program"),
        ("apigw-tui stages", "opens no view"),
        ("apigw-tui orders/prod --help", "open no view"),
        ("apigw-tui orders/prod --bogus", "Unrecognized arguments: --bogus"),
        ("apigw-tui orders/prod -q 'status>=many'", "col 9"),
        ("apigw-tui orders/prod --tz Mars/Olympus", "no time zone"),
        ("apigw-tui orders/prod --view board", "invalid choice"),
        ("apigw-tui orders/prod --sort -latenzy", "there is no column 'latenzy'. Did you mean 'latency'"),
    ],
)
def test_what_opens_no_view_is_one_sentence(text: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=told):
        view_of(text, {})
    assert capsys.readouterr().out == ""


def test_a_command_is_told_from_other_text() -> None:
    assert is_command("  apigw-tui orders/prod")
    assert not is_command("apigw-tuix")
    assert not is_command("")


def test_what_was_typed_since_counts_more(tmp_path: Path) -> None:
    empty = tmp_path / "config.toml"
    empty.touch()
    over = {"query": "status:404", "config": str(empty)}
    view = view_of("apigw-tui orders/prod -q status:5xx --since 1h", {}, over=over)
    assert (view.session.query, view.session.since) == ("status:404", "1h")
