"""The floor of a kept vault: a program that derives the key, opens one page, and reads a password.

It knows the format of docs/decisions/0015-sealed-index.md and nothing else: no server, no other
account, no check but the seals. Its arguments are the name of the login and the file.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import os
import struct
import sys
from itertools import accumulate
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

MAGIC = b"bw_magics vault cache 2\n"


def decrypt(text: str, key: bytes) -> bytes:
    """Decrypts an encrypted string of type 2."""
    iv, data, mac = map(binascii.a2b_base64, text[2:].split("|"))
    if not hmac.compare_digest(hmac.digest(key[32:], iv + data, "sha256"), mac):
        raise ValueError
    padded = Cipher(algorithms.AES(key[:32]), modes.CBC(iv)).decryptor().update(data)
    return padded[: -padded[-1]]


def expand(key: bytes, info: bytes) -> bytes:
    """Derives a key from a key."""
    return HKDFExpand(hashes.SHA256(), 32, info).derive(key)


def first_secret(name: str, file: Path) -> str:
    """Reads the password of the personal login of exactly that name."""
    handle = os.open(file, os.O_RDONLY)
    at = len(MAGIC)
    parts = []
    for _ in range(2):
        (size,) = struct.unpack(">I", os.pread(handle, 4, at))
        parts.append(os.pread(handle, size, at + 4))
        at += 4 + size
    header, table = json.loads(parts[0]), [*struct.iter_unpack(">II", parts[1])]
    kdf = PBKDF2HMAC(hashes.SHA256(), 32, header["salt"].encode(), header["kdf"]["iterations"])
    master_key = kdf.derive(os.environ["BW_PASSWORD"].encode())
    stretched = expand(master_key, b"enc") + expand(master_key, b"mac")
    user_key = decrypt(header["masterKeyEncryptedUserKey"], stretched)

    server = os.environ["BW_SERVER"]
    account = [f"{server}/identity", f"{server}/api", os.environ["BW_CLIENTID"]]
    bound = [*(text.encode() for text in account), *parts]
    digest = hashlib.sha256(MAGIC + b"".join(struct.pack(">I", len(p)) + p for p in bound)).digest()

    def opened(kind: bytes, number: int, at: int, size: int) -> bytes:
        info = MAGIC + kind + b"\n" + digest
        salt = binascii.a2b_base64(header["keySalt"])
        key = HKDF(hashes.SHA256(), 32, salt, info).derive(user_key)
        sealed = os.pread(handle, size, at)
        cipher = AESGCM(expand(key, number.to_bytes(8, "big")))
        return cipher.decrypt(sealed[:12], sealed[12:], None)

    (rest, catalogue), *pages = table
    _, _, names, *_ = msgspec.msgpack.decode(opened(b"catalogue", 0, at + rest, catalogue))
    if names.count(name) != 1:
        raise ValueError
    position = names.index(name)
    ends = [*accumulate(count for _, count in pages)]
    page = next(number for number, end in enumerate(ends) if position < end)
    begin = at + rest + catalogue + sum(size for size, _ in pages[:page])
    records = msgspec.msgpack.decode(opened(b"records", page + 1, begin, pages[page][0]))
    item = msgspec.json.decode(records[position - ends[page] + pages[page][1]])
    key = user_key if item["key"] is None else decrypt(item["key"], user_key)
    return decrypt(item["login"]["password"], key).decode()


if __name__ == "__main__":
    print(first_secret(sys.argv[1], Path(sys.argv[2])))
