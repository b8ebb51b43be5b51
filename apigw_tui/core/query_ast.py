"""What a query says, as a tree, and how it is written.

Writing a query that was read gives a text that reads as the same query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ACCESS: Final = "access."
"""A field of this prefix is one of the stage's own access format."""

OPERATORS: Final = (":", "=", "!=", ">=", ">", "<=", "<", "~")
KEYWORDS: Final = ("OR", "AND", "NOT")

_PLAIN_WORD: Final = re.compile(r"[^\W_][\w.@%+#$/{}-]*")
_PLAIN_VALUE: Final = re.compile(r'[^\s"(),=!<>~:][^\s"(),]*')
_PLAIN_PATTERN: Final = re.compile(r'[^\s"()/=!<>~:][^\s"()]*')
_PLAIN_NAME: Final = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Value:
    """A typed value; a literal one means its `*` as a star."""

    text: str
    literal: bool = False


@dataclass(frozen=True)
class Term:
    """A field compared with one value, or with a list of which one must fit."""

    field: str
    operator: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        written = [_written_value(value, self.operator) for value in self.values]
        value = written[0] if len(written) == 1 else f"({','.join(written)})"
        return f"{written_name(self.field)}{self.operator}{value}"


@dataclass(frozen=True)
class Text:
    """Text that some message holds, upper and lower case alike."""

    text: str

    def __str__(self) -> str:
        is_plain = _PLAIN_WORD.fullmatch(self.text) and self.text not in KEYWORDS
        return self.text if is_plain else _quoted(self.text)


@dataclass(frozen=True)
class Regex:
    """A regular expression that matches within some message, upper and lower case alike."""

    pattern: str

    def __str__(self) -> str:
        return f"/{self.pattern}/"


@dataclass(frozen=True)
class Not:
    """What its node does not match."""

    node: Node

    def __str__(self) -> str:
        return f"-{_grouped(self.node)}"


@dataclass(frozen=True)
class And:
    """What all of two or more nodes match."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, And | Or) else str(node) for node in self.nodes)


@dataclass(frozen=True)
class Or:
    """What any of two or more nodes matches."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(f"({node})" if isinstance(node, Or) else str(node) for node in self.nodes)


Leaf = Term | Text | Regex
Node = And | Or | Not | Leaf


@dataclass(frozen=True)
class Query:
    """Terms that must all hold; none match everything."""

    terms: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return str(conjunction(self.terms)) if self.terms else ""

    @property
    def fields(self) -> frozenset[str]:
        """The names of all fields that it compares."""
        leaves = (leaf for node in self.terms for leaf in leaves_of(node))
        return frozenset(leaf.field for leaf in leaves if isinstance(leaf, Term))

    def narrowed(self, field: str, value: str | None, *, excluded: bool = False) -> Query:
        """Return the query with one more term: the field has, or has not, this value; None is no value."""
        term: Node = Term(field, ":", (Value("*") if value is None else literal(value),))
        wanted = Not(term) if excluded != (value is None) else term
        return self if wanted in self.terms else Query((*self.terms, wanted))


def leaves_of(node: Node) -> tuple[Leaf, ...]:
    """Return the terms and searches that a node joins, in order."""
    if isinstance(node, Not):
        return leaves_of(node.node)
    if isinstance(node, And | Or):
        return tuple(leaf for part in node.nodes for leaf in leaves_of(part))
    return (node,)


def literal(text: str) -> Value:
    """Return the value that means this text and nothing else."""
    return Value(text, literal="*" in text)


def conjunction(nodes: tuple[Node, ...]) -> Node:
    """Return one node for all of them, flat."""
    flat = tuple(part for node in nodes for part in (node.nodes if isinstance(node, And) else (node,)))
    return flat[0] if len(flat) == 1 else And(flat)


def disjunction(nodes: tuple[Node, ...]) -> Node:
    """Return one node for any of them, flat."""
    flat = tuple(part for node in nodes for part in (node.nodes if isinstance(node, Or) else (node,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def written(text: str) -> str:
    """Return text as a value after a field's colon: quoted where it must be."""
    return _written_value(literal(text), ":")


def _grouped(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def written_name(name: str) -> str:
    """Return a field's name as it stands before its operator: quoted where it must be."""
    if not name.startswith(ACCESS):
        return name
    own = name.removeprefix(ACCESS)
    return name if _PLAIN_NAME.fullmatch(own) else ACCESS + _quoted(own)


def _written_value(value: Value, operator: str) -> str:
    plain = _PLAIN_PATTERN if operator == "~" else _PLAIN_VALUE
    is_plain = not value.literal and (plain.fullmatch(value.text) or _is_bare_glob(value.text))
    return value.text if is_plain else _quoted(value.text)


def _is_bare_glob(text: str) -> bool:
    """Tell a glob that quotes would make literal: it was typed bare, so it can be written bare."""
    return "*" in text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
