"""`make causes`: which cause was found for each labelled request, and where it is not the labelled one.

Requests of the tests, in every way they can be written, and the transcripts beside the repository where they are
there. Printed as a table of labelled cause × found cause, then status and IDs, then every miss by its name.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from apigw_tui.core.requests import summarise
from tests.core.labelled_requests import writings
from tests.core.log_lines import parsed
from tests.core.sample_outcomes import SAMPLES, outcomes

Result = tuple[str, dict[str, Any], dict[str, Any]]
"""Name, the columns of REQUESTS that are labelled, and what they came out as."""


def own() -> Iterator[Result]:
    """The requests of the tests."""
    for name, labelled, events in writings():
        rows = summarise(parsed(*events)).to_dicts()
        found = {column: rows[0][column] if len(rows) == 1 else f"{len(rows)} rows" for column in labelled.expected}
        yield name, labelled.expected, found


def samples() -> Iterator[Result]:
    """The transcripts; none when they are not at hand."""
    for outcome in outcomes() if SAMPLES.is_dir() else ():
        yield outcome.title, outcome.expected, outcome.found()


def report(results: list[Result]) -> list[str]:
    """The lines of the table."""
    cells = Counter((str(expected["cause"]), str(found["cause"])) for _, expected, found in results)
    lines = [f"{'labelled':<34}{'found':<34}{'requests':>8}"]
    lines.extend(
        f"{label:<34}{found:<34}{count:>8}{'' if label == found else '  <'}"
        for (label, found), count in sorted(cells.items())
    )
    columns = dict.fromkeys(column for _, expected, _ in results for column in expected)
    for column in columns:
        asked = [(expected[column], found[column]) for _, expected, found in results if column in expected]
        lines.append(f"{column:<34}{sum(label == got for label, got in asked)} of {len(asked)}")
    misses = [
        f"{name}: {column} is {found[column]}, not {expected[column]}"
        for name, expected, found in results
        for column in expected
        if found[column] != expected[column]
    ]
    return [*lines, *(["", "Misses"] if misses else []), *misses]


def main() -> None:
    """Print both tables."""
    for title, results in (("Requests of the tests", list(own())), ("Transcripts", list(samples()))):
        if results:
            sys.stdout.write("\n".join([f"{title}: {len(results)}", *report(results), "", ""]))


if __name__ == "__main__":
    main()
