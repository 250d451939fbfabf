"""What a lock leaves in the memory of a program, and the end of the program does not."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.items.plain import PlainVault, login

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="the system does not show a program's memory"
)

# So many that memory is not used again for all of them.
VALUES = [f"memory-{secrets.token_hex(9)}-end".encode() for _ in range(300)]
FORM = re.compile(b"memory-[0-9a-f]{18}-end")
ACCOUNT = DemoAccount(
    name="Ada Demo",
    email="ada@demo.example",
    client_secret="memory-client-secret-1",
    master_password="correct-horse-battery-memory",
    kdf=Pbkdf2(5000),
    contents=PlainVault(
        items=[login(f"Item {number}", "ada", each.decode()) for number, each in enumerate(VALUES)]
    ),
)
# It prints a number after each step, and waits for a line.
PROGRAM = """
import gc
from bw_magics import Vault
client_id, client_secret, password, server, trusted = input().split("\\t")
vault = Vault()
vault.login(client_id=client_id, client_secret=client_secret, server=server,
            certificate_authority=trusted)
print(0, flush=True)
while input() == "unlock":
    vault.unlock(password=password)
    read = [str(item.password) for item in vault.items()]
    print(len(read), flush=True)
    input()
    del read
    vault.lock()
    gc.collect()
    print(0, flush=True)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the program is told first; the server runs as long."""
    trusted = tmp_path_factory.mktemp("memory") / "authority.pem"
    with DemoServer(accounts=[ACCOUNT]) as server:
        trusted.write_bytes(server.certificate_authority)
        key = (ACCOUNT.client_id, ACCOUNT.client_secret, ACCOUNT.master_password)
        yield "\t".join([*key, server.url, str(trusted)])


@contextmanager
def logged_in(told: str) -> Iterator[subprocess.Popen[str]]:
    """Runs the program; it has logged in."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        say(process, told)
        yield process
        assert process.stdin is not None
        process.stdin.close()


def say(process: subprocess.Popen[str], line: str) -> int:
    """Lets the program go on; returns what it counts at the end of the step."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def memory_of(process: subprocess.Popen[str]) -> bytes:
    """Reads all that a program has in memory and may write to."""
    parts = []
    with Path(f"/proc/{process.pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            places, rights, *_ = line.split()
            begin, end = (int(place, 16) for place in places.split("-"))
            if rights.startswith("rw"):
                memory.seek(begin)
                # Some of the system's own places are not to be read.
                with suppress(OSError):
                    parts.append(memory.read(end - begin))
    return b"\0".join(parts)


def found(process: subprocess.Popen[str]) -> int:
    """The number of values that are in a program's memory."""
    return len(set(FORM.findall(memory_of(process))).intersection(VALUES))


def test_memory_may_hold_values_after_a_lock_and_a_new_program_holds_none(told: str) -> None:
    with logged_in(told) as process:
        assert found(process) == 0
        assert say(process, "unlock") == found(process) == len(VALUES)
        say(process, "lock")
        assert found(process) > 0, "SECURITY.md says that memory is not overwritten"
    with logged_in(told) as process:
        assert ACCOUNT.email.encode() in memory_of(process), "the memory can be read"
        assert found(process) == 0
