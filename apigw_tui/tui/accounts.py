"""Accounts: how the explorer goes over from one profile or region to another."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on

from apigw_tui.core.query import looks_like_id
from apigw_tui.errors import AppError, UsageError, reason_of
from apigw_tui.tui import messages
from apigw_tui.tui.choice_menu import ChoiceMenu, Choices, choices_of
from apigw_tui.tui.listings import Account, Listings
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.stage_tree import Offer
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.welcome_screen import WelcomeScreen

if TYPE_CHECKING:
    from apigw_tui.tui.workspace import Workspace

_MOST_STAGES_SEARCHED: Final = 20
_PATIENCE_S: Final = 60
_TRY_AGAIN_S: Final = 20
_GROUP_NAME: Final = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}|arn:\S+")


class Accounts(Listings):
    """The half of the explorer that goes over from one account to another."""

    _picked_before = False

    def arrive(self, workspace: Workspace) -> None:
        """Targets of this workspace were opened: it is the one that is shown."""
        if self._there is not None and workspace is self._there.workspace:
            self._here.workspace.leave()
            self._here, self._there = self._there, None
            self._functions_asked.clear()
        self.main.offer_stages(self._here.offer or Offer())
        self._ask_functions()

    @on(messages.DiscoveryFailed)
    def _discovery_failed(self, message: messages.DiscoveryFailed) -> None:
        """What is shown goes on; where nothing is, there is nothing to do but this."""
        wanted = self._wanted
        if message.workspace is not wanted.workspace:
            return
        if self._there is not None:
            self._stay_here(message.error)
        elif wanted.offer is not None and wanted.directory is not None:
            # As it was read last, and no newer.
            self._keep(replace(wanted, directory=replace(wanted.directory, progress=None)))
            if self._picker is not None:
                self._picker.show(wanted.offer, self._heading())
                self.tell(message.error)
            self.set_timer(_TRY_AGAIN_S, partial(self._try_again, message.workspace))
        elif self.main.source is None and not self._targets:
            self.show_failure(message.error)

    def _try_again(self, workspace: Workspace) -> None:
        """Read again what failed, where it is still wanted."""
        if workspace is self._wanted.workspace:
            self.discover()

    def _stay_here(self, failure: AppError) -> None:
        """The account that was asked for cannot be read: go on with the one before, and say why."""
        self._leave_there()
        # Nothing is tried again by itself, and a footer has little room.
        reason = reason_of(failure.message)
        error = AppError(f"{reason[:1].upper()}{reason[1:]}.", f"{failure.hint.partition(';')[0].removesuffix('.')}.")
        if self._picker is not None and self.main.source is not None and not self._picked_before:
            self.show_main()
        elif self._picker is not None:
            self._picker.await_stages(self._heading())
            self._picker.show(self._here.offer or Offer(), self._heading())
        self.tell(error)

    def _leave_there(self) -> None:
        if self._there is not None:
            self._there.workspace.leave()
            self._there = None

    def show_failure(self, error: AppError) -> None:
        """Say what failed on the screen that is there: the picker's trouble, else the first run's screen."""
        if isinstance(self.screen, WelcomeScreen):
            self.screen.show_failure(error)
        elif self.main.source is not None or (self._picker is not None and self._wanted.offer is not None):
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

    @on(StagesScreen.StageChosen)
    def _stage_picked(self, event: StagesScreen.StageChosen) -> None:
        target = event.stage.title if event.stage is not None else event.group or ""
        self.open_targets((target,), workspace=self._wanted.workspace)

    @on(StagePane.StageChosen)
    def _stage_chosen(self, event: StagePane.StageChosen) -> None:
        target = event.stage.title if event.stage is not None else event.group or ""
        self.open_targets((target,))

    @on(StagesScreen.IdEntered)
    def _id_entered(self, event: StagesScreen.IdEntered) -> None:
        """Look for a pasted ID in every stage, where they are few enough; anything else may name a log group."""
        offer = self._wanted.offer or Offer()
        stages = tuple(stage.title for stage in offer.stages if stage.access or stage.execution.level != "OFF")
        if not looks_like_id(event.text):
            if _GROUP_NAME.fullmatch(event.text):
                self.open_targets((event.text,), workspace=self._wanted.workspace)
            else:
                self.say("This names no API, stage or log group, and is no request ID.")
        elif 0 < len(stages) <= _MOST_STAGES_SEARCHED:
            self._sought = event.text
            self.open_targets(stages, workspace=self._wanted.workspace)
        else:
            there = f"{len(stages)} stages are too many to look for an ID" if stages else "No stage that logs is known"
            self.say(f"{there}: open a stage or log group first, then paste it after /.", 6)

    @on(StagesScreen.Left)
    def _picker_left(self) -> None:
        """Go back to what is still being read."""
        if self.main.source is not None:
            self._leave_there()
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
        self._leave_there()
        self._picked_before = self._picker is not None
        self._events_asked.clear()
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
