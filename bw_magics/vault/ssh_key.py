"""`SshKey`: an item's private key, as a file or as the object that a library takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bw_magics.errors import CryptographyError, PassphraseRequired, Unreadable, UsageMistake
from bw_magics.secret import Unpicklable
from bw_magics.shown import one_line
from bw_magics.using import using

if TYPE_CHECKING:
    import asyncssh
    import paramiko

    from bw_magics.vault.attachment import Files
    from bw_magics.vault.custom_fields import CustomField


# Each attempt takes as long as the key's owner wanted it to.
_MOST_ATTEMPTS = 10

# A passphrase, or what asks for it: `getpass.getpass` does in notebooks and terminals.
Passphrase = str | Callable[[], str]


class KeyHolder(Protocol):
    """The members of an item that its SSH key reads."""

    name: str

    @property
    def fields(self) -> Sequence[CustomField]:
        """The custom fields."""

    @property
    def notes(self) -> str | None:
        """The notes."""

    def member(self, name: str) -> str | None:
        """Returns a member of the item's type."""


class SshKey(Unpicklable):
    """The SSH key of an item.

    Before the private key is handed out it is compared with the fingerprint and the public key
    that the item names, in their own formats. Each way to it raises `Unreadable` where they differ
    or the key cannot be read, and what reading a secret member raises.

    An encrypted key needs its `passphrase`: a text, or a function that asks for it. Without one,
    the custom fields whose names mean a passphrase or password are tried, and what the notes say
    it is. Raises `PassphraseRequired` where none of them is right. What is handed out needs no
    passphrase any more.
    """

    __slots__ = ("_files", "_item")

    def __init__(self, item: KeyHolder, files: Files | None) -> None:
        self._item = item
        self._files = files

    def __repr__(self) -> str:
        return f"<SshKey {one_line(self._item.name)}: {self.fingerprint}>"

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the item names (`SHA256:…`); it is not secret."""
        return self._item.member("keyFingerprint")

    @property
    def public_key(self) -> str | None:
        """The public key in the format of `authorized_keys`; it is not secret."""
        return self._item.member("publicKey")

    @contextmanager
    def as_file(self, *, passphrase: Passphrase | None = None) -> Iterator[Path]:
        """Gives the private key as a file inside a `with` block, as `ssh -i` wants it::

            with item.ssh_key.as_file() as path:
                subprocess.run(["ssh", "-i", path, "ada@cluster.example.org", "hostname"])

        Only this user can read it. It is in memory where the system has a place for that, and
        gone at a lock.
        """
        data = self._checked(passphrase, "SSH key file").encode()
        if self._files is None:
            raise Unreadable("This vault was opened without a connection.", "Use a Vault.")
        with self._files.place("id", iter((data,)), len(data)) as path:
            yield path

    def paramiko(self, *, passphrase: Passphrase | None = None) -> paramiko.PKey:
        """Returns the key for paramiko: `client.connect(…, pkey=item.ssh_key.paramiko())`."""
        from bw_magics.adapters.ssh import paramiko_key

        return paramiko_key(private_key=self._checked(passphrase, "paramiko"))

    def asyncssh(self, *, passphrase: Passphrase | None = None) -> asyncssh.SSHKey:
        """Returns the private key for asyncssh: `connect(…,
        client_keys=[item.ssh_key.asyncssh()])`.
        """
        from bw_magics.adapters.ssh import asyncssh_key

        return asyncssh_key(private_key=self._checked(passphrase, "asyncssh"))

    def _checked(self, passphrase: Passphrase | None, way: str) -> str:
        """Returns the private key in OpenSSH's format, once it is the one that the item names. It
        is one use, also where a field of the item is its passphrase.
        """
        with using(way, field="privateKey"):
            return self._opened(passphrase)

    def _opened(self, passphrase: Passphrase | None) -> str:
        from bw_magics.crypto.ssh_key import (
            fingerprint_fits,
            is_same_key,
            openssh_format,
            public_key_of,
        )

        private_key = self._item.member("privateKey")
        if private_key is None:
            raise Unreadable(
                f"'{self._item.name}' has no private key.", "Look at it in the web vault."
            )
        try:
            try:
                opened = openssh_format(private_key=private_key)
            except PassphraseRequired as needed:
                opened = self._decrypted(private_key, passphrase, needed)
            actual = public_key_of(private_key=opened)
            fits = (self.fingerprint is None or fingerprint_fits(self.fingerprint, actual)) and (
                self.public_key is None or is_same_key(self.public_key, actual)
            )
        except PassphraseRequired as problem:
            raise PassphraseRequired(
                f"The SSH key of '{self._item.name}' cannot be used: {problem.fact}",
                "Give it as passphrase=…, for example passphrase=getpass.getpass, or keep it in a "
                "hidden field of the item named passphrase.",
            ) from None
        except CryptographyError as problem:
            raise Unreadable(
                f"The SSH key of '{self._item.name}' cannot be used: {problem.fact}",
                problem.remedy or "The text itself is item.private_key.",
            ) from None
        if not fits:
            raise Unreadable(
                f"The private key of '{self._item.name}' is not the one that its fingerprint or "
                "its public key names.",
                "Find out who changed it before you use it; the text itself is item.private_key.",
            )
        return opened

    def _decrypted(
        self, private_key: str, given: Passphrase | None, problem: PassphraseRequired
    ) -> str:
        """Returns the key without its passphrase. Raises `problem`, or that of the last attempt."""
        from bw_magics.crypto.ssh_key import openssh_format

        kept: Iterable[str] = [given() if callable(given) else given or ""]
        if given is None:
            kept = filter(None, self._kept())
        for passphrase in islice(_ways_to_write(kept), _MOST_ATTEMPTS):
            try:
                return openssh_format(private_key=private_key, passphrase=passphrase)
            except PassphraseRequired as wrong:
                problem = wrong
        raise problem

    def _kept(self) -> Iterator[str]:
        """Yields what the item may keep as the passphrase, the likeliest first."""
        from bw_magics.secrecy.key_names import is_secret_name
        from bw_magics.secrecy.parts import secret_parts

        def likely(field: CustomField) -> tuple[bool, bool]:
            return not _names_passphrase(field.name), not is_secret_name(field.name)

        for field in sorted(self._item.fields, key=likely):
            if _names_passphrase(field.name) or is_secret_name(field.name):
                with suppress(Unreadable):
                    yield str(field.value or "")
        with suppress(Unreadable):
            notes = self._item.notes or ""
            yield from secret_parts(notes)
            if "\n" not in notes.strip():
                yield notes


def _names_passphrase(name: str) -> bool:
    return "passphrase" in re.sub(r"[\W_]", "", name).casefold()


def _ways_to_write(passphrases: Iterable[str]) -> Iterator[str]:
    """Yields passphrases as they are, without blanks around them, and in the other normal form."""
    tried: set[str] = set()
    for passphrase in passphrases:
        for text in (passphrase, passphrase.strip()):
            for form in (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))):
                if form not in tried:
                    tried.add(form)
                    yield form


def new_key() -> dict[str, str]:
    """Makes a new Ed25519 key: the three members of an item that holds it."""
    from bw_magics.crypto.ssh_key import new_private_key

    return members_of_key(private_key=new_private_key())


def members_of_key(*, private_key: str) -> dict[str, str]:
    """Returns the members of an item that holds a private key: that key in OpenSSH's format, its
    public key and its fingerprint.

    Raises `UsageMistake` for a text that is not a private key, and for one with a passphrase.
    """
    from bw_magics.crypto.ssh_key import fingerprint_of, openssh_format, public_key_of

    try:
        opened = openssh_format(private_key=private_key)
        public_key = public_key_of(private_key=opened)
    except (PassphraseRequired, CryptographyError) as problem:
        raise UsageMistake(
            f"The SSH key cannot be used: {problem.fact}",
            problem.remedy or "Give a private key without a passphrase; the vault encrypts it.",
        ) from None
    return {
        "privateKey": opened,
        "publicKey": public_key,
        "keyFingerprint": fingerprint_of(public_key),
    }
