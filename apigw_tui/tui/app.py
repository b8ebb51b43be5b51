"""The explorer: owns the engine, the workspace and the screens; carries messages between them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.filter import NoColor

from apigw_tui.headless import opening
from apigw_tui.sources.mfa import MfaCodes
from apigw_tui.sources.spill_folder import SpillFolder
from apigw_tui.tui import clipboard, later, messages
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.engine import Engine
from apigw_tui.tui.footer import copied
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.help_screen import HelpScreen
from apigw_tui.tui.keymap import keymap, rebound
from apigw_tui.tui.main_screen import MainScreen
from apigw_tui.tui.memories import Memories, Start
from apigw_tui.tui.mfa_screen import MfaScreen, PendingCode
from apigw_tui.tui.palette import ActionCommands, Palette, pane_of
from apigw_tui.tui.session import Session
from apigw_tui.tui.theme import THEMES, VARIABLE_DEFAULTS, choose_theme
from apigw_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.command import Provider

    from apigw_tui.config import Config
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.core.store import EventStore
    from apigw_tui.sources.mfa import MfaQuestion
    from apigw_tui.tui.copy_view import CopyItem
    from apigw_tui.tui.picture import Picture

_LOOK_BACK: Final = ("15m", "1m", "5m", "15m", "30m", "1h", "3h")
_LOOK_BACK_KEYS: Final = tuple(f"look_back({place})" for place in range(len(_LOOK_BACK)))
_KEYS: Final = (
    "pick",
    "copy_id",
    "copy_menu",
    "help",
    "quit",
    "choose_profile",
    "choose_region",
    "command_palette",
    *_LOOK_BACK_KEYS,
)
_COLLECT_EVERY_S: Final = 1.0
_CODE_PATIENCE_S: Final = 300.0
_ENTER_LATER: Final = "Open the stage again, e.g. by 3 (last 15 min), to enter it."
_NOTE_S: Final = 10.0
_START_NOTE_S: Final = 5.0


class Explorer(Memories):
    """`apigw-tui [TARGET ...]`."""

    TITLE = "apigw-tui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen(*_KEYS))]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionCommands}

    def __init__(
        self,
        config: Config,
        targets: Sequence[str] = (),
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], int] = opening.now_ms,
        start: Start | None = None,
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        choice = choose_theme(_color_system(self._environ), no_color=not config.color, requested=config.theme)
        super().__init__(ansi_color=choice.ansi_color)
        if not config.color and not self.no_color:  # Textual itself knows the environment variable only
            self.no_color = True
            self._filters.append(NoColor())
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = choice.name
        self.glyphs = ASCII if self._environ.get("TERM") == "linux" else UNICODE
        self.clock = clock
        self.actions = rebound(config.keys, where=config.origins.get("keys", "keys"))
        self.set_keymap(keymap(self.actions))
        self.picked: str | None = None
        self.start_remembering(start or Start(config, remembers=False))
        self._codes = MfaCodes(self._ask_for_code, hint=_ENTER_LATER)
        self._waiting_for_codes: list[PendingCode] = []
        self.start_at(Workspace(config, clock=clock, mfa=self._codes), targets)
        self._generation = 0
        self._shown_generation = 0
        self._shelf = SpillFolder()
        self.engine = Engine(
            publish=self._publish,
            publish_story=lambda state: self.tell_main_thread(messages.StoryStitched(state)),
            publish_found=lambda identifier, key: self.tell_main_thread(messages.RequestSought(identifier, key)),
            explain=self.explain,
            clock=clock,
            store_for=partial(self._store_for, config),
        )
        self.engine.turn_live_tail(on=config.live_tail)
        self._unshown: Picture | None = None
        self.main = MainScreen(self.engine, glyphs=self.glyphs, zone=config.timezone, reveal=config.reveal)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette's names, so that any theme of Textual works."""
        return dict(VARIABLE_DEFAULTS)

    async def on_mount(self) -> None:
        """Show the panes."""
        self.main.announce(" ".join(self._targets))
        # What is known already may be there at once: it needs a place to be shown.
        await self.push_screen(self.main)
        # Whatever loads modules in a thread takes turns with this one: the first frame comes before them.
        self.main.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Start the engine, then open the targets or offer the stages."""
        self.engine.start()
        if self._targets:
            self.open_targets(self._targets, session=self._first)
        else:
            self.pick_stage()
            if self._note:
                self.say(self._note, _NOTE_S)
        self.discover(targets=self._targets)
        self.watch_changes()
        self.watch_clock()
        self.set_timer(_COLLECT_EVERY_S, self._tame_collector)

    def on_unmount(self) -> None:
        """Keep what the next run needs; stop the threads and the demo's endpoint."""
        self.remember_now()
        self.engine.close()
        self._shelf.close()
        for pending in self._waiting_for_codes:
            pending.answer(None)
        self.close_workspaces()
        gc.unfreeze()
        gc.enable()

    def open_targets(
        self, targets: Sequence[str], *, workspace: Workspace | None = None, session: Session | None = None
    ) -> None:
        """Read other targets, or with a session the same ones over another range."""
        self.main.announce(" ".join(targets))
        opened = workspace or self.workspace
        config = opened.config
        session = session or Session.of(config, targets)
        self._generation += 1
        generation = self._generation
        self._codes.forget_refusals()

        def work() -> None:
            source = opened.source(targets)
            aws = None if opened.reads_files_only(targets) else opened.aws()
            place = (aws.region, aws.profile) if aws else (None, None)
            memory = self.recall(config)
            told = messages.SourceOpened(generation, source, session, workspace=opened, place=place, memory=memory)
            self.tell_main_thread(told)

        self.in_background(
            work,
            failed=lambda error: messages.OpeningFailed(generation, error),
            action=f"open {', '.join(targets)}",
            config=config,
        )

    def copy(self, text: str, *, what: str | None = None) -> None:
        """Put text where it can be pasted and say where that is."""

        def work() -> None:
            report = clipboard.copy(text, environ=self._environ, write=self._write_to_terminal)
            self.tell_main_thread(messages.Copied(report, what or text))

        self.in_background(work, failed=messages.CopyingFailed, action="copy")

    # -- messages

    @on(messages.PictureTaken)
    def _picture_taken(self) -> None:
        picture, self._unshown = self._unshown, None
        if picture is not None and picture.generation == self._shown_generation:
            self.main.show_picture(picture)

    @on(messages.MfaCodeWanted)
    def _mfa_code_wanted(self, message: messages.MfaCodeWanted) -> None:
        if not message.pending.is_over:
            self.push_screen(MfaScreen(message.pending, glyphs=self.glyphs))

    @on(messages.StoryStitched)
    def _story_stitched(self, message: messages.StoryStitched) -> None:
        self.main.show_story(message.state)

    @on(messages.SourceOpened)
    def _source_opened(self, message: messages.SourceOpened) -> None:
        if message.generation != self._generation:
            return
        session, source = message.session, message.source
        self.main.watch_source(source, session, place=message.place, memory=message.memory)
        self.arrive(message.workspace)
        self.awaited_came(message.workspace)
        ranged = replace(self.config, since=session.since, until=session.until)
        time_range = opening.range_of(ranged, live=source.live, now=self.clock())
        self._shown_generation = self.engine.open(source, time_range, session)
        self.show_main()
        self._tell_notes(source.notes)
        if self._sought:
            self.main.look_for(self._sought)
            self._sought = None

    @on(messages.OpeningFailed)
    def _opening_failed(self, message: messages.OpeningFailed) -> None:
        if message.generation == self._generation:
            self.awaited_failed()
            self.main.announce("")
            self.show_failure(message.error)

    @on(messages.Copied)
    def _copied(self, message: messages.Copied) -> None:
        report = message.report
        if report.ok:
            self.main.flash(copied(message.text, report.detail, self.glyphs))
        else:
            self.main.flash(((f"Not copied: {report.detail}", "status-4xx"),), 6)

    @on(messages.CopyingFailed)
    def _copying_failed(self, message: messages.CopyingFailed) -> None:
        self.main.flash(((str(message.error), "status-4xx"),), 6)

    @on(messages.RequestSought)
    def _request_sought(self, message: messages.RequestSought) -> None:
        if message.key is None:
            self.main.flash(((f"No request {message.identifier} in the last 24 h here.", "status-4xx"),), 10)
        else:
            self.main.flash((("Found.", "ink"),), 1)
            self.main.open_request(message.key)

    # -- actions

    def action_copy_id(self) -> None:
        """Copy the request ID of the open story or the row under the cursor."""
        identifier = self._selected_id()
        if identifier:
            self.copy(identifier)
        else:
            self.main.flash((("This row has no request ID.", "ink"),))

    def action_pick(self) -> None:
        """Leave, and print the request ID of the open story or the row under the cursor on stdout."""
        self.picked = self._selected_id()
        if self.picked:
            self.exit()
        else:
            self.main.flash((("This row has no request ID: q quits without one.", "ink"),))

    def action_copy_menu(self) -> None:
        """Choose what to copy of the open story or the row under the cursor."""
        content = later.copy_content(self.main, region=self.workspace.region, reveal=self.config.reveal)
        if content is None:
            self.say("There is nothing to copy here.")
            return

        def chosen_item(item: CopyItem | None) -> None:
            if item is not None:
                self.copy(item.text, what=item.what)

        menu = later.CopyMenu(content, route=clipboard.expected_route(self._environ), glyphs=self.glyphs)
        self.push_screen(menu, chosen_item)

    def action_help(self) -> None:
        """Keys and signs of the focused pane."""
        pane = pane_of(self.screen)
        if pane is not None:
            self.push_screen(HelpScreen(pane, actions=self.actions, glyphs=self.glyphs))

    def action_command_palette(self) -> None:
        """Everything that the keys do here, by name."""
        if pane_of(self.screen) is not None:
            self.push_screen(Palette())

    def action_help_quit(self) -> None:
        """Say how to quit to whom Textual would tell by a pop-up."""
        self.say("q quits.")

    def action_look_back(self, place: int) -> None:
        """Read another range of the same target: live, 1m … 3h."""
        source = self.main.source
        if source is None:
            return
        if not source.live:
            self.say("A file is read as a whole: there is no other range.")
        elif place or not self.main.go_live():
            self._read_range(_LOOK_BACK[place], None)

    @on(MainScreen.MoreWanted)
    def _more_wanted(self, message: MainScreen.MoreWanted) -> None:
        self._read_range(message.since, message.until)

    def _read_range(self, since: str, until: str | None) -> None:
        """Read the same targets over another range, looked at in the same way."""
        session = self.main.session
        if session is None:
            return
        session = replace(session, since=since, until=until)
        self.open_targets(session.targets, session=session)

    # -- inside

    def _tell_notes(self, notes: Sequence[str]) -> None:
        """What the source says, after what there is to say of the start: one row takes only one of them."""
        told, self._note = self._note, ""
        if told:
            self.say(told, _START_NOTE_S)
        if notes:
            say = partial(self.say, " ".join(notes), _NOTE_S)
            self.set_timer(_START_NOTE_S, say) if told else say()

    def _selected_id(self) -> str | None:
        story = self.main.opened_story
        row = story.request if story is not None else self.main.selected_row()
        if not row:
            return None
        return row.get("request_id") or row.get("extended_request_id")

    def _ask_for_code(self, question: MfaQuestion) -> str | None:
        """In the thread that needs it: wait until the user has answered."""
        if not self.is_running:
            return None
        pending = PendingCode(question)
        self._waiting_for_codes.append(pending)
        self.tell_main_thread(messages.MfaCodeWanted(pending))
        code = pending.wait(_CODE_PATIENCE_S)
        self._waiting_for_codes.remove(pending)
        return code

    def _store_for(self, config: Config, formats: Mapping[str, AccessFormat]) -> EventStore:
        """Called in the engine's thread."""
        return later.EventStore(
            formats, max_events=config.max_events, max_memory=config.memory_bytes, shelf=self._shelf
        )

    def _publish(self, picture: Picture) -> None:
        """Called in the engine's thread: of pictures that were not shown yet only the last counts."""
        waiting, self._unshown = self._unshown, picture
        if waiting is None:
            self.tell_main_thread(messages.PictureTaken())

    def _write_to_terminal(self, text: str) -> None:
        def write() -> None:
            if self._driver is not None:
                self._driver.write(text)
                self._driver.flush()

        self.call_from_thread(write)

    def _tame_collector(self) -> None:
        """Full collections would stop the keys for 30-100 ms: freeze what start-up made, collect the young often."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self.set_interval(_COLLECT_EVERY_S, lambda: gc.collect(0))


def _color_system(environ: Mapping[str, str]) -> str | None:
    from rich.console import Console  # noqa: PLC0415 - here only

    return Console(file=sys.__stdout__, force_terminal=True, _environ=dict(environ)).color_system
