"""Listings: what there is to open in the account that is wanted, learnt in threads and shown as it comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import App
from textual.message import Message

from apigw_tui import __version__
from apigw_tui.errors import AppError
from apigw_tui.tui import messages
from apigw_tui.tui.picker_heading import PickerHeading
from apigw_tui.tui.stage_tree import Offer, opened_stages
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.stages import StageDirectory
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.main_screen import MainScreen
    from apigw_tui.tui.session import Session

_TICK_S: Final = 1.0
_ASK_AGAIN_MS: Final = 60_000


@dataclass(frozen=True, eq=False)
class Account:
    """A workspace and what is known of it: None until it answered."""

    workspace: Workspace
    offer: Offer | None = None
    number: str | None = None
    read_ms: int | None = None
    directory: StageDirectory | None = None


class Listings(App[int]):
    """The part of the explorer that knows what can be opened: `_here` is shown, `_there` gone over to when it answers.

    Each account is shown as an earlier run read it, until this one has.
    """

    main: MainScreen
    glyphs: Glyphs
    clock: Callable[[], int]

    def start_at(self, workspace: Workspace, targets: Sequence[str]) -> None:
        """Begin with a workspace; `targets` were named on the command line."""
        self._targets = tuple(targets)
        self._here = Account(workspace)
        self._there: Account | None = None
        self._workspaces = [workspace]
        self._sought: str | None = None
        self._search_stop = threading.Event()
        self._events_stop = threading.Event()
        self._events_asked: dict[str, int] = {}
        self._functions_asked: set[str] = set()
        self._told: set[str] = set()

    @property
    def workspace(self) -> Workspace:
        """Where what is shown comes from."""
        return self._here.workspace

    @property
    def config(self) -> Config:
        """What the user asked for, with the profile and region that are shown."""
        return self.workspace.config

    def close_workspaces(self) -> None:
        """Stop what they started."""
        self._search_stop.set()
        self._events_stop.set()
        for workspace in self._workspaces:
            workspace.close()

    # -- what runs in threads

    def in_background(
        self,
        work: Callable[[], None],
        *,
        failed: Callable[[AppError], Message],
        action: str,
        config: Config | None = None,
    ) -> None:
        """Run blocking work in a daemon thread: a thread of Textual's would keep the program from ending."""

        def run() -> None:
            try:
                work()
            except BaseException as problem:  # noqa: BLE001 - a panic must become a sentence, too
                self.tell_main_thread(failed(self.explain(problem, action=action, config=config)))

        threading.Thread(target=run, name=action, daemon=True).start()

    def explain(
        self, problem: BaseException, action: str = "read the logs", *, config: Config | None = None
    ) -> AppError:
        """Any failure as one sentence with the next step."""
        if isinstance(problem, AppError):
            return problem
        from apigw_tui.sources.failures import FailureContext, explain  # noqa: PLC0415 - loads botocore

        asked = config or self.config
        return explain(problem, action=action, context=FailureContext(profile=asked.profile, region=asked.region))

    def tell_main_thread(self, message: Message) -> None:
        """Post a message as long as someone listens."""
        if self.is_running:
            self.post_message(message)

    def discover(self, *, targets: Sequence[str] = ()) -> None:
        """Read the stages of the account that is wanted, unless all of these targets are files."""
        workspace = self._wanted.workspace

        def work() -> None:
            if targets and workspace.reads_files_only(targets):
                return
            started = self.clock()
            known = workspace.known_stages()
            if known is not None:
                known = replace(known, progress=(0, len(known.apis)))
                self.tell_main_thread(messages.StagesFound(workspace, known, None, known.account))
            for directory in workspace.discover():
                is_all = directory.progress is None
                number = workspace.account() if is_all else directory.account
                took_ms = self.clock() - started if is_all else None
                found = messages.StagesFound(workspace, directory, took_ms, number or directory.account)
                self.tell_main_thread(found)

        self.in_background(
            work,
            failed=lambda error: messages.DiscoveryFailed(workspace, error),
            action="list the stages",
            config=workspace.config,
        )

    def open_targets(
        self, targets: Sequence[str], *, workspace: Workspace | None = None, session: Session | None = None
    ) -> None:
        """Read other targets, or with a session the same ones over another range."""
        raise NotImplementedError

    # -- what can be opened

    def pick_stage(self, mistake: AppError | None = None) -> None:
        """Show what can be opened, and why what was asked for cannot."""
        offer = self._wanted.offer
        self.push_screen(StagesScreen(self._heading(), offer=offer, mistake=mistake, glyphs=self.glyphs))

    def watch_clock(self) -> None:
        """Let the clock and the ages of the picker go on."""
        self.set_interval(_TICK_S, self._tick)

    def _tick(self) -> None:
        if isinstance(self.screen, StagesScreen):
            self.screen.tick(self.clock())

    @on(messages.StagesFound)
    def _stages_found(self, message: messages.StagesFound) -> None:
        wanted = self._wanted
        if message.workspace is not wanted.workspace:
            return
        directory = message.directory
        offer = Offer.of(directory, wanted.offer)
        number = message.account or wanted.number
        self._keep(replace(wanted, offer=offer, number=number, read_ms=message.took_ms, directory=directory))
        picker = self._picker
        if picker is not None:
            picker.show(offer, self._heading())
        elif self._there is not None:
            self.main.flash((("", ""),), 0.1)
            self.pick_stage()
        else:
            self._tell_once(trouble.error for trouble in directory.troubles)
        self._open_changed(message.workspace, directory)

    def _keep(self, account: Account) -> None:
        """What is known of the wanted account; the stage pane shows only what is read."""
        if self._there is not None:
            self._there = account
            return
        self._here = account
        self.main.offer_stages(account.offer or Offer())
        self._ask_functions()

    def _tell_once(self, errors: Iterable[AppError]) -> None:
        for error in errors:
            if error.message not in self._told:
                self._told.add(error.message)
                self.tell(error)
                return

    def _open_changed(self, workspace: Workspace, directory: StageDirectory) -> None:
        """A stage was opened as it was known, and logs elsewhere by now: open it anew."""
        session = self.main.session
        changed = workspace.changed_stages(directory)
        if changed and session is not None and workspace is self._here.workspace:
            self.open_targets(session.targets, session=session)
            self.say(f"{', '.join(changed)}: the log settings have changed, opened anew.", 8)

    def _ask_functions(self) -> None:
        """Look up what the opened stages call, each once."""
        session, workspace, offer = self.main.session, self._here.workspace, self._here.offer
        if session is None or offer is None:
            return
        opened = opened_stages(offer, session.targets)
        stages = [stage for stage in opened if stage.scope not in self._functions_asked]
        self._functions_asked.update(stage.scope for stage in stages)

        def work() -> None:
            for stage in stages:
                names = workspace.functions(stage)
                self.tell_main_thread(messages.FunctionsFound(workspace, stage.scope, names))

        if stages:
            failed = partial(messages.DiscoveryFailed, workspace)
            self.in_background(work, failed=failed, action="look up the functions", config=workspace.config)

    @on(messages.FunctionsFound)
    def _functions_found(self, message: messages.FunctionsFound) -> None:
        offer = self._here.offer
        if message.workspace is self._here.workspace and offer is not None:
            offer = replace(offer, functions={**offer.functions, message.scope: message.names})
            self._here = replace(self._here, offer=offer)
            self.main.offer_stages(offer)

    # -- what the picker asks for

    @on(StagesScreen.Looked)
    def _looked(self, event: StagesScreen.Looked) -> None:
        """What is in view is read before the rest."""
        workspace = self._wanted.workspace
        workspace.want(event.api_ids)
        since = self.clock() - _ASK_AGAIN_MS
        stages = [stage for stage in event.stages if self._events_asked.get(stage.scope, 0) <= since]
        if stages:
            self._ask_last_events(workspace, stages)

    def _ask_last_events(self, workspace: Workspace, stages: Sequence[Stage]) -> None:
        self._events_stop.set()
        stop = self._events_stop = threading.Event()

        def work() -> None:
            for stage in stages:
                if stop.is_set():
                    return
                self._ask_last_event(workspace, stage, stop)

        self.in_background(work, failed=messages.SearchFailed, action="look for last events", config=workspace.config)

    def _ask_last_event(self, workspace: Workspace, stage: Stage, stop: threading.Event) -> None:
        """A group that is not there, or may not be seen, has no known last event."""
        try:
            at = workspace.last_event_at(stage, stop)
        except AppError:
            at = None
        if not stop.is_set():
            self._events_asked[stage.scope] = self.clock()
        if at is not None:
            self.tell_main_thread(messages.LastEventFound(workspace, stage.scope, at))

    @on(messages.LastEventFound)
    def _last_event_found(self, message: messages.LastEventFound) -> None:
        account = self._wanted
        if message.workspace is not account.workspace or account.offer is None:
            return
        offer = replace(account.offer, last_events={**account.offer.last_events, message.scope: message.at})
        self._keep(replace(account, offer=offer))
        if self._picker is not None:
            self._picker.show(offer)

    @on(StagesScreen.GroupSearch)
    def _groups_wanted(self, event: StagesScreen.GroupSearch) -> None:
        """Only the last search counts."""
        workspace = self._wanted.workspace
        self._search_stop.set()
        stop = self._search_stop = threading.Event()

        def work() -> None:
            search = workspace.groups_with(event.text, stop)
            if not stop.is_set():
                self.tell_main_thread(messages.GroupsFound(workspace, event.text, search))

        self.in_background(work, failed=messages.SearchFailed, action="search log groups", config=workspace.config)

    @on(messages.GroupsFound)
    def _groups_found(self, message: messages.GroupsFound) -> None:
        if self._picker is not None and message.workspace is self._wanted.workspace:
            self._picker.show_groups(message.search, text=message.text)

    @on(messages.SearchFailed)
    def _search_failed(self, message: messages.SearchFailed) -> None:
        self.tell(message.error)

    # -- small things

    @property
    def _wanted(self) -> Account:
        """The account that the user asked for last."""
        return self._there or self._here

    @property
    def _picker(self) -> StagesScreen | None:
        return next((screen for screen in self.screen_stack if isinstance(screen, StagesScreen)), None)

    def _heading(self) -> PickerHeading:
        account = self._wanted
        config, directory = account.workspace.config, account.directory
        return PickerHeading(
            version=__version__,
            now=self.clock(),
            zone=config.timezone,
            account=account.number,
            profile=config.profile,
            region=account.workspace.region,
            read_ms=account.read_ms,
            demo=config.demo,
            as_of=directory.as_of if directory else None,
            progress=directory.progress if directory else None,
            troubles=tuple(trouble.error for trouble in directory.troubles) if directory else (),
        )

    def tell(self, error: AppError) -> None:
        """Say what failed where it is seen, without taking the screen."""
        if self._picker is not None:
            self._picker.show_trouble(error)
        else:
            self.main.flash(((str(error), "status-4xx"),), 8)

    def say(self, sentence: str, seconds: float = 3.0) -> None:
        """Say something in the footer for a while."""
        if self._picker is not None:
            self._picker.say(sentence, seconds)
        else:
            self.main.flash(((sentence, "ink"),), seconds)

    def show_main(self) -> None:
        """Leave the picker or an overlay."""
        while self.screen is not self.main and len(self.screen_stack) > 1:
            self.pop_screen()
