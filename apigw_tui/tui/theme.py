"""The palette: four inks, three surfaces, one accent, two alarms, as Textual themes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.theme import Theme

from apigw_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DARK: Final = "apigw-dark"
LIGHT: Final = "apigw-light"
SIXTEEN: Final = "apigw-16"

_PALETTE: Final[Mapping[str, tuple[str, str, str]]] = {
    "background": ("#111316", "#FAFAF8", "ansi_default"),  # list
    "surface": ("#17191D", "#F0F1F2", "ansi_default"),  # header, footer, stage pane
    "raised": ("#20242B", "#E3E5E9", "ansi_default"),  # chips, overlays, open query bar
    "rule": ("#343941", "#C9CDD3", "ansi_bright_black"),
    "pane-rule": ("#17191D", "#F0F1F2", "ansi_bright_black"),  # the surface's colour: unseen in full themes
    "ink-strong": ("#F4F6F8", "#0C1016", "ansi_default"),
    "ink": ("#C6CBD3", "#2E343D", "ansi_default"),
    "ink-muted": ("#8B929D", "#626A76", "ansi_default"),
    "ink-faint": ("#686F7B", "#838A96", "ansi_bright_black"),
    "accent": ("#8FB4FF", "#1D57C4", "ansi_bright_blue"),  # keys, focus, marks; never a value or a status
    "cursor": ("#232D4D", "#D7E4FC", "ansi_default"),  # reverse in 16 colours, see Inks
    "cursor-blurred": ("#262A31", "#E6E8EC", "ansi_default"),
    "badge-ink": ("#BFD3FF", "#123F94", "ansi_bright_white"),
    "tint-accent": ("#232D4D", "#D7E4FC", "ansi_blue"),
    "status-5xx": ("#FF6A4D", "#AB1E14", "ansi_bright_red"),  # always bold
    "status-4xx": ("#F5C44F", "#936300", "ansi_yellow"),  # never bold
    "status-3xx": ("#9BA7B8", "#566274", "ansi_default"),
    "status-2xx": ("#62A394", "#2F7466", "ansi_cyan"),
    "live": ("#3FC1A0", "#0A7F63", "ansi_cyan"),
    "fill-5xx": ("#EC5329", "#CC3A16", "ansi_bright_red"),
    "fill-4xx": ("#EFBB2E", "#F0B429", "ansi_yellow"),
    "fill-2xx": ("#2C3A3A", "#BFD9D2", "ansi_bright_black"),
    "fill-pending": ("#1F2426", "#DFEBE8", "ansi_bright_black"),
    "spark": ("#3F4650", "#C3C9D1", "ansi_bright_black"),
    "tint-5xx": ("#3A1A14", "#FCE4DB", "ansi_default"),
    "tint-4xx": ("#383010", "#FBEFCF", "ansi_default"),
}

NAMES: Final = tuple(_PALETTE)
"""Every custom theme variable, without its `$`."""

VARIABLE_DEFAULTS: Final[Mapping[str, str]] = {name: colours[0] for name, colours in _PALETTE.items()}
"""For `App.get_theme_variable_defaults`: a theme that lacks ours would stop with "undefined variable"."""


def _theme(name: str, column: int, *, dark: bool = True, ansi: bool = False) -> Theme:
    colours = {variable: row[column] for variable, row in _PALETTE.items()}
    variables = {
        **colours,
        "input-cursor-background": colours["accent"],
        "input-cursor-foreground": colours["background"],
        "input-cursor-text-style": "none",
        "input-selection-background": colours["tint-accent"],
        "scrollbar": colours["rule"],
        "scrollbar-hover": colours["ink-faint"],
        "scrollbar-active": colours["accent"],
        "scrollbar-background": colours["background"],
        "scrollbar-background-hover": colours["background"],
        "scrollbar-background-active": colours["background"],
        "border": colours["rule"],
    }
    if ansi:
        variables |= {
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "input-cursor-background": "ansi_default",
            "input-cursor-foreground": "ansi_default",
            "input-cursor-text-style": "reverse",
        }
    return Theme(
        name=name,
        primary=colours["accent"],
        secondary=colours["ink-muted"],
        accent=colours["accent"],
        warning=colours["status-4xx"],
        error=colours["status-5xx"],
        success=colours["live"],
        foreground=colours["ink"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["raised"],
        dark=dark,
        ansi=ansi,
        variables=variables,
    )


THEMES: Final = (
    _theme(DARK, 0),
    _theme(LIGHT, 1, dark=False),
    _theme(SIXTEEN, 2, ansi=True),
)
"""Register each with `App.register_theme`."""

_REQUESTABLE: Final[Mapping[str, str]] = {
    "dark": DARK,
    "light": LIGHT,
    "16": SIXTEEN,
    **{theme.name: theme.name for theme in THEMES},
}


@dataclass(frozen=True)
class ThemeChoice:
    """The theme to start with, and what `App.__init__` must be given as `ansi_color`."""

    name: str
    ansi_color: bool | None = None
    """True without colours: Textual chooses its filter in `App.__init__`, and only the filter for ANSI
    colours keeps bold, dim and reverse apart instead of turning hues to greys."""


def choose_theme(color_system: str | None, *, no_color: bool, requested: str | None = None) -> ThemeChoice:
    """Choose by what was asked for and what the terminal can show.

    `color_system` is Rich's word: `truecolor`, `256`, `standard`, `windows`, or None for no colours.
    Raises UsageError for an unknown theme.
    """
    if requested not in (None, "", "auto") and requested not in _REQUESTABLE:
        known = ", ".join(("auto", "dark", "light", "16"))
        raise UsageError(f"There is no theme {requested!r}.", f"Choose one of {known}.")
    if no_color or color_system is None:
        return ThemeChoice(SIXTEEN, ansi_color=True)
    if requested in (None, "", "auto"):
        return ThemeChoice(SIXTEEN if color_system in ("standard", "windows") else DARK)
    return ThemeChoice(_REQUESTABLE[requested or DARK])
