"""Starts the explorer on a terminal and tells what is left to say when it ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apigw_tui.core.query import parse
from apigw_tui.headless import opening
from apigw_tui.tui.app import Explorer

if TYPE_CHECKING:
    from apigw_tui.config import Config


def launch(config: Config, targets: Sequence[str]) -> int:
    """Run the explorer; usage errors are raised before the screen is taken."""
    parse(config.query)
    opening.range_of(config, live=True)
    if not config.color:
        os.environ["NO_COLOR"] = "1"  # Textual reads it when the app is made
    explorer = Explorer(config, targets)
    explorer.run()
    return explorer.return_code or 0
