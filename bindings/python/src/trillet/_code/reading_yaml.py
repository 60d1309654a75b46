"""Reads the YAML that people write: a clear error in place of every surprise of the language.

docs/decisions.md, plain-yaml.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._model.errors import ConfigurationError
from .mistakes import FolderError, mistake

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_CONSTANTS = {"null": None, "~": None, "": None, "true": True, "false": False}
# What other readers of YAML take for a truth value, a number or a time. Nobody can see which.
_TRUTH = re.compile(r"(?:y|n|yes|no|on|off|true|false|null)\Z", re.IGNORECASE)
_NUMBERLIKE = re.compile(
    r"[-+]?(?:0[0-7_]+|0o[0-7]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*(?:\.[0-9_]*)?"
    r"(?:[eE][-+]?[0-9]+)?|\.[0-9]+|\.(?:inf|nan)|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?)\Z",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?\Z")


class Read(NamedTuple):
    """What a file says, and the line of each of its members, by their path."""

    fields: dict[str, Any]
    lines: dict[str, int]


def yaml_module(needing: str = "agents as code") -> Any:
    """PyYAML, which is not always there."""
    try:
        import yaml
    except ImportError as error:
        raise ConfigurationError(
            f"{needing} need PyYAML: pip install 'trillet[code]'", sent="no"
        ) from error
    return yaml


def no_yaml(error: Exception) -> tuple[int, str]:
    """The line of what PyYAML cannot read, and what is wrong there."""
    mark = getattr(error, "problem_mark", None)
    line = 1 if mark is None else mark.line + 1
    problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
    return line, f"no YAML: {problem}"


def read_yaml(text: str, file: str) -> Read:
    """The mapping that a file holds.

    Raises:
        FolderError: It holds something else, or what is easily misread.
    """
    yaml = yaml_module()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tab = next((line for line, row in enumerate(text.split("\n"), 1) if _is_tabbed(row)), None)
    try:
        reader = _Reader(yaml, file, yaml.parse(text, Loader=loader))
        return reader.document()
    except yaml.YAMLError as error:
        line, problem = no_yaml(error)
        if tab is not None and tab <= line:
            raise mistake(f"{file}:{tab}", "a tab indents this line: use spaces") from None
        raise mistake(f"{file}:{line}", problem) from None


def plain(text: str) -> Any:
    """What a scalar without quotes says.

    Raises:
        ValueError: Readers do not agree on it.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if number := _NUMBER.match(text):
        return float(text) if number[1] or number[2] else int(text)
    if _TRUTH.match(text):
        raise ValueError(f"write true or false, or quote it if it is a word: '{text}'")
    if _NUMBERLIKE.match(text) or _DATE.match(text):
        raise ValueError(f"quote it if it is a text ('{text}'), or write a plain decimal number")
    return text


def _is_tabbed(line: str) -> bool:
    return "\t" in line[: len(line) - len(line.lstrip())]


class _Reader:
    def __init__(self, yaml: Any, file: str, events: Any) -> None:
        self._yaml = yaml
        self._file = file
        self._events = events
        self._lines: dict[str, int] = {}

    def document(self) -> Read:
        yaml = self._yaml
        event = self._next()
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return Read({}, {})
        fields = self._value(event, "")
        if fields is None:
            fields = {}
        if not isinstance(fields, dict):
            raise self._mistake(event, "a file is a mapping: `name: Front Desk`")
        if isinstance(self._next(), yaml.DocumentEndEvent):
            last = self._next()
            if not isinstance(last, yaml.StreamEndEvent):
                raise self._mistake(last, "a second document: a file has one")
        return Read(fields, self._lines)

    def _next(self) -> Any:
        return next(self._events)

    def _mistake(self, event: Any, what: str) -> FolderError:
        return mistake(f"{self._file}:{event.start_mark.line + 1}", what)

    def _value(self, event: Any, path: str) -> Any:
        yaml = self._yaml
        self._lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            raise self._mistake(event, f"*{event.anchor}: references are not used here; repeat it")
        if event.anchor is not None:
            raise self._mistake(event, f"&{event.anchor}: anchors are not used here; repeat it")
        if event.tag not in (None, "!"):
            raise self._mistake(event, f"{event.tag}: tags are not used here")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _scalar(self, event: Any) -> Any:
        if event.style:
            return event.value
        try:
            value = plain(event.value)
        except ValueError as error:
            raise self._mistake(event, f"{event.value}: {error}") from None
        if isinstance(value, float) and value - value != 0:
            raise self._mistake(event, f"{event.value}: too large a number")
        return value

    def _sequence(self, path: str) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), self._yaml.SequenceEndEvent):
            values.append(self._value(event, f"{path}[{len(values)}]"))
        return values

    def _mapping(self, path: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), self._yaml.MappingEndEvent):
            if not isinstance(event, self._yaml.ScalarEvent) or event.anchor is not None:
                raise self._mistake(event, "the name of a member is a text")
            name = event.value
            if name == "<<":
                raise self._mistake(event, "<<: merging is not used here; repeat the members")
            if name in values:
                raise self._mistake(event, f"{name} stands here twice")
            below = f"{path}.{name}" if path else name
            self._lines[below] = event.start_mark.line + 1
            values[name] = self._value(self._next(), below)
        return values
