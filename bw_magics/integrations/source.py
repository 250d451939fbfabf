"""The source that a library gets a secret from, and the library's errors in place of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bw_magics.errors import BitwardenError
from bw_magics.session.default import bw_session
from bw_magics.session.process_vault import is_in_use, process
from bw_magics.using import using
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.references import parse_reference
from bw_magics.vault.secret_source import ReferenceSource


def resolve(
    reference: str, source: ReferenceSource | None = None, *, way: str = "reference"
) -> object:
    """Returns what a reference names, of a vault (`bw://…`) or the Secrets Manager (`bws://…`).

    `way` is the library that asks, for the journal. Without a `source` it is the current vault, or
    the Secrets Manager of the access token in the environment or a `.env` file: each is opened by
    itself. Raises a `BitwardenError`.
    """
    with using(way):
        if source is not None:
            return source.resolve(reference)
        parsed = parse_reference(reference)
        if is_in_use():
            return bw_session.resolve(parsed)
        if isinstance(parsed, MachineReference):
            return process().machine().resolve(parsed)
        return process().open_vault().resolve(parsed)


@contextmanager
def raised_as(kind: type[Exception], beginning: str = "") -> Iterator[None]:
    """Raises a library's own kind of error, with our sentence, in place of a `BitwardenError`.

    The first one is its cause. `beginning` says what the library does not get.
    """
    try:
        yield
    except BitwardenError as error:
        raise kind(f"{beginning} {error}".strip()) from error
