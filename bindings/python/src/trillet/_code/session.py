"""Pull, plan and apply: one folder, one workspace, one client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .applying import Applied, Applying
from .folder import read_folder
from .planning import Plan, planned
from .project import (
    FILE,
    Project,
    Workspace,
    check_settings,
    environment,
    new_project,
    read_project,
)
from .pulling import Pulled, Pulling
from .service import Service
from .state import State, only_one

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping

    from .._sync.client import Trillet
    from .folder import LocalObject

# The service may still carry out so late what it was sent. docs/decisions.md, create-once.
SETTLE_SECONDS = 30.0

Told = Callable[[str], object]


class Session:
    """A folder with the settings of one of its workspaces.

    Attributes:
        folder: The folder.
        workspace: The workspace.

    Args:
        folder: The folder.
        workspace: The workspace's name in the folder; None for the only one.
        settings_of: The workspace and the address that the environment or a profile names.
        is_new: Whether the folder may have nothing yet.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        workspace: str | None,
        settings_of: Callable[[str | None], Mapping[str, str]],
        *,
        is_new: bool = False,
    ) -> None:
        self._environment = environment()
        if is_new and not (folder / FILE).exists():
            new_project(folder, workspace, settings_of(None))
        self.folder = folder
        self._project: Project = read_project(folder, self._environment)
        self.workspace: Workspace = self._project.workspace(workspace)
        check_settings(self.workspace)
        self._settings = settings_of(self.workspace.profile)

    def _state(self) -> State:
        file = self.folder / ".trillet" / "state" / f"{self.workspace.name}.json"
        return State(file, self.workspace.place(self._settings))

    def pull(self, client: Trillet, *, force: bool, told: Told) -> Pulled:
        """Writes what the workspace has into the folder."""
        with only_one(self.folder):
            state = self._state()
            pulling = Pulling(self._project, self.workspace, state, self._environment, force=force)
            return pulling.run(Service(client).everything(told))

    def plan(self, client: Trillet, *, prune: bool, overwrite: bool, told: Told) -> Plan:
        """What apply would do now."""
        local = self._local()
        return self._planned(client, local, self._state(), prune, overwrite, told)

    def apply(
        self,
        client: Trillet,
        *,
        prune: bool,
        overwrite: bool,
        settle_seconds: float,
        agree: Callable[[Plan], None],
        told: Told,
    ) -> tuple[Plan, Applied]:
        """Does what a plan says, if `agree` does not raise."""
        with only_one(self.folder):
            local, state = self._local(), self._state()
            plan = self._planned(client, local, state, prune, overwrite, told)
            agree(plan)
            applying = Applying(
                Service(client),
                state,
                local,
                plan,
                self._project.name,
                overwrite=overwrite,
                settle_seconds=settle_seconds,
                told=told,
            )
            return plan, applying.run()

    def _local(self) -> dict[str, LocalObject]:
        return read_folder(self.folder, self.workspace, self._environment)

    def _planned(
        self,
        client: Trillet,
        local: dict[str, LocalObject],
        state: State,
        prune: bool,
        overwrite: bool,
        told: Told,
    ) -> Plan:
        remote = Service(client).everything(told, numbers=local)
        return planned(local, remote, state, self._project.name, prune=prune, overwrite=overwrite)
