"""What the verbs say before they act, where that costs money, reaches a person or deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import TrilletError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ... import Trillet

    Question = Callable[[Trillet, Mapping[str, Any]], str]


def _named(answer: Any, other: object) -> str:
    name = answer.get("name") if isinstance(answer, dict) else None
    return f'"{name}" ({other})' if isinstance(name, str) else str(other)


def _delete_agent(client: Trillet, fields: Mapping[str, Any]) -> str:
    agent = client.agents.get(fields["agentId"])
    told = f"This deletes the agent {_named(agent, fields['agentId'])} for good."
    if agent.get("activeSessions"):
        told += f" It is in {len(agent['activeSessions'])} calls now."
    return told


def _delete_flow(client: Trillet, fields: Mapping[str, Any]) -> str:
    flow = client.flows.get(fields["flowId"])
    return (
        f"This deletes the flow {_named(flow, fields['flowId'])} for good. The service was seen to "
        "delete its agent with it."
    )


def _delete_knowledge(client: Trillet, fields: Mapping[str, Any]) -> str:
    flow = client.flows.get(fields["flowId"])
    name = _named(flow, fields["flowId"])
    return f"This deletes the file {fields['fileKey']} of the flow {name} for good."


def _purchase(client: Trillet, fields: Mapping[str, Any]) -> str:
    return (
        f"This buys the number {fields['phoneNumber']} ({fields['country']}, {fields['type']}). It "
        "costs money now and every month; the service does not tell the price beforehand."
    )


def _release(client: Trillet, fields: Mapping[str, Any]) -> str:
    numbers: Any = client.numbers.list()
    wanted = fields["phoneNumberId"]
    found = [
        number
        for number in (numbers if isinstance(numbers, list) else [])
        if isinstance(number, dict) and number.get("_id") == wanted
    ]
    number = found[0].get("phoneNumber") if found else None
    name = f"{number} ({wanted})" if number else str(wanted)
    return f"This gives the number {name} back for good: somebody else may get it."


def _generate(client: Trillet, fields: Mapping[str, Any]) -> str:
    told = f"This writes a message to {fields['to']} by the flow {fields['flowId']}"
    if fields.get("autopilot"):
        return f"{told}, and sends it."
    return f"{told}. Whether it is sent at once is for the flow's autopilot."


def _act(client: Trillet, fields: Mapping[str, Any]) -> str:
    metadata = fields.get("metadata")
    action = metadata.get("action") if isinstance(metadata, dict) else None
    done = f'does "{action}" to' if action else "acts on"
    return f"This {done} the message {fields['messageId']}; an approved one is sent to a person."


def _invite(client: Trillet, fields: Mapping[str, Any]) -> str:
    workspace = client.workspaces.get(fields["workspaceId"])
    name = _named(workspace, fields["workspaceId"])
    return (
        f"This sends {fields['email']} an invitation to the workspace {name} as {fields['role']}."
    )


def _clone(client: Trillet, fields: Mapping[str, Any]) -> str:
    return (
        f"This uploads {fields['file']} and clones the voice in it, which may cost money. Whose it "
        "is has to agree."
    )


QUESTIONS: dict[str, Question] = {
    "agents.delete": _delete_agent,
    "flows.delete": _delete_flow,
    "flows.delete_knowledge": _delete_knowledge,
    "numbers.purchase": _purchase,
    "numbers.release": _release,
    "conversations.generate": _generate,
    "conversations.act": _act,
    "workspaces.invite": _invite,
    "voices.clone": _clone,
}


def question(operation: str, client: Trillet, fields: Mapping[str, Any]) -> str:
    """What will happen, with names as far as the service tells them."""
    try:
        return QUESTIONS[operation](client, fields)
    except TrilletError as error:
        if error.type == "not_found":
            raise
        # A name that cannot be looked up now does not keep anybody from deciding.
        ids = ", ".join(f"{name} {value}" for name, value in fields.items())
        return f"This does {operation} with {ids}; its names cannot be looked up now."
