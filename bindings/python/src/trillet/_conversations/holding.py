"""Holds conversations on a sandbox: the agents are put there, and real calls are placed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .._model.call_id import call_id
from .._model.errors import TrilletError
from ..testing import SandboxError
from .heard import Heard, Utterance
from .judging import ERROR, Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._sync.client import Trillet
    from .definitions import Definition, Pair
    from .scripts import Script
    from .services import Service

# As many as are placed before time is moved on; each needs a number of its own.
MOST_AT_ONCE = 100
_THREADS = 8
_FIRST_NUMBER = 1000
# Longer than any call may be, in simulated seconds.
_LONGEST_CALL = 3_700

# What only the service sets, and what a copy for a test does without.
_NOT_COPIED = {
    *("_id", "workspaceId", "createdAt", "updatedAt", "status", "activeSessions", "phoneNumberIds"),
    *("pathway", "agent", "folderId"),
    # Has an argument of its own.
    "name",
}


class Stage:
    """Where conversations are held: a sandbox with the agents that they need.

    At the end of ``with`` the agents, flows and callers are removed again.
    """

    def __init__(self, service: Service, client: Trillet) -> None:
        self._service = service
        self._client = client
        self._agents: dict[tuple[str, str], str] = {}
        self._refused: dict[tuple[str, str], TrilletError] = {}
        self._flows: list[str] = []
        self._numbers: set[str] = set()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *error: object) -> None:
        if self._service.is_own:
            return
        for number in self._numbers:
            self._service.control("DELETE", f"/sandbox/callers/{number}")
        for flow in self._flows:
            self._client.flows.delete(flow)
        for agent in self._agents.values():
            self._client.agents.delete(agent)

    def hold(self, scripts: Sequence[tuple[Script, Pair]]) -> list[Verdict]:
        """Holds conversations at the same time; there are `MOST_AT_ONCE` at most."""
        begun = time.monotonic()
        placed: list[Any] = []
        # One after the other: several may share an agent, which is put there once.
        for _, pair in scripts:
            try:
                placed.append(self._agent(pair))
            except TrilletError as error:
                placed.append(error)
        with ThreadPoolExecutor(_THREADS) as threads:
            calls = list(threads.map(self._place, range(len(scripts)), scripts, placed))
        records = self._records([call for call in calls if not isinstance(call, Exception)])
        verdicts = []
        for (script, _), call in zip(scripts, calls):
            if isinstance(call, Exception):
                verdict = Verdict(script, ERROR, error=str(call))
            else:
                verdict = self._verdict(script, records.get(str(call_id(call))))
            verdict.seconds = time.monotonic() - begun
            verdicts.append(verdict)
        return verdicts

    # MARK: Before the call

    def _agent(self, pair: Pair) -> str:
        """The agent of a pair, put there if it is not. It keeps its name, which it may say."""
        key = (pair.agent.key, pair.flow.key)
        if key in self._refused:
            raise self._refused[key]
        if key not in self._agents:
            try:
                self._create(key, pair)
            except TrilletError as error:
                self._refused[key] = error
                raise
        return self._agents[key]

    def _create(self, key: tuple[str, str], pair: Pair) -> None:
        fields = _copied(pair.agent)
        created = self._client.agents.create(
            name=pair.agent.name,
            tts_model=fields.pop("ttsModel", None) or {},  # type: ignore[arg-type]
            llm_model=str(fields.pop("llmModel", "")),
            extra_fields=fields,
        )
        self._agents[key] = str(created["_id"])
        flow = _copied(pair.flow)
        # The sandbox calls the person; an inbound flow would not be used then.
        direction = flow.pop("direction", "inbound")
        made = self._client.flows.create(
            name=pair.flow.name,
            direction="bidirectional" if direction == "inbound" else direction,
            prompt_type=flow.pop("promptType", "simple"),
            agent=self._agents[key],
            extra_fields=flow,
        )
        self._flows.append(str(made["_id"]))

    def _place(self, index: int, held: tuple[Script, Pair], agent: Any) -> Any:
        if isinstance(agent, Exception):
            return agent
        script, _ = held
        number = f"+1500555{_FIRST_NUMBER + self._service.offset + index}"
        caller: dict[str, Any] = {"answers": script.answers}
        if script.answers_after is not None:
            caller["answersAfter"] = script.answers_after
        steps = [turn.step for turn in script.turns]
        caller["says"] = [step for step in steps if step is not None]
        self._numbers.add(number)
        try:
            self._service.control("PUT", f"/sandbox/callers/{number}", caller)
            return self._client.calls.send(agent, number, dynamic_variables=script.variables)
        except (TrilletError, SandboxError) as error:
            return error

    # MARK: After the call

    def _records(self, calls: list[Any]) -> dict[str, Any]:
        if not calls:
            return {}
        self._service.pass_time(_LONGEST_CALL)
        end = self._client.calls.wait(
            calls,
            deadline_ms=self._service.longest_wait_ms(_LONGEST_CALL),
            min_interval_ms=100,
        )
        return {str(each["callId"]): each["record"] for each in end["calls"]}

    def _verdict(self, script: Script, record: Any) -> Verdict:
        if not record:
            return Verdict(script, ERROR, error="the call is not in the history")
        whole = self._service.control("GET", f"/sandbox/calls/{record['callId']}")
        held = whole.get("conversation") or {}
        begun = whole["createdAt"] / 1000
        utterances = [
            Utterance(
                turn["role"] == "assistant", turn["content"], round(turn["timestamp"] - begun, 3)
            )
            for turn in record.get("transcript") or []
        ]
        heard = Heard(
            utterances=utterances,
            outcome=str(record.get("status")),
            seconds=float(record.get("duration") or 0),
            ended_by=held.get("endedBy"),
            transferred_to=held.get("transferredTo"),
            analysis=record.get("analyzedData") or {},
            not_followed=held.get("notFollowed") or [],
            call_id=record["callId"],
        )
        return judged(script, heard)


def _copied(definition: Definition) -> dict[str, Any]:
    return {name: value for name, value in definition.fields.items() if name not in _NOT_COPIED}
