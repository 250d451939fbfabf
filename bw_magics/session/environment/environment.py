"""`Environment`: values of the vault as environment variables, until the lock or for less."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, StateError, UsageMistake
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.parts import secret_parts_of_setting
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.environment.assignments import Assignment, as_text, assignment_of
from bw_magics.session.environment.data_names import is_data
from bw_magics.session.environment.dotenv_text import read_dotenv
from bw_magics.session.environment.ledger import Layer, Ledger, check, same_name
from bw_magics.session.state import no_machine
from bw_magics.steps import Remedy, allow_names
from bw_magics.using import using
from bw_magics.vault.machine_reference import MachineReference

if TYPE_CHECKING:
    from bw_magics.session.current import CurrentState
    from bw_magics.vault.references import AnyReference
    from bw_magics.vault.secret_source import MachineSource

UNTIL_LOCK = "until the lock"
UNTIL_LOGOUT = "until the logout"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that was set: its name, source and scope, never its value."""

    name: str
    source: str
    scope: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The names of the variables that were set, and of those left as they were."""

    set: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """The variables that an unlock set again, and those that it could not, with the reason."""

    set: tuple[str, ...] = ()
    failed: tuple[tuple[str, BitwardenError], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class _Absent:
    """A variable that a lock removed: how to set it again, and the value there instead."""

    assignment: Assignment
    base: str | None


class _Process:
    """The ledger that all vaults of a process share, and the lock around it."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._lock = threading.RLock()
        self._id = os.getpid()

    def locked(self) -> threading.RLock:
        """Returns the lock. A forked child gets its own, because the parent's may stay held."""
        if self._id != os.getpid():
            self._id = os.getpid()
            self._lock = threading.RLock()
        return self._lock


_process = _Process()


