"""One webhook, checked and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._json.encoding import read, write
from .._model.errors import from_answer
from .._native.library import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    Scheme = Literal["hmac", "secret"]

ENDS = frozenset({"call.completed", "call.failed"})


@dataclass(frozen=True)
class Event:
    """What the service reports. What the body does not say is ``None``.

    Attributes:
        type: ``"call.started"``, ``"call.completed"``, ``"call.failed"``, ``"sms.sent"``,
            ``"sms.delivered"``, or another name as the service wrote it.
        at: When it happened, in Unix milliseconds.
        data: The event's own object.
        raw: The whole body, or the record of the history.
        is_reconciled: Whether it was read from the history, because no webhook came.
    """

    type: str | None
    id: str | None
    call_id: str | None
    batch_id: str | None
    agent_id: str | None
    status: str | None
    from_number: str | None
    to_number: str | None
    at: int | None
    data: Mapping[str, Any]
    raw: Mapping[str, Any]
    is_reconciled: bool = False

    @property
    def is_end(self) -> bool:
        """Whether the call has ended with it."""
        return self.type in ENDS


def verify(
    body: bytes,
    signature: str | None,
    secrets: str | Sequence[str],
    *,
    scheme: Scheme = "hmac",
) -> Event:
    """The event of a webhook whose signature is right.

    Args:
        body: The bytes of the body exactly as they arrived.
        signature: The value of ``X-Trillet-Signature``; with scheme ``"secret"`` that of
            ``x-webhook-secret``.
        secrets: The secret, or several of which any may have signed.
        scheme: ``"secret"`` if the header carries the secret itself.

    Raises:
        SignatureError: The webhook is not proven to be the service's.
        InvalidArgumentError: It is, but its body is not a JSON object.
    """
    if isinstance(body, str):
        raise TypeError("verify: body must be the bytes as they arrived, not text made of them")
    body = bytes(body)
    listed = [secrets] if isinstance(secrets, str) else list(secrets)
    options = write({"secrets": listed, "scheme": scheme}, "webhook.verify")
    # A header with a NUL in it is no signature.
    header = (signature or "").partition("\0")[0].encode("utf-8", "replace")
    answer = read(load().text("trillet_webhook_verify", body, len(body), header, options))
    if not answer["ok"]:
        raise from_answer(answer)
    found = answer["data"]
    return Event(
        type=found["type"],
        id=found.get("id"),
        call_id=found["callId"],
        batch_id=found.get("batchId"),
        agent_id=found["agentId"],
        status=found["status"],
        from_number=found["from"],
        to_number=found["to"],
        at=found["at"],
        data=found["data"],
        raw=found["raw"],
    )
