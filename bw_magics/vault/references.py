"""Both kinds of references: to a value of a vault, and to a secret of the Secrets Manager."""

from __future__ import annotations

from typing import TypeAlias

from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.reference import MACHINE_SCHEME, Reference

AnyReference: TypeAlias = Reference | MachineReference


def parse_reference(text: str) -> AnyReference:
    """Reads `bw://…` or `bws://…`. Raises `UsageMistake`, which does not repeat it."""
    if isinstance(text, str) and text.lstrip()[: len(MACHINE_SCHEME)].lower() == MACHINE_SCHEME:
        return MachineReference.parse(text)
    return Reference.parse(text)
