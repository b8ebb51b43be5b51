"""From pictures to what the widgets around the list say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from apigw_tui.core import units
from apigw_tui.core.query import parse
from apigw_tui.core.sorting import Sort
from apigw_tui.errors import reason_of
from apigw_tui.tui.banner import Trouble as BannerTrouble
from apigw_tui.tui.empty_state import Emptiness
from apigw_tui.tui.header import HeaderState, State
from apigw_tui.tui.histogram import HistogramState
from apigw_tui.tui.line import whole_seconds
from apigw_tui.tui.query_bar import Counts
from apigw_tui.tui.terms_menu import effect_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_tui.core.stage import Stage
    from apigw_tui.sources.base import Gap, Progress, Source
    from apigw_tui.tui.line import Line
    from apigw_tui.tui.picture import Picture
    from apigw_tui.tui.stage_tree import Offer
    from apigw_tui.tui.term_weights import TermWeights

_TYPES: Final = {"REST": "REST", "HTTP": "HTTP", "WEBSOCKET": "WebSocket"}
_MINUTE_MS: Final = 60_000
_HOURS_FROM_MIN: Final = 120
_DAYS_FROM_H: Final = 48
_DAY_MS: Final = 86_400_000
_WHOLE_RATE: Final = 2.0
_SEVERAL: Final = 2
_COMMAND: Final = re.compile(r"Run `(?P<command>[^`]+)`(?P<then>.*)")


def header_state(
    picture: Picture, *, title: str, stage: Stage | None, place: tuple[str | None, str | None], zone: tzinfo
) -> HeaderState:
    """What the header says; `place` is region and profile."""
    api, _, stage_name = title.partition("/") if stage else (title, "", "")
    region, profile = place
    proof = picture.completeness
    waiting = picture.trouble is not None
    complete_to = proof.complete_to if proof else None
    return HeaderState(
        api=api,
        stage=stage_name or None,
        type=_TYPES[stage.api_type] if stage else None,
        region=region,
        profile=profile,
        state=_state(picture),
        rate=None if waiting else picture.pulse.requests_per_second,
        share_5xx=None if waiting else picture.pulse.share_5xx,
        p95_ms=None if waiting else picture.pulse.p95_ms,
        complete_to=complete_to,
        lag_ms=_lag_ms(picture),
        late=proof.late if proof else 0,
        gaps=len(gaps_of(picture)),
        sampled=bool(proof and proof.sampled_seconds),
        on_demand=len(proof.on_demand) if proof else 0,
        live_tail=proof.live_tail if proof else None,
        demo=picture.session.demo,
        clock_ms=picture.now,
        zone=zone,
    )


def _lag_ms(picture: Picture) -> int | None:
    """How late events become readable; while nothing can be read, how far the proof lies back."""
    proof = picture.completeness
    if proof is None:
        return None
    if picture.trouble is None or not proof.gaps:
        return proof.lag_ms
    return max(proof.lag_ms or 0, picture.now - proof.complete_to)


def reading_notes(picture: Picture) -> tuple[str, ...]:
    """What is particular about how the opened stage is read, for the stage pane: the header may lack the room."""
    notes = (picture.causes_note,) if picture.causes_note else ()
    proof = picture.completeness
    if proof is None:
        return notes
    if proof.on_demand:
        notes = (*notes, "Execution lines are read on demand: their log is too busy to tail.")
    live_tail = proof.live_tail
    if live_tail is None:
        return notes
    if live_tail.streaming:
        return (*notes, "Live Tail streams, at a price per minute.")
    return (*notes, f"Live Tail is off: {live_tail.reason}." if live_tail.reason else "Live Tail is off.")


def _state(picture: Picture) -> State:
    if picture.paused:
        return "paused"
    if picture.trouble is not None:
        return "waiting"
    if not picture.following:
        return "loading" if picture.reading else "file"
    return "live"


def counts_of(picture: Picture, *, new_rows: int, zone: tzinfo) -> Counts:
    """Matches of all, or how far the backfill has come."""
    view = picture.view
    progress = ""
    if picture.reading and picture.progress is None:
        progress = "reading"
    elif picture.reading and picture.progress is not None and not picture.session.query:
        progress = reading_told(picture.progress, picture.span, zone)
    elif picture.read_back_to is not None:
        of = f"{units.count(view.matches)} of " if picture.session.query else ""
        read_from = units.clock(picture.read_back_to, zone, millis=False)
        progress = f"{of}{units.count(picture.total)} · read back to {read_from} · g loads more"
    elif picture.unsearched:
        share = 100 * (picture.total - picture.unsearched) // max(1, picture.total)
        progress = f"{units.count(view.matches)} in {max(0, share)} % searched"
    return Counts(
        view.matches,
        picture.total,
        new_rows + picture.waiting,
        progress,
        order=_order(picture),
        kept=kept_where(picture),
    )


def kept_where(picture: Picture) -> str:
    """What of the events is not in memory: on disk, or dropped; empty while all are."""
    parts = []
    if picture.shelved:
        parts.append(f"{units.short(picture.shelved)} on disk")
    if picture.evicted:
        parts.append(f"{units.short(picture.evicted)} oldest dropped")
    if picture.lost:
        parts.append(f"{units.short(picture.lost)} lost on disk")
    return ", ".join(parts)


def _order(picture: Picture) -> str:
    """By what the rows are sorted, where not by time."""
    sort = Sort.parse(picture.session.sort)
    if sort is None or picture.view.mode != "requests":
        return ""
    return f"by {sort.name}, {'largest' if sort.descending else 'smallest'} first"


def reading_told(progress: Progress, span: tuple[int, int], zone: tzinfo) -> str:
    """`reading 02:57 – 03:04 · 12 400 events · 8 pages/s · 40 s left`: what is still to be read, and how fast."""
    start, left_to = span[0], max(span[0], progress.read_from)
    long = left_to - start >= _DAY_MS
    first, last = (
        f"{units.day(ms, zone)[5:]} {units.clock(ms, zone)[:5]}" if long else units.clock(ms, zone)[:5]
        for ms in (start, left_to)
    )
    parts = [f"reading {first} – {last}", f"{units.count(progress.events)} events"]
    if progress.cached_events:
        whole = progress.cached_events >= progress.events
        parts.append("from cache" if whole else f"{units.count(progress.cached_events)} from cache")
    if progress.pages_per_second is not None:
        rate = progress.pages_per_second
        parts.append(f"{rate:.0f} pages/s" if rate >= _WHOLE_RATE else f"{rate:.1f} pages/s")
    if progress.eta_ms is not None:
        parts.append(f"{' '.join(whole_seconds(max(1_000, progress.eta_ms)))} left")
    return " · ".join(parts)


def histogram_state(picture: Picture, *, cursor_ms: int | None, zone: tzinfo) -> HistogramState:
    """The bars of the picture's range, and what the list shows of it."""
    proof = picture.completeness
    bars = picture.bars
    end = bars.start + len(bars) * bars.step_ms
    unread = [(gap.start, gap.end) for gap in proof.gaps] if proof else []
    left_from = picture.progress.read_from if picture.reading and picture.progress else picture.read_back_to
    if left_from is not None and left_from > bars.start:
        unread.append((bars.start, min(left_from, end)))
    return HistogramState(
        bars=bars,
        complete_to=proof.complete_to if proof else None,
        unread=tuple(unread),
        gaps=tuple((gap.start, gap.end) for gap in proof.gaps) if proof else (),
        late=picture.late_at,
        cursor_ms=cursor_ms,
        selection=_selected(picture),
        ghost=picture.ghost,
        live=picture.following,
        label=_label(picture, end, zone),
        zone=zone,
    )


