"""Batches parsed in other threads while the source reads on and the store takes the ones before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import polars as pl

from apigw_tui.sources.base import Batch, Update

_THREADS: Final = 2
_AHEAD: Final = 3

Parse = Callable[[pl.DataFrame], pl.DataFrame]


def parsed_ahead(updates: Iterable[Update], parse: Parse) -> Iterator[tuple[Update, pl.DataFrame | None]]:
    """The updates in their order, each batch with its parsed events; what the source raises comes after them."""
    waiting: deque[tuple[Update, Future[pl.DataFrame] | None]] = deque()
    failure: Exception | None = None
    source = iter(updates)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="parse") as threads:
        while True:
            try:
                update = next(source)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 - raised again below, when what came before it is out
                failure = error
                break
            waiting.append((update, threads.submit(parse, update.events) if isinstance(update, Batch) else None))
            if len(waiting) > _AHEAD:
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())
    if failure is not None:
        raise failure


def _result(update: Update, parsed: Future[pl.DataFrame] | None) -> tuple[Update, pl.DataFrame | None]:
    return update, parsed.result() if parsed else None
