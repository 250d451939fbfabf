"""Fingerprints: what a scan without a vault knows values by (docs/decisions has the reasons).

A fingerprint is a keyed hash. Only values that nobody can guess get one: a hash of a guessable
value can be turned back by trying. The file is encrypted too, because it names items.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bw_magics.errors import CredentialsMissing, Unreadable, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.matching.encodings.forms import PIECE, needles_of
from bw_magics.scan.seeker import Match
from bw_magics.secrecy.irregular import is_irregular
from bw_magics.secrecy.parts import secret_parts
from bw_magics.secret import Secret, Unpicklable

KEY_VARIABLE = "BW_SCAN_KEY"

_MAGIC = b"bw_magics scan 1\n"
_NONCE = 12
_KEY = 32
# The bytes of a form that are looked up, without a sign that parts words.
_WINDOW = 12
# Of the hash of a window only so many bytes are kept: by itself it says little.
_LOOKED_UP = 3
_WHOLE = 16
# Fewer bits can be guessed by trying: the hashes are fast.
_LEAST_BITS = 72.0
_WORD = regex(rb"[^\s\"'\\<>\0]{%d,}" % _WINDOW)
# A longer word is data, such as an image; to hash each window of it would take minutes.
_LONGEST_WORD = 4096
# A word, a number, any other sign.
_GUESSED = regex("(?P<word>[A-Z][a-z]+|[a-z]{3,}|[A-Z]{3,})|(?P<number>[0-9]{3,})|.", re.DOTALL)
# Bits of each: one of 4,096 words, a year or a day, one of 62 letters and digits.
_WORD_BITS, _NUMBER_BITS, _SIGN_BITS, _SEPARATOR_BITS = 12.0, 7.0, 5.95, 1.0
_SEPARATORS = "-_. /:,"
# Words that were searched already and have no window of a value.
_MOST_REMEMBERED = 1 << 20


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    """One form of a value: where the window begins in it, its length, hash and label.

    One that `is_word` has no sign that parts words; files of before do not say.
    """

    window: bytes
    offset: int
    length: int
    whole: bytes
    label: int
    is_word: bool = False


class _Contents(msgspec.Struct, array_like=True, frozen=True):
    salt: bytes
    labels: list[str]
    entries: list[_Entry]


class Fingerprints(Unpicklable):
    """A seeker that has fingerprints instead of values."""

    def __init__(self, contents: _Contents, key: bytes) -> None:
        self._contents = contents
        self._hash = hashlib.blake2b(key=key, salt=contents.salt[:16], digest_size=_WHOLE)
        self._entries: dict[bytes, list[_Entry]] = {}
        for entry in contents.entries:
            self._entries.setdefault(entry.window, []).append(entry)
        self._harmless: set[bytes] = set()

    def __repr__(self) -> str:
        return f"<Fingerprints: {self.count}>"

    @classmethod
    def of(cls, values: Iterable[Secret], key: bytes) -> tuple[Fingerprints, list[str]]:
        """Makes fingerprints; returns them, and the labels of the values that get none."""
        hashing = _derived(key, b"hash")
        made = cls(_Contents(secrets.token_bytes(16), [], []), hashing)
        left_out: list[str] = []
        labels: dict[str, int] = {}
        entries: dict[tuple[bytes, int, int], _Entry] = {}
        for value in values:
            number = labels.setdefault(value.label, len(labels))
            found = [made._entry(form, number) for form in _forms(str(value))]
            some = [entry for entry in found if entry is not None]
            if not some:
                left_out.append(value.label)
            entries.update({(each.whole, each.offset, each.label): each for each in some})
        contents = _Contents(made._contents.salt, list(labels), list(entries.values()))
        return cls(contents, hashing), left_out

    @classmethod
    def load(cls, path: Path, key: bytes) -> Fingerprints:
        """Reads a file. Raises `Unreadable` for a wrong key or anything else."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}.", "Name another.") from None
        begin = len(_MAGIC)
        if not data.startswith(_MAGIC):
            raise Unreadable(f"{path} is not a file of fingerprints.", "Make it again.")
        try:
            plain = AESGCM(_derived(key, b"seal")).decrypt(
                data[begin : begin + _NONCE], data[begin + _NONCE :], _MAGIC
            )
            contents = msgspec.msgpack.decode(plain, type=_Contents)
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise Unreadable(
                f"{path} cannot be opened: wrong key or modified data.",
                f"Give its key in {KEY_VARIABLE} or a file, or make it again.",
            ) from None
        return cls(contents, _derived(key, b"hash"))

    def save(self, path: Path, key: bytes) -> None:
        """Writes an encrypted file that only this user can read."""
        nonce = secrets.token_bytes(_NONCE)
        plain = msgspec.msgpack.encode(self._contents)
        sealed = AESGCM(_derived(key, b"seal")).encrypt(nonce, plain, _MAGIC)
        _write_private(path, _MAGIC + nonce + sealed)

    @property
    def count(self) -> int:
        """How many values have fingerprints."""
        return len({entry.label for entry in self._contents.entries})

    @property
    def reach(self) -> int:
        """How many bytes a value can take at most."""
        return max([2 * _LONGEST_WORD, *(entry.length for entry in self._contents.entries)])

    def may_hold(self, data: bytes, *, is_joined: bool = False) -> bool:
        """Returns whether a value may be in there."""
        return any(True for _ in self._candidates(data))

    def matches(self, data: bytes, *, is_html: bool = False) -> list[Match]:
        """Returns every place of a value, in order."""
        found: dict[tuple[int, int], set[str]] = {}
        for word, offset, entry in self._candidates(data):
            at = data.find(word)
            while at >= 0:
                start = at + offset - entry.offset
                end = start + entry.length
                if start >= 0 and self._of(data[start:end]) == entry.whole:
                    label = self._contents.labels[entry.label]
                    found.setdefault((start, end), set()).add(label)
                at = data.find(word, at + 1)
        return [Match(*span, tuple(sorted(labels))) for span, labels in sorted(found.items())]

    # Inside.

    def _candidates(self, data: bytes) -> Iterator[tuple[bytes, int, _Entry]]:
        """Yields words of a text with a known window, its place in the word, and the form."""
        entries, hash = self._entries, self._hash
        for word in set(_WORD.findall(data)) - self._harmless:
            if len(word) > _LONGEST_WORD:
                continue
            is_harmless = True
            for offset in range(len(word) - _WINDOW + 1):
                made = hash.copy()
                made.update(word[offset : offset + _WINDOW])
                for entry in entries.get(made.digest()[:_LOOKED_UP], ()):
                    if self._may_be(entry, word, offset):
                        is_harmless = False
                        yield word, offset, entry
            if is_harmless and len(self._harmless) < _MOST_REMEMBERED:
                self._harmless.add(word)

    def _may_be(self, entry: _Entry, word: bytes, offset: int) -> bool:
        """Returns whether a word with a known window has its form, or may have it with what is
        around the word.
        """
        start = offset - entry.offset
        form = word[max(0, start) : start + entry.length]
        if len(form) < entry.length:
            return not entry.is_word
        return self._of(form) == entry.whole

    def _entry(self, form: bytes, label: int) -> _Entry | None:
        word = max(_WORD.finditer(form), key=lambda found: len(found[0]), default=None)
        if word is None:
            return None
        window = self._of(word[0][:_WINDOW])[:_LOOKED_UP]
        is_word = word[0] == form
        return _Entry(window, word.start(), len(form), self._of(form), label, is_word)

    def _of(self, data: bytes) -> bytes:
        made = self._hash.copy()
        made.update(data)
        return made.digest()


