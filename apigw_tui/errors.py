"""The errors a user sees: one sentence of what failed, one of what to do next."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes, the same for every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CREDENTIALS = 3
    NETWORK = 4
    INTERRUPTED = 130


class AppError(Exception):
    """Something a user can act on.

    `message` says what failed, with names (profile, region, group, file); `hint` what to type next.
    """

    def __init__(self, message: str, hint: str = "", *, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(AppError):
    """A flag, query, time or config value that cannot be used."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, exit_code=ExitCode.USAGE)


def reason_of(message: str) -> str:
    """Why it failed, of a message such as `Could not read the log: the credentials have expired.`; no full stop."""
    _, separator, clause = message.partition(": ") if message.startswith("Could not ") else ("", "", "")
    return (clause if separator else message).removesuffix(".")
