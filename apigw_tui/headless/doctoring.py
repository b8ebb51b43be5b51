"""`apigw-tui doctor`: what stages, log groups and files do not tell, and how to change that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from threading import Event as StopFlag
from typing import TYPE_CHECKING, Final

from apigw_tui.core.store import EventStore
from apigw_tui.doctor.examination import (
    examine_account,
    examine_files,
    examine_group,
    examine_stages,
    most_serious_first,
)
from apigw_tui.doctor.findings import examined_json
from apigw_tui.doctor.gathering import gather
from apigw_tui.doctor.line_checks import Lines, lines_of
from apigw_tui.doctor.subjects import Subjects, find_subjects
from apigw_tui.errors import AppError, ExitCode
from apigw_tui.headless import doctor_text, opening, output, text
from apigw_tui.headless.narration import say
from apigw_tui.sources.base import Batch, Trouble
from apigw_tui.sources.discovery import find_stages
from apigw_tui.sources.failures import FailureKind, kind_of
from apigw_tui.sources.log_windows import FollowedGroup
from apigw_tui.sources.targets import Found, source_of

if TYPE_CHECKING:
    from apigw_tui.config import Config
    from apigw_tui.doctor.evidence import Evidence
    from apigw_tui.doctor.findings import Examined
    from apigw_tui.sources.base import Source
    from apigw_tui.sources.log_groups import LogGroup
    from apigw_tui.sources.session import Aws

_ENOUGH_EVENTS: Final = 20_000
"""So many lines of a log group tell how it is written."""


def doctor(words: Sequence[str], config: Config) -> int:
    """Print what was found; what is wrong with the logs is no failure of the command."""
    form = output.choose_form("doctor", config.output)
    with ExitStack() as stack:
        aws = stack.enter_context(opening.open_aws(config))
        examined = most_serious_first(_examined(words, config, aws))
        where = aws.region or "this region" if not words else ""
    if form == "text":
        style = text.text_style(config.timezone, color=config.color)
        output.write_lines(doctor_text.report_lines(examined, style, is_overview=not words))
    elif form == "markdown":
        output.write_lines(doctor_text.markdown_lines(examined))
    else:
        output.write_records(map(examined_json, examined), form, text=lambda _: ())
    if not examined:
        say(f"apigw-tui: no stage found in {where}.")
    return int(ExitCode.OK)


def _examined(words: Sequence[str], config: Config, aws: Aws) -> Iterator[Examined]:
    subjects, troubles = (find_subjects(words, aws), ()) if words else _all_stages(aws)
    if subjects.stages or subjects.groups or not words:
        evidence = gather(aws, subjects.stages, groups=subjects.groups, troubles=troubles)
        yield from examine_stages(subjects.stages, evidence)
        for group in subjects.groups:
            yield examine_group(group, evidence, _lines_of_group(aws, group, evidence, config))
        account = examine_account(evidence)
        if account is not None:
            yield account
    for path in dict.fromkeys(subjects.files):
        source = source_of(Found(files=[path]), None, access_format=config.access_format, clock=opening.now_ms)
        yield examine_files(source.title, _lines(source, config))


def _all_stages(aws: Aws) -> tuple[Subjects, tuple[AppError, ...]]:
    try:
        directory = find_stages(aws)
    except AppError as error:
        # That the APIs may not be listed is something to report.
        if kind_of(error) is not FailureKind.DENIED:
            raise
        return Subjects(), (error,)
    return Subjects(stages=list(directory.stages)), tuple(trouble.error for trouble in directory.troubles)


def _lines_of_group(aws: Aws, group: LogGroup, evidence: Evidence, config: Config) -> Lines | None:
    """Some of its last lines; None where they cannot be read, which is a finding of its own."""
    known = evidence.group(group.name) or group
    if evidence.is_missing(group.name) or group.name in evidence.denied or known.obstacle is not None:
        return None
    followed = FollowedGroup.bare(group.name, group.arn if group.account not in (None, evidence.account) else None)
    source = source_of(Found(groups=[followed]), aws, access_format=config.access_format, clock=opening.now_ms)
    return _lines(source, config, enough=_ENOUGH_EVENTS)


def _lines(source: Source, config: Config, *, enough: int | None = None) -> Lines:
    """What a source holds in the range asked for, the newest events first; `enough` of them tell."""
    store = EventStore(source.formats, max_events=config.max_events)
    stop = StopFlag()
    for update in source.backfill(opening.range_of(config, live=source.live), stop):
        if isinstance(update, Batch):
            store.append(update.events, links=update.links, functions=update.functions)
        elif isinstance(update, Trouble):
            say(f"apigw-tui: {update.error}")
        if enough is not None and len(store.events) >= enough:
            stop.set()
    return lines_of(store)
