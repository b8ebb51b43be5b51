"""The first screen without credentials: what is missing, and four ways to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from apigw_tui.errors import ExitCode
from apigw_tui.tui.actions import bindings, chosen
from apigw_tui.tui.footer import footer_line
from apigw_tui.tui.glyphs import UNICODE, Glyphs
from apigw_tui.tui.line_view import LineView
from apigw_tui.tui.row_motions import MOTIONS, RowMotions
from apigw_tui.tui.rows import FixedRows, Row, folded, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from apigw_tui.errors import AppError
    from apigw_tui.tui.line import Line

_LABEL_CELLS: Final = 18
_WIDEST_TEXT: Final = 96
_FOOTER: Final = (("d", "demo"), ("enter", "use profile"), ("f", "file"), ("r", "try again"), ("q", "quit"))


@dataclass(frozen=True)
class ProfileRows:
    """The profiles that the AWS configuration names."""

    names: tuple[str, ...]
    glyphs: Glyphs

    def __len__(self) -> int:
        return len(self.names)

    def stops(self, index: int) -> bool:  # noqa: ARG002 - the same for each
        """The cursor stands on every profile."""
        return True

    def row(self, index: int, width: int, *, cursor: bool) -> Row:  # noqa: ARG002 - names are short
        """Draw one profile."""
        bar: Line = ((self.glyphs.bar if cursor else " ", "accent"), (" ", ""))
        name = (self.names[index], "bold ink-strong" if cursor else "ink")
        return Row((*bar, name), "cursor" if cursor else "")


class WelcomeScreen(RowMotions, Screen[None]):
    """Says why nothing can be read and offers the demo, a profile, a file, another try."""

    DEFAULT_CSS = """
    WelcomeScreen { background: $background; color: $ink; layout: vertical; }
    WelcomeScreen #welcome-top, WelcomeScreen #welcome-foot { height: 1; background: $surface; }
    WelcomeScreen #welcome-file-row { height: 1; }
    WelcomeScreen #welcome-file-label { width: 23; height: 1; }
    WelcomeScreen #welcome-file {
        width: 1fr; height: 1; padding: 0; border: none; background: $background; color: $ink-strong;
    }
    WelcomeScreen #welcome-file:focus { background: $raised; }
    WelcomeScreen #welcome-profiles-head { height: 2; }
    """
    # No widget takes the keys at first: they move the cursor of the profiles.
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("picker", chosen(*MOTIONS)),
        Binding("d", "demo", show=False),
        Binding("f,slash", "file", show=False),
        Binding("r", "retry", show=False),
        Binding("enter", "use_profile", show=False),
        Binding("escape", "leave_file", show=False),
    ]

    class DemoWanted(Message):
        """The demo is to be opened."""

    class RetryWanted(Message):
        """The account is to be read again."""

    class ProfileChosen(Message):
        """The account of a profile is to be read."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class FileEntered(Message):
        """A file is to be opened."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(
        self, error: AppError, *, profiles: Sequence[str] = (), version: str = "", glyphs: Glyphs = UNICODE
    ) -> None:
        super().__init__()
        self._error = error
        self._profile_names = tuple(profiles)
        self._version = version
        self._glyphs = glyphs
        self._top = LineView(widget_id="welcome-top", glyphs=glyphs, thumb=False)
        self._told = LineView(widget_id="welcome-told", glyphs=glyphs, thumb=False)
        self._file_label = LineView(widget_id="welcome-file-label", glyphs=glyphs, thumb=False)
        self._file = Input(
            id="welcome-file", placeholder="type a path to logs: NDJSON, AWS CLI output, .gz", compact=True
        )
        self._rest = LineView(widget_id="welcome-rest", glyphs=glyphs, thumb=False)
        self._profiles_head = LineView(widget_id="welcome-profiles-head", glyphs=glyphs, thumb=False)
        self._profiles = LineView(widget_id="welcome-profiles", glyphs=glyphs)
        self._foot = LineView(widget_id="welcome-foot", glyphs=glyphs, thumb=False)

    def compose(self) -> ComposeResult:
        """What is wrong, the ways on, the profiles."""
        yield self._top
        yield self._told
        with Horizontal(id="welcome-file-row"):
            yield self._file_label
            yield self._file
        yield self._rest
        yield self._profiles_head
        yield self._profiles
        yield self._foot

    @property
    def moved_view(self) -> LineView:
        """What the keys move."""
        return self._profiles

    def show_failure(self, error: AppError) -> None:
        """Say what failed this time."""
        self._error = error
        self._draw()

    def plain_text(self) -> str:
        """What is on screen, without colours."""
        parts = [*self._top.plain_rows(), *self._told.plain_rows()]
        parts += [
            f"{row.ljust(23)}{self._file.value or self._file.placeholder}" for row in self._file_label.plain_rows()
        ]
        for view in (self._rest, self._profiles_head, self._profiles, self._foot):
            parts += view.plain_rows()
        return "\n".join(part.rstrip() for part in parts)

    def on_mount(self) -> None:
        """Draw."""
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file that was typed."""
        event.stop()
        if path := event.value.strip():
            self.post_message(self.FileEntered(path))

    def on_line_view_clicked(self, event: LineView.Clicked) -> None:
        """Use a profile by a second click."""
        event.stop()
        if event.view is self._profiles and event.again:
            self.action_use_profile()

    def action_demo(self) -> None:
        """Ask for the demo."""
        self.post_message(self.DemoWanted())

    def action_retry(self) -> None:
        """Ask for another try."""
        self.post_message(self.RetryWanted())

    def action_file(self) -> None:
        """Type a path."""
        self._file.focus()

    def action_leave_file(self) -> None:
        """Leave the path as it is."""
        self.set_focus(None)

    def action_use_profile(self) -> None:
        """Ask for the account of the profile under the cursor."""
        if self._profiles.cursor is not None and self._profile_names:
            self.post_message(self.ProfileChosen(self._profile_names[self._profiles.cursor]))

    def _draw(self) -> None:
        width = self.size.width
        if not width or not self.is_mounted:
            return
        self._top.show(
            FixedRows((Row(((" ", ""), ("apigw-tui", "bold ink-strong"), (f"  {self._version}", "ink-muted"))),))
        )
        told = self._told_rows(width)
        self._told.styles.height = len(told)
        self._told.show(FixedRows(tuple(told)))
        self._file_label.show(FixedRows((_way("f", "open a file", ""),)))
        rest = (_way("r", "try again", "after signing in elsewhere"), _way("q", "quit", ""))
        self._rest.styles.height = len(rest)
        self._rest.show(FixedRows(rest))
        head = "Profiles" if self._profile_names else "No profile is configured"
        more = f"  {len(self._profile_names)} in the AWS configuration" if self._profile_names else ""
        self._profiles_head.show(FixedRows((Row(), Row((("  ", ""), (head, "bold ink-strong"), (more, "ink-muted"))))))
        self._profiles.show(ProfileRows(self._profile_names, self._glyphs), cursor=self._profiles.cursor or 0)
        self._foot.show(FixedRows((Row(footer_line(_FOOTER, width, help_key="")),)))

    def _headline(self) -> str:
        if self._error.exit_code in (ExitCode.CREDENTIALS, ExitCode.NETWORK):
            return "No AWS account can be read yet"
        return "Nothing could be opened"

    def _told_rows(self, width: int) -> list[Row]:
        room = min(width - 4, _WIDEST_TEXT)
        rows = [Row(), Row((("  ", ""), (self._headline(), "bold ink-strong")))]
        for text, ink in ((self._error.message, "ink"), (self._error.hint, "ink-muted")):
            rows += [
                Row(spread((("  ", ""), (piece, ink)), (), width)) for piece in (folded(text, room) if text else [])
            ]
        return [*rows, Row(), _way("d", "open the demo", "an invented shop with a running incident, no account needed")]


def _way(key: str, label: str, told: str) -> Row:
    return Row((("  ", ""), (key, "bold accent"), ("  ", ""), (label.ljust(_LABEL_CELLS), "ink"), (told, "ink-muted")))
