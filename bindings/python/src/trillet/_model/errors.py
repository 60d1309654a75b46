"""The errors of the package: one class for each kind."""

from __future__ import annotations

from .own_names import OWN_NAMES, in_python
from .reading import READING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .report import CsvReport


class TrilletError(Exception):
    """A failed call. Every error of this package is a `TrilletError`.

    Attributes:
        type: The kind of error, for instance ``"not_found"``.
        message: What failed, in one sentence.
        status: The HTTP status, or 0 if no HTTP answer arrived.
        details: The server's further details, if any.
        code: The server's error code, if any.
        field: The request field or option at fault, if any.
        offset: The byte offset of ill-formed JSON or UTF-8 in the request text.
        sent: Whether the server may have acted: ``"no"``, ``"maybe"`` (also if unknown), ``"yes"``.
        look_for: Where to check whether the server acted, if a call or a batch may have started.
        retryable: Whether the same call may succeed later.
        retry_after_ms: How long the server asks to wait, in milliseconds.
        body: The server's answer: a JSON value, or its text if it is not JSON.
        meta: ``operation``, ``attempts``, ``elapsedMs`` and ``requestId`` of the call, and
            ``retries`` and ``queuedMs`` as in `Response`.
        args: The message and everything else: ``type(error)(*error.args)`` loses nothing.
    """

    type: str = "unknown"
    _advice: str = ""
    _sent: str = "maybe"

    def __init__(
        self,
        message: str,
        state: Mapping[str, Any] | str | None = None,
        /,
        *,
        type: str | None = None,
        status: int = 0,
        details: str | None = None,
        code: str | None = None,
        field: str | None = None,
        offset: int | None = None,
        sent: str | None = None,
        look_for: str | None = None,
        find: dict[str, Any] | None = None,
        retryable: bool = False,
        retry_after_ms: int | None = None,
        body: object = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        if type is not None:
            self.type = type
        self.message = message
        self.status = status
        self.details = details
        self.code = code
        self.field = field
        self.offset = offset
        self.sent = self._sent if sent is None else sent
        self.look_for = look_for
        self.find = find
        self.retryable = retryable
        self.retry_after_ms = retry_after_ms
        self.body = body
        self.meta: dict[str, Any] = dict(meta) if meta is not None else {}
        if state is not None:
            self.__dict__.update(_read_state(state))

    @property
    def args(self) -> tuple[Any, ...]:
        return self.message, dict(self.__dict__)

    @args.setter
    def args(self, _args: tuple[Any, ...]) -> None:
        """What is set is what the attributes say."""

    @property
    def operation(self) -> str | None:
        """The operation that failed, for instance ``"calls.send"``."""
        operation = self.meta.get("operation")
        return operation if isinstance(operation, str) else None

    @property
    def request_id(self) -> str | None:
        """The service's identifier of the request, for its support team."""
        request_id = self.meta.get("requestId")
        return request_id if isinstance(request_id, str) else None

    @property
    def attempts(self) -> int:
        """How many times the request was sent."""
        attempts = self.meta.get("attempts")
        return attempts if isinstance(attempts, int) else 0

    @property
    def retries(self) -> list[dict[str, Any]]:
        """The failed attempts, if there was more than one: ``type``, ``status``, ``sent`` and
        ``waitMs``, the pause after it."""
        retries = self.meta.get("retries")
        return retries if isinstance(retries, list) else []

    def __str__(self) -> str:
        parts = [self.operation, f"HTTP {self.status}" if self.status else None, self.message]
        text = ": ".join(part for part in parts if part)
        if self.details and self.details not in text:
            text += f": {self.details}"
        text += self._particulars(text)
        advices = self._advices(text)
        return " ".join([text.rstrip(".") + ".", *advices]) if advices else text

    @property
    def _only_reads(self) -> bool:
        operation = self.operation or ""
        return operation in READING or operation.startswith("GET ")

    def _particulars(self, text: str) -> str:
        field = None if self.field is None else OWN_NAMES.get(self.field, self.field)
        known = (
            ("field", field if field is None or field not in text else None),
            ("code", self.code if self.code is None or self.code not in text else None),
            ("attempts", self.attempts if self.attempts > 1 else None),
            ("request id", self.request_id),
        )
        listed = ", ".join(f"{name} {value}" for name, value in known if value is not None)
        return f" ({listed})" if listed else ""

    def _advices(self, text: str) -> list[str]:
        advices = [self._advice] if self._advice else []
        if self.retry_after_ms is not None and "asked this client to wait" not in text:
            advices.append(f"The service asks to wait {self.retry_after_ms / 1000:g} s.")
        if self.sent != "no" and self.look_for:
            advices.append(self.look_for)
        elif self.sent != "maybe" or self._only_reads:
            pass
        elif "may have acted" in text:
            advices.append("Make sure before repeating it.")
        else:
            advices.append("The service may have acted on it: make sure before repeating it.")
        return advices

    def __reduce__(self) -> tuple[Any, ...]:
        # docs/decisions.md, errors-by-args.
        return _restored, (self.__class__, self.message, dict(self.__dict__))


def _restored(kind: type[TrilletError], message: str, state: dict[str, Any]) -> TrilletError:
    error = kind(message)
    error.__dict__.update(state)
    return error


def _read_state(state: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """What ``args`` says of an error, also where a serialiser has made ``repr`` of it."""
    if isinstance(state, str):
        from ast import literal_eval

        try:
            state = literal_eval(state)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    if not isinstance(state, dict):
        return {}
    known = {name: value for name, value in state.items() if isinstance(name, str)}
    if known.get("sent") not in ("no", "maybe", "yes"):
        known["sent"] = "maybe"
    if not isinstance(known.get("meta"), dict):
        known["meta"] = {}
    return known


class InvalidArgumentError(TrilletError, ValueError):
    """The request is wrong; nothing was sent."""

    type = "invalid_argument"
    _sent = "no"


class ContactsError(InvalidArgumentError):
    """A contact file has rows that cannot be called; nothing was sent.

    Attributes:
        report: What `check_csv` found.
    """

    def __init__(self, report: CsvReport) -> None:
        super().__init__(str(report), code="contacts", field="file", sent="no")
        self.report = report

    @property
    def args(self) -> tuple[Any, ...]:
        return (self.report,)

    @args.setter
    def args(self, _args: tuple[Any, ...]) -> None:
        """What is set is what the attributes say."""

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return ContactsError, (self.report,)


class ConfigurationError(TrilletError, ValueError):
    """A client option is missing, unknown or has a wrong value."""

    type = "configuration"
    _sent = "no"


class LibraryError(ConfigurationError):
    """The native library cannot be found or does not fit this package."""


class AuthenticationError(TrilletError):
    """The service does not know the API key (HTTP 401)."""

    type = "authentication"
    _advice = "Check the API key: the api_key argument, or TRILLET_API_KEY."


class PermissionDeniedError(TrilletError):
    """The API key may not do this, or not in this workspace (HTTP 403)."""

    type = "permission"
    _advice = "Check the key's permissions and the workspace id."


class NotFoundError(TrilletError):
    """The object does not exist, or not in this workspace (HTTP 404)."""

    type = "not_found"


class ConflictError(TrilletError):
    """The request conflicts with the current state (HTTP 409)."""

    type = "conflict"


class RateLimitedError(TrilletError):
    """Too many requests (HTTP 429); ``retry_after_ms`` says how long to wait if known.

    If more requests wait here than ``max_queued`` allows, ``code`` is ``"queue_full"``.
    """

    type = "rate_limited"


class RejectedError(TrilletError):
    """The service refused the request (another HTTP 4xx)."""

    type = "rejected"


class ServerError(TrilletError):
    """The service failed (HTTP 5xx)."""

    type = "server"


class RequestTimeoutError(TrilletError, TimeoutError):
    """No complete answer arrived in time."""

    type = "timeout"


class ConnectionFailedError(TrilletError, ConnectionError):
    """The service could not be reached, or the connection broke."""

    type = "connection"


class TLSError(TrilletError):
    """The TLS connection failed, for example because of an untrusted certificate."""

    type = "tls"


class RequestCancelledError(TrilletError):
    """The call was cancelled, or the client closed, before an answer arrived."""

    type = "cancelled"


class ClientClosedError(TrilletError):
    """The client is closed and accepts no more calls."""

    type = "closed"
    _sent = "no"


class ForkedError(TrilletError):
    """The client belongs to the parent process; make a new one after a fork."""

    type = "forked"
    _advice = (
        "Make a new Trillet() in each process after the fork, in the hook of its server: "
        "post_fork (gunicorn), @postfork (uWSGI), child_init (Apache), "
        "worker_process_init (Celery)."
    )
    _sent = "no"


class ResponseError(TrilletError):
    """The answer is not what the API promises: not JSON, or too large."""

    type = "response"


class InternalError(TrilletError):
    """A fault of the library, or out of memory."""

    type = "internal"


class SignatureError(TrilletError):
    """A webhook is not proven to be the service's. Answer 401, and do nothing."""

    type = "signature"


_CLASSES: dict[str, type[TrilletError]] = {
    kind.type: kind
    for kind in (
        InvalidArgumentError,
        ConfigurationError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        ConflictError,
        RateLimitedError,
        RejectedError,
        ServerError,
        RequestTimeoutError,
        ConnectionFailedError,
        TLSError,
        RequestCancelledError,
        ClientClosedError,
        ForkedError,
        ResponseError,
        InternalError,
        SignatureError,
    )
}


# Where the library's own words name its C functions.
_WORDS = {
    "closed": "the client is closed; make a new one",
    "forked": "the client was made before this process was forked and belongs to the parent",
}


def from_answer(answer: Mapping[str, Any]) -> TrilletError:
    """The exception for an answer of the library whose ``ok`` is false."""
    error: Mapping[str, Any] = answer["error"]
    kind = _CLASSES.get(error["type"], TrilletError)
    message: str = _WORDS.get(error["type"], error["message"])
    return kind(
        # With a status it may be the service's, which is told as it is.
        message if answer["status"] else in_python(message),
        type=error["type"],
        status=answer["status"],
        details=error.get("details"),
        code=error.get("code"),
        field=error.get("field"),
        offset=error.get("offset"),
        sent=error.get("sent", "maybe"),
        look_for=error.get("lookFor"),
        find=error.get("find"),
        retryable=error.get("retryable", False),
        retry_after_ms=error.get("retryAfterMs"),
        body=error.get("body"),
        meta=answer.get("meta"),
    )
