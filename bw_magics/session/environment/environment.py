"""`Environment`: values of the vault as environment variables, until the lock or for less."""

from __future__ import annotations

import os
import threading
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, UsageMistake
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.dotenv_lines import OtherEncoding, decode
from bw_magics.session.environment.data_names import is_data
from bw_magics.session.environment.dotenv_text import LARGEST, read_dotenv
from bw_magics.session.environment.ledger import Layer, Ledger, check, same_name
from bw_magics.shown import harmless
from bw_magics.steps import Remedy, allow_names
from bw_magics.vault.reference import Reference, is_reference

if TYPE_CHECKING:
    from bw_magics.session.current import CurrentState
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.secret_source import SecretSource

UNTIL_LOCK = "until the lock"


@dataclass(frozen=True, slots=True, repr=False)
class Assignment(Unpicklable):
    """A variable to set, to the value of a reference or to a value as it is.

    `source` is where it comes from, for a person. `text` is the dotenv text in the vault that holds
    the value: such a value is forgotten at the lock and read again after it. Unless it `overrides`,
    a variable that exists already keeps its value. Unless it `is_named` by a person, a variable is
    set only where it carries data.
    """

    name: str
    value: str | Reference
    source: str
    text: Reference | None = None
    overrides: bool = True
    is_named: bool = False

    def __repr__(self) -> str:
        return harmless(f"<Assignment {self.name} from {self.source}>")


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

    One layer lasts until the lock and comes back with the next unlock; those of a cell or a `with`
    block end with these. All names and values are known and checked before the first is set. A
    variable that was changed since by other code is left alone. A forked child keeps the variables
    it inherited, as every child process does.
    """

    def __init__(self, current: CurrentState) -> None:
        self._current = current
        self._ledger = _process.ledger
        self._process_id = os.getpid()
        self._lasting = Layer(UNTIL_LOCK)
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
        """Sets variables until the lock, or in a layer of their own: all of them or none.

        Setting one again refreshes it. Raises `UsageMistake` for a name that is given twice, for
        what no environment can hold, and for a variable that nobody named and that may change how
        programs run (docs/decisions/0014-only-data-from-notes.md). Raises whatever resolving a
        reference raises.
        """
        state = self._current.state
        values = self._values(assignments)
        check(values)
        chosen = layer or self._lasting
        with _process.locked():
            # Values that were read before a lock do not come back after it.
            if self._current.state.generation != state.generation:
                raise self._current.state.refusal()
            kept = [
                assignment.name
                for assignment in assignments
                if not assignment.overrides and self._is_foreign(assignment.name)
            ]
            for name in kept:
                del values[name]
            _refuse_steering(assignments, values)
            if chosen not in self._layers:
                self._layers.append(chosen)
            self._ledger.put(chosen, values)
            for assignment in assignments:
                if assignment.name in values:
                    self._sources[chosen, assignment.name] = assignment.source
                    if layer is None:
                        self._note(assignment)
        return Outcome(tuple(values), tuple(kept))

    def read_text(self, text: Reference, *, allow: Container[str] = ()) -> list[Assignment]:
        """Reads assignments from dotenv text in the vault, such as a secure note's `notes`.

        `allow` holds the names that may be set although they steer programs. A value is a
        `Secret` if its name or the value itself is one of secrets; a setting stays a `str`.
        """
        from bw_magics.secrecy.parts import secret_parts_of_setting

        contents = self._current.contents()
        values = read_dotenv(
            as_text(_source(contents).resolve(text)).lstrip("\ufeff"),
            "the note",
            strict=True,
        )
        found = []
        for name, value in values.items():
            if is_secret_name(name) or secret_parts_of_setting(name, value):
                value = contents.keys.secrets.make(value, f"{name} in {text}")
            found.append(assignment(name, value, str(text), text, is_named=name in allow))
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
        """Removes every layer for good, and notes the lasting variables for the next unlock."""
        if self._is_forked():
            self._assignments.clear()
            return
        with _process.locked():
            gone: set[str] = set()
            layers, self._layers = self._layers, []
            for layer in layers:
                removed = self._ledger.drop(layer)
                gone.update(removed if layer is self._lasting else ())
            for name, assignment in self._assignments.items():
                if name in gone:
                    self._absent[name] = _Absent(assignment, self._ledger.underneath(name))
            self._assignments.clear()
            self._sources.clear()

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

    def _value(self, value: str | Reference) -> str:
        contents = self._current.contents()
        return value if isinstance(value, str) else as_text(_source(contents).resolve(value))

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


def _source(contents: Contents) -> SecretSource:
    # Imported here: a login loads nothing that decrypts items.
    from bw_magics.vault.open_vault import OpenVault

    return OpenVault(contents)


def as_text(value: object) -> str:
    """Returns a value of the vault as a variable's text. Raises `UsageMistake` for another kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = None
    if isinstance(value, str):
        return value
    raise UsageMistake(
        "A reference names a value that is not text.", "Name one field: bw://ITEM/FIELD."
    )


def inline(values: Mapping[str, object]) -> list[Assignment]:
    """Makes assignments to references, or to a `Secret` in hand; takes nothing else.

    Raises `UsageMistake`, which repeats neither names nor values.
    """
    found = []
    for name, value in values.items():
        if isinstance(value, Secret):
            found.append(Assignment(name, value, value.label, is_named=True))
            continue
        if not isinstance(value, Reference):
            value = Reference.parse(value if isinstance(value, str) else "")
        found.append(Assignment(name, value, str(value), is_named=True))
    return found


def read_file(path: Path, *, allow: Container[str] = ()) -> list[Assignment]:
    """Reads assignments from a dotenv file; its values are plain or references. `allow` holds the
    names that may be set although they steer programs.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise OSError
        text = decode(data)
    except OtherEncoding as error:
        raise UsageMistake(f"{path.name} {error.reason}.", "Save it as UTF-8.") from None
    except (OSError, ValueError):
        raise UsageMistake(
            "The dotenv file cannot be read as text.", "Check its name and its permissions."
        ) from None
    return [
        assignment(name, value, path.name, is_named=name in allow)
        for name, value in read_dotenv(text, path.name).items()
    ]


def assignment(
    name: str, value: str, source: str, text: Reference | None = None, *, is_named: bool
) -> Assignment:
    """Makes an assignment from a line of dotenv text: to a reference, or to the value as it is."""
    if is_reference(value):
        reference = Reference.parse(value)
        return Assignment(name, reference, f"{reference} ({source})", text, is_named=is_named)
    return Assignment(name, value, source, text, is_named=is_named)


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
