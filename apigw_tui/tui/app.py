"""The explorer: owns the engine, the workspace and the screens; carries messages between them."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import App
from textual.message import Message

from apigw_tui import __version__
from apigw_tui.core.query import looks_like_id
from apigw_tui.errors import AppError
from apigw_tui.headless import opening
from apigw_tui.tui import clipboard, messages
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.copy_items import (
    CopyContext,
    CopyItem,
    CopyMenuContent,
    event_items,
    row_items,
    story_items,
)
from apigw_tui.tui.copy_menu import CopyMenu
from apigw_tui.tui.engine import Engine
from apigw_tui.tui.footer import copied
from apigw_tui.tui.glyphs import ASCII, UNICODE
from apigw_tui.tui.help_screen import HelpScreen
from apigw_tui.tui.main_screen import MainScreen
from apigw_tui.tui.session import Session
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.stage_tree import Offer
from apigw_tui.tui.stages_screen import PickerHeading, StagesScreen
from apigw_tui.tui.theme import THEMES, VARIABLE_DEFAULTS, choose_theme
from apigw_tui.tui.welcome_screen import WelcomeScreen
from apigw_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from textual.binding import BindingType

    from apigw_tui.config import Config
    from apigw_tui.tui.picture import Picture

_LOOK_BACK: Final = ("15m", "1m", "5m", "15m", "30m", "1h", "3h")
_KEYS: Final = ("copy_id", "copy_menu", "help", "quit", "choose_profile", "choose_region", "command_palette")
_COLLECT_EVERY_S: Final = 1.0
_MOST_STAGES_SEARCHED: Final = 20
_ID_KEYS: Final = ("c", "x", "l", "t")


class Explorer(App[int]):
    """`apigw-tui [TARGET ...]`."""

    TITLE = "apigw-tui"
    ENABLE_COMMAND_PALETTE = True
    CSS = "Screen { background: $background; color: $ink; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", chosen(*_KEYS))]

    def __init__(
        self, config: Config, targets: Sequence[str] = (), *, environ: Mapping[str, str] | None = None
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        choice = choose_theme(_color_system(self._environ), no_color=not config.color, requested=config.theme)
        super().__init__(ansi_color=choice.ansi_color)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = choice.name
        self.config = config
        self.glyphs = ASCII if self._environ.get("TERM") == "linux" else UNICODE
        self.workspace = Workspace(config)
        self._targets = tuple(targets)
        self._offer = Offer()
        self._account: tuple[str | None, int | None] = (None, None)
        self._sought: str | None = None
        self._generation = 0
        self._shown_generation = 0
        self.engine = Engine(
            publish=self._publish,
            publish_story=lambda state: self._post(messages.StoryStitched(state)),
            publish_found=lambda identifier, key: self._post(messages.RequestSought(identifier, key)),
            explain=self.explain,
            clock=opening.now_ms,
            max_events=config.max_events,
        )
        self._unshown: Picture | None = None
        self.main = MainScreen(self.engine, glyphs=self.glyphs, zone=config.timezone, reveal=config.reveal)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The palette's names, so that any theme of Textual works."""
        return dict(VARIABLE_DEFAULTS)

    def on_mount(self) -> None:
        """Start the engine, then open the targets or offer the stages."""
        self.engine.start()
        self.push_screen(self.main)
        if self._targets:
            self.open_targets(self._targets)
        else:
            self.push_screen(StagesScreen(self._heading(), glyphs=self.glyphs))
        self.discover()
        self.set_timer(_COLLECT_EVERY_S, self._tame_collector)

    def on_unmount(self) -> None:
        """Stop the threads and the demo's endpoint."""
        self.engine.close()
        self.workspace.close()

    # -- what runs in threads

    def in_background(self, work: Callable[[], None], *, failed: Callable[[AppError], Message], action: str) -> None:
        """Run blocking work in a daemon thread: a thread of Textual's would keep the program from ending."""

        def run() -> None:
            try:
                work()
            except BaseException as problem:  # noqa: BLE001 - a panic must become a sentence, too
                self._post(failed(self.explain(problem, action=action)))

        threading.Thread(target=run, name=action, daemon=True).start()

    def explain(self, problem: BaseException, action: str = "read the logs") -> AppError:
        """Any failure as one sentence with the next step."""
        if isinstance(problem, AppError):
            return problem
        from apigw_tui.sources.failures import FailureContext, explain  # noqa: PLC0415 - loads botocore

        context = FailureContext(profile=self.config.profile, region=self.config.region)
        return explain(problem, action=action, context=context)

    def discover(self) -> None:
        """Read the stages of the account."""

        def work() -> None:
            if self._targets and self.workspace.reads_files_only(self._targets):
                return
            started = opening.now_ms()
            directory = self.workspace.stages()
            took_ms = opening.now_ms() - started
            self._post(messages.StagesFound(directory, took_ms, self.workspace.account()))

        self.in_background(work, failed=messages.DiscoveryFailed, action="list the stages")

    def open_targets(self, targets: Sequence[str], **changes: Any) -> None:
        """Read other targets, or the same ones over another range."""
        config = self.workspace.config
        session = Session(
            targets=tuple(targets),
            since=config.since,
            until=config.until,
            query=config.query,
            demo=config.demo,
            options=_aws_options(config),
        )
        session = replace(session, **changes)
        self._generation += 1
        generation = self._generation

        def work() -> None:
            source = self.workspace.source(targets)
            aws = None if self.workspace.reads_files_only(targets) else self.workspace.aws()
            place = (aws.region, aws.profile) if aws else (None, None)
            self._post(messages.SourceOpened(generation, source, session, place))

        self.in_background(
            work,
            failed=lambda error: messages.OpeningFailed(generation, error),
            action=f"open {', '.join(targets)}",
        )

    def copy(self, text: str, *, what: str | None = None) -> None:
        """Put text where it can be pasted and say where that is."""

        def work() -> None:
            report = clipboard.copy(text, environ=self._environ, write=self._write_to_terminal)
            self._post(messages.Copied(report, what or text))

        self.in_background(work, failed=messages.CopyingFailed, action="copy")

    # -- what can be opened

    @on(messages.StagesFound)
    def _stages_found(self, message: messages.StagesFound) -> None:
        directory = message.directory
        groups = tuple(group.name for group in directory.groups)
        self._offer = Offer(stages=directory.stages, groups=groups)
        self._account = (message.account, message.took_ms)
        self.main.offer_stages(self._offer)
        if isinstance(self.screen, StagesScreen):
            self.screen.show(self._offer, self._heading())
        if directory.troubles:
            self._tell(directory.troubles[0].error)

    @on(messages.DiscoveryFailed)
    def _discovery_failed(self, message: messages.DiscoveryFailed) -> None:
        """A target that was opened goes on without the stage pane; else there is nothing to do but this."""
        if self.main.source is None and not self._targets:
            self.show_failure(message.error)

    def show_failure(self, error: AppError) -> None:
        """Say what failed on the screen that is there: the picker's trouble, else the first run's screen."""
        if isinstance(self.screen, WelcomeScreen):
            self.screen.show_failure(error)
        elif self.main.source is not None:
            self._tell(error)
        else:
            profiles = self.workspace.profiles()
            self.show_main()
            self.push_screen(WelcomeScreen(error, profiles=profiles, glyphs=self.glyphs))

    @on(StagesScreen.GroupSearch)
    def _groups_wanted(self, event: StagesScreen.GroupSearch) -> None:
        def work() -> None:
            self._post(messages.GroupsFound(event.text, self.workspace.groups_with(event.text)))

        self.in_background(work, failed=messages.SearchFailed, action="search log groups")

    @on(messages.GroupsFound)
    def _groups_found(self, message: messages.GroupsFound) -> None:
        if isinstance(self.screen, StagesScreen):
            self.screen.show_groups(message.names, text=message.text)

    @on(messages.SearchFailed)
    def _search_failed(self, message: messages.SearchFailed) -> None:
        self._tell(message.error)

    @on(StagesScreen.StageChosen)
    @on(StagePane.StageChosen)
    def _stage_chosen(self, event: StagesScreen.StageChosen | StagePane.StageChosen) -> None:
        if event.stage is not None:
            self.open_targets((event.stage.title,))
        elif event.group:
            self.open_targets((f"log-group:{event.group}",))

    @on(StagesScreen.IdEntered)
    def _id_entered(self, event: StagesScreen.IdEntered) -> None:
        """Look for a pasted ID in every stage, where they are few enough."""
        stages = tuple(stage.title for stage in self._offer.stages if stage.access or stage.execution.log_group)
        if looks_like_id(event.text) and 0 < len(stages) <= _MOST_STAGES_SEARCHED:
            self._sought = event.text
            self.open_targets(stages)

    @on(WelcomeScreen.DemoWanted)
    def _demo_wanted(self) -> None:
        self._begin_again(demo=True)

    @on(WelcomeScreen.ProfileChosen)
    def _profile_chosen(self, event: WelcomeScreen.ProfileChosen) -> None:
        self._begin_again(profile=event.name)

    @on(WelcomeScreen.RetryWanted)
    def _retry_wanted(self) -> None:
        self._begin_again()

    @on(WelcomeScreen.FileEntered)
    def _file_entered(self, event: WelcomeScreen.FileEntered) -> None:
        self.open_targets((event.path,))

    def _begin_again(self, *, profile: str | None = None, region: str | None = None, demo: bool | None = None) -> None:
        """Read another account; what is loaded stays until the new one answers."""
        self.workspace.use(profile=profile, region=region, demo=demo)
        self.config = self.workspace.config
        self._account = (None, None)
        if self._targets and self.main.source is None and not demo:
            self.open_targets(self._targets)
        else:
            self.show_main()
            self.push_screen(StagesScreen(self._heading(), glyphs=self.glyphs))
        self.discover()

    def _heading(self) -> PickerHeading:
        account, read_ms = self._account
        config = self.config
        return PickerHeading(
            version=__version__,
            now=opening.now_ms(),
            zone=config.timezone,
            account=account,
            profile=config.profile,
            region=self.workspace.region,
            read_ms=read_ms,
            demo=config.demo,
        )

    def _tell(self, error: AppError) -> None:
        if isinstance(self.screen, StagesScreen):
            self.screen.show_trouble(error)
        else:
            self.main.flash(((str(error), "status-4xx"),), 8)

    # -- messages

    @on(messages.PictureTaken)
    def _picture_taken(self) -> None:
        picture, self._unshown = self._unshown, None
        if picture is not None and picture.generation == self._shown_generation:
            self.main.show_picture(picture)

    @on(messages.StoryStitched)
    def _story_stitched(self, message: messages.StoryStitched) -> None:
        self.main.show_story(message.state)

    @on(messages.SourceOpened)
    def _source_opened(self, message: messages.SourceOpened) -> None:
        if message.generation != self._generation:
            return
        session, source = message.session, message.source
        self.main.watch_source(source, session, place=message.place)
        self.main.offer_stages(self._offer)
        time_range = opening.range_of(replace(self.config, since=session.since, until=session.until), live=source.live)
        self._shown_generation = self.engine.open(source, time_range, session)
        self.show_main()
        if self._sought:
            self.engine.find(self._sought)
            self._sought = None

    @on(messages.OpeningFailed)
    def _opening_failed(self, message: messages.OpeningFailed) -> None:
        if message.generation == self._generation:
            self.show_failure(message.error)

    @on(messages.Copied)
    def _copied(self, message: messages.Copied) -> None:
        self.main.flash(copied(message.text, message.report.detail, self.glyphs))

    @on(messages.CopyingFailed)
    def _copying_failed(self, message: messages.CopyingFailed) -> None:
        self.main.flash(((str(message.error), "status-4xx"),), 6)

    @on(messages.RequestSought)
    def _request_sought(self, message: messages.RequestSought) -> None:
        if message.key is None:
            self.main.flash(((f"No request {message.identifier} in the last 24 h of this target.", "status-4xx"),), 6)
        else:
            self.main.flash((("Found.", "ink"),), 1)
            self.main.open_request(message.key)

    def show_main(self) -> None:
        """Leave the picker or an overlay."""
        while self.screen is not self.main and len(self.screen_stack) > 1:
            self.pop_screen()

    # -- actions

    def action_copy_id(self) -> None:
        """Copy the request ID of the open story or the row under the cursor."""
        identifier = self._selected_id()
        if identifier:
            self.copy(identifier)
        else:
            self.main.flash((("This row has no request ID.", "ink"),))

    def action_copy_menu(self) -> None:
        """Choose what to copy of the open story or the row under the cursor."""
        content = self._copy_content()
        if content is None:
            return

        def chosen_item(item: CopyItem | None) -> None:
            if item is not None:
                self.copy(item.text, what=item.text if item.key in _ID_KEYS else item.label)

        menu = CopyMenu(content, route=clipboard.expected_route(self._environ), glyphs=self.glyphs)
        self.push_screen(menu, chosen_item)

    def action_help(self) -> None:
        """Keys and signs of the focused pane."""
        self.push_screen(HelpScreen(self.main.focused_pane, glyphs=self.glyphs))

    def action_look_back(self, place: int) -> None:
        """Read another range of the same target: live, 1m … 3h."""
        session = self.main.session
        if session is None or self.main.source is None or not self.main.source.live:
            return
        self.open_targets(session.targets, since=_LOOK_BACK[place], query=session.query, mode=session.mode)

    # -- inside

    def _selected_id(self) -> str | None:
        story = self.main.opened_story
        row = story.request if story is not None else self.main.selected_row()
        if not row:
            return None
        return row.get("request_id") or row.get("extended_request_id")

    def _copy_content(self) -> CopyMenuContent | None:
        session, source = self.main.session, self.main.source
        if session is None or source is None:
            return None
        aws_region = self.workspace.region if source.live and not session.demo else None
        context = CopyContext(
            target=" ".join(session.targets),
            options=(*(("--demo",) if session.demo else ()), *session.options),
            view=session.command(),
            region=aws_region,
            log_group=source.groups[0] if source.groups else None,
            reveal=self.config.reveal,
        )
        story = self.main.opened_story
        if story is not None and story.lines:
            return story_items(story, context)
        row = self.main.selected_row()
        if row is None or "gap" in row:
            return None
        return row_items(row, context) if session.mode == "requests" else event_items(row, context)

    def _publish(self, picture: Picture) -> None:
        """Called in the engine's thread: of pictures that were not shown yet only the last counts."""
        waiting, self._unshown = self._unshown, picture
        if waiting is None:
            self._post(messages.PictureTaken())

    def _post(self, message: Message) -> None:
        if self.is_running:
            self.post_message(message)

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


def _aws_options(config: Config) -> tuple[str, ...]:
    if config.demo:
        return ()
    options: list[str] = []
    for name, value in (
        ("--profile", config.profile),
        ("--region", config.region),
        ("--endpoint-url", config.endpoint_url),
    ):
        if value and config.origins.get(name.strip("-").replace("-", "_")) == "flag":
            options += [name, value]
    return tuple(options)
