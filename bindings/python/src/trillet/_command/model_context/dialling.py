"""What stands between a model and a phone: the list, a count, doubts, and a person's yes.

docs/decisions.md, mcp-doubts and mcp-list-and-yes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ... import TrilletError
from ..output import one_line
from .contacts import CheckedContacts, contact_text
from .doubts import Doubts
from .told import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ... import AsyncTrillet
    from .access import Access

    Ask = Callable[[str], Awaitable[str]]

ACCEPTED, DECLINED, UNSUPPORTED = "accepted", "declined", "unsupported"


class Dialling:
    """Of one server: it counts for all of its sessions."""

    def __init__(self, client: AsyncTrillet, access: Access) -> None:
        self._client = client
        self._access = access
        self._left = access.max_calls
        self._doubts = Doubts()

    async def agree(self, question: str, ask: Ask) -> None:
        """Returns when a person said yes, or need not be asked."""
        if not self._access.confirms:
            return
        answer = await ask(question)
        if answer == UNSUPPORTED:
            raise RefusedError(
                "This needs a person's yes, and this client cannot ask for it (no elicitation). "
                "Nothing was done. The person can start the server with --no-confirm."
            )
        if answer != ACCEPTED:
            raise RefusedError("The person said no. Nothing was done; do not ask again unbidden.")

    async def call(self, operation: str, arguments: dict[str, Any], ask: Ask) -> Any:
        """Calls a number, or writes to it."""
        name = "toNumber" if operation == "calls.send" else "to"
        number = arguments.get(name)
        numbers = self._access.numbers
        if numbers is None or not isinstance(number, str) or not numbers.allows(number):
            raise RefusedError(
                f"'{one_line(number)[:40]}' is not on the list of numbers that this server may "
                "call (--allow-calls). Nobody was called."
            )
        # Only a call has a search of its own.
        key = number if operation == "calls.send" else f"message to {number}"
        self._refuse_doubt(key)
        self._take(1)
        try:
            who = await self._name(operation, arguments)
            verb = "Call" if operation == "calls.send" else "Write to"
            url = arguments.get("callbackUrl")
            report = f" Its events go to {one_line(url)[:200]}." if url else ""
            await self.agree(f"{verb} {number} with {who}?{report}", ask)
            # Meanwhile another request may have called it.
            self._refuse_doubt(key)
        except BaseException:
            self._left += 1
            raise
        return await self._act((key,), 1, operation, arguments)

    async def start_batch(self, arguments: dict[str, Any], ask: Ask) -> Any:
        from anyio import to_thread

        numbers = self._access.numbers
        if numbers is None:
            raise RefusedError("This server calls nobody (--allow-calls). Nobody was called.")
        allowed = numbers
        contacts = await to_thread.run_sync(
            lambda: CheckedContacts(contact_text(arguments, self._access), allowed)
        )
        # The file, and each phone that it may ring.
        keys = (hashlib.sha256(contacts.text.encode()).hexdigest(), *contacts.numbers)
        self._refuse_doubt(*keys)
        count = len(contacts.numbers)
        self._take(count)
        try:
            who = await self._name("batch_calls.start", arguments)
            some = ", ".join(contacts.numbers[:3]) + (", …" if count > 3 else "")
            when = arguments.get("scheduledAt")
            later = f" at {one_line(when)[:40]}" if when else ""
            await self.agree(f"Call {count} numbers ({some}) with {who}{later}?", ask)
            self._refuse_doubt(*keys)
        except BaseException:
            self._left += count
            raise
        sent = {name: each for name, each in arguments.items() if name != "file"}
        return await self._act(keys, count, "batch_calls.start", {**sent, "csv": contacts.text})

    async def find(self, arguments: dict[str, Any]) -> Any:
        """Says whether the phone rang; with a doubt of this server's own, of just that call."""
        number = arguments.get("toNumber")
        key = number if isinstance(number, str) else ""
        if self._doubts.is_under_way(key):
            raise RefusedError("A call to it is under way here: wait for its answer, then look.")
        doubt = self._doubts.of(key)
        found = await self._client.calls.find(arguments if doubt is None else doubt)
        # Another search may have settled it, and a further call be under way.
        is_same = doubt is not None and self._doubts.of(key) is doubt
        if is_same and found["found"] in ("yes", "no"):
            self._doubts.settle((key,))
            if found["found"] == "no":
                self._left += 1
        return found

    async def _act(
        self, keys: tuple[str, ...], count: int, operation: str, request: dict[str, Any]
    ) -> Any:
        try:
            return await self._doubts.act(keys, lambda: self._client.call(operation, request))
        except TrilletError as error:
            if error.sent == "no":
                self._left += count
            raise

    def _take(self, count: int) -> None:
        if count > self._left:
            raise RefusedError(
                f"This would be {count} calls, and {self._left} are left of the "
                f"{self._access.max_calls} that this server may make (--max-calls). "
                "Nobody was called."
            )
        self._left -= count

    def _refuse_doubt(self, *keys: str) -> None:
        for key in keys:
            what = f"that to {key}" if key.startswith("+") else "just that"
            self._doubts.refuse_under_way(key, what)
            if key in self._doubts:
                raise RefusedError(
                    f"An earlier request like {what} may have been done, and nobody knows yet. "
                    "Nothing further was sent. For a call use calls_find with the same agent and "
                    "number; for anything else, such as a batch, a person has to look."
                )

    async def _name(self, operation: str, arguments: dict[str, Any]) -> str:
        """The agent as a person knows it: a model can make up an id."""
        if operation == "conversations.generate":
            return f"the message flow {one_line(arguments.get('flowId'))[:80]}"
        agent = arguments.get("agentId")
        found: Any = (await self._client.call("agents.get", {"agentId": agent})).data
        name = found.get("name") if isinstance(found, dict) else None
        return f"the agent '{one_line(name)[:80]}' ({one_line(agent)[:80]})"