def bits(value: str) -> float:
    """Estimates how many bits a value has; 0 where a person may have made it up.

    A word counts as one of some thousand, a number as a year: people make passwords of them. Only
    letters and digits that alternate as by chance count each.
    """
    if re.fullmatch("[0-9a-f]+|[0-9A-F]+", value) and re.search("[a-fA-F]", value):
        return 4.0 * len(value) if len(set(value)) > 8 else 0.0
    if not is_irregular(value, _WINDOW) or len(set(value)) < 10:
        return 0.0
    return sum(map(_bits, _GUESSED.finditer(value)))


def _bits(found: re.Match[str]) -> float:
    if found["word"]:
        return min(_WORD_BITS, 4.7 * len(found[0]))
    if found["number"]:
        return _NUMBER_BITS
    return _SEPARATOR_BITS if found[0] in _SEPARATORS else _SIGN_BITS


def _forms(value: str) -> Iterator[bytes]:
    lines = [line.strip() for line in value.splitlines()]
    for text in dict.fromkeys((value.strip(), *secret_parts(value), *lines)):
        if "\n" not in text and len(text) <= PIECE and bits(text) >= _LEAST_BITS:
            yield from needles_of(text)


# The key.


def make_key(path: Path) -> bytes:
    """Reads the key of this user's fingerprints, or makes it the first time."""
    if path.exists():
        return read_key(path)
    key = secrets.token_bytes(_KEY)
    _write_private(path, base64.b64encode(key) + b"\n")
    return key


def read_key(path: Path) -> bytes:
    """Reads a key from `BW_SCAN_KEY`, else from a file. Raises `CredentialsMissing`."""
    text = os.environ.get(KEY_VARIABLE, "")
    if not text:
        try:
            text = path.read_text()
        except OSError:
            raise CredentialsMissing(
                "The key of the fingerprints is missing.",
                f"Set {KEY_VARIABLE}, or name its file with --keyfile.",
            ) from None
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY:
        raise UsageMistake(
            "The key of the fingerprints is not 32 bytes of base64.",
            "Copy all of the file that was written with the fingerprints.",
        )
    return key


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(purpose, key=key, digest_size=_KEY).digest()


def _write_private(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
