"""What stands before the messages in text files: times, event IDs, groups and streams, by who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from apigw_tui.core.execution import ID_PREFIX, NO_DATE, TEST_DATE
from apigw_tui.sources.raw_lines import ENTRY

if TYPE_CHECKING:
    from apigw_tui.core.access_format import AccessFormat

SNIFFED_LINES: Final = 200
COLOUR: Final = r"\x1b\[[0-9;]*m"
_FEW: Final = 3

_MOMENT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_FRACTION: Final = r"(?:\.[0-9]+)?"  # `{1,9}` would cost the one-pass reader, four times the time
_CLOCK: Final = rf"(?P<clock>{_MOMENT}{_FRACTION})(?P<zone>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"
_TAIL_CLOCK: Final = rf"(?P<clock>{_MOMENT}(?:\.[0-9]{{6}})?)(?P<zone>\+00:00)"
_INGESTED: Final = rf"(?P<ingested>{_MOMENT}{_FRACTION})Z"
_STREAM_NAME: Final = r"(?:[0-9a-f]{32}|[0-9]{4}/[0-9]{2}/[0-9]{2}/\S*\[[^\]\s]+\][0-9a-f]{32})"
_STREAM: Final = rf"(?P<log_stream>{_STREAM_NAME})"
_GROUP: Final = r"(?P<log_group>[A-Za-z0-9_./#-]+)"
_SURE_GROUP: Final = r"(?P<log_group>(?:/|API-Gateway-Execution-Logs_)[A-Za-z0-9_./#-]+)"
_BLANK: Final = "(?: |$)"
_BLANKS: Final = "(?: +|$)"
_TEST_DATE: Final = r"[A-Z][a-z]{2} (?P<test_date>[A-Z][a-z]{2} [0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC [0-9]{4})"
_TEST_DAY: Final = rf"(?:{_TEST_DATE}|{NO_DATE}) : "
_TEST_BEGINS: Final = r"^Execution log for request "
_TEST_STARTS: Final = rf"{TEST_DATE}Starting (?:execution|authorizer: \S+) for request: "
_NAMED_REQUEST: Final = r"^(?:Verifying Usage Plan|Starting execution) for request: "
_EVENT_ID: Final = r"(?P<event_id>[0-9]{50,60})"


@dataclass(frozen=True)
class Layout:
    r"""How the first line of an event looks in a file. Lines that do not look so continue the event before.

    `pattern` matches all that stands before the message. Its groups are columns of RAW_EVENTS, or `epoch` (ms),
    `clock` and `zone` (ISO 8601, UTC without a zone), `ingested` (ISO 8601, UTC), `ingested_epoch`, `test_date`
    (`Sep 05 04:56:39 UTC 2019`). Only a file in which it stands `before` such messages has the layout (empty: any).
    `begins` are lines without all that which are events too. With `keeps_line`
    the message is the whole line; with `time_behind` it ends in `\t<epoch ms>`. `requests` are messages at
    which the lines of a request begin that do not carry its ID; where there are none of them, `starts` are.
    """

    name: str
    pattern: str
    begins: str | None = None
    before: str = ""
    keeps_line: bool = False
    time_behind: bool = False
    requests: str = _NAMED_REQUEST
    starts: str = _NAMED_REQUEST
    coloured: bool = False

    @property
    def timed(self) -> bool:
        """Whether each event has its time in front."""
        return any(f"(?P<{group}>" in self.pattern for group in ("epoch", "clock", "test_date"))


LAYOUTS: Final = (
    Layout("epoch", rf"^(?P<epoch>[0-9]{{13}})\t(?:{_EVENT_ID}\t)?"),
    # `aws logs filter-log-events --output text`, then get-log-events, which knows neither ID nor stream.
    Layout(
        "filter-log-events text",
        rf"^EVENTS\t{_EVENT_ID}\t(?P<ingested_epoch>[0-9]{{13}})\t(?P<log_stream>[^\t]+)\t",
        begins=r"^(?:SEARCHEDLOGSTREAMS|NEXTTOKEN)\t",
        time_behind=True,
    ),
    Layout(
        "get-log-events text",
        r"^EVENTS\t(?P<ingested_epoch>[0-9]{13})\t",
        begins=r"^[bf]/[0-9]{30,}",
        time_behind=True,
    ),
    # `awslogs get`: group and stream in columns, with --timestamp and --ingestion-time, then without a group.
    Layout("awslogs, two times", rf"^{_SURE_GROUP} +(?P<log_stream>\S+) +{_CLOCK} {_INGESTED}{_BLANK}"),
    Layout("awslogs, time", rf"^{_SURE_GROUP} +(?P<log_stream>\S+) +{_CLOCK}{_BLANK}"),
    Layout("awslogs, named group, time", rf"^{_GROUP} +{_STREAM} +{_CLOCK}{_BLANK}"),
    Layout("awslogs", rf"^{_GROUP} +{_STREAM}{_BLANKS}"),
    Layout("stream, time", rf"^{_STREAM} +{_CLOCK}{_BLANK}"),
    Layout("stream", rf"^{_STREAM}{_BLANKS}"),
    # `aws logs tail`: microseconds (none at a whole second) and always +00:00.
    Layout("aws logs tail", rf"^{_TAIL_CLOCK} (?P<log_stream>\S+){_BLANK}"),
    Layout("time, stream", rf"^{_CLOCK} {_STREAM}{_BLANK}"),
    # Rows copied out of the console's table. What a function prints begins with a time and a tab of its own.
    Layout("time, tab", rf"^{_CLOCK}\t", before=r"\(|\{|(?:START|END|REPORT) RequestId: |INIT_START "),
    Layout("time in a column", rf"^{_CLOCK} \| ?"),
    # S3 exports, `aws logs tail --format short`, copies from the console (the time alone on a line).
    Layout("time", rf"^{_CLOCK}{_BLANK}"),
    # Tests from the console: the reader of execution lines knows them by their date.
    Layout(
        "console test",
        rf"^{_TEST_DAY}",
        begins=_TEST_BEGINS,
        keeps_line=True,
        requests=_TEST_BEGINS,
        starts=_TEST_STARTS,
    ),
)
"""The layouts that are known. Where two fit as many lines, the one that says more stands first."""


def sniff_layout(lines: Sequence[str], access_format: AccessFormat | None = None) -> Layout | None:
    """The layout of a file that begins with these lines; None when the lines are bare messages.

    A file has none when the given access format reads its lines only as they are.
    """
    full = [line for line in lines if line.strip()][:SNIFFED_LINES]
    plain = [re.sub(COLOUR, "", line) for line in full]
    best = max(LAYOUTS, key=lambda layout: _fit(layout, plain))
    if _fit(best, plain) == 0 or (access_format is not None and _is_bare(plain, best, access_format)):
        return None
    return replace(best, coloured=plain != full)


def _is_bare(lines: Sequence[str], layout: Layout, access_format: AccessFormat) -> bool:
    line, found = next((line, found) for line in lines if (found := re.match(layout.pattern, line)))
    return bool(access_format.values(line)) and not access_format.values(line[found.end() :])


def _fit(layout: Layout, lines: Sequence[str]) -> int:
    """How many of the lines begin an event of this layout; 0 when the others speak against it.

    A bare message speaks against it, but not below a line that holds a time and nothing more.
    """
    matches = against = 0
    first_fits = after_bare_time = False
    for number, line in enumerate(lines):
        found = re.match(f"(?:{layout.pattern})(?={layout.before})", line)
        begins = layout.begins is not None and re.match(layout.begins, line) is not None
        matches += found is not None
        if found or begins:
            first_fits |= number == 0
        elif not after_bare_time and (re.match(ID_PREFIX, line) or re.search(ENTRY, line)):
            against += 1
        after_bare_time = found is not None and found.end() == len(line)
    return matches if matches > against and (first_fits or matches >= _FEW) else 0
