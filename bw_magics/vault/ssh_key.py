"""`SshKey`: an item's private key, as a file or as the object that a library takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.vault.attachment import Files

if TYPE_CHECKING:
    import asyncssh
    import paramiko


class KeyHolder(Protocol):
    """What an SSH key reads of an item."""

    name: str

    def member(self, name: str) -> str | None:
        """A member of the item's type."""


class SshKey(Unpicklable):
    """The SSH key of an item.

    Before the private key is handed out its fingerprint is compared with the one that the item
    names; each way to it raises `Unreadable` where they differ or the key cannot be read, and
    what reading a secret member raises.
    """

    __slots__ = ("_files", "_item")

    def __init__(self, item: KeyHolder, files: Files | None) -> None:
        self._item = item
        self._files = files

    def __repr__(self) -> str:
        return f"<SshKey {self._item.name}: {self.fingerprint}>"

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the item names (`SHA256:…`); it is not secret."""
        return self._item.member("keyFingerprint")

    @property
    def public_key(self) -> str | None:
        """The public key, as it stands in `authorized_keys`; it is not secret."""
        return self._item.member("publicKey")

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """The private key as a file for the length of a `with` block, as `ssh -i` wants it::

            with item.ssh_key.as_file() as path:
                subprocess.run(["ssh", "-i", path, "ada@cluster.example.org", "hostname"])

        Only this user can read it. It is in memory where the system has a place for that, and
        gone at a lock.
        """
        data = self._checked().strip().encode() + b"\n"
        if self._files is None:
            raise Unreadable("This vault was opened without a connection.", "Use a Vault.")
        with self._files.place("id", iter((data,)), len(data)) as path:
            yield path

    def paramiko(self) -> paramiko.PKey:
        """The private key for paramiko: `client.connect(…, pkey=item.ssh_key.paramiko())`."""
        from bw_magics.adapters.ssh import paramiko_key

        return paramiko_key(private_key=self._checked())

    def asyncssh(self) -> asyncssh.SSHKey:
        """The private key for asyncssh: `connect(…, client_keys=[item.ssh_key.asyncssh()])`."""
        from bw_magics.adapters.ssh import asyncssh_key

        return asyncssh_key(private_key=self._checked())

    def _checked(self) -> str:
        """The private key, once its fingerprint is the item's own."""
        from bw_magics.crypto.ssh_key import private_key_fingerprint, public_key_fingerprint

        private_key = self._item.member("privateKey")
        if private_key is None:
            raise Unreadable(
                f"'{self._item.name}' has no private key.", "Look at it in the web vault."
            )
        named = [self.fingerprint]
        try:
            actual = private_key_fingerprint(private_key=private_key)
            if self.public_key is not None:
                named.append(public_key_fingerprint(self.public_key))
        except CryptographyError as problem:
            raise Unreadable(
                f"The SSH key of '{self._item.name}' cannot be used: {problem.fact}",
                "The text itself is item.private_key.",
            ) from None
        if any(name not in (None, actual) for name in named):
            raise Unreadable(
                f"The private key of '{self._item.name}' is not the one that its fingerprint or "
                "its public key names.",
                "Find out who changed it before you use it; the text itself is item.private_key.",
            )
        return private_key
