"""An app around one widget or screen, which keeps the messages that reach it."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from textual.app import App

from apigw_tui.tui.copy_view import CopyItem
from apigw_tui.tui.stage_pane import StagePane
from apigw_tui.tui.stages_screen import StagesScreen
from apigw_tui.tui.story_pane import StoryPane
from apigw_tui.tui.theme import DARK, THEMES, VARIABLE_DEFAULTS
from apigw_tui.tui.welcome_screen import WelcomeScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.message import Message
    from textual.screen import Screen
    from textual.widget import Widget

CET = timezone(timedelta(hours=1), "CET")


class PaneApp(App[None]):
    """Shows a widget, or a screen over nothing."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, widget: Widget | None = None, screen: Screen[CopyItem | None] | Screen[None] | None = None
    ) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK
        self.widget = widget
        self.over = screen
        self.seen: list[Message] = []
        self.chosen: list[CopyItem | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our variables to every theme."""
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        """The widget alone."""
        if self.widget is not None:
            yield self.widget

    def on_mount(self) -> None:
        """Show the screen."""
        if self.over is not None:
            self.push_screen(self.over, self._dismissed)

    def _dismissed(self, result: CopyItem | None) -> None:
        self.chosen.append(result)

    def on_story_pane_story_closed(self, event: StoryPane.StoryClosed) -> None:
        self.seen.append(event)

    def on_story_pane_line_chosen(self, event: StoryPane.LineChosen) -> None:
        self.seen.append(event)

    def on_stage_pane_stage_chosen(self, event: StagePane.StageChosen) -> None:
        self.seen.append(event)

    def on_stages_screen_stage_chosen(self, event: StagesScreen.StageChosen) -> None:
        self.seen.append(event)

    def on_stages_screen_left(self, event: StagesScreen.Left) -> None:
        self.seen.append(event)

    def on_stages_screen_group_search(self, event: StagesScreen.GroupSearch) -> None:
        self.seen.append(event)

    def on_stages_screen_looked(self, event: StagesScreen.Looked) -> None:
        self.seen.append(event)

    def on_stages_screen_id_entered(self, event: StagesScreen.IdEntered) -> None:
        self.seen.append(event)

    def on_welcome_screen_demo_wanted(self, event: WelcomeScreen.DemoWanted) -> None:
        self.seen.append(event)

    def on_welcome_screen_retry_wanted(self, event: WelcomeScreen.RetryWanted) -> None:
        self.seen.append(event)

    def on_welcome_screen_profile_chosen(self, event: WelcomeScreen.ProfileChosen) -> None:
        self.seen.append(event)

    def on_welcome_screen_file_entered(self, event: WelcomeScreen.FileEntered) -> None:
        self.seen.append(event)