def _label(picture: Picture, end: int, zone: tzinfo) -> str:
    start = picture.bars.start
    if _is_zoomed(picture, end):
        return f"{units.clock(start, zone, millis=False)} – {units.clock(end, zone, millis=False)}"
    minutes = round((end - start) / _MINUTE_MS)
    hours = minutes // 60
    longer = f"{hours} h" if hours < _DAYS_FROM_H else f"{hours // 24} d"
    span = f"{minutes} min" if minutes < _HOURS_FROM_MIN else longer
    return f"last {span}" if picture.following else span


def _is_zoomed(picture: Picture, end: int) -> bool:
    step = picture.bars.step_ms
    return picture.bars.start > picture.span[0] + step or end < picture.span[1] - step


def banner_trouble(picture: Picture) -> BannerTrouble | None:
    """What failed, what is kept and what helps."""
    trouble = picture.trouble
    if trouble is None:
        return None
    command, then = _split_hint(trouble.error.hint)
    return BannerTrouble(
        title=_sentence(reason_of(trouble.error.message)),
        kept=_kept(picture),
        command=command,
        then=then,
        retry_ms=None if trouble.retry_at is None else max(0, trouble.retry_at - picture.now),
    )


def _kept(picture: Picture) -> str:
    requests = len(picture.everything)
    if requests:
        return f"{units.count(requests)} {'request is' if requests == 1 else 'requests are'} kept."
    return f"{units.count(picture.events)} events are kept." if picture.events else ""


def _sentence(clause: str) -> str:
    """A clause as a title: with a capital, unless it begins with a name or an address."""
    word = clause.split(" ", 1)[0]
    return clause[:1].upper() + clause[1:] if word.isalpha() else clause


def _split_hint(hint: str) -> tuple[str, str]:
    """The command that a hint begins with, and what it says of it."""
    found = _COMMAND.match(hint)
    return (found["command"], found["then"].lstrip(" ,;.")) if found else ("", hint)


