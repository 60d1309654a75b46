"""Runs a tool: whatever goes wrong is an answer that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import TrilletError, check_csv
from .access import CALL, PURCHASE, READ
from .contacts import contact_text, path_within
from .dialling import Dialling
from .purchases import Purchases
from .schema import LONGEST, MAX_CHARACTERS
from .told import RefusedError, told, told_fault
from .tools import tools_of
from .trimming import DEFAULT, Trimmed, harmless

if TYPE_CHECKING:
    from ... import AsyncTrillet
    from .access import Access
    from .dialling import Ask
    from .tools import Tool

_LONGEST_WAIT = 3_600


class Runner:
    def __init__(self, client: AsyncTrillet, access: Access) -> None:
        self._client = client
        self._access = access
        self._dialling = Dialling(client, access)
        self._purchases = Purchases(client)
        self.tools = tools_of(access)

    async def run(self, name: str, arguments: dict[str, Any], ask: Ask) -> tuple[list[str], bool]:
        """The texts to answer with, and whether they tell of a failure."""
        tool = self.tools.get(name)
        if tool is None:
            return [f"There is no tool '{harmless(name)[:80]}' here: {_why_not()}"], True
        try:
            given = dict(arguments)
            longest = _longest(given.pop(MAX_CHARACTERS, DEFAULT))
            _refuse_unknown(tool, given)
            trimmed = Trimmed(await self._answer(tool, given, ask), longest)
        except RefusedError as error:
            return [harmless(str(error))[:4_000]], True
        except TrilletError as error:
            return [told(error, reads=tool.kind == READ, calls=tool.id == "calls.send")], True
        except (
            Exception
        ) as error:  # Whatever it is, a model must not take it for "nothing was done".
            return [told_fault(error, reads=tool.kind == READ)], True
        return [trimmed.text, *_notes(tool, trimmed, given)], False

    async def _answer(self, tool: Tool, given: dict[str, Any], ask: Ask) -> Any:
        if tool.id == "calls.find":
            return await self._dialling.find(given)
        if tool.id == "calls.wait":
            return await self._wait(given)
        if tool.id == "contacts.check":
            return await self._check(given)
        if tool.id == "batch_calls.start":
            return await self._dialling.start_batch(given, ask)
        if tool.kind == CALL:
            return await self._dialling.call(tool.id, given, ask)
        if tool.kind == PURCHASE:
            return await self._purchase(tool, given, ask)
        return (await self._client.call(tool.id, self._with_file(tool, given))).data

    async def _purchase(self, tool: Tool, given: dict[str, Any], ask: Ask) -> Any:
        async def agree() -> None:
            what = ", ".join(f"{name} {value}" for name, value in given.items())
            question = f"{tool.description.partition('.')[0]}: {harmless(what)[:300]}?"
            await self._dialling.agree(question.replace("\n", " "), ask)

        return await self._purchases.act(tool.id, given, agree)

    def _with_file(self, tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
        if "file" in tool.schema["properties"] and given.get("file") is not None:
            return {**given, "file": str(path_within(given["file"], self._access))}
        return given

    async def _wait(self, given: dict[str, Any]) -> Any:
        seconds = given.get("deadlineSeconds", 600)
        if not isinstance(seconds, int) or not 1 <= seconds <= _LONGEST_WAIT:
            raise RefusedError(f"deadlineSeconds must be from 1 to {_LONGEST_WAIT}.")
        return await self._client.calls.wait(str(given.get("callId")), deadline_ms=seconds * 1000)

    async def _check(self, given: dict[str, Any]) -> Any:
        from anyio import to_thread

        def check() -> dict[str, Any]:
            report = check_csv(
                csv=contact_text(given, self._access),
                prompt=given.get("prompt"),
                default_country=given.get("defaultCountry"),
            )
            return {"valid": report.valid, "report": str(report)}

        return await to_thread.run_sync(check)


def _longest(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 1_000 <= given <= LONGEST:
        raise RefusedError(f"{MAX_CHARACTERS} must be a whole number from 1000 to {LONGEST}.")
    return given


def _refuse_unknown(tool: Tool, given: dict[str, Any]) -> None:
    known = tool.schema["properties"]
    for name in given:
        if name not in known:
            raise RefusedError(
                f"'{harmless(name)[:80]}' is no argument of {tool.name}; known are "
                f"{', '.join(known)}. Nothing was sent."
            )
    missing = [name for name in tool.schema.get("required", ()) if given.get(name) is None]
    if missing:
        raise RefusedError(f"{tool.name} needs {', '.join(missing)}. Nothing was sent.")


def _notes(tool: Tool, trimmed: Trimmed, given: dict[str, Any]) -> list[str]:
    notes = list(trimmed.notes)
    if notes and MAX_CHARACTERS in tool.schema["properties"]:
        notes.append(f"for more ask with {MAX_CHARACTERS} up to {LONGEST}")
    if tool.pages:
        page = given.get("page")
        following = page + 1 if isinstance(page, int) else 2
        if notes:
            notes.append("or with a smaller limit, page by page")
        notes.append(f"if there is a further page: ask with page={following}")
    return ["Note: " + "; ".join(notes) + "."] if notes else []


def _why_not() -> str:
    return (
        "what changes something needs --allow-changes, what calls needs --allow-calls, what costs "
        "money --allow-purchases when the server is started."
    )
