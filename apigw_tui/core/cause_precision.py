"""Which failing requests more log lines can explain, or explain better."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from apigw_tui.core.diagnosis_rules import FIELD_RULES, VARIABLES, Precision

_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_NOTHING_SAID: Final = r": Unhandled$"
"""An error of a function that may be anything, also its timeout."""


def _general() -> str:
    """A regex for `code variable: …` where the variable names no more than the class of the cause."""
    exact = {(rule.code, rule.column) for rule in FIELD_RULES if rule.precision is Precision.EXACT}
    told = {(rule.code, rule.column) for rule in FIELD_RULES} - exact
    pairs = sorted(f"{code} {re.escape(VARIABLES[column])}" for code, column in told)
    return f"^(?:{'|'.join(pairs)}): |{_NOTHING_SAID}"


_GENERAL: Final = _general()


def is_unexplained() -> pl.Expr:
    """Whether a row of REQUESTS failed for a reason that only lines not yet read can tell.

    That is every failure of unknown cause, and those with a status of 500 or more of which the access entry
    names no more than a class of causes.
    """
    status = pl.col("status")
    told = pl.concat_str([pl.col("cause").cast(pl.String), pl.col("evidence")], separator=" ")
    general = (status >= _SERVER_ERROR) & told.str.contains(_GENERAL)
    unknown = pl.col("cause") == "unknown"
    return ((status >= _ERROR) & (unknown | general)).fill_null(value=False)
