"""Holds conversations with a language model, by the real prompt; no call is placed."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .chatting import ModelError
from .heard import Heard, Utterance
from .judging import ERROR, SKIPPED, Verdict, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .chatting import ChatModel
    from .definitions import Pair
    from .scripts import Script

_THREADS = 8
# As fast as the sandbox has people speak.
_WORD, _SHORTEST, _PAUSE = 0.4, 1.0, 0.5
_ANSWERS_AFTER = 5
_LONGEST_CALL = 3_600


class ModelStage:
    """Where conversations are held with a model."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def hold(self, scripts: Sequence[tuple[Script, Pair]]) -> list[Verdict]:
        """Holds conversations, several at the same time."""
        with ThreadPoolExecutor(_THREADS) as threads:
            return list(threads.map(self._verdict, scripts))

    def _verdict(self, held: tuple[Script, Pair]) -> Verdict:
        script, pair = held
        if script.answers != "person":
            return Verdict(script, SKIPPED, error="no person answers: a model has nothing to say")
        begun = time.monotonic()
        try:
            verdict = judged(script, _Talk(self._model, script, pair).heard())
        except ModelError as error:
            verdict = Verdict(script, ERROR, error=str(error))
        verdict.seconds = time.monotonic() - begun
        return verdict


class _Talk:
    """One conversation."""

    def __init__(self, model: ChatModel, script: Script, pair: Pair) -> None:
        self._model = model
        self._script = script
        self._agent, self._flow = pair.agent.fields, pair.flow.fields
        self._variables = {**_defaults(self._flow), **_texts(self._agent.get("variables"))}
        self._variables.update(script.variables)
        self._name = pair.agent.name
        settings = _mapping(_mapping(self._flow.get("settings")).get("callSetting"))
        self._limit = min(_seconds(settings.get("maxCallDuration"), _LONGEST_CALL), _LONGEST_CALL)
        self._patience = _seconds(settings.get("endCallOnSilence"), 30)
        self._seconds = float(script.answers_after or _ANSWERS_AFTER)
        self._utterances: list[Utterance] = []

    def heard(self) -> Heard:
        greeting = self._greeting()
        if greeting:
            self._say(greeting, is_agent=True)
        ended_by, transferred_to = self._held()
        if self._seconds >= self._limit:
            ended_by, transferred_to = "limit", None
        return Heard(
            utterances=self._utterances,
            outcome="completed",
            seconds=round(min(self._seconds, self._limit), 1),
            ended_by=ended_by,
            transferred_to=transferred_to,
            analysis={"answered_by_voicemail": False},
        )

    def _held(self) -> tuple[str, str | None]:
        for turn in self._script.turns:
            if self._seconds >= self._limit:
                break
            if turn.silence is not None:
                self._seconds += min(turn.silence, self._patience)
                if turn.silence >= self._patience:
                    return "silence", None
            if turn.says is None:
                continue
            self._say(turn.says, is_agent=False)
            reply = self._model.reply(str(self._agent.get("llmModel") or ""), self._messages())
            if reply.text:
                self._say(reply.text, is_agent=True)
            if reply.transfers_to is not None:
                return "transfer", reply.transfers_to
            if reply.ends:
                return "agent", None
        return "caller", None

    def _messages(self) -> list[dict[str, str]]:
        prompts = [self._agent.get("systemPrompt"), self._flow.get("prompt")]
        told = "\n\n".join(self._filled(str(each)) for each in prompts if each)
        messages = [{"role": "system", "content": told}]
        for each in self._utterances:
            role = "assistant" if each.is_agent else "user"
            messages.append({"role": role, "content": each.text})
        return messages

    def _greeting(self) -> str | None:
        kind = self._flow.get("welcomeMessage") or "user_initiated"
        custom = self._flow.get("customWelcomeMessage")
        if kind == "user_initiated":
            return None
        if kind == "ai_custom" and custom:
            return self._filled(str(custom))
        name = self._variables.get("first_name") or self._variables.get("firstName")
        return f"Hi{' ' + name if name else ''}, this is {self._name}."

    def _filled(self, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            return self._variables.get(found[1].strip(" "), found[0])

        return re.sub(r"\{([^{}]*)\}", value, text)

    def _say(self, text: str, *, is_agent: bool) -> None:
        self._utterances.append(Utterance(is_agent, text, self._seconds))
        self._seconds += max(len(text.split()) * _WORD, _SHORTEST) + _PAUSE


def _defaults(flow: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for collection in map(_mapping, flow.get("dynamicVariableCollections") or []):
        if collection.get("isDefault") is True:
            for each in map(_mapping, collection.get("variables") or []):
                found[str(each.get("key"))] = str(each.get("value", ""))
    return found


def _texts(variables: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in _mapping(variables).items()}


def _mapping(value: Any) -> dict[str, Any]:
    """Only the service says what is wrong with a flow; no service is asked here."""
    return value if isinstance(value, dict) else {}


def _seconds(value: Any, otherwise: float) -> float:
    return float(value) if isinstance(value, (int, float)) and value > 0 else otherwise
