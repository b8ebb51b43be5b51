"""The README of an incident bundle: what was looked at, how complete it is, what fails and what sets that apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apigw_tui.core import units
from apigw_tui.core.cause_texts import CAUSES
from apigw_tui.core.records import instant
from apigw_tui.headless.caveats import caveat_markdown
from apigw_tui.headless.difference_text import difference_markdown

if TYPE_CHECKING:
    from apigw_tui.core.difference_sides import Differences
    from apigw_tui.headless.incident import Incident, Told


@dataclass(frozen=True)
class Facts:
    """What the README tells. `record` is the JSON of `stats`, `written` of the `matching` requests are in the files."""

    incident: Incident
    record: Mapping[str, Any]
    differences: Differences
    written: int
    matching: int
    told: tuple[Told, ...]
    untold: tuple[str, ...]


def readme(facts: Facts) -> Iterator[str]:
    """The lines of the README."""
    incident = facts.incident
    yield f"# {' '.join(incident.targets)}, {instant(incident.now)}"
    yield ""
    start, end = facts.record["window"]["start"], facts.record["window"]["end"]
    yield f"- what: {_code(incident.source.title)}"
    yield f"- range: {start} – {end}"
    yield f"- query: {_code(str(incident.comparison.query)) or 'none, all requests'}"
    yield f"- the same view: {_code(incident.command)}"
    secrets = "shown (--reveal)" if incident.reveal else "masked"
    yield f"- secrets: {secrets}"
    yield ""
    yield "## How complete it is"
    yield ""
    yield from (f"- {line}" for line in _completeness(incident))
    yield ""
    yield "## What happened"
    yield ""
    yield from _counts(facts)
    yield from difference_markdown(facts.differences, reveal=incident.reveal)
    yield from caveat_markdown(facts.untold)
    yield ""
    yield "## What is in here"
    yield ""
    yield from _files(facts)


def _completeness(incident: Incident) -> Iterator[str]:
    snapshot, proof = incident.comparison.snapshot, incident.completeness
    if proof is not None:
        lag = "unknown" if proof.lag_ms is None else " ".join(units.duration(proof.lag_ms))
        late = units.count(proof.late)
        yield f"complete to {instant(proof.complete_to)}, delivery lag {lag}, {late} events came late"
        yield from (f"gap {instant(gap.start)} – {instant(gap.end)}: {gap.reason}" for gap in proof.gaps)
        if proof.sampled_seconds:
            yield f"{units.count(proof.sampled_seconds)} s were sampled by Live Tail and are not reconciled yet"
    if incident.reading:
        yield "the range was still being read when this was written: older requests are missing"
    elif incident.read_back_to is not None:
        yield f"the range was read back to {instant(incident.read_back_to)} only"
    elif proof is None:
        yield "all of the range was read"
    if snapshot.evicted:
        yield f"the {units.count(snapshot.evicted)} oldest events had to be left out (--max-events, --max-memory, disk)"
    if snapshot.unparsed:
        yield f"{units.count(snapshot.unparsed)} lines of unknown form are in no request"


def _counts(facts: Facts) -> Iterator[str]:
    record = facts.record
    total = record["requests"]
    classes = ", ".join(f"{name} {units.count(number)}" for name, number in record["classes"].items() if number)
    yield f"{units.count(total)} requests match: {classes or 'none'}."
    if record["causes"]:
        yield ""
        yield "| cause | requests | share | what it means |"
        yield "| --- | ---: | ---: | --- |"
    for cause in record["causes"]:
        text, share = CAUSES[cause["code"]], units.share(cause["requests"], total)
        yield f"| {_code(cause['code'])} | {units.count(cause['requests'])} | {share} | {text.meaning} |"


def _files(facts: Facts) -> Iterator[str]:
    capped = "" if facts.written == facts.matching else f", the newest of {units.count(facts.matching)}"
    number = units.count(facts.written)
    yield f"- `requests.ndjson`, `requests.csv`: {number} requests{capped}, as `apigw-tui requests` prints them"
    events = sum(each.events.height for each in facts.told)
    yield f"- `events.ndjson`: the {units.count(events)} events of the stories below, as `apigw-tui events` prints them"
    yield "- `stats.json`: the numbers, as `apigw-tui stats -o json` prints them"
    for each in facts.told:
        yield f"- [{each.code}]({each.file}): the newest request that failed so"
        yield from (f"  - not read: {line}" for line in each.untold)


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`" if text else ""
