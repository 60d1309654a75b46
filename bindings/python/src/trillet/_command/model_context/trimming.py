"""An answer cut to what a model can use, without what could act on whoever reads it."""

from __future__ import annotations

import json
from typing import Any

from ..._core.secret_naming import is_secret

DEFAULT = 20_000
_FEWEST_ITEMS, _SHORTEST_TEXT = 3, 80


class Trimmed:
    """The answer as JSON text, and what was left out."""

    def __init__(self, value: object, longest: int = DEFAULT) -> None:
        items, characters = max(_FEWEST_ITEMS, longest // 400), max(_SHORTEST_TEXT, longest // 10)
        while True:
            cut = _Cut(items, characters)
            text = json.dumps(cut.value(value, ""), ensure_ascii=False, separators=(",", ":"))
            if len(text) <= longest or (items, characters) == (_FEWEST_ITEMS, _SHORTEST_TEXT):
                break
            items, characters = max(_FEWEST_ITEMS, items // 2), max(_SHORTEST_TEXT, characters // 2)
        self.notes = cut.notes[:10]
        if len(cut.notes) > len(self.notes):
            self.notes.append(f"and {len(cut.notes) - len(self.notes)} more places were cut")
        if len(text) > longest:
            self.notes.append(f"the JSON itself ends after {longest} of {len(text)} characters")
        self.text = text[:longest]


class _Cut:
    def __init__(self, items: int, characters: int) -> None:
        self._items = items
        self._characters = characters
        self.notes: list[str] = []

    def value(self, value: Any, place: str) -> Any:
        if isinstance(value, str):
            return self._string(value, place)
        if isinstance(value, (list, tuple)):
            kept = [self.value(each, place) for each in value[: self._items]]
            if len(value) > len(kept):
                more = len(value) - len(kept)
                self.notes.append(f"{place or 'the list'}: {more} more of {len(value)} were cut")
            return kept
        if isinstance(value, dict):
            return {
                harmless(str(name)): (
                    "(hidden)"
                    if is_secret(str(name)) and each
                    else self.value(each, f"{place}.{harmless(str(name))}" if place else str(name))
                )
                for name, each in value.items()
            }
        return value

    def _string(self, text: str, place: str) -> str:
        if len(text) > self._characters:
            more = len(text) - self._characters
            self.notes.append(f"{place or 'the text'}: {more} more characters were cut")
            text = text[: self._characters] + "…"
        return harmless(text)


def harmless(text: str) -> str:
    """Without what moves a cursor, turns text round or hides in it; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in text
    )
