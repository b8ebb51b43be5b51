"""What a run leaves to the next: the view, the queries, the marks; kept apart by account, harmless when broken."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_tui.config import Config
from apigw_tui.sources.state_place import state_root
from apigw_tui.tui.launch import start_of
from apigw_tui.tui.marks import Mark, Marks, marks_of_record, marks_record
from apigw_tui.tui.remembering import Memory, MemoryFile, lasting, marks_name, recalled
from apigw_tui.tui.session import QueryHistory, Session

NOTHING: dict[str, str] = {}
texts = st.text(max_size=20)
printable = texts.map(lambda text: "".join(sign for sign in text if sign.isprintable()))
marks = st.builds(
    Mark,
    mode=st.sampled_from(("requests", "events")),
    name=texts.filter(bool),
    at=st.integers(0, 2**45),
    scope=texts,
    note=printable,
)
memories = st.builds(
    Memory,
    command=st.none() | texts,
    queries=st.lists(texts, max_size=5).map(tuple),
    marks=st.dictionaries(texts, st.lists(marks, min_size=1, max_size=3).map(tuple), max_size=3),
)
anything: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(memories)
def test_property_what_is_remembered_comes_back(memory: Memory) -> None:
    assert Memory.of(memory.record()) == memory


@given(anything, anything, anything)
def test_property_no_record_breaks_the_start(command: object, queries: object, some: object) -> None:
    Memory.of({"command": command, "queries": queries, "marks": some})
    marks_of_record(some)


def remember(config: Config, **values: Any) -> None:
    MemoryFile.of(config).save(Memory(**values))


def start(config: Config, *targets: str, **typed: Any) -> tuple[Session | None, str]:
    begun = start_of(config, targets, typed, NOTHING)
    return begun.session, begun.note


def test_without_a_target_the_last_view_is_opened_again() -> None:
    remember(Config(), command="apigw-tui orders/prod --since 1h -q status:5xx --view events --highlight --tz utc")
    session, note = start(Config())
    assert session == Session(("orders/prod",), "1h", None, "status:5xx", "events", highlight=True, tz="utc")
    assert note == "Where you were: orders/prod with status:5xx. --fresh starts clean."
    begun = start_of(Config(), (), {}, NOTHING)
    assert (begun.config.tz, begun.config.query, begun.config.since) == ("utc", "", None)


def test_what_is_typed_counts_more_than_what_is_remembered() -> None:
    remember(Config(), command="apigw-tui orders/prod --since 1h -q status:5xx")
    typed = Config(query="status:404", origins={"query": "flag"})
    session, _ = start(typed, query="status:404")
    assert session == Session(("orders/prod",), "1h", None, "status:404")


def test_fresh_starts_clean_and_a_target_opens_that() -> None:
    remember(Config(), command="apigw-tui orders/prod -q status:5xx")
    assert start(Config(), fresh=True) == (None, "")
    assert start(Config(), "catalogue/prod", view="events") == (Session(("catalogue/prod",), mode="events"), "")


def test_demo_profiles_and_regions_are_kept_apart() -> None:
    configs = (Config(), Config(demo=True), Config(profile="shop"), Config(region="eu-west-1"), Config(profile="a b"))
    for number, config in enumerate(configs):
        remember(config, queries=(str(number),))
    assert [recalled(MemoryFile.of(config))[0].queries for config in configs] == [(str(n),) for n in range(5)]


def test_a_broken_file_is_told_once_and_starts_clean() -> None:
    path = MemoryFile.of(Config()).file
    assert path is not None
    path.path.parent.mkdir(parents=True)
    path.path.write_text("{", encoding="utf-8")
    session, note = start(Config())
    assert session is None
    assert "cannot be used: it is no valid JSON. Started without it" in note
    assert start(Config()) == (None, "")


@pytest.mark.parametrize("command", ["rm -rf /", "apigw-tui", "apigw-tui x --no-such-flag", "apigw-tui x -q 'a:'", "'"])
def test_a_view_that_this_version_cannot_open_starts_clean(command: str) -> None:
    remember(Config(), command=command)
    session, note = start(Config())
    assert session is None
    assert note.startswith("The last view cannot be opened again: ")


def test_files_are_remembered_wherever_the_next_run_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "access.log").touch()
    monkeypatch.chdir(tmp_path)
    assert lasting(Session(("access.log", "orders/prod"))) == Session((f"{tmp_path}/access.log", "orders/prod"))
    assert marks_name(("access.log",)) == f"{tmp_path}/access.log"
    assert lasting(Session(("-",))) is None


def test_two_runs_at_once_do_not_forget_each_others_marks_and_queries() -> None:
    place = MemoryFile.of(Config())
    mine, yours = Mark("requests", "a", 1), Mark("requests", "b", 2)
    place.save(Memory(queries=("one", "two"), marks={"orders/prod": (mine,)}))
    place.save(Memory(queries=("two", "three"), marks={"chat/prod": (yours,)}))
    kept = place.load()
    assert kept.queries == ("one", "two", "three")
    assert kept.marks == {"orders/prod": (mine,), "chat/prod": (yours,)}


def test_the_history_of_earlier_runs_lies_before_the_query_of_the_start() -> None:
    history = QueryHistory.after(("status:5xx", "method:GET"), "latency>1s")
    assert (history.current, history.step(-1).current) == ("latency>1s", "method:GET")
    assert QueryHistory.after((), "").queries == ("",)
    assert QueryHistory.after(("a", "b"), "b").queries == ("a", "b")


def test_a_note_is_one_line_and_without_one_there_is_no_mark() -> None:
    some = Marks().added(7, Mark("requests", "a", 1))
    assert [mark.note for mark in some.noted(7, "  first\nof\tmany ")] == ["first of many"]
    assert len(some.noted(7, "  ")) == 0


def test_marks_of_events_keep_no_text_of_the_log() -> None:
    row = {"message": "Authorization: secret", "timestamp": 5, "log_group": "/a", "log_stream": "s", "event_id": None}
    mark = Mark.of(row)
    assert mark is not None
    assert "secret" not in str(marks_record([mark]))


def test_nothing_lies_in_the_state_folder_before_something_is_kept() -> None:
    start(Config())
    assert not state_root().exists()
