"""Accounts: what there is to open in a profile and region, and how the explorer goes over to another one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import App
from textual.message import Message

from apigw_tui import __version__
from apigw_tui.core.query import looks_like_id
from apigw_tui.errors import AppError, UsageError
from apigw_tui.tui import messages
from apigw_tui.tui.choice_menu import ChoiceMenu, Choices, choices_of
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.stage_tree import Offer, opened_stages
from apigw_tui.tui.stages_screen import PickerHeading, StagesScreen
from apigw_tui.tui.welcome_screen import WelcomeScreen
from apigw_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.tui.glyphs import Glyphs
    from apigw_tui.tui.main_screen import MainScreen
    from apigw_tui.tui.session import Session

_MOST_STAGES_SEARCHED: Final = 20
_PATIENCE_S: Final = 60


@dataclass(frozen=True, eq=False)
class Account:
    """A workspace and what is known of it: None until it answered."""

    workspace: Workspace
    offer: Offer | None = None
    number: str | None = None
    read_ms: int | None = None


class Accounts(App[int]):
    """The half of the explorer that knows accounts: `_here` is shown, `_there` is gone over to once it answers."""

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
            directory = workspace.stages()
            took_ms = self.clock() - started
            self.tell_main_thread(messages.StagesFound(workspace, directory, took_ms, workspace.account()))

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

    def arrive(self, workspace: Workspace) -> None:
        """Targets of this workspace were opened: it is the one that is shown."""
        if self._there is not None and workspace is self._there.workspace:
            self._here, self._there = self._there, None
        self.main.offer_stages(self._here.offer or Offer())
        self._ask_functions()

    def pick_stage(self, mistake: AppError | None = None) -> None:
        """Show what can be opened, and why what was asked for cannot."""
        offer = self._wanted.offer
        self.push_screen(StagesScreen(self._heading(), offer=offer, mistake=mistake, glyphs=self.glyphs))

    @on(messages.StagesFound)
    def _stages_found(self, message: messages.StagesFound) -> None:
        wanted = self._wanted
        if message.workspace is not wanted.workspace:
            return
        directory = message.directory
        offer = Offer(stages=directory.stages, groups=tuple(group.name for group in directory.groups))
        found = Account(message.workspace, offer, message.account, message.took_ms)
        if self._there is None:
            self._here = found
            self.main.offer_stages(offer)
            self._ask_functions()
        else:
            self._there = found
        picker = self._picker
        if picker is not None:
            picker.show(offer, self._heading())
        elif self._there is not None:
            self.main.flash((("", ""),), 0.1)
            self.pick_stage()
        if directory.troubles:
            self.tell(directory.troubles[0].error)

    def _ask_functions(self) -> None:
        """Look up what the opened stages call."""
        session, workspace, offer = self.main.session, self._here.workspace, self._here.offer
        if session is None or offer is None:
            return
        stages = opened_stages(offer, session.targets)

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

    @on(messages.DiscoveryFailed)
    def _discovery_failed(self, message: messages.DiscoveryFailed) -> None:
        """What is shown goes on; where nothing is, there is nothing to do but this."""
        if message.workspace is not self._wanted.workspace:
            return
        if self._there is not None:
            self._there = None
            if self._picker is not None:
                self._picker.show(self._here.offer or Offer(), self._heading())
            self.tell(message.error)
        elif self.main.source is None and not self._targets:
            self.show_failure(message.error)

    def show_failure(self, error: AppError) -> None:
        """Say what failed on the screen that is there: the picker's trouble, else the first run's screen."""
        if isinstance(self.screen, WelcomeScreen):
            self.screen.show_failure(error)
        elif self.main.source is not None:
            self.tell(error)
        elif isinstance(error, UsageError) and not self.workspace.reads_files_only(self._targets):
            self._targets = ()
            self.pick_stage(error)
        else:
            profiles = self._readable_profiles()
            self.show_main()
            self.push_screen(WelcomeScreen(error, profiles=profiles, glyphs=self.glyphs))

    def _readable_profiles(self) -> tuple[str, ...]:
        """The profiles to choose from; none where the AWS files are what is broken, which is told beside them."""
        try:
            return self.workspace.profiles()
        except Exception:  # noqa: BLE001 - any error of botocore's
            return ()

    @on(StagesScreen.GroupSearch)
    def _groups_wanted(self, event: StagesScreen.GroupSearch) -> None:
        workspace = self._wanted.workspace

        def work() -> None:
            self.tell_main_thread(messages.GroupsFound(event.text, workspace.groups_with(event.text)))

        self.in_background(work, failed=messages.SearchFailed, action="search log groups", config=workspace.config)

    @on(messages.GroupsFound)
    def _groups_found(self, message: messages.GroupsFound) -> None:
        if self._picker is not None:
            self._picker.show_groups(message.names, text=message.text)

    @on(messages.SearchFailed)
    def _search_failed(self, message: messages.SearchFailed) -> None:
        self.tell(message.error)

    @on(StagesScreen.StageChosen)
    def _stage_picked(self, event: StagesScreen.StageChosen) -> None:
        target = event.stage.title if event.stage is not None else f"log-group:{event.group}"
        self.open_targets((target,), workspace=self._wanted.workspace)

    @on(StagePane.StageChosen)
    def _stage_chosen(self, event: StagePane.StageChosen) -> None:
        target = event.stage.title if event.stage is not None else f"log-group:{event.group}"
        self.open_targets((target,))

    @on(StagesScreen.IdEntered)
    def _id_entered(self, event: StagesScreen.IdEntered) -> None:
        """Look for a pasted ID in every stage, where they are few enough."""
        offer = self._wanted.offer or Offer()
        stages = tuple(stage.title for stage in offer.stages if stage.access or stage.execution.log_group)
        if looks_like_id(event.text) and 0 < len(stages) <= _MOST_STAGES_SEARCHED:
            self._sought = event.text
            self.open_targets(stages, workspace=self._wanted.workspace)

    @on(StagesScreen.Left)
    def _picker_left(self) -> None:
        """Go back to what is still being read."""
        if self.main.source is not None:
            self._there = None
            self.show_main()

    # -- going over to another account

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

    def action_choose_profile(self) -> None:
        """Read another profile."""
        if self._wanted.workspace.config.demo:
            self.say("The demo has no profiles.")
            return

        def names(workspace: Workspace) -> Choices:
            return choices_of("profile", workspace.profiles(), workspace.aws().profile)

        self._offer_choices(names, action="list the profiles")

    def action_choose_region(self) -> None:
        """Read another region."""
        if self._wanted.workspace.config.demo:
            self.say("The demo has one region.")
            return

        def names(workspace: Workspace) -> Choices:
            aws = workspace.aws()
            return choices_of("region", aws.regions(), aws.region, is_open=True)

        self._offer_choices(names, action="list the regions")

    def _offer_choices(self, names: Callable[[Workspace], Choices], *, action: str) -> None:
        workspace = self._wanted.workspace

        def work() -> None:
            self.tell_main_thread(messages.ChoicesListed(names(workspace)))

        self.in_background(work, failed=messages.SearchFailed, action=action, config=workspace.config)

    @on(messages.ChoicesListed)
    def _choices_listed(self, message: messages.ChoicesListed) -> None:
        choices = message.choices
        if not choices.names and not choices.is_open:
            self.say(f"No {choices.noun} is configured.")
            return

        def switch(name: str | None) -> None:
            if name is None or name == choices.current:
                return
            if choices.noun == "profile":
                self._begin_again(profile=name)
            else:
                self._begin_again(region=name)

        if not self.screen.is_modal:
            self.push_screen(ChoiceMenu(choices, glyphs=self.glyphs), switch)

    def _begin_again(self, *, profile: str | None = None, region: str | None = None, demo: bool | None = None) -> None:
        """Read another account; what is loaded stays until the new one answers."""
        workspace = self._wanted.workspace.elsewhere(profile=profile, region=region, demo=demo)
        self._workspaces.append(workspace)
        if self.main.source is None and self._here.offer is None:
            self._here = Account(workspace)
            if self._targets and not demo:
                self.open_targets(self._targets)
            else:
                self.show_main()
                self.pick_stage()
        else:
            self._there = Account(workspace)
            if self._picker is not None:
                self._picker.await_stages(self._heading())
            else:
                self.say(f"Reading the stages of {profile or region} …", _PATIENCE_S)
        self.discover()

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
        config = account.workspace.config
        return PickerHeading(
            version=__version__,
            now=self.clock(),
            zone=config.timezone,
            account=account.number,
            profile=config.profile,
            region=account.workspace.region,
            read_ms=account.read_ms,
            demo=config.demo,
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
