"""The arguments of a JSON call, checked against the service model as AWS does and boto3 does not."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apigw_tui.emulator.wire import Request, ServiceError


@dataclass(frozen=True)
class TextRule:
    """What the service model says of a string."""

    shortest: int = 1
    longest: int | None = None
    pattern: str | None = None


GROUP_NAME: Final = TextRule(1, 512, r"[\.\-_/#A-Za-z0-9]+")
GROUP_PATTERN: Final = TextRule(0, 512, r"[\.\-_/#A-Za-z0-9]*")
GROUP_REGEX: Final = TextRule(3, 129, r"(\^?[\.\-_\/#A-Za-z0-9]{3,24})(\|\^?[\.\-_\/#A-Za-z0-9]{3,24}){0,4}")
GROUP_IDENTIFIER: Final = TextRule(1, 2048, r"[\w#+=/:,.@-]*")
ACCOUNT: Final = TextRule(12, 12, r"\d{12}")
STREAM_NAME: Final = TextRule(1, 512, r"[^:*]*")
FILTER_PATTERN: Final = TextRule(0, 1024)
TOKEN: Final = TextRule(1)
GROUP_CLASSES: Final = ("STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS")


def invalid(message: str) -> ServiceError:
    """What CloudWatch Logs answers to most wrong arguments."""
    return ServiceError("InvalidParameterException", message)


def violation(name: str, value: object, constraint: str) -> ServiceError:
    """The error for a value that breaks the service model."""
    shown = "null" if value is None else f"'{value}'"
    return invalid(
        f"1 validation error detected: Value {shown} at '{name}' failed to satisfy constraint: Member must {constraint}"
    )


class Arguments:
    """The arguments by name; each getter checks and returns one."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    @classmethod
    def of(cls, request: Request) -> Arguments:
        """Read the body of a JSON call."""
        try:
            values = json.loads(request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ServiceError("SerializationException", f"The body is no JSON: {error}") from error
        if not isinstance(values, dict):
            raise ServiceError("SerializationException", "The body is no JSON object")
        return cls(values)

    def has(self, name: str) -> bool:
        """Whether the argument was given."""
        return self._values.get(name) is not None

    def exclusive(self, *names: str) -> None:
        """Refuse more than one of these."""
        given = [name for name in names if self.has(name)]
        if len(given) > 1:
            raise invalid(f"{' and '.join(given)} are mutually exclusive parameters")

    def text(self, name: str, rule: TextRule) -> str | None:
        """A string, or None if it was not given."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _wrong_type(name, "a string")
        return _checked(name, value, rule)

    def required_text(self, name: str, rule: TextRule) -> str:
        """A string that must be given."""
        value = self.text(name, rule)
        if value is None:
            raise violation(name, None, "not be null")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of the choices."""
        value = self.text(name, TextRule(0))
        if value is not None and value not in choices:
            raise violation(name, value, f"satisfy enum value set: [{', '.join(choices)}]")
        return value

    def integer(self, name: str, *, least: int = 0, most: int | None = None) -> int | None:
        """A whole number within bounds."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(name, "a number")
        if value < least:
            raise violation(name, value, f"have value greater than or equal to {least}")
        if most is not None and value > most:
            raise violation(name, value, f"have value less than or equal to {most}")
        return value

    def flag(self, name: str) -> bool | None:
        """True, False, or None if it was not given."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise _wrong_type(name, "a boolean")
        return value

    def texts(self, name: str, rule: TextRule, *, most: int) -> tuple[str, ...] | None:
        """A list of one to `most` strings."""
        values = self._list(name, most=most)
        if values is None:
            return None
        if not all(isinstance(value, str) for value in values):
            raise _wrong_type(name, "a list of strings")
        return tuple(_checked(name, value, rule) for value in values)

    def objects(self, name: str, *, most: int) -> list[Arguments]:
        """A list of one to `most` objects that must be given."""
        values = self._list(name, most=most)
        if values is None:
            raise violation(name, None, "not be null")
        if not all(isinstance(value, dict) for value in values):
            raise _wrong_type(name, "a list of objects")
        return [Arguments(value) for value in values]

    def _list(self, name: str, *, most: int) -> list[Any] | None:
        values = self._values.get(name)
        if values is None:
            return None
        if not isinstance(values, list):
            raise _wrong_type(name, "a list")
        if not values:
            raise violation(name, values, "have length greater than or equal to 1")
        if len(values) > most:
            raise violation(name, f"{len(values)} items", f"have length less than or equal to {most}")
        return values


def _checked(name: str, value: str, rule: TextRule) -> str:
    if len(value) < rule.shortest:
        raise violation(name, value, f"have length greater than or equal to {rule.shortest}")
    if rule.longest is not None and len(value) > rule.longest:
        raise violation(name, value, f"have length less than or equal to {rule.longest}")
    if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        raise violation(name, value, f"satisfy regular expression pattern: {rule.pattern}")
    return value


def _wrong_type(name: str, expected: str) -> ServiceError:
    return ServiceError("SerializationException", f"'{name}' must be {expected}")
