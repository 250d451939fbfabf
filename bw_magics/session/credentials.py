"""Where credentials come from: one set from one source, and the first source that has them
(design 3).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bw_magics.errors import CredentialsConflict, CredentialsMissing, UnsafeFile
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD, SERVER, WHERE_THE_KEY_IS

_LARGEST_FILE = 1024 * 1024
_ROOT_MARKS = (".git", "pyproject.toml")
_SECRET_NAMES = frozenset({CLIENT_SECRET, MASTER_PASSWORD, "BW_SESSION"})


class Source(Unpicklable):
    """A place that may hold credentials: its name for a person, and its `BW_*` values.

    An empty value counts as missing. `is_named` says that the line named it.
    """

    __slots__ = ("_values", "is_named", "name")

    def __init__(
        self, name: str, values: Mapping[str, str | None], *, is_named: bool = False
    ) -> None:
        self.name = name
        self.is_named = is_named
        self._values = {
            key: value for key, value in values.items() if key.startswith("BW_") and value
        }

    def __repr__(self) -> str:
        return f"<Source {self.name}: {', '.join(sorted(self._values)) or 'nothing'}>"

    def get(self, name: str) -> str | None:
        """The value of that name: a `Secret` where the name is that of a secret."""
        value = self._values.get(name)
        if value is None or name not in _SECRET_NAMES:
            return value
        return Secret(value, f"{name} from {self.name}")

    @property
    def has_api_key(self) -> bool:
        """Whether both halves of the API key are there."""
        return CLIENT_ID in self._values and CLIENT_SECRET in self._values


@dataclass(frozen=True, slots=True, repr=False)
class Credentials(Unpicklable):
    """An API key with the server it is for, all from `source`. `server` None is the default."""

    client_id: str
    client_secret: Secret
    server: str | None
    source: str


def environment(variables: Mapping[str, str] | None = None) -> Source:
    """The process environment."""
    return Source("the environment", os.environ if variables is None else variables)


def dotenv_file(path: Path, *, is_named: bool = True) -> Source:
    """The `BW_*` entries of a dotenv file, in python-dotenv's syntax, without interpolation:
    `pa${HOME}x` is a password. Nothing is exported.

    Raises `UnsafeFile` where somebody else owns the file or may write it, `CredentialsMissing`
    where it cannot be read.
    """
    from dotenv import dotenv_values

    try:
        status = path.stat()
        if status.st_size > _LARGEST_FILE:
            raise CredentialsMissing(
                f"{path.name} is larger than any dotenv file.", "Name another file."
            )
        values = dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CredentialsMissing(
            f"The file {path.name} cannot be read as text.", "Check its name and its permissions."
        ) from None
    source = Source(f"{path.name} in {path.parent.name or path.parent}", values, is_named=is_named)
    if source._values and not _is_safe(status):
        raise UnsafeFile(
            f"{path} names Bitwarden credentials, and others own it or may change it.",
            f"Make it yours alone: chmod 600 {path.name}.",
        )
    return source


def discover_dotenv(start: Path, home: Path | None = None) -> Path | None:
    """The nearest `.env`, upwards from `start` to the project root (`.git`, `pyproject.toml`) or
    the home directory; outside both, only in `start` itself.
    """
    start = start.resolve()
    folders = [start, *start.parents]
    last = 0
    for depth, folder in enumerate(folders):
        if folder == home or any((folder / mark).exists() for mark in _ROOT_MARKS):
            last = depth
            break
    for folder in folders[: last + 1]:
        candidate = folder / ".env"
        if candidate.is_file():
            return candidate
    return None


def choose(sources: Sequence[Source], *, server: str | None = None) -> Credentials | None:
    """The API key of the first source that has both halves; None where none has.

    `server` is what the line named. Otherwise the server comes from the same source as the key:
    raises `CredentialsConflict` where it would come from another one.
    """
    for source in sources:
        if not source.has_api_key:
            continue
        own = source.get(SERVER)
        if server is None and own is None:
            refuse_other_server(sources, source.name)
        return Credentials(
            client_id=source.get(CLIENT_ID) or "",
            client_secret=Secret(source.get(CLIENT_SECRET) or "", "client_secret"),
            server=server or own,
            source=source.name,
        )
    return None


def refuse_other_server(sources: Sequence[Source], key_source: str) -> None:
    """Raises `CredentialsConflict` where a source other than that of the key names a server."""
    for other in sources:
        if other.name != key_source and other.get(SERVER) is not None:
            raise CredentialsConflict(
                f"{other.name} names the server ({SERVER}), but the API key comes from "
                f"{key_source}: they are not combined.",
                "Put both in one place, or name the server on the line: --server.",
            )


def missing(sources: Sequence[Source]) -> CredentialsMissing:
    """The error for nobody to ask: which variables to set, and where the key is."""
    absent = [
        name
        for name in (CLIENT_ID, CLIENT_SECRET)
        if not any(source.get(name) for source in sources)
    ] or [CLIENT_ID, CLIENT_SECRET]
    verb = "is" if len(absent) == 1 else "are"
    return CredentialsMissing(
        f"{' and '.join(absent)} {verb} not set, and there is nobody to ask.",
        f"Set {CLIENT_ID} and {CLIENT_SECRET} in the environment or a .env file; your personal "
        f"API key is {WHERE_THE_KEY_IS}.",
    )


def password_from_file(path: Path) -> Secret:
    """The first line of a file, without its line end. Raises `CredentialsMissing`, `UnsafeFile`."""
    try:
        status = path.stat()
        if status.st_size > _LARGEST_FILE:
            raise OSError
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CredentialsMissing(
            "The password file cannot be read as text.", "Check its name and its permissions."
        ) from None
    if not _is_safe(status):
        raise UnsafeFile(
            "Others own the password file or may change it.", "Make it yours alone: chmod 600."
        )
    if not lines or not lines[0]:
        raise CredentialsMissing(
            "The first line of the password file is empty.", "Write the master password there."
        )
    return Secret(lines[0], "master password")


def _is_safe(status: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True  # Windows has no owner and mode to look at
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
