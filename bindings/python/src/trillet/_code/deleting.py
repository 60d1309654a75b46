"""Deletes what a folder no longer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.merging import whole
from .._model.errors import ConflictError, NotFoundError
from .kinds import FLOWS
from .service import ONCE

if TYPE_CHECKING:
    from .service import RemoteObject, Service


def delete_object(service: Service, found: RemoteObject) -> None:
    """Deletes an agent or a flow; one that is not there is deleted."""
    now = service.one(found.kind, found.id)
    if now is None:
        return
    if found.kind is FLOWS and now.document.get("agent"):
        _detach(service, now)
    operation = f"{found.kind.resource}.delete"
    try:
        service.client.call(operation, {found.kind.id_field: found.id}, options=ONCE)
    except NotFoundError:
        return


def _detach(service: Service, flow: RemoteObject) -> None:
    """Takes a flow from its agent, which the service would delete with it.

    docs/decisions.md, detached-flows.
    """
    request = whole("flows.update", flow.document, flow.id, {"agent": None})
    service.update("flows.update", {"flowId": flow.id, **request})
    after = service.one(FLOWS, flow.id)
    if after is not None and after.document.get("agent"):
        raise ConflictError(
            "the service does not take the flow from its agent, and deletes an agent with its "
            "flow: delete the flow in the dashboard",
            sent="no",
        )
