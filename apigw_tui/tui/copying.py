"""What the main screen stands on, as the content of a copy menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_tui.core.query import parse
from apigw_tui.core.query_ast import ACCESS
from apigw_tui.tui.copy_cell import cell_text
from apigw_tui.tui.copy_items import CopyContext, CopyMenuContent, event_items, row_items, story_items, view_content
from apigw_tui.tui.copy_view import CopyView
from apigw_tui.tui.story_pane import StoryPane

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat
    from apigw_tui.sources.base import Source
    from apigw_tui.tui.list_view import Row
    from apigw_tui.tui.main_screen import MainScreen
    from apigw_tui.tui.session import Session


def copy_content(main: MainScreen, *, region: str | None, reveal: bool) -> CopyMenuContent | None:
    """What can be copied of the open story, else of the row under the cursor, else of the view.

    None before there is any view. `region` is that of what is read from AWS.
    """
    session, source = main.session, main.source
    if session is None or source is None:
        return None
    row = _row(main)
    context = CopyContext(
        target=" ".join(session.targets),
        options=(*(("--demo",) if session.demo else ()), *session.options),
        view=session.command(),
        region=region if source.live and not session.demo else None,
        log_group=source.groups[0] if source.groups else None,
        reveal=reveal,
        line=main.query_one(StoryPane).text_under_cursor(),
        cell=_cell(main, row),
        marked=tuple(mark.name for mark in main.marks.placed_requests()),
        searched=_searched(main, source, session),
    )
    story = main.opened_story
    if story is not None and story.lines:
        return story_items(story, context)
    if row is None:
        return view_content(context)
    return row_items(row, context) if session.mode == "requests" else event_items(row, context)


def _row(main: MainScreen) -> Row | None:
    """The row under the cursor, with the fields of its access entry where they were read."""
    row = main.selected_row()
    if row is None or "gap" in row:
        return None
    if main.picture is None or not row.get("access_events"):
        return row
    return {**row, "access": main.picture.entries.of([row]).get(row["key"])}


def _cell(main: MainScreen, row: Row | None) -> tuple[str, str] | None:
    """What the cursor stands on within its row: a cell of the list, a field of the access entry of a story."""
    if main.focused_pane == "story":
        return main.query_one(StoryPane).field_under_cursor()
    name = main.cell if main.focused_pane == "list" else None
    text = None if row is None or name is None else cell_text(row, name)
    return None if name is None or text is None else (name.removeprefix(ACCESS), text)


def _searched(main: MainScreen, source: Source, session: Session) -> CopyView | None:
    if not source.live or main.picture is None:
        return None
    groups = tuple(group for group in source.groups if group in source.formats) or source.groups
    return CopyView(parse(session.query), _format(main, source), groups, main.picture.span)


def _format(main: MainScreen, source: Source) -> AccessFormat | None:
    """The access format, where all that is read has one in common: fields have other names in another."""
    formats = {*source.formats.values()} or {guess.format for guess in main.guesses}
    return formats.pop() if len(formats) == 1 else None
