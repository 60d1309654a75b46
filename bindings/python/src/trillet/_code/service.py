"""Everything that a workspace has, read whatever single requests may fail."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._model.errors import NotFoundError, ResponseError, TrilletError
from .forms import of_service, without_marker
from .kinds import AGENTS, FLOWS, KNOWLEDGE, NUMBERS, Fields, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from .._model.options import RequestOptions
    from .._sync.client import Trillet

# Reading harms nothing: it is repeated more often than a single command would.
READING: RequestOptions = {"max_retries": 6}
# What is repeated is compared first: a flow's webhooks would be added twice.
ONCE: RequestOptions = {"max_retries": 0}
_ROUNDS = 5
_PAUSE_SECONDS = 0.5
_MOST_SECONDS = 120.0
# What another attempt may well answer.
_PASSING = frozenset({"server", "timeout", "connection", "rate_limited", "response"})


@dataclass(eq=False)
class RemoteObject:
    """What the service has.

    Attributes:
        kind: What it is.
        id: The service's id.
        document: All that the service answers.
        marker: Where it says that it is kept, if it does.
        name: What the folder calls it; empty while nobody knows.
        fields: What a file would say; filled once all names are known.
    """

    kind: Kind
    id: str
    document: Fields
    marker: str | None = None
    name: str = ""
    fields: Fields = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name that people gave it."""
        return str(self.document.get("name", ""))

    @property
    def age(self) -> tuple[str, str]:
        """Sorts objects by when they were made."""
        return str(self.document.get("createdAt", "")), self.id


def is_passing(error: TrilletError) -> bool:
    """Whether the same request may succeed later."""
    return error.type in _PASSING


def rest_after(error: TrilletError | None) -> None:
    """Waits as long as the service asks for, or a moment."""
    asked = 0 if error is None else (error.retry_after_ms or 0) / 1000
    time.sleep(min(max(asked, _PAUSE_SECONDS), _MOST_SECONDS))


def patiently(read: Callable[[], Any]) -> Any:
    """What a request that only reads answers; a service that fails for a moment is asked again."""
    for left in range(_ROUNDS, -1, -1):
        try:
            return read()
        except TrilletError as error:
            if not left or not is_passing(error):
                raise
            rest_after(error)
    raise AssertionError("unreachable")


