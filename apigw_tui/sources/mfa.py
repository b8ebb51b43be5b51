"""MFA codes of assumed roles: asked for one at a time, where the caller says, and never twice for one role session."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from apigw_tui.sources.failure_terms import FailureKind
from apigw_tui.sources.failures import AwsError

if TYPE_CHECKING:
    from botocore.session import Session

_PROMPT: Final = re.compile(r"Enter MFA code for (?P<serial>.+): ")
"""How botocore asks (botocore 1.44, AssumeRoleCredentialFetcher)."""

_CODE: Final = re.compile(r"\d{6}")


@dataclass(frozen=True)
class MfaQuestion:
    """Which device's code is needed, and for which profile; `again`: the last code gave no role session."""

    profile: str | None
    serial: str
    again: bool = False

    @property
    def who(self) -> str:
        """`profile shop` or `the default profile`."""
        return f"profile {self.profile}" if self.profile else "the default profile"


AskMfa = Callable[[MfaQuestion], str | None]
"""Blocks until there is an answer, in the thread that needs it; None: there will be none."""


class MfaCodes:
    """Shared by all sessions of a run: switching the region or renewing a session asks for no new code.

    A question that was refused is not asked again by itself, only after `forget_refusals`.
    """

    def __init__(self, ask: AskMfa | None = None, *, hint: str = "") -> None:
        self._ask = ask
        self._hint = hint
        self._turn = Lock()
        self._refused: set[str] = set()
        self._unproven = False
        self._answers: Counter[str] = Counter()
        self._roles: dict[str, Any] = {}

    @property
    def is_asking(self) -> bool:
        """Whether somebody is being asked for a code at this moment."""
        return self._turn.locked()

    def attach(self, session: Session, profile: str | None) -> RoleCache:
        """Let a session ask here instead of on the terminal, and share what role sessions there are."""
        provider: Any = session.get_component("credential_provider").get_provider("assume-role")
        provider.cache = roles = RoleCache(self._roles, self._proven)
        provider._prompter = lambda prompt: self._code(prompt, profile)  # botocore has no public way
        return roles

    def forget_refusals(self) -> None:
        """The user wants something anew: ask again."""
        self._refused.clear()

    def _code(self, prompt: str, profile: str | None) -> str:
        found = _PROMPT.fullmatch(prompt)
        question = MfaQuestion(profile, found["serial"] if found else prompt.strip(" :"))
        before = self._answers[question.serial]
        with self._turn:
            if self._answers[question.serial] != before:
                # A code works once, and another thread's has just been taken for the same role.
                message = f"Another code of the MFA device {question.serial} was just entered."
                raise AwsError(FailureKind.EXPIRED, message, "Try again.")
            return self._asked(question)

    def _asked(self, question: MfaQuestion) -> str:
        if question.serial in self._refused:
            raise self._none_given(question)
        code = None
        if self._ask is not None:
            code = self._ask(MfaQuestion(question.profile, question.serial, again=self._unproven))
        if code is None or not _CODE.fullmatch(code.strip()):
            self._refused.add(question.serial)
            raise self._none_given(question)
        self._answers[question.serial] += 1
        self._unproven = True
        return code.strip()

    def _none_given(self, question: MfaQuestion) -> AwsError:
        who = question.who[:1].upper() + question.who[1:]
        message = f"{who} needs a code of six digits of the MFA device {question.serial}, and none was given."
        export = f"aws configure export-credentials{_flag(question.profile)} --format env"
        return AwsError(FailureKind.CREDENTIALS, message, self._hint or f'Run `eval "$({export})"` before.')

    def _proven(self) -> None:
        self._unproven = False


class RoleCache:
    """What botocore's assume-role provider keeps role sessions in; knows whether one was taken or put there."""

    def __init__(self, roles: dict[str, Any], proven: Callable[[], None]) -> None:
        self._roles = roles
        self._proven = proven
        self._is_used = False

    def __contains__(self, key: str) -> bool:
        """Whether there is a session of a role."""
        return key in self._roles

    def __getitem__(self, key: str) -> Any:
        """The session of a role, as STS answered."""
        self._is_used = True
        return self._roles[key]

    def __setitem__(self, key: str, session: Any) -> None:
        """Keep the session of a role."""
        self._is_used = True
        self._roles[key] = session
        self._proven()

    def discard(self) -> None:
        """Forget role sessions that AWS takes no more; those that others got meanwhile stay."""
        if self._is_used:
            self._roles.clear()


def _flag(profile: str | None) -> str:
    return f" --profile {profile}" if profile else ""
