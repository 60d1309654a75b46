"""What stands for something else: ``${NAME}`` of the environment, ``${agents/front-desk}``.

Values that are compared hold neither: an object's name stands between two `MARK`, and a variable
that is not set between two `UNSET`. No text of YAML can hold these characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MARK = "\0"
UNSET = "\1"

_OBJECT = r"(?:agents|flows|knowledge)/[a-z0-9][a-z0-9-]*"
_VARIABLE = r"[A-Z_][A-Z0-9_]*"
# Two dollar signs stand for one. What is neither kind of name stays as it is: a prompt may have it.
_STANDING = re.compile(rf"(\$?)\$\{{({_VARIABLE}|{_OBJECT})\}}")
_LITERAL = re.compile(rf"\$\{{(?:{_VARIABLE}|{_OBJECT})\}}")
_MARKED = re.compile(f"{MARK}([^{MARK}]*){MARK}")
_UNSET = re.compile(f"{UNSET}([^{UNSET}]*){UNSET}")
_ONE_VARIABLE = re.compile(rf"\$\{{({_VARIABLE})\}}\Z")


def marked(name: str) -> str:
    """An object's name as values that are compared have it."""
    return f"{MARK}{name}{MARK}"


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A value with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: each_text(below, change) for name, below in value.items()}
    return [each_text(below, change) for below in value] if isinstance(value, list) else value


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """What a file says, with the variables and names in it."""

    def stands_for(found: re.Match[str]) -> str:
        escape, name = found.groups()
        if escape:
            return found[0][1:]
        if "/" in name:
            return marked(name)
        return environment.get(name, f"{UNSET}{name}{UNSET}")

    return each_text(value, lambda text: _STANDING.sub(stands_for, text))


def texts_in(value: Any) -> Iterator[str]:
    """The texts within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for below in value.values() if isinstance(value, dict) else value:
            yield from texts_in(below)


def unset_in(value: Any) -> list[str]:
    """The variables that are not set."""
    return [name for text in texts_in(value) for name in _UNSET.findall(text)]


def names_in(value: Any) -> list[str]:
    """The objects that a value names."""
    return [name for text in texts_in(value) for name in _MARKED.findall(text)]


def named(value: Any, names: Mapping[str, str]) -> Any:
    """What the service says, with the names of objects in place of their ids."""
    if not names:
        return value
    # Whole words, so that an id is not found within a longer one.
    ids = re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b")
    return each_text(value, lambda text: ids.sub(lambda found: marked(names[found[0]]), text))


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """A value for a request: with ids in place of names.

    Raises:
        KeyError: An object has no id yet.
    """
    return each_text(value, lambda text: _MARKED.sub(lambda found: ids[found[1]], text))


def for_file(text: str) -> str:
    """A text as a file has it."""
    escaped = _LITERAL.sub(lambda found: f"${found[0]}", text)
    return _MARKED.sub(lambda found: f"${{{found[1]}}}", escaped)


def for_people(value: Any) -> Any:
    """A value as a plan shows it."""
    shown = each_text(value, lambda text: _MARKED.sub(lambda found: found[1], text))
    return each_text(shown, lambda text: _UNSET.sub(lambda found: f"${{{found[1]}}}", text))


def has_variable(text: Any) -> bool:
    """Whether a text of a file stands for a variable, at least in part."""
    return isinstance(text, str) and any(
        not escape and "/" not in name for escape, name in _STANDING.findall(text)
    )


def variable_of(text: Any) -> str | None:
    """The variable that a text stands for as a whole."""
    found = _ONE_VARIABLE.match(text) if isinstance(text, str) else None
    return found[1] if found else None
