"""Writes YAML for people: the same values always make the same text, and comments stay."""

from __future__ import annotations

from typing import Any

from .reading_yaml import plain, read_yaml, yaml_module

# What a reader looks for first; all other members follow by name.
_FIRST = ("workspace", "name", "id", "description", "type", "direction", "agent", "pathway")
_PLACES = {name: place for place, name in enumerate(_FIRST)}


def written(fields: dict[str, Any]) -> str:
    """A whole file."""
    return _dumped(fields)


def rewritten(text: str, fields: dict[str, Any], file: str) -> str:
    """A file with other values. Where nothing changes it keeps its text, comments included.

    Each member of the file stands or falls as a whole, with what is written within it.
    """
    before = read_yaml(text, file)
    if before.fields == fields and _dumped(before.fields) == _dumped(fields):
        return text
    if text.lstrip().startswith("{") or not before.fields:
        return _dumped(fields)
    lines = text.splitlines(keepends=True)
    blocks = _blocks(lines, before.fields, before.lines)
    head = "".join(lines[: blocks[0][1]])
    result = [head]
    ordered = _in_order(fields)
    for name, start, end in blocks:
        if name not in fields:
            continue
        same = _dumped({name: before.fields[name]}) == _dumped({name: fields[name]})
        kept = "".join(lines[start:end])
        result.append(
            kept if same else _dumped({name: fields[name]}) + _trailing(lines, start, end)
        )
    for name in ordered:
        if name not in before.fields:
            if not result[-1].endswith("\n"):
                result.append("\n")
            result.append(_dumped({name: fields[name]}))
    return "".join(result)


def _blocks(
    lines: list[str], fields: dict[str, Any], places: dict[str, int]
) -> list[tuple[str, int, int]]:
    """The lines of each member: from its name up to that of the next."""
    starts = [places[name] - 1 for name in fields]
    return list(zip(fields, starts, [*starts[1:], len(lines)]))


def _trailing(lines: list[str], start: int, end: int) -> str:
    """Comments and empty lines before the next member, which belong to that."""
    first = end
    while first > start + 1 and (not lines[first - 1].strip() or lines[first - 1][0] == "#"):
        first -= 1
    return "".join(lines[first:end])


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (_PLACES.get(name, len(_FIRST)), name))
        return {name: _in_order(value[name]) for name in names}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


def _dumped(fields: dict[str, Any]) -> str:
    yaml = yaml_module()
    text: str = yaml.dump(
        _in_order(fields),
        Dumper=_dumper(yaml),
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        # Folded lines make changes of one word look like changes of many.
        width=10**9,
    )
    return text


_DUMPERS: list[Any] = []


def _dumper(yaml: Any) -> Any:
    if not _DUMPERS:

        class Dumper(yaml.SafeDumper):  # type: ignore[misc]
            """One that writes lines as lines, and quotes what could be read as something else."""

            def ignore_aliases(self, data: object) -> bool:
                return True

            def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
                # Items of a list stand further in than its name.
                return super().increase_indent(flow, False)

        def represent(dumper: Any, text: str) -> Any:
            if "\n" in text:
                return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
            try:
                is_plain = plain(text) is text
            except ValueError:
                is_plain = False
            return dumper.represent_scalar(
                "tag:yaml.org,2002:str", text, style=None if is_plain else "'"
            )

        Dumper.add_representer(str, represent)
        _DUMPERS.append(Dumper)
    return _DUMPERS[0]
