"""One form for what a file says and for what the service answers, in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .kinds import AGENTS, FLOWS, NUMBERS, SAY_NOTHING_WHEN_FALSE, Fields, Kind
from .references import MARK, marked, named

# What the service knows by two names: the first is on the page for creating alone.
_OTHER_NAMES = {"callSettings": "callSetting", "variablesforcallflow": "variables"}
# The variable of an agent, and the last line of a description, that say where an object is kept.
MARKER_VARIABLE = "trillet_file"
_ID = re.compile(r"[0-9a-f]{24}\Z")
_MARKER_LINE = re.compile(r"(?:\A|\n\n)\[trillet: ([^\]\n]+)\]\Z")


def of_service(kind: Kind, document: Fields, names: dict[str, str]) -> Fields:
    """What a file would say of an object that the service has.

    Args:
        kind: What it is.
        document: The service's answer.
        names: The names of objects by their ids.
    """
    _, document = without_marker(kind, document)
    kept = _without_made(kind, document)
    for path in kind.links:
        _each_link(kept, path.split("."), _id_of)
    return clean(kind, named(kept, names))


def clean(kind: Kind, fields: Fields, *, keep_null: bool = False) -> Fields:
    """Without what says nothing, and with one name for each thing."""
    result = {
        name: value
        for name, value in _clean(fields, keep_null).items()
        if not (name in SAY_NOTHING_WHEN_FALSE and value is False)
    }
    if kind is FLOWS:
        for collection in result.get("dynamicVariableCollections") or []:
            # The service gives each an id of its own.
            if isinstance(collection, dict):
                collection.pop("id", None)
    return result


def _clean(value: Any, keep_null: bool) -> Any:
    if isinstance(value, dict):
        return {
            _OTHER_NAMES.get(name, name): _clean(below, keep_null)
            for name, below in value.items()
            if keep_null or below is not None
        }
    return [_clean(below, keep_null) for below in value] if isinstance(value, list) else value


def _without_made(kind: Kind, document: Fields) -> Fields:
    kept = {}
    for name, value in document.items():
        if name in kind.made:
            continue
        inner = {path.partition(".")[2] for path in kind.made if path.startswith(f"{name}.")}
        if inner and isinstance(value, dict):
            value = {key: below for key, below in value.items() if key not in inner}
        kept[name] = value
    return kept


def linked(kind: Kind, fields: Fields) -> Fields:
    """What a file says, with the names in its links marked as such."""
    for path, folder in kind.links.items():

        def mark(value: Any, folder: str = folder) -> Any:
            # An id of something that is no part of the folder stays one.
            is_name = isinstance(value, str) and MARK not in value and not _ID.match(value)
            return marked(f"{folder}/{value}") if is_name and value else value

        _each_link(fields, path.split("."), mark)
    return fields


def unlinked(kind: Kind, fields: Fields) -> Fields:
    """For a file: links name an object without its folder, which is always the same."""
    for path, folder in kind.links.items():

        def name(value: Any, folder: str = folder) -> Any:
            prefix = f"${{{folder}/"
            is_name = isinstance(value, str) and value.startswith(prefix)
            return value[len(prefix) : -1] if is_name else value

        _each_link(fields, path.split("."), name)
    return fields


def _each_link(fields: Any, path: list[str], change: Any) -> None:
    for name in path[:-1]:
        fields = fields.get(name) if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or path[-1] not in fields:
        return
    value = fields[path[-1]]
    if isinstance(value, list):
        fields[path[-1]] = [change(each) for each in value]
    else:
        fields[path[-1]] = change(value)


def _id_of(value: Any) -> Any:
    """Answers may have an object with the id where requests have the id."""
    return value["_id"] if isinstance(value, dict) and "_id" in value else value


# MARK: The marker


def without_marker(kind: Kind, document: Fields) -> tuple[str | None, Fields]:
    """Where an object says that it is kept, and the object without that."""
    if kind is AGENTS:
        variables = document.get("variables")
        if not isinstance(variables, dict) or MARKER_VARIABLE not in variables:
            return None, document
        rest = {name: value for name, value in variables.items() if name != MARKER_VARIABLE}
        return str(variables[MARKER_VARIABLE]), {**document, "variables": rest}
    description = document.get("description")
    found = _MARKER_LINE.search(description) if isinstance(description, str) else None
    if found is None or not isinstance(description, str):
        return None, document
    return found[1], {**document, "description": description[: found.start()]}


def with_marker(kind: Kind, fields: Fields, marker: str) -> Fields:
    """An object that says where it is kept."""
    if kind is NUMBERS:
        return fields
    if kind is AGENTS:
        return {**fields, "variables": {**(fields.get("variables") or {}), MARKER_VARIABLE: marker}}
    description = fields.get("description") or ""
    line = f"[trillet: {marker}]"
    return {**fields, "description": f"{description}\n\n{line}" if description else line}


def slug(name: str, kind: Kind) -> str:
    """The name of a file for an object of a name."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")
    return words[:60].strip("-") or kind.title.split()[0]
