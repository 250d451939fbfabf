"""The files of credentials: a `.env` file as a source, and a password's file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bw_magics.errors import CredentialsError, CredentialsMissing, UnsafeFile
from bw_magics.secret import Secret
from bw_magics.session.accounts.own_values import own_values
from bw_magics.session.accounts.source import Source
from bw_magics.session.dotenv_lines import OtherEncoding, decode

_LARGEST_FILE = 1024 * 1024
_ROOT_MARKS = (".git", "pyproject.toml")


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
    """Returns the nearest `.env` of `dotenv_files`, or None."""
    return next(dotenv_files(start, home), None)


def dotenv_files(start: Path, home: Path | None = None) -> Iterator[Path]:
    """Yields each `.env`, upwards from `start` to the project root (`.git`, `pyproject.toml`) or
    the home directory; outside both, only in `start` itself.
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
            yield candidate


def found_dotenv() -> Path | None:
    """Returns the `.env` file of the working directory, as `discover_dotenv` finds it."""
    return next(_found(), None)


def found_files() -> list[Source]:
    """Returns the `.env` files of the working directory and of the folders above it in its project,
    the nearest first, without those that cannot be trusted. Credentials come from the first alone.
    """
    files = []
    for path in _found():
        with suppress(CredentialsError):
            files.append(dotenv_file(path, is_named=False))
    return files


def _found() -> Iterator[Path]:
    try:
        start = Path.cwd()
    except OSError:
        return  # the working directory was deleted
    try:
        home = Path.home()
    except RuntimeError:
        home = None  # a container's user without one
    yield from dotenv_files(start, home)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be looked into
        return False


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
