"""The palette: complete, readable, and chosen by what the terminal can show."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color

from apigw_tui.errors import UsageError
from apigw_tui.tui.ink import Inks
from apigw_tui.tui.theme import DARK, LIGHT, NAMES, SIXTEEN, THEMES, VARIABLE_DEFAULTS, choose_theme
from tests.tui.invented_rows import InventedView
from tests.tui.preview import Preview
from tests.tui.screens import screen_text, until

BY_NAME = {theme.name: theme for theme in THEMES}
FULL = (DARK, LIGHT)


def contrast(theme: str, ink: str, ground: str = "background") -> float:
    def luminance(name: str) -> float:
        channels = [
            value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
            for value in Color.parse(BY_NAME[theme].variables[name]).normalized
        ]
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    high, low = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_defines_every_variable(theme: object) -> None:
    assert set(NAMES) <= set(BY_NAME[theme.name].variables)  # type: ignore[attr-defined]


def test_a_foreign_theme_finds_every_variable_among_the_defaults() -> None:
    assert set(VARIABLE_DEFAULTS) == set(NAMES)


@pytest.mark.parametrize(
    ("theme", "ink", "least"),
    [
        (DARK, "ink-strong", 16.5),
        (DARK, "ink", 11),
        (DARK, "ink-muted", 5.8),
        (DARK, "ink-faint", 3.6),
        (LIGHT, "ink-strong", 16.5),
        (LIGHT, "ink", 11),
        (LIGHT, "ink-muted", 5),
        (LIGHT, "ink-faint", 3.2),
        *((theme, ink, 4.95) for theme in FULL for ink in ("status-5xx", "status-4xx")),
        *((theme, ink, 4.5) for theme in FULL for ink in ("accent", "status-2xx", "status-3xx", "live")),
    ],
)
def test_inks_stand_out_from_the_background(theme: str, ink: str, least: float) -> None:
    assert contrast(theme, ink) >= least


@pytest.mark.parametrize("theme", FULL)
@pytest.mark.parametrize("ink", ["ink-strong", "ink", "ink-muted", "status-5xx", "status-4xx", "accent"])
@pytest.mark.parametrize("ground", ["cursor", "cursor-blurred"])
def test_everything_on_the_cursor_row_stays_readable(theme: str, ink: str, ground: str) -> None:
    assert contrast(theme, ink, ground) >= 4


@pytest.mark.parametrize("theme", FULL)
@pytest.mark.parametrize("tint", ["tint-5xx", "tint-4xx"])
def test_text_on_a_tint_stays_readable(theme: str, tint: str) -> None:
    assert contrast(theme, "ink", tint) >= 7


@pytest.mark.parametrize(("name", "number"), [("cursor", 17), ("tint-5xx", 52), ("tint-4xx", 58)])
def test_tints_keep_their_hue_in_256_colours(name: str, number: int) -> None:
    assert RichColor.parse(VARIABLE_DEFAULTS[name]).downgrade(ColorSystem.EIGHT_BIT).number == number


@pytest.mark.parametrize("name", ["background", "surface", "raised", "ink", "ink-muted", "ink-faint"])
def test_neutrals_land_on_the_grey_ramp_in_256_colours(name: str) -> None:
    number = RichColor.parse(VARIABLE_DEFAULTS[name]).downgrade(ColorSystem.EIGHT_BIT).number
    assert number is not None
    assert 232 <= number <= 255


def test_sixteen_colours_assume_nothing_about_the_background() -> None:
    variables = BY_NAME[SIXTEEN].variables
    assert all(variables[name].startswith("ansi_") for name in NAMES)
    assert {variables[name] for name in ("background", "surface", "raised")} == {"ansi_default"}
    assert variables["ansi-background"] == variables["ansi-foreground"] == "ansi_default"


@pytest.mark.parametrize(
    ("color_system", "requested", "name"),
    [
        ("truecolor", None, DARK),
        ("256", "auto", DARK),
        ("truecolor", "light", LIGHT),
        ("256", "apigw-dark", DARK),
        ("standard", None, SIXTEEN),
        ("windows", None, SIXTEEN),
        ("standard", "light", LIGHT),
        ("truecolor", "16", SIXTEEN),
    ],
)
def test_the_theme_is_what_was_asked_for_or_what_the_terminal_can_show(
    color_system: str, requested: str | None, name: str
) -> None:
    assert choose_theme(color_system, no_color=False, requested=requested).name == name


@pytest.mark.parametrize(("color_system", "no_color"), [("truecolor", True), (None, False)])
def test_without_colours_only_weight_is_left(color_system: str | None, no_color: bool) -> None:  # noqa: FBT001 - a case
    choice = choose_theme(color_system, no_color=no_color, requested="light")
    assert choice.name == SIXTEEN
    assert choice.ansi_color is True


def test_an_unknown_theme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'neon'.*auto, dark, light, 16"):
        choose_theme("truecolor", no_color=False, requested="neon")


def test_faint_ink_becomes_muted_on_the_cursor_row() -> None:
    inks = Inks(BY_NAME[DARK].variables)
    assert inks.style("ink-faint", "cursor").color == inks.style("ink-muted").color
    assert inks.style("ink-faint", "background").color != inks.style("ink-muted").color


def test_the_cursor_row_of_sixteen_colours_is_reversed_in_one_colour() -> None:
    inks = Inks(BY_NAME[SIXTEEN].variables, ansi=True)
    assert inks.style("bold status-5xx", "cursor") == Style(reverse=True)


def test_without_colours_quiet_inks_are_dim_and_the_badge_is_reversed() -> None:
    inks = Inks(BY_NAME[SIXTEEN].variables, ansi=True, mono=True)
    assert inks.style("ink-muted").dim
    assert inks.style("ink-faint").dim
    assert not inks.style("ink").dim
    assert inks.style("bold badge-ink on tint-accent").reverse


async def test_the_light_screen_has_no_colour_but_the_light_ones_and_failures_are_bold_in_it() -> None:
    app = Preview(theme=LIGHT)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.show_incident(InventedView(range(500)), trouble=True)
        await until(pilot, lambda: "504" in screen_text(app))
        segments = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
    styles = [segment.style for segment in segments if segment.style is not None]
    light = {Color.parse(BY_NAME[LIGHT].variables[name]).rich_color.triplet for name in NAMES}
    assert {style.color.triplet for style in styles if style.color} <= light
    assert {style.bgcolor.triplet for style in styles if style.bgcolor} <= light
    failures = [segment.style for segment in segments if segment.text.strip() in ("✗ 504", "✗ 502")]
    assert len(failures) > 5
    loud = Color.parse(BY_NAME[LIGHT].variables["status-5xx"]).rich_color.triplet
    assert all(style and style.bold and style.color and style.color.triplet == loud for style in failures)
