"""Memories: the explorer goes on where it was, and keeps queries by name and marks for the next run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.command import CommandPalette

from apigw_tui.errors import AppError
from apigw_tui.sources.saved_queries import SIGN, forget_query, save_query, saved_queries
from apigw_tui.tui import later, messages
from apigw_tui.tui.accounts import Accounts
from apigw_tui.tui.listings import Account
from apigw_tui.tui.pasted import view_of
from apigw_tui.tui.remembering import Memory, MemoryFile, lasting, marks_name, recalled
from apigw_tui.tui.text_prompt import Question, TextPrompt

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.tui.session import Session
    from apigw_tui.tui.workspace import Workspace

_SAVE_EVERY_S: Final = 2.0
_NAMES: Final = r"([A-Za-z0-9][A-Za-z0-9._-]{0,39})?"
_DECIDES_ROWS: Final = (
    "profile",
    "region",
    "endpoint_url",
    "verify_ssl",
    "ca_bundle",
    "demo",
    "filter_pattern",
    "access_format",
)
"""Options of which another value needs another workspace."""


@dataclass(frozen=True)
class Start:
    """With what to begin: `session` None leads to the stage picker, `note` is said once something is open."""

    config: Config
    session: Session | None = None
    note: str = ""
    remembers: bool = True


class Memories(Accounts):
    """The part of the explorer that outlives it."""

    def start_remembering(self, start: Start) -> None:
        """Take what an earlier run left; the tests' runs leave nothing behind."""
        self._note = start.note
        self._first = start.session
        self._is_kept = start.remembers
        self._memories: dict[MemoryFile, Memory] = {}
        self._saved: dict[MemoryFile, Memory] = {}
        self._is_saving = threading.Lock()
        self._awaited: Workspace | None = None

    def watch_changes(self) -> None:
        """Keep what changes while it runs: a run may end without notice."""
        self.set_interval(_SAVE_EVERY_S, self._remember_soon)

    def recall(self, config: Config) -> Memory:
        """What is remembered of an account; may read a file, once."""
        place = self._place(config)
        if place not in self._memories:
            memory, _ = recalled(place)
            self._memories.setdefault(place, memory)
            self._saved.setdefault(place, memory)
        return self._memories[place]

    def remember_now(self) -> None:
        """Before the end: keep what is not kept yet."""
        changed = self._changed()
        if changed is not None:
            try:
                self._save(*changed)
            except AppError:
                self._is_kept = False  # it was told when it first failed, or there is nobody to tell

    def _place(self, config: Config) -> MemoryFile:
        return MemoryFile.of(config) if self._is_kept else MemoryFile(None)

    def _changed(self) -> tuple[MemoryFile, Memory] | None:
        """What is to be kept by now, where that is more than is kept."""
        session = self.main.session
        place = self._place(self.config)
        if session is None or place.file is None:
            return None
        before = self._memories.get(place, Memory())
        kept = lasting(session)
        memory = replace(
            before,
            command=before.command if kept is None else kept.command(),
            queries=self.main.queries,
            marks={**before.marks, marks_name(session.targets): tuple(self.main.marks)},
        )
        self._memories[place] = memory
        return None if memory == self._saved.get(place) else (place, memory)

    def _remember_soon(self) -> None:
        changed = self._changed()
        if changed is not None and not self._is_saving.locked():
            self.in_background(partial(self._save, *changed), failed=messages.RememberingFailed, action="remember")

    def _save(self, place: MemoryFile, memory: Memory) -> None:
        with self._is_saving:
            place.save(memory)
            self._saved[place] = memory

    @on(messages.RememberingFailed)
    def _remembering_failed(self, message: messages.RememberingFailed) -> None:
        if self._is_kept:
            self._is_kept = False
            self.tell(message.error)

    # -- queries by name

    def own_commands(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """What the palette offers beside the keys' actions: title and what it does."""
        below = self.screen_stack[-2:-1] if isinstance(self.screen, CommandPalette) else [self.screen]
        if self.main.session is None or below != [self.main]:
            return
        try:
            saved = saved_queries()
        except AppError as error:
            self.tell(error)
            return
        if self.main.session.query:
            yield "query: save as …", self._save_query_as
        for name, query in saved.items():
            yield f"query: open {name}", partial(self.main.apply_query, query)
        for name in saved:
            yield f"query: forget {name}", partial(self._forget_query, name)
        if (asked := later.format_asked(self.main.source, self.main.guesses)) is not None:
            yield "access format: correct …", partial(self._correct_format, asked)

    def _correct_format(self, question: Question) -> None:
        def typed(text: str | None) -> None:
            session = self.main.session
            if text is not None and session is not None:
                self._open_with(replace(self.workspace.config, access_format=text or later.GUESS), session)

        self.push_screen(later.FormatPrompt(question, glyphs=self.glyphs), typed)

    def _save_query_as(self) -> None:
        session = self.main.session
        query = session.query if session else ""
        question = Question("Save the query", query, "Name", "saves it", "leaves it unsaved", restrict=_NAMES)

        def named(name: str | None) -> None:
            if name:
                self._change_queries(partial(save_query, name, query), f"Saved: -q {SIGN}{name} opens it, too.")

        self.push_screen(TextPrompt(question, glyphs=self.glyphs), named)

    def _forget_query(self, name: str) -> None:
        self._change_queries(partial(forget_query, name), f"The query {name} is saved no longer.")

    def _change_queries(self, change: Callable[[], None], told: str) -> None:
        def work() -> None:
            change()
            self.tell_main_thread(messages.Told(told))

        self.in_background(work, failed=messages.SearchFailed, action="save the query")

    @on(messages.Told)
    def _told_of(self, message: messages.Told) -> None:
        self.say(message.sentence, 6)

    # -- a pasted command

    def open_command(self, text: str) -> None:
        """Open the view of a pasted `apigw-tui …` command; what is open stays until that answers."""
        try:
            view = view_of(text)
        except AppError as error:
            self.tell(error)
            return
        self._sought = view.sought
        self._open_with(view.config, view.session)

    def _open_with(self, config: Config, session: Session) -> None:
        """Open a view, with other options in a workspace of their own."""
        here = self.workspace
        if all(getattr(config, name) == getattr(here.config, name) for name in _DECIDES_ROWS):
            self.open_targets(session.targets, session=session)
            return
        there = here.like(config)
        self._workspaces.append(there)
        self._leave_there()
        self._there = Account(there)
        self._awaited = there
        self.open_targets(session.targets, workspace=there, session=session)

    def awaited_came(self, workspace: Workspace) -> None:
        """What a command asked for is open: what else is there can be listed now."""
        if workspace is self._awaited:
            self._awaited = None
            self.discover()

    def awaited_failed(self) -> None:
        """What a command asked for cannot be opened: go on with what is open."""
        if self._awaited is not None:
            self._awaited = None
            self._leave_there()
