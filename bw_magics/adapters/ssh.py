"""paramiko and asyncssh: a private key as their key objects."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bw_magics.adapters.extra import load
from bw_magics.crypto.ssh_key import openssh_format
from bw_magics.errors import Unreadable

if TYPE_CHECKING:
    import asyncssh
    import paramiko


def paramiko_key(*, private_key: str) -> paramiko.PKey:
    """Makes a key for `paramiko.SSHClient().connect(…, pkey=…)`."""
    library = load("paramiko", extra="ssh", what="paramiko")
    text = openssh_format(private_key=private_key)
    kinds: list[Any] = [library.Ed25519Key, library.ECDSAKey, library.RSAKey]
    for kind in kinds:
        try:
            key: paramiko.PKey = kind.from_private_key(io.StringIO(text))
        except (library.SSHException, ValueError, IndexError):
            continue  # a key of another kind; the exception may quote the key
        return key
    raise _not_read("paramiko")


def asyncssh_key(*, private_key: str) -> asyncssh.SSHKey:
    """Makes a key for `asyncssh.connect(…, client_keys=[…])`."""
    library = load("asyncssh", extra="ssh", what="asyncssh")
    try:
        key: asyncssh.SSHKey = library.import_private_key(private_key)
    except (library.KeyImportError, ValueError):
        pass
    else:
        return key
    raise _not_read("asyncssh")


def _not_read(library: str) -> Unreadable:
    return Unreadable(
        f"{library} cannot read this private key.", "Give the library the key as a file: as_file()."
    )
