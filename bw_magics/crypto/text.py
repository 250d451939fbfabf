"""Text to bytes and back, with errors that do not carry the secret.

Python's `UnicodeError` holds the whole text in `.object`. It stays reachable as `__context__` even
after `raise … from None`, so these functions raise outside the handler.
"""

from __future__ import annotations

from bw_magics.errors import EncStringMalformed, UsageMistake


def typed_bytes(text: str) -> bytes:
    """Encodes a typed text like official clients: UTF-8, not normalised.

    A terminal or an environment that is not UTF-8 yields lone surrogates. They become U+FFFD, as in
    every official client, so that the same password opens the same vault. Raises `UsageMistake`
    for what is not a text.
    """
    if not isinstance(text, str):
        raise UsageMistake(
            f"A password is a text, and this is a value of the type {type(text).__name__}.",
            "Pass it as a str.",
        )
    if text.isascii():
        return text.encode()
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def text_bytes(text: str) -> bytes:
    """Encodes a value as UTF-8; raises `UsageMistake` for lone surrogates."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        del text
    raise UsageMistake("The value holds half a character, which cannot be stored.", "Correct it.")


def bytes_text(data: bytes) -> str:
    """Decodes UTF-8; raises `EncStringMalformed` for anything else."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        del data
    raise EncStringMalformed("The decrypted value is not text.")
