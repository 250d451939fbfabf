"""`MachineCandidates`: the texts that can complete a word, from the Secrets Manager in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bw_magics.notebook.complete.candidates import MOST, SECRET, Candidate
from bw_magics.vault.escapes import unescaped
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.names import folded
from bw_magics.vault.reference import MACHINE_SCHEME

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.managed_secret import ManagedSecret


class MachineCandidates:
    """The keys and projects that were read so far. Asks no server and decrypts no value."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def named(self, object: str, typed: str) -> Iterator[Candidate]:
        """Yields the names of `secret`s or `project`s."""
        return self.keys(typed) if object == SECRET else self.projects(typed)

    def keys(self, typed: str) -> Iterator[Candidate]:
        """Yields keys of secrets."""
        return _fitting((each.key for each in self._known()), typed, "secret")

    def projects(self, typed: str) -> Iterator[Candidate]:
        """Yields names of projects."""
        return _fitting(self._project_names(), typed, "project")

    def references(self, typed: str) -> Iterator[Candidate]:
        """Yields references that fit the text after `bws://`: projects with a final slash, then
        secrets by the beginning of project and key, or by a part of the key.
        """
        wanted = folded(unescaped(typed))
        for name in self._project_names():
            if folded(name).startswith(wanted):
                yield Candidate(f"{MACHINE_SCHEME}{_as_project(name)}/", "project")
        for each in self._known():
            project = each.project.name if each.project is not None else ""
            whole, key = folded(f"{project}/{each.key}"), folded(each.key)
            if whole.startswith(wanted) or ("/" not in typed and wanted in key):
                yield Candidate(each.reference, "secret")

    def names(self) -> Iterator[str]:
        """Yields all keys and projects."""
        yield from (each.key for each in self._known())
        yield from self._project_names()

    def _project_names(self) -> list[str]:
        names = {each.project.name for each in self._known() if each.project is not None}
        return sorted(names, key=folded)

    def _known(self) -> list[ManagedSecret]:
        machine = self._vault.secrets_manager
        return machine.known() if machine is not None else []


def _fitting(names: Iterable[str], typed: str, kind: str) -> Iterator[Candidate]:
    wanted = folded(typed)
    found = [name for name in dict.fromkeys(names) if wanted in folded(name)]
    found.sort(key=lambda name: (not folded(name).startswith(wanted), folded(name)))
    return (Candidate(name, kind) for name in found[:MOST])


def _as_project(name: str) -> str:
    return str(MachineReference("x", name))[len(MACHINE_SCHEME) : -len("/x")]
