"""Inks: what a style spec such as `bold status-5xx on raised` means in the theme of the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.style import Style
from textual.color import Color

from apigw_tui.tui.theme import VARIABLE_DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.color import Color as RichColor
    from textual.app import App

_ATTRIBUTES: Final = ("bold", "dim", "underline", "italic", "reverse")
_LINK: Final = "link="
_PLAIN_GROUNDS: Final = ("", "background", "surface", "raised")
_QUIET_INKS: Final = ("ink-muted", "ink-faint", "rule")


class Inks:
    """Style specs to Rich styles, resolved once per theme.

    A spec is attributes, then a palette name, then `on` and a palette name; each part may be missing;
    `link=URL` at its end makes the text a link (OSC 8). `on` beside it names the row's ground: there `ink-faint`
    becomes `ink-muted`, and in 16 colours the row under the cursor is reversed in one colour.
    """

    def __init__(self, variables: Mapping[str, str], *, ansi: bool = False, mono: bool = False) -> None:
        self.ansi = ansi
        self.mono = mono
        self._variables = variables
        self._styles: dict[tuple[str, str], Style] = {}

    @classmethod
    def of(cls, app: App[object]) -> Inks:
        """Return the inks of the app's theme."""
        return cls(app.theme_variables, ansi=app.native_ansi_color, mono=app.no_color)

    def style(self, spec: str, on: str = "") -> Style:
        """Return the Rich style of a spec on a ground."""
        key = (spec, on)
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._resolve(spec, on)
        return found

    def _resolve(self, spec: str, on: str) -> Style:
        spec, _, link = spec.partition(_LINK)
        if self.ansi and on == "cursor":
            return Style(reverse="reverse" not in spec.split(), link=link or None)
        words, _, ground = spec.partition("on ")
        parts = words.split()
        attributes = {word for word in parts if word in _ATTRIBUTES}
        ink = next((word for word in parts if word not in _ATTRIBUTES), "")
        ground = ground.strip() or on
        if ink == "ink-faint" and ground not in _PLAIN_GROUNDS:
            ink = "ink-muted"
        if self.mono and ink in _QUIET_INKS:
            attributes.add("dim")
        if self.mono and ground == "tint-accent":
            attributes.add("reverse")
        # Set or inherit: a False would switch off what a widget's own style asks for.
        return Style(
            color=self._colour(ink),
            bgcolor=self._colour(ground),
            bold="bold" in attributes or None,
            dim="dim" in attributes or None,
            underline="underline" in attributes or None,
            italic="italic" in attributes or None,
            reverse="reverse" in attributes or None,
            link=link or None,
        )

    def _colour(self, name: str) -> RichColor | None:
        if not name:
            return None
        return Color.parse(self._variables.get(name) or VARIABLE_DEFAULTS[name]).rich_color
