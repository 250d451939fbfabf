"""`SecretSource`: the interface of secrets to environment, completion and adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from bw_magics.errors import BitwardenError, UsageMistake
from bw_magics.secret import Secret

if TYPE_CHECKING:
    from bw_magics.vault.references import AnyReference


class ReferenceSource(Protocol):
    """A place that knows what references name: all that an integration needs of a source."""

    def resolve(self, reference: str, /) -> object:
        """Returns the value that a reference names, a `Secret` where it is one.

        Raises `UsageMistake` for a malformed reference, `NotFound`, `FieldNotFound`, `Ambiguous`
        and `Unreadable` for one that has no value.
        """


class SecretSource(ReferenceSource, Protocol):
    """A place that secrets come from, such as a vault or the Secrets Manager."""

    def resolve(self, reference: str | AnyReference, /) -> object:
        """Returns the value of a reference, parsed or not."""

    def names(self) -> Iterable[str]:
        """Returns the names of everything that a reference may name; empty while the source is
        locked.
        """


class MachineSource(SecretSource, Protocol):
    """The Secrets Manager, as the environment needs it: it ends with a logout."""

    def at_logout(self, action: Callable[[], None]) -> None:
        """Calls `action` once, at the logout."""

    def check(self, reference: str | AnyReference) -> None:
        """Finds what a reference names, and reads no value. Raises as `resolve`."""

    def make(self, value: str, label: str) -> Secret:
        """Makes a secret that is a part of one, and announces it."""


def resolve_all(
    resolve: Callable[[str | AnyReference], object], references: Iterable[str | AnyReference]
) -> dict[str, object]:
    """Returns the value of each reference by its text, or the `BitwardenError` in its place."""
    if isinstance(references, str | bytes) or not isinstance(references, Iterable):
        raise UsageMistake("Several references are a list.", "Write resolve_all([reference]).")
    found: dict[str, object] = {}
    for reference in references:
        try:
            found[str(reference)] = resolve(reference)
        except BitwardenError as error:
            found[str(reference)] = error
    return found
