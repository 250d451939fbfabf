"""The sources of credentials: one set comes from one source, the first that has it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bw_magics.errors import (
    BitwardenError,
    CredentialsConflict,
    CredentialsError,
    CredentialsMissing,
    UnsafeFile,
)
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.own_values import PREFIXES, own_values
from bw_magics.session.dotenv_lines import OtherEncoding, decode
from bw_magics.settings import (
    ACCESS_TOKEN,
    ACCESS_TOKEN_SERVER,
    ADDRESS_VARIABLES,
    CLIENT_ID,
    CLIENT_SECRET,
    MASTER_PASSWORD,
    NO_SETTINGS,
    SERVER,
    SERVER_VARIABLES,
    WHERE_THE_KEY_IS,
    Server,
    ServerSettings,
)
from bw_magics.shown import harmless

_LARGEST_FILE = 1024 * 1024
_ROOT_MARKS = (".git", "pyproject.toml")
ENVIRONMENT = "the environment"
# How people and other programs call the server's address, beside the names that are read.
_ADDRESS = re.compile(
    r"(?:BW|BITWARDEN|VAULTWARDEN)_?(?:SERVER(?:_?(?:HOST|NAME))?|REGION|(?:(?:(?:WEB_?)?VAULT|BASE"
    r"|INSTANCE|SERVER|IDENTITY|API)_?)?(?:URL|URI|ADDRESS))|BW_(?:IDENTITY|API)",
    re.IGNORECASE,
)
_SECRET_NAMES = frozenset({CLIENT_SECRET, MASTER_PASSWORD, ACCESS_TOKEN, "BW_SESSION"})


class Source(Unpicklable):
    """A place that may hold credentials: its name for a person, and its `BW_*` values.

    An empty value counts as missing. `is_named` says that the line named it.
    """

    __slots__ = ("_beside", "_values", "is_named", "name")

    def __init__(
        self, name: str, values: Mapping[str, str | None], *, is_named: bool = False
    ) -> None:
        self.name = name
        self.is_named = is_named
        self._values = {
            key: value for key, value in values.items() if key.startswith(PREFIXES) and value
        }
        self._beside = {
            key: value for key, value in values.items() if value and _is_unread_address(key)
        }

    def __repr__(self) -> str:
        names = ", ".join(sorted(self._values))
        return harmless(f"<Source {self.name}: {names or 'nothing'}>")

    def get(self, name: str) -> str | None:
        """Returns the value of that name: a `Secret` where the name is that of a secret."""
        value = self._values.get(name)
        if value is None or name not in _SECRET_NAMES:
            return value
        return Secret(value, f"{name} from {self.name}")

    def unread_address(self, *others: str) -> str | None:
        """Returns the name of a value that seems to name the server and is not read, or that of
        one of `others`; None without one, and for a value that is the default server.
        """
        values = self._beside | {name: value for name in others if (value := self.get(name))}
        return next((name for name, value in values.items() if not _is_default(value)), None)

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
    settings: ServerSettings = NO_SETTINGS


def environment(variables: Mapping[str, str] | None = None) -> Source:
    """Returns the process environment."""
    return Source(ENVIRONMENT, os.environ if variables is None else variables)


def dotenv_file(path: Path, *, is_named: bool = True) -> Source:
    """Reads the `BW_*` entries of a dotenv file, in python-dotenv's syntax, without interpolation:
    `pa${HOME}x` is a password. Nothing is exported.

    Raises `UnsafeFile` where somebody else owns the file or may write it, `CredentialsMissing`
    where it cannot be read, or where one of its lines seems to set a `BW_*` name and does not.
    """
    name = f"{path.name} in {path.parent.name or path.parent}"
    try:
        text, status = _read(path)
    except OtherEncoding as error:
        raise CredentialsMissing(f"{name} {error.reason}.", "Save it as UTF-8.") from None
    except (OSError, ValueError):
        raise CredentialsMissing(
            "The dotenv file cannot be read as text.", "Check its name and its permissions."
        ) from None
    source = Source(name, own_values(text, name), is_named=is_named)
    if source._values and not _is_safe(status):
        raise UnsafeFile(
            f"{source.name} names Bitwarden credentials, and others own it or may change it.",
            f"Make it yours alone: chmod 600 {path.name}.",
        )
    return source


def discover_dotenv(start: Path, home: Path | None = None) -> Path | None:
    """Returns the nearest `.env`, upwards from `start` to the project root (`.git`,
    `pyproject.toml`) or the home directory; outside both, only in `start` itself.
    """
    start = start.resolve()
    home = home and home.resolve()
    folders = [start, *start.parents]
    last = 0
    for depth, folder in enumerate(folders):
        if folder == home or any(_is_there(folder / mark) for mark in _ROOT_MARKS):
            last = depth
            break
    for folder in folders[: last + 1]:
        candidate = folder / ".env"
        if _is_there(candidate) and candidate.is_file():
            return candidate
    return None


def found_dotenv() -> Path | None:
    """Returns the `.env` file of the working directory, as `discover_dotenv` finds it."""
    try:
        start = Path.cwd()
    except OSError:
        return None  # the working directory was deleted
    try:
        home = Path.home()
    except RuntimeError:
        home = None  # a container's user without one
    return discover_dotenv(start, home)


def found_files() -> list[Source]:
    """Returns the `.env` of the working directory; nothing without one that can be trusted."""
    with suppress(CredentialsError):
        path = found_dotenv()
        return [] if path is None else [dotenv_file(path, is_named=False)]
    return []


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be looked into
        return False


def choose(
    sources: Sequence[Source], *, server: str | None = None, is_configured: bool = False
) -> Credentials | None:
    """Returns the API key of the first source that has both halves; None where none has.

    `server` is what the line named. Otherwise the server comes from the same source as the key,
    or `is_configured` says that a person named one. Raises `CredentialsConflict` where it would
    come from another source, or a variable that is not read seems to name it.
    """
    for source in sources:
        if not source.has_api_key:
            continue
        own = ServerSettings.read(source.get)
        if server is None and not own.names_server and not is_configured:
            refuse_other_server(sources, source.name)
            refuse_unread_address(source, source.name)
        return Credentials(
            client_id=source.get(CLIENT_ID) or "",
            client_secret=Secret(source.get(CLIENT_SECRET) or "", "client_secret"),
            server=server or own.server or None,
            source=source.name,
            settings=own if server is None else own.for_line(server),
        )
    return None


def refuse_other_server(sources: Sequence[Source], key_source: str) -> None:
    """Raises `CredentialsConflict` where a source other than that of the key names a server.

    A certificate file counts as such a name, but for one in the environment: those belong to
    the machine and hold for every server.
    """
    for other in sources:
        if other.name == key_source:
            continue
        variables = ADDRESS_VARIABLES if other.name == ENVIRONMENT else SERVER_VARIABLES
        named = next((name for name in variables if other.get(name) is not None), None)
        if named is not None:
            raise CredentialsConflict(
                f"{other.name} names the server ({named}), but the API key comes from "
                f"{key_source}: they are not combined.",
                "Put both in one place, or name the server on the line: --server.",
            )


def refuse_unread_address(source: Source, key_source: str) -> None:
    """Raises `CredentialsConflict` where a source seems to name the server by a name that is not
    read for an API key.
    """
    named = source.unread_address(ACCESS_TOKEN_SERVER)
    if named is None:
        return
    why = "is for access tokens" if named == ACCESS_TOKEN_SERVER else "is not read"
    raise CredentialsConflict(
        f"{source.name} names no server for the API key from {key_source}: {named} {why}.",
        f"Name the server with {SERVER}: us, eu or its address.",
    )


def _is_unread_address(name: str) -> bool:
    return name not in SERVER_VARIABLES and _ADDRESS.fullmatch(name) is not None


def _is_default(address: str) -> bool:
    try:
        return Server.parse(address) == NO_SETTINGS.parse()
    except BitwardenError:
        return False


def missing(sources: Sequence[Source]) -> CredentialsError:
    """Returns the error for nobody to ask: which variables to set, and where the key is."""
    homes = [
        next((source.name for source in sources if source.get(name)), None)
        for name in (CLIENT_ID, CLIENT_SECRET)
    ]
    if all(homes):
        return CredentialsConflict(
            f"{CLIENT_ID} is in {homes[0]} and {CLIENT_SECRET} in {homes[1]}: they are not "
            "combined.",
            "Put both in one place.",
        )
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
    """Returns the first line of a file, without its line end. Raises `CredentialsMissing`,
    `UnsafeFile`.
    """
    try:
        text, status = _read(path)
    except OtherEncoding as error:
        raise CredentialsMissing(
            f"The password file {error.reason}.", "Save it as UTF-8."
        ) from None
    except (OSError, ValueError):
        raise CredentialsMissing(
            "The password file cannot be read as text.", "Check its name and its permissions."
        ) from None
    if not _is_safe(status):
        raise UnsafeFile(
            "Others own the password file or may change it.", "Make it yours alone: chmod 600."
        )
    first = text.partition("\n")[0].removesuffix("\r")
    if not first:
        raise CredentialsMissing(
            "The first line of the password file is empty.", "Write the master password there."
        )
    return Secret(first, "master password")


def _read(path: Path) -> tuple[str, os.stat_result]:
    """Reads a file's text and status. A pipe is refused: reading it could wait for ever."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
        raise OSError("not a file of text")
    return decode(path.read_bytes()), status


def _is_safe(status: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True  # Windows has no owner and mode to look at
    # Root can read every file anyway, and mounts a container's secrets.
    is_ours = status.st_uid in (os.getuid(), 0)
    return is_ours and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
