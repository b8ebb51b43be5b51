"""What the operations of CloudWatch Logs work on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from apigw_tui.emulator.arguments import GROUP_IDENTIFIER, GROUP_NAME, Arguments, invalid
from apigw_tui.emulator.conditions import Conditions
from apigw_tui.emulator.feed import ACCOUNT_ID
from apigw_tui.emulator.groups import Group, LogGroups
from apigw_tui.emulator.insights_running import Queries
from apigw_tui.emulator.paging import Paging, Tokens

_GROUP_ARN: Final = re.compile(r"arn:aws[a-z-]*:logs:[a-z0-9-]+:(\d{12}):log-group:([\.\-_/#A-Za-z0-9]+)")


@dataclass(frozen=True, eq=False)
class LogsState:
    """The groups, the tokens, the limits, the time, what is to go wrong, the queries."""

    groups: LogGroups
    tokens: Tokens
    paging: Paging
    clock: Callable[[], int]
    conditions: Conditions = field(default_factory=Conditions)
    queries: Queries = field(default_factory=Queries)


def addressed_group(state: LogsState, arguments: Arguments) -> Group:
    """The group that logGroupName or logGroupIdentifier (a name or an ARN without `:*`) names."""
    arguments.exclusive("logGroupName", "logGroupIdentifier")
    name = arguments.text("logGroupName", GROUP_NAME)
    identifier = arguments.text("logGroupIdentifier", GROUP_IDENTIFIER)
    if name is not None:
        return state.groups.find(name)
    if identifier is None:
        raise invalid("Either logGroupName or logGroupIdentifier must be given")
    return state.groups.find(name_of(identifier))


def name_of(identifier: str) -> str:
    """The name in the identifier of a group; of a linked account's group the ARN, which is all it is known by."""
    if not identifier.startswith("arn:"):
        return identifier
    found = _GROUP_ARN.fullmatch(identifier)
    if not found:
        raise invalid(f"'{identifier}' is not the ARN of a log group")
    return found[2] if found[1] == ACCOUNT_ID else identifier
