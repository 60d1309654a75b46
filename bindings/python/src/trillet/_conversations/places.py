"""YAML whose every value knows its line.

A scalar stays the text that stands in the file: whoever reads it says what it should be. So `yes`
is a word where a word is wanted, and `0123` keeps its zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Union

from .._code.reading_yaml import no_yaml, yaml_module
from .mistakes import FilesError, Mistake

if TYPE_CHECKING:
    from pathlib import Path

# What needs PyYAML here.
NEEDING = "scripted conversations"
_DEEPEST = 50
_NULL = "tag:yaml.org,2002:null"


class Text(NamedTuple):
    """A scalar.

    Attributes:
        line: Its line.
        text: What stands there, without quotes.
        tag: What YAML takes it for: `str`, `int`, `bool`, …
    """

    line: int
    text: str
    tag: str


class Items(NamedTuple):
    """A list."""

    line: int
    items: list[Value]


class Members(NamedTuple):
    """A mapping, with the line of each key."""

    line: int
    members: dict[str, Value]
    lines: dict[str, int]


Value = Union[Text, Items, Members, None]


def read_places(path: Path) -> Members:
    """The mapping that a file holds.

    Raises:
        FilesError: It cannot be read, is no YAML, or holds something else.
    """
    yaml = yaml_module(NEEDING)
    file = str(path)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise FilesError([Mistake(file, 1, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise FilesError([Mistake(file, line, "is not UTF-8")]) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise FilesError([Mistake(file, *no_yaml(error))]) from None
    value = _Walk(yaml, file).value(node, 0)
    if not isinstance(value, Members):
        line = 1 if value is None else value.line
        raise FilesError([Mistake(file, line, "must be a mapping: `name: Opening hours`")])
    return value


class _Walk:
    def __init__(self, yaml: Any, file: str) -> None:
        self._yaml = yaml
        self._file = file

    def value(self, node: Any, depth: int) -> Value:
        yaml = self._yaml
        if node is None or node.tag == _NULL:
            return None
        line = node.start_mark.line + 1
        if depth > _DEEPEST:
            # An alias may lead back to what it stands in.
            raise FilesError([Mistake(self._file, line, "is nested too deeply")])
        if isinstance(node, yaml.ScalarNode):
            return Text(line, node.value, node.tag.rpartition(":")[2])
        if isinstance(node, yaml.SequenceNode):
            return Items(line, [self.value(each, depth + 1) for each in node.value])
        return self._members(node, line, depth)

    def _members(self, node: Any, line: int, depth: int) -> Members:
        found = Members(line, {}, {})
        for key, value in node.value:
            below = key.start_mark.line + 1
            if not isinstance(key, self._yaml.ScalarNode):
                raise FilesError([Mistake(self._file, below, "a key must be a word")])
            if key.value in found.members:
                raise FilesError([Mistake(self._file, below, f"{key.value} stands here twice")])
            found.members[key.value] = self.value(value, depth + 1)
            found.lines[key.value] = below
        return found