class Service:
    """The workspace of a client."""

    def __init__(self, client: Trillet) -> None:
        self.client = client
        self._once = ONCE

    def update(self, operation: str, fields: Fields) -> Any:
        """Sends a whole object once.

        Where the service has only the route that replaces an object the library does not take it by
        itself; here it may, for nothing is left out.
        """
        try:
            return self.client.call(operation, fields, options=self._once).data
        except ResponseError as error:
            if error.code != "web_page" or self._once is not ONCE:
                raise
            self._once = {**ONCE, "routes": "published"}
            return self.client.call(operation, fields, options=self._once).data

    def everything(
        self, told: Callable[[str], object], numbers: Collection[str] | None = None
    ) -> list[RemoteObject]:
        """All agents, flows, knowledge bases and numbers, oldest first.

        Args:
            told: Hears what is read.
            numbers: The names of numbers whose settings matter; None for all.
        """
        told("reading agents")
        found = self.listed(AGENTS)
        told("reading flows")
        found += self.detailed(FLOWS, self.summaries(FLOWS))
        told("reading knowledge bases")
        found += self.detailed(KNOWLEDGE, self.summaries(KNOWLEDGE))
        told("reading numbers")
        found += self._numbers(numbers)
        return found

    def listed(self, kind: Kind) -> list[RemoteObject]:
        """Agents, which lists show whole."""
        return [remote_object(kind, document) for document in self.summaries(kind)]

    def summaries(self, kind: Kind) -> list[Fields]:
        """What a list shows of each object, oldest first."""
        client = self.client

        def read() -> list[Any]:
            if kind is AGENTS:
                return list(client.agents.list_all(limit=100, options=READING))
            if kind is FLOWS:
                return list(client.flows.list_all(limit=100, options=READING))
            resource = client.numbers if kind is NUMBERS else client.knowledge_bases
            answer: Any = resource.list(options=READING)
            return answer if isinstance(answer, list) else [answer]

        # An object that is made while pages are read may be on two of them.
        unique = {each["_id"]: each for each in patiently(read) if _is_document(each)}
        return sorted(unique.values(), key=lambda each: (str(each.get("createdAt")), each["_id"]))

    def detailed(self, kind: Kind, summaries: Iterable[Fields]) -> list[RemoteObject]:
        """The same objects whole; without those that went meanwhile."""
        ids = [each["_id"] for each in summaries]
        found = self._each(f"{kind.resource}.get", kind.id_field, ids)
        return [remote_object(kind, document) for document in found.values()]

    def one(self, kind: Kind, object_id: str) -> RemoteObject | None:
        """An object as it is now, or None if there is none."""
        document = self._each(f"{kind.resource}.get", kind.id_field, [object_id]).get(object_id)
        return None if document is None else remote_object(kind, document)

    def still(self, kind: Kind, object_id: str, name: str) -> RemoteObject:
        """An object of the folder as it is now.

        Raises:
            NotFoundError: It is not there any more.
        """
        now = self.one(kind, object_id)
        if now is None:
            raise _deleted(name, object_id)
        return now

    def number(self, remote: RemoteObject) -> RemoteObject:
        """A number as it is now.

        Raises:
            NotFoundError: It is not there any more.
        """
        answers = self._each("numbers.get_config", "phoneNumberId", [remote.id])
        if remote.id not in answers:
            raise _deleted(remote.name, remote.id)
        return remote_number(str(remote.document["phoneNumber"]), remote.id, answers[remote.id])

    def _numbers(self, wanted: Collection[str] | None) -> list[RemoteObject]:
        called = {
            each["_id"]: str(each["phoneNumber"])
            for each in self.summaries(NUMBERS)
            if each.get("phoneNumber")
        }
        asked = [
            own for own, number in called.items() if wanted is None or number_name(number) in wanted
        ]
        answers = self._each("numbers.get_config", "phoneNumberId", asked)
        return [
            remote_number(number, own, answers.get(own, {}))
            for own, number in called.items()
            if own in answers or own not in asked
        ]

    def _each(self, operation: str, id_field: str, ids: list[str]) -> dict[str, Fields]:
        """The answers by the objects' ids, in order; without those of what is not there."""
        answers: dict[str, Fields] = {}
        left, rounds = ids, _ROUNDS
        while left:
            again: list[str] = []
            last: TrilletError | None = None
            requests = [{id_field: own} for own in left]
            for own, result in zip(left, self.client.map(operation, requests, options=READING)):
                error = result.error
                if error is None:
                    answers[own] = _object(operation, own, result.data)
                elif is_passing(error):
                    again.append(own)
                    last = error
                elif not isinstance(error, NotFoundError):
                    raise error
            # A limit of requests lets some through each time.
            rounds = rounds - 1 if len(again) == len(left) else _ROUNDS
            left = again
            if last is not None:
                if rounds < 0:
                    raise last
                rest_after(last)
        return {own: answers[own] for own in ids if own in answers}


def _deleted(name: str, own: str) -> NotFoundError:
    return NotFoundError(f"{name} ({own}) was deleted meanwhile", sent="no")


def _object(operation: str, own: str, answer: Any) -> Fields:
    if not isinstance(answer, dict):
        raise ResponseError(f"{operation} of {own} did not answer with an object", sent="no")
    return answer


def _is_document(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("_id"), str)


def remote_object(kind: Kind, document: Fields) -> RemoteObject:
    """An agent, a flow or a knowledge base."""
    marker, _ = without_marker(kind, document)
    return RemoteObject(kind, document["_id"], document, marker)


def number_name(number: str) -> str:
    """What the folder calls a number."""
    return f"{NUMBERS.folder}/{number}"


def remote_number(number: str, own: str, configuration: Fields) -> RemoteObject:
    """A number, with its settings by the names that requests have."""
    settings = dict(configuration)
    agent = settings.pop("agentId", None)
    settings["agent"] = agent["_id"] if isinstance(agent, dict) and "_id" in agent else agent
    if "recording" in settings:
        settings.setdefault("recordingEnabled", settings.pop("recording"))
    document = {**settings, "phoneNumber": number}
    return RemoteObject(NUMBERS, own, document, name=number_name(number))


def fill_fields(objects: Iterable[RemoteObject], ids: Mapping[str, str]) -> None:
    """Gives each object the form that is compared.

    Args:
        objects: All objects, or one that was read anew.
        ids: The ids that the folder knows, also of what is not there any more: who names that has
            not changed.
    """
    known = list(objects)
    names = {own: name for name, own in ids.items() if not name.startswith(f"{NUMBERS.folder}/")}
    names |= {each.id: each.name for each in known if each.name and each.kind is not NUMBERS}
    for each in known:
        fields = {key: value for key, value in each.document.items() if key != "phoneNumber"}
        each.fields = of_service(each.kind, fields, names)