class Environment(Unpicklable):
    """The environment variables that were set from a vault, in removable layers.

    One layer lasts until the lock and comes back with the next unlock, one until the Secrets
    Manager that `machine` gives logs out; those of a cell or a `with` block end with these. All
    names and values are known and checked before the first is set. A variable that was changed
    since by other code is left alone. A forked child keeps the variables it inherited, as every
    child process does.
    """

    def __init__(
        self,
        current: CurrentState,
        machine: Callable[[], MachineSource | None] = lambda: None,
    ) -> None:
        self._current = current
        self._machine = machine
        self._ledger = _process.ledger
        self._process_id = os.getpid()
        self._lasting = Layer(UNTIL_LOCK)
        self._until_logout = Layer(UNTIL_LOGOUT)
        self._layers: list[Layer] = []
        self._assignments: dict[str, Assignment] = {}
        self._sources: dict[tuple[Layer, str], str] = {}
        self._absent: dict[str, _Absent] = {}
        self.restored = Restored()

    def __repr__(self) -> str:
        return f"<Environment: {', '.join(variable.name for variable in self.variables)}>"

    @property
    def variables(self) -> list[Variable]:
        """The variables that are set now. One that several layers set is listed for each, the one
        in force last.
        """
        with _process.locked():
            found = [
                Variable(name, self._sources.get((layer, name), ""), layer.scope)
                for layer in self._layers
                for name in self._ledger.names(layer)
                if self._ledger.is_own(name)
            ]
        return sorted(found, key=lambda variable: variable.name)

    @property
    def absent(self) -> list[str]:
        """The names that the lock removed and the next unlock sets again."""
        return sorted(self._absent)

    def set(self, assignments: Sequence[Assignment], *, layer: Layer | None = None) -> Outcome:
        """Sets variables until the lock (of the Secrets Manager until its logout), or in a layer
        of their own: all of them or none.

        Setting one again refreshes it. Raises `UsageMistake` for a name that is given twice, for
        what no environment can hold, and for a variable that nobody named and that may change how
        programs run (docs/decisions/0014-only-data-from-notes.md). Raises whatever resolving a
        reference raises.
        """
        if not isinstance(assignments, Sequence) or not all(
            isinstance(each, Assignment) for each in assignments
        ):
            raise UsageMistake(
                "Variables are set from assignments.",
                'Write: with vault.env(DB_PASSWORD="bw://Warehouse DB/password"): …',
            )
        state, machine = self._current.state, self._machine()
        with using("environment"):
            values = self._values(assignments)
        check(values)
        with _process.locked():
            # Values that were read before a lock or a logout do not come back after it.
            if self._current.state.generation != state.generation:
                raise self._current.state.refusal()
            if any(map(_is_of_machine, assignments)):
                if machine is None or self._machine() is not machine:
                    raise no_machine()
                machine.at_logout(self.leave_machine)
            kept = [
                assignment.name
                for assignment in assignments
                if not assignment.overrides and self._is_foreign(assignment.name)
            ]
            for name in kept:
                del values[name]
            _refuse_steering(assignments, values)
            for each in (self._lasting, self._until_logout) if layer is None else (layer,):
                self._put(each, [entry for entry in assignments if entry.name in values], values)
        return Outcome(tuple(values), tuple(kept))

    def _put(
        self, layer: Layer, assignments: Sequence[Assignment], values: Mapping[str, str]
    ) -> None:
        """Sets those of the assignments that belong into a layer."""
        is_lasting = layer in (self._lasting, self._until_logout)
        if is_lasting:
            is_of_machine = layer is self._until_logout
            assignments = [each for each in assignments if _is_of_machine(each) is is_of_machine]
            other = self._lasting if is_of_machine else self._until_logout
        if not assignments:
            return
        if layer not in self._layers:
            self._layers.append(layer)
        own = {each.name: values[each.name] for each in assignments}
        self._ledger.put(layer, own)
        if is_lasting:
            self._ledger.drop(other, own)
        for each in assignments:
            self._sources[layer, each.name] = each.source
            if layer is self._lasting:
                self._note(each)
            elif is_lasting:
                self._assignments.pop(each.name, None)

    def read_text(self, text: AnyReference, *, allow: Container[str] = ()) -> list[Assignment]:
        """Reads assignments from dotenv text in the vault, such as a secure note's `notes`, or in
        a secret of the Secrets Manager.

        `allow` holds the names that may be set although they steer programs. A value is a
        `Secret` if its name or the value itself is one of secrets; a setting stays a `str`.
        """
        if isinstance(text, MachineReference):
            make = self._machine_source().make
        else:
            make = self._current.contents().keys.secrets.make
        with using("environment"):
            whole = as_text(self._resolved(text)).lstrip("\ufeff")
        found = []
        for name, value in read_dotenv(whole, "the note", strict=True).items():
            if is_secret_name(name) or secret_parts_of_setting(name, value):
                value = make(value, f"{name} in {text}")
            found.append(assignment_of(name, value, str(text), text, is_named=name in allow))
        return found

    def remove(self, layer: Layer) -> list[str]:
        """Removes a layer's variables; a layer that a lock removed already changes nothing."""
        with _process.locked():
            self._sources = {
                key: source for key, source in self._sources.items() if key[0] is not layer
            }
            self._layers = [own for own in self._layers if own is not layer]
            return self._ledger.drop(layer)

    @contextmanager
    def scope(self, assignments: Sequence[Assignment]) -> Iterator[None]:
        """Sets variables for the length of a `with` block."""
        layer = Layer("in a with block")
        try:
            self.set(assignments, layer=layer)
            yield
        finally:
            self.remove(layer)

    def lock(self) -> None:
        """Removes every layer but that of the Secrets Manager for good, and notes the lasting
        variables for the next unlock.
        """
        if self._is_forked():
            self._assignments.clear()
            return
        with _process.locked():
            gone = self._drop_all_but(self._until_logout)
            for name, assignment in self._assignments.items():
                if name in gone:
                    self._absent[name] = _Absent(assignment, self._ledger.underneath(name))
            self._assignments.clear()

    def leave_machine(self) -> None:
        """Removes every layer but that of the vault for good: the Secrets Manager logged out."""
        if not self._is_forked():
            with _process.locked():
                self._drop_all_but(self._lasting)

    def _drop_all_but(self, kept: Layer) -> list[str]:
        """Removes layers; returns the names that the one until the lock still had."""
        gone: list[str] = []
        layers, self._layers = self._layers, [each for each in self._layers if each is kept]
        for layer in layers:
            if layer is not kept:
                removed = self._ledger.drop(layer)
                gone += removed if layer is self._lasting else []
        self._sources = {key: text for key, text in self._sources.items() if key[0] is kept}
        return gone

    def unlock(self) -> None:
        """Sets again what the lock removed, except what the user set meanwhile.

        `restored` holds the result.
        """
        with _process.locked():
            absent, self._absent = self._absent, {}
            wanted = [
                entry.assignment
                for name, entry in absent.items()
                if self._ledger.underneath(name) == entry.base
            ]
        done: list[str] = []
        failed: list[tuple[str, BitwardenError]] = []
        for assignment in wanted:
            try:
                done += self.set([self._read_again(assignment)]).set
            except BitwardenError as error:
                failed.append((assignment.name, error))
        self.restored = Restored(tuple(done), tuple(failed))

    def forget(self) -> None:
        """Drops the notes, so that the next unlock sets nothing."""
        with _process.locked():
            self._absent.clear()

    def _values(self, assignments: Sequence[Assignment]) -> dict[str, str]:
        values: dict[str, str] = {}
        seen: set[str] = set()
        for number, assignment in enumerate(assignments, 1):
            if same_name(assignment.name) in seen:
                raise UsageMistake("A variable is set twice.", "Keep one of the two.")
            seen.add(same_name(assignment.name))
            try:
                values[assignment.name] = self._value(assignment.value)
            except BitwardenError as error:
                if len(assignments) > 1:
                    error.fact = f"Variable {number} of {len(assignments)}: {error.fact}"
                raise
        return values

    def _value(self, value: str | AnyReference) -> str:
        if not isinstance(value, str):
            return as_text(self._resolved(value))
        try:
            self._current.contents()
        except StateError:
            if self._machine() is None:
                raise  # nothing is set while there is nothing that a lock ends
        return value

    def _resolved(self, reference: AnyReference) -> object:
        if isinstance(reference, MachineReference):
            return self._machine_source().resolve(reference)
        # Imported here: a login loads nothing that decrypts items.
        from bw_magics.vault.open_vault import OpenVault

        return OpenVault(self._current.contents()).resolve(reference)

    def _machine_source(self) -> MachineSource:
        machine = self._machine()
        if machine is None:
            raise no_machine()
        return machine

    def _note(self, assignment: Assignment) -> None:
        """Notes how to set a variable again, without any value of the vault."""
        self._assignments.pop(assignment.name, None)
        if assignment.text is not None and isinstance(assignment.value, str):
            assignment = replace(assignment, value="")
        elif isinstance(assignment.value, Secret):
            return
        self._assignments[assignment.name] = assignment

    def _read_again(self, assignment: Assignment) -> Assignment:
        if assignment.text is None or not isinstance(assignment.value, str):
            return assignment
        allow = (assignment.name,) if assignment.is_named else ()
        for entry in self.read_text(assignment.text, allow=allow):
            if entry.name == assignment.name:
                return entry
        raise UsageMistake("The note does not set it any more.", "Set it from somewhere else.")

    def _is_foreign(self, name: str) -> bool:
        return self._ledger.get(name) is not None and not self._ledger.is_own(name)

    def _is_forked(self) -> bool:
        is_forked = self._process_id != os.getpid()
        self._process_id = os.getpid()
        return is_forked


def _is_of_machine(assignment: Assignment) -> bool:
    """Returns whether its value comes from the Secrets Manager, and goes with its logout."""
    places = (assignment.value, assignment.text)
    return any(isinstance(place, MachineReference) for place in places)


def _refuse_steering(assignments: Sequence[Assignment], values: Mapping[str, str]) -> None:
    """Raises `UsageMistake` for variables that nobody named and that may carry more than data."""
    refused = [
        assignment.name
        for assignment in assignments
        if assignment.name in values
        and not assignment.is_named
        and not is_data(assignment.name, values[assignment.name])
    ]
    if refused:
        raise UsageMistake(
            f"Nothing was set: {', '.join(refused)} may change which programs run, not only what "
            "they work on.",
            Remedy("If that is meant, allow each by name: {}", allow_names(refused)),
        )
