"""Text to bytes and back, without the secret riding along in an error.

Python's own `UnicodeError` carries the whole text in `.object`, and stays reachable as
`__context__` even after `raise … from None`. What is raised here is raised outside the handler.
"""

from __future__ import annotations

from bw_magics.errors import EncStringMalformed, UsageMistake


def typed_bytes(text: str) -> bytes:
    """What a person typed, as official clients encode it: UTF-8, not normalised (protocol 4.1).

    A terminal or an environment that is not UTF-8 hands over lone surrogates; they become U+FFFD,
    as they do in every official client, so that the same password opens the same vault.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def text_bytes(text: str) -> bytes:
    """A value's UTF-8; raises `UsageMistake` where it has none (lone surrogates)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        del text
    raise UsageMistake("The value holds half a character, which cannot be stored.", "Correct it.")


def bytes_text(data: bytes) -> str:
    """The text whose UTF-8 this is; raises `EncStringMalformed` for anything else."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        del data
    raise EncStringMalformed("The decrypted value is not text.")