def again_ms(picture: Picture) -> int | None:
    """How long until what could not be read is tried again."""
    trouble = picture.trouble
    return None if trouble is None or trouble.retry_at is None else max(0, trouble.retry_at - picture.now)


def gaps_of(picture: Picture) -> tuple[Gap, ...]:
    """The gaps as the list shows them: each reason in few words, what overlaps for the same reason as one."""
    shown: list[Gap] = []
    for gap in sorted(picture.completeness.gaps if picture.completeness else (), key=lambda gap: gap.start):
        reason = reason_of(gap.reason)
        same = next((place for place, one in enumerate(shown) if one.reason == reason and one.end >= gap.start), None)
        if same is None:
            shown.append(replace(gap, reason=reason))
        else:
            shown[same] = replace(shown[same], end=max(shown[same].end, gap.end))
    return tuple(shown)


def emptiness(picture: Picture, source: Source, zone: tzinfo, weights: TermWeights | None = None) -> Emptiness:
    """Where was looked, and why nothing is to be seen; `weights` say which term hides it."""
    query = picture.session.query
    noun = "request" if picture.view.mode == "requests" else "event"
    if picture.reading and not picture.view.total:
        title = "Reading"
    else:
        title = f"No {noun} matches" if query else f"No {noun} yet" if picture.following else f"No {noun}"
    facts: list[tuple[str, Line]] = [
        ("looked in", _groups(source.groups)),
        ("window", _window(picture, zone)),
    ]
    if query:
        hidden = f"{units.count(picture.view.total)} "
        facts += [
            ("query", ((query, "ink-strong"),)),
            ("hidden", ((hidden, "ink-strong"), (f"{noun}s, by this query", "ink-muted"))),
            *_terms(query, weights),
        ]
    facts.append(("last event", _last_event(picture, zone)))
    if picture.evicted:
        dropped = f"{units.count(picture.evicted)} oldest events, by --max-events or --max-memory"
        facts.append(("evicted", ((dropped, "ink"),)))
    keys: tuple[tuple[str, str], ...] = ()
    if query:
        keys = (("[", "query back"), ("f", "drop a term"), ("x", "show all, highlight matches"))
    if picture.narrowed_to is not None:
        keys = (*keys, ("esc", "whole range"))
    elif source.live:
        keys = (*keys, ("5", "look back 1 h"))
    return Emptiness(title, tuple(facts), (*keys, ("s", "stages")) if not query else keys)


def _terms(query: str, weights: TermWeights | None) -> list[tuple[str, Line]]:
    """What each of several terms hides; one by itself hides all there is."""
    if weights is None or str(weights.query) != str(parse(query)) or len(weights.effects) < _SEVERAL:
        return []
    widest = max(len(effect.term) for effect in weights.effects)
    return [
        ("by term" if not place else "", ((effect.term.ljust(min(widest, 40) + 2), "ink-strong"), *effect_line(effect)))
        for place, effect in enumerate(weights.effects)
    ]


def _groups(names: Sequence[str]) -> Line:
    spans: list[tuple[str, str]] = []
    for place, name in enumerate(names):
        if place:
            spans.append((" and " if place == len(names) - 1 else ", ", "ink-muted"))
        spans.append((name, "ink-strong"))
    return tuple(spans)


def _selected(picture: Picture) -> tuple[int, int] | None:
    """Start and end (exclusive) of the selected span."""
    span = picture.narrowed_to
    return None if span is None or span.end is None else (span.start, span.end + 1)


def _window(picture: Picture, zone: tzinfo) -> Line:
    start, end = _selected(picture) or picture.span
    span = f"{units.clock(start, zone, millis=False)} – {units.clock(end, zone, millis=False)}"
    return ((span, "ink-strong"), (f"  {round((end - start) / _MINUTE_MS)} min", "ink-muted"))


def _last_event(picture: Picture, zone: tzinfo) -> Line:
    if picture.last_event_at is None:
        return (("none in this window", "ink-muted"),)
    age = units.age(picture.now - picture.last_event_at)
    return (
        (units.clock(picture.last_event_at, zone, millis=False), "ink-strong"),
        (f"  {age} ago", "ink-muted"),
    )


def dated(offer: Offer, stage: Stage | None, last_event_at: int | None) -> Offer:
    """The offer, its opened stage dated by the newest event that was read of it."""
    if stage is None or last_event_at is None:
        return offer
    stages = (replace(each, last_event_at=last_event_at) if each is stage else each for each in offer.stages)
    return replace(offer, stages=tuple(stages))


def stage_of(offer: Offer, scope_or_title: str) -> Stage | None:
    """The stage with this scope, title or custom domain name."""
    return next((s for s in offer.stages if scope_or_title in (s.scope, s.title, *s.domains)), None)
