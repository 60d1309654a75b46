"""Reads files of conversations; every mistake is told with its line, all of them at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .mistakes import FilesError, Mistake, nearest
from .places import Items, Members, Text, Value, read_places
from .scripts import ANSWERS, ENDINGS, OUTCOMES, Claim, Scalar, Script, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENDING = ".test.yaml"

# What a file may say for all of its conversations.
_SHARED = ("agent", "flow", "variables")
_OWN = (
    "name",
    "answers",
    "answers_after",
    "turns",
    "ends_with",
    "transferred_to",
    "max_duration",
    "outcome",
    "analysis",
    "skip",
)
_CLAIMS = ("contains", "not_contains", "equals", "matches", "any_of")
_TURN = ("caller", "silence", "expect")
_MOST_TURNS = 200
_LONGEST_SPEECH = 4096


def read_scripts(files: Iterable[Path]) -> list[Script]:
    """The conversations of all files.

    Raises:
        FilesError: There is a mistake in one of them.
    """
    scripts: list[Script] = []
    mistakes: list[Mistake] = []
    for path in files:
        try:
            reader = _Reader(str(path))
            scripts += reader.file(read_places(path), path.name[: -len(ENDING)] or path.name)
            mistakes += reader.mistakes
        except FilesError as error:
            mistakes += error.mistakes
    if mistakes:
        raise FilesError(mistakes)
    return scripts


class _Reader:
    """Of one file. A value that cannot be used is noted, and something harmless takes its place."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.mistakes: list[Mistake] = []

    def file(self, whole: Members, stem: str) -> list[Script]:
        if "conversations" not in whole.members:
            return [self._script(whole, whole, stem)]
        self._keys(whole, (*_SHARED, "conversations"))
        listed = whole.members["conversations"]
        items = self._items(listed, whole.lines["conversations"], "conversations")
        scripts = []
        for item in items:
            if isinstance(item, Members):
                scripts.append(self._script(item, whole, None))
            else:
                line = whole.line if item is None else item.line
                self._note(line, "a conversation is a mapping: `- name: Opening hours`")
        names: set[str] = set()
        for script in scripts:
            if script.name in names:
                self._note(script.line, f"there is another conversation “{script.name}” here")
            names.add(script.name)
        return scripts

    def _script(self, own: Members, shared: Members, stem: str | None) -> Script:
        self._keys(own, (*_SHARED, *_OWN))
        name = self._text(own, "name") or stem
        if name is None:
            self._note(own.line, "name is missing")
        both = {**shared.members, **own.members}
        lines = {**shared.lines, **own.lines}
        named = Members(own.line, both, lines)
        script = Script(
            file=self._file,
            line=own.line,
            name=name or "",
            agent=self._text(named, "agent"),
            flow=self._text(named, "flow"),
            lines=lines,
            variables={**self._variables(shared), **self._variables(own)},
            answers=self._choice(own, "answers", ANSWERS) or "person",
            answers_after=self._seconds(own, "answers_after", 60),
            turns=self._turns(own),
            ends_with=self._choice(own, "ends_with", ENDINGS),
            transferred_to=self._text(own, "transferred_to"),
            max_duration=self._seconds(own, "max_duration", 3600),
            outcome=self._choice(own, "outcome", OUTCOMES),
            analysis=self._analysis(own),
            skip=self._text(own, "skip"),
        )
        self._agreement(script)
        return script

    def _agreement(self, script: Script) -> None:
        """What excludes one another."""
        if script.answers != "person":
            for key in ("turns", "ends_with", "transferred_to"):
                if key in script.lines and getattr(script, key):
                    text = f"{key} needs a person, and answers is {script.answers}"
                    self._note(script.line_of(key), text)
        elif not script.turns:
            self._note(script.line, "turns is missing: what the caller says, what is expected")
        if script.transferred_to and script.ends_with not in (None, "transfer"):
            self._note(script.line_of("transferred_to"), "transferred_to needs ends_with: transfer")

    # MARK: Turns

    def _turns(self, own: Members) -> tuple[Turn, ...]:
        if "turns" not in own.members:
            return ()
        line = own.lines["turns"]
        items = self._items(own.members["turns"], line, "turns")
        if len(items) > _MOST_TURNS:
            self._note(line, f"there are more than {_MOST_TURNS} turns")
        turns = []
        for index, item in enumerate(items):
            if isinstance(item, Members):
                turns.append(self._turn(item, is_first=index == 0))
            else:
                below = line if item is None else item.line
                self._note(below, "a turn is a mapping: `- caller: When are you open?`")
        return tuple(turns)

    def _turn(self, item: Members, *, is_first: bool) -> Turn:
        self._keys(item, _TURN)
        says = self._text(item, "caller")
        silence = self._seconds(item, "silence", 3600)
        claims = self._claims(item.members.get("expect"), item.lines.get("expect", item.line))
        if "caller" in item.members and "silence" in item.members:
            self._note(item.line, "the caller says something, or is silent: not both in one turn")
        if silence is not None and claims:
            self._note(
                item.line, "an agent says nothing after a silence; expect it of another turn"
            )
        if says is None and silence is None and not is_first:
            self._note(item.line, "caller is missing; only the first turn may begin with the agent")
        if "expect" in item.members and not claims:
            self._note(item.lines["expect"], "expect is empty")
        if says is not None and len(says.encode()) > _LONGEST_SPEECH:
            self._note(item.lines["caller"], f"caller has more than {_LONGEST_SPEECH} bytes")
        return Turn(item.line, says, silence, claims)

    def _claims(self, value: Value, line: int) -> tuple[Claim, ...]:
        if value is None:
            return ()
        if isinstance(value, Text):
            return (Claim(value.line, "contains", value.text),)
        if isinstance(value, Items):
            return tuple(each for item in value.items for each in self._claims(item, line))
        self._keys(value, _CLAIMS)
        claims: list[Claim] = []
        for kind, given in value.members.items():
            if kind in _CLAIMS:
                claims += self._claims_of(kind, given, value.lines[kind])
        return tuple(claims)

    def _claims_of(self, kind: str, value: Value, line: int) -> list[Claim]:
        if kind == "any_of":
            others = self._claims(value, line)
            if not isinstance(value, Items) or not others:
                self._note(line, "any_of must be a list: of texts, or of `contains: …`")
            return [Claim(line, kind, others=others)]
        items = value.items if isinstance(value, Items) else [value]
        claims = []
        for item in items:
            if not isinstance(item, Text) or not item.text:
                self._note(line, f"{kind} must be a text, or a list of texts")
                continue
            if kind == "matches":
                try:
                    re.compile(item.text)
                except re.error as error:
                    self._note(item.line, f"matches is no regular expression: {error}")
            claims.append(Claim(item.line, kind, item.text))
        return claims

    # MARK: Single values

    def _variables(self, members: Members) -> dict[str, str]:
        return {name: each.text for name, each in self._scalars(members, "variables").items()}

    def _analysis(self, members: Members) -> dict[str, Scalar]:
        return {name: _scalar(each) for name, each in self._scalars(members, "analysis").items()}

    def _scalars(self, members: Members, key: str) -> dict[str, Text]:
        value = members.members.get(key)
        if value is None:
            return {}
        if not isinstance(value, Members):
            self._note(members.lines[key], f"{key} must be a mapping of names to values")
            return {}
        found = {}
        for name, each in value.members.items():
            if isinstance(each, (Items, Members)):
                self._note(value.lines[name], f"{key}.{name} must be one value")
            else:
                found[name] = Text(value.lines[name], "", "null") if each is None else each
        return found

    def _text(self, members: Members, key: str) -> str | None:
        if key not in members.members:
            return None
        value = members.members[key]
        if isinstance(value, Text) and value.text.strip():
            return value.text
        self._note(members.lines[key], f"{key} must be a text")
        return None

    def _choice(self, members: Members, key: str, known: Iterable[str]) -> str | None:
        text = self._text(members, key)
        if text is None or text in known:
            return text
        self._note(members.lines[key], f"{key} cannot be {text}: {nearest(text, known)}")
        return None

    def _seconds(self, members: Members, key: str, most: int) -> int | None:
        if key not in members.members:
            return None
        value = members.members[key]
        if isinstance(value, Text) and re.fullmatch("[0-9]{1,5}", value.text):
            seconds = int(value.text)
            if 1 <= seconds <= most:
                return seconds
        self._note(members.lines[key], f"{key} must be a whole number of seconds, 1 to {most}")
        return None

    def _items(self, value: Value, line: int, key: str) -> list[Value]:
        if isinstance(value, Items) and value.items:
            return value.items
        self._note(line, f"{key} must be a list with something in it")
        return []

    def _keys(self, members: Members, known: tuple[str, ...]) -> None:
        for key, line in members.lines.items():
            if key not in known:
                self._note(line, f"{key} is not known: {nearest(key, known)}")

    def _note(self, line: int, text: str) -> None:
        self.mistakes.append(Mistake(self._file, line, text))


def _scalar(value: Text) -> Scalar:
    if value.tag == "null":
        return None
    if value.tag == "bool":
        return value.text.lower() in ("true", "yes", "on", "y")
    if value.tag in ("int", "float"):
        try:
            return float(value.text) if value.tag == "float" else int(value.text)
        except ValueError:
            return value.text
    return value.text
