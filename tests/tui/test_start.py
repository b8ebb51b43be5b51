"""The panes are on screen before anything heavy is loaded; the engine's thread loads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from apigw_tui.tui import later

_UNTIL_THE_FIRST_FRAME = """
import sys
from pathlib import Path
from apigw_tui.config import load_config
from apigw_tui.tui import launch
from apigw_tui.tui.app import Explorer
from apigw_tui.tui.event_list import RowList
from apigw_tui.tui.header import Header

class Watched(Explorer):
    def begin(self):
        heavy = {"polars", "boto3", "botocore", "pyarrow"} & set(sys.modules)
        said.append(f"{sorted(heavy)} {self.main.query_one(RowList).size}")
        said.extend(self.main.query_one(Header).plain_lines())
        if sys.argv[1] == "first":
            self.exit()
        else:
            super().begin()
            self.set_interval(0.05, self.look)

    def look(self):
        if self.main.picture is not None and self.main.picture.events:
            said.append(f"{self.main.picture.events} events, polars: {'polars' in sys.modules}")
            self.exit()

said = []
Watched(load_config({}), [sys.argv[2]]).run(headless=True, size=(100, 30))
print("\\n".join(said))
"""


def run(until: str, path: Path) -> list[str]:
    words = [sys.executable, "-c", _UNTIL_THE_FIRST_FRAME, until, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)  # noqa: S603 - ourselves
    return done.stdout.splitlines()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.log"
    path.write_text('{"requestId":"5b1f7c9e-8a52-4a0e-9d53-0c2f1f6f7a11","status":"200"}\n', encoding="utf-8")
    return path


def test_the_first_frame_has_the_panes_says_what_is_opened_and_needs_neither_polars_nor_boto3(path: Path) -> None:
    loaded, header = run("first", path)
    assert loaded.startswith("[] Size(width=100, height=")
    assert header.endswith("orders.log  opening …")


def test_after_the_first_frame_the_rows_come(path: Path) -> None:
    assert run("rows", path)[-1] == "1 events, polars: True"


def test_every_name_that_is_loaded_later_is_there() -> None:
    later.load()
    assert set(later.__all__) <= set(vars(later))


def test_another_name_is_not_found_later() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        later.nothing  # noqa: B018 - asked for on purpose
