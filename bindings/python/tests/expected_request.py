"""One operation: how it is called, and the request that it must become."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    import trillet

AGENT = "5d1c0a77e2b94f0013ab6c21"
FLOW = "5d1c0c31e2b94f0013ab6e10"


@dataclass(frozen=True)
class Expected:
    """One operation: the call, and on each route style the request it makes."""

    name: str
    call: Callable[[trillet.Trillet], Any]
    overview: str
    published: str
    query: list[tuple[str, str]] = field(default_factory=list)
    body: dict[str, object] | None = None
    published_body: dict[str, object] | None = None
    form: dict[str, str] | None = None
