"""SSH keys of every kind, with real libraries and a real SSH server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bw_magics.crypto.ssh_key import fingerprint_fits
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    ExtraMissing,
    FieldNotFound,
    PassphraseRequired,
    Unreadable,
    VaultLocked,
)
from bw_magics.vault.item import Item
from tests.session.conftest import Session
from tests.vault.conftest import Writer

SSH_KEY = 5
KINDS: dict[str, Callable[[], Any]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    # Short: a library checks the primes each time that it reads the key.
    "rsa": lambda: rsa.generate_private_key(65537, 1024),
}


def at_least_cost(passphrase: bytes) -> Any:
    """Makes OpenSSH's own encryption with one round instead of the usual 16."""
    return PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(1).build(passphrase)


def pem(key: Any, format: Any = PrivateFormat.OpenSSH, encryption: Any = None) -> str:
    return str(key.private_bytes(Encoding.PEM, format, encryption or NoEncryption()).decode())


def public(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


def fingerprint(key: Any) -> str:
    """Returns the fingerprint that another library computes."""
    import asyncssh

    return str(asyncssh.import_public_key(public(key)).get_fingerprint())


def ssh_item(private_key: str | None, **members: str | None) -> Item:
    writer = Writer()
    held = {"privateKey": private_key, "publicKey": None, "keyFingerprint": None} | members
    return writer.item(writer.add("Cluster", SSH_KEY, sshKey=held))


@pytest.fixture(scope="module", params=list(KINDS))
def key(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]()


@pytest.mark.parametrize("format", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_both_libraries_take_the_key(key: Any, format: Any) -> None:
    item = ssh_item(pem(key, format), publicKey=public(key), keyFingerprint=fingerprint(key))

    assert item.ssh_key.fingerprint == fingerprint(key)
    assert item.ssh_key.paramiko().fingerprint == fingerprint(key)
    assert item.ssh_key.asyncssh().get_fingerprint() == fingerprint(key)


def test_the_repr_shows_the_fingerprint_and_not_the_key(key: Any) -> None:
    item = ssh_item(
        pem(key), publicKey=public(key) + " ada@laptop", keyFingerprint=fingerprint(key)
    )

    assert fingerprint(key) in repr(item.ssh_key)
    assert "PRIVATE" not in repr(item.ssh_key)
    assert item.ssh_key.public_key == public(key) + " ada@laptop"


@pytest.mark.parametrize("which", ["keyFingerprint", "publicKey"])
def test_a_key_that_is_not_the_one_it_is_said_to_be_is_not_handed_out(key: Any, which: str) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    told = {"publicKey": public(key), "keyFingerprint": fingerprint(key)}
    told[which] = {"publicKey": public(other), "keyFingerprint": fingerprint(other)}[which]
    text = pem(key)
    item = ssh_item(text, **told)

    for way in (item.ssh_key.paramiko, item.ssh_key.asyncssh):
        with pytest.raises(Unreadable, match="not the one"):
            way()
    assert item.private_key == text, "the text itself can still be had"


@pytest.mark.parametrize(
    "text",
    [
        "no key",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        pem(
            ed25519.Ed25519PrivateKey.generate(),
            encryption=at_least_cost(b"passphrase"),
        ),
    ],
    ids=["text", "damaged", "passphrase"],
)
def test_what_is_not_a_usable_key_is_one_typed_error(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        ssh_item(text).ssh_key.paramiko()
    assert text[:20] not in str(caught.value)
    assert caught.value.__cause__ is None


SPOILT: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "spaces instead of newlines": lambda text: text.replace("\n", " "),
    "no line ends at all": lambda text: text.replace("\n", ""),
    "a written line end": lambda text: text.replace("\n", "\\n"),
    "indented": lambda text: text.replace("\n", "\n    "),
    "in quotes": lambda text: f'"{text}"',
    "text around it": lambda text: f"my key:\n\n{text}\nof 2024",
    "byte order mark": lambda text: "\ufeff" + text,
    "no last line end": str.strip,
    "tabs": lambda text: text.replace("\n", "\n\t"),
    "blanks that do not break": lambda text: text.replace("\n", "\u00a0"),
    "line separators": lambda text: text.replace("\n", "\u2028"),
    "an e-mail's quotation": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "a block of Markdown": lambda text: f"```\n{text}```",
    "a block of YAML": lambda text: "key: |\n  " + text.replace("\n", "\n  "),
    "lines of a program": lambda text: "".join(f'"{line}\\n" +\n' for line in text.splitlines()),
    "escaped twice": lambda text: text.replace("\n", "\\\\n"),
    "HTML": lambda text: html.escape(text).replace("+", "&#43;").replace("\n", "<br>"),
    "line ends as entities": lambda text: text.replace("\n", "&#10;"),
    "percent-encoded": quote,
    "base64 of the file": lambda text: base64.b64encode(text.encode()).decode(),
    "dashes of a word processor": lambda text: text.replace("--", "\u2014"),
    "one hyphen lost": lambda text: text.replace("-----", "----"),
    "capitals lost": lambda text: text.replace("BEGIN", "begin").replace("END ", "end "),
}


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("format", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_key_is_mended_before_it_is_used(key: Any, format: Any, spoilt: str) -> None:
    text = SPOILT[spoilt](pem(key, format))
    item = ssh_item(text, publicKey=public(key), keyFingerprint=fingerprint(key))

    assert item.ssh_key.paramiko().fingerprint == fingerprint(key)
    assert item.ssh_key.asyncssh().get_fingerprint() == fingerprint(key)


def test_openssh_format_without_its_first_and_last_line_is_read(key: Any) -> None:
    body = "".join(pem(key).splitlines()[1:-1])
    item = ssh_item(body, publicKey=public(key), keyFingerprint=fingerprint(key))

    assert item.ssh_key.paramiko().fingerprint == fingerprint(key)


@pytest.mark.parametrize("hash_name", ["md5", "sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "{}=",
        " {}\r\n",
        "256 {} ada@laptop (ED25519)",
    ],
)
def test_a_fingerprint_of_every_kind_is_compared_in_its_kind(
    key: Any, hash_name: str, written: str
) -> None:
    """As asyncssh computes them, another library."""
    import asyncssh

    named = str(asyncssh.import_public_key(public(key)).get_fingerprint(hash_name))
    if hash_name == "md5":
        written = written.replace("=", "")
    assert ssh_item(pem(key), keyFingerprint=written.format(named)).ssh_key.paramiko()

    other = ed25519.Ed25519PrivateKey.generate()
    named = str(asyncssh.import_public_key(public(other)).get_fingerprint(hash_name))
    with pytest.raises(Unreadable, match="not the one"):
        ssh_item(pem(key), keyFingerprint=written.format(named)).ssh_key.paramiko()


def bare(named: str) -> str:
    return named.partition(":")[2]


@pytest.mark.parametrize(
    "write",
    [
        lambda md5, sha: bare(md5).replace(":", " "),
        lambda md5, sha: "MD5:" + bare(md5).replace(":", "-"),
        lambda md5, sha: f"256 {sha} ada@laptop (ED25519)",
        lambda md5, sha: f"'{sha.replace('SHA256', 'SHA-256')}'",
        lambda md5, sha: bare(md5),
        lambda md5, sha: bare(md5).upper(),
        lambda md5, sha: bare(md5).replace(":", ""),
        lambda md5, sha: bare(sha),
        lambda md5, sha: sha.replace("SHA256", "sha256") + "=",
    ],
)
def test_a_fingerprint_without_its_kind(key: Any, write: Callable[[str, str], str]) -> None:
    import asyncssh

    own = asyncssh.import_public_key(public(key))
    named = write(str(own.get_fingerprint("md5")), str(own.get_fingerprint("sha256")))
    assert ssh_item(pem(key), keyFingerprint=named).ssh_key.paramiko()


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("named", ["", "{kind}:", "{kind}=", "{kind}: "])
@pytest.mark.parametrize(
    "write",
    [
        lambda digest: digest.hex(),
        lambda digest: digest.hex(":").upper(),
        lambda digest: digest.hex(" "),
        lambda digest: digest.hex("-"),
        lambda digest: base64.b64encode(digest).decode(),
        lambda digest: base64.urlsafe_b64encode(digest).decode().rstrip("="),
    ],
    ids=["hex", "colons", "blanks", "hyphens", "base64", "base64 for URLs"],
)
def test_a_digest_is_compared_in_its_kind_however_it_is_written(
    key: Any, kind: str, named: str, write: Callable[[bytes], str]
) -> None:
    data = base64.b64decode(public(key).split()[1])
    prefix = named.format(kind=kind)
    fits = prefix + write(hashlib.new(kind, data).digest())
    other = prefix + write(hashlib.new(kind, data + b"x").digest())

    assert fingerprint_fits(f"\ufeff{fits}\n", public(key))
    assert fingerprint_fits(f"'{fits}'", public(key))
    assert not fingerprint_fits(other, public(key))


def test_a_digest_in_base64_that_begins_like_a_hexadecimal_number_is_compared() -> None:
    keys = (b"\0\0\0\x0bssh-ed25519\0\0\0 " + number.to_bytes(32) for number in range(9_999))
    digests = ((each, base64.b64encode(hashlib.sha256(each).digest()).decode()) for each in keys)
    data, digest = next((data, digest) for data, digest in digests if digest.startswith("0x"))

    for named in (digest, f"SHA256:{digest}"):
        assert fingerprint_fits(named, f"ssh-ed25519 {base64.b64encode(data).decode()}")


@pytest.mark.parametrize("named", ["none", "SHA256:", "MD5:aa:bb", "0" * 12])
def test_a_fingerprint_that_is_not_one_names_the_reason(key: Any, named: str) -> None:
    with pytest.raises(Unreadable, match="fingerprint has a format"):
        ssh_item(pem(key), keyFingerprint=named).ssh_key.paramiko()


@pytest.mark.parametrize(
    "write",
    [
        lambda text: f"{text} ada@laptop\r\n",
        lambda text: f'from="10.0.0.0/8",no-pty {text} ada@laptop',
        lambda text: text.replace(" ", "\n  "),
        lambda text: f"# my key\n{text}",
        lambda text: f'\ufeff"{text}"',
        lambda text: text[:40] + "\n" + text[40:],
        lambda text: text.split()[1],
        lambda text: (
            '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "ada"\n'
            f"{text.split()[1]}\n---- END SSH2 PUBLIC KEY ----\n"
        ),
    ],
)
def test_a_public_key_is_compared_without_the_text_around_it(
    key: Any, write: Callable[[str], str]
) -> None:
    assert ssh_item(pem(key), publicKey=write(public(key))).ssh_key.paramiko()


def test_a_public_key_in_pem_is_compared_too(key: Any) -> None:
    text = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert ssh_item(pem(key), publicKey=text.replace("\n", "\r\n")).ssh_key.paramiko()


class TestPassphrases:
    @pytest.fixture(params=[PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
    def locked(self, key: Any, request: pytest.FixtureRequest) -> str:
        passphrase = "pässphrase".encode()
        if request.param is PrivateFormat.OpenSSH:
            return pem(key, encryption=at_least_cost(passphrase))
        return pem(key, request.param, BestAvailableEncryption(passphrase))

    def test_it_is_given(self, key: Any, locked: str) -> None:
        ssh_key = ssh_item(locked, keyFingerprint=fingerprint(key)).ssh_key
        assert ssh_key.paramiko(passphrase="pässphrase").fingerprint == fingerprint(key)
        opened = ssh_key.asyncssh(passphrase=lambda: "pässphrase")
        assert opened.get_fingerprint() == fingerprint(key)

    def test_it_is_in_a_field_of_the_item(self, key: Any, locked: str) -> None:
        writer = Writer()
        held = {"privateKey": locked.replace("\n", " "), "publicKey": None, "keyFingerprint": None}
        fields = [{"name": "Key Passphrase", "value": "pässphrase", "type": 1}]
        item = writer.item(writer.add("Cluster", SSH_KEY, sshKey=held, fields=fields))
        assert item.ssh_key.paramiko().fingerprint == fingerprint(key)

    @pytest.mark.parametrize(
        ("fields", "notes"),
        [
            ([("passphrase hint", 0, "a dog"), ("passphrase", 1, "pässphrase")], None),
            ([("passphrase", 1, "an old one"), ("passphrase", 1, "pässphrase")], None),
            ([("Pass phrase", 0, "pässphrase")], None),
            ([("key_pass-phrase", 1, "pässphrase")], None),
            ([("Key password", 1, "pässphrase")], None),
            ([("Kennwort", 1, "pässphrase")], None),
            ([("host", 0, "a"), ("mot de passe", 1, " pässphrase\n")], None),
            ([("passphrase", 1, "pa\u0308ssphrase")], None),
            ([("passphrase", 1, None), ("PW", 1, "pässphrase")], None),
            ([], "pässphrase"),
            ([], "Key of the cluster\nPassphrase: pässphrase\nAsk Ada"),
        ],
    )
    def test_it_is_found_wherever_the_item_keeps_it(
        self, fields: list[tuple[str, int, str | None]], notes: str | None
    ) -> None:
        writer, key = Writer(), ed25519.Ed25519PrivateKey.generate()
        locked = pem(key, PrivateFormat.PKCS8, BestAvailableEncryption("pässphrase".encode()))
        held = {"privateKey": locked, "publicKey": None, "keyFingerprint": None}
        kept = [{"name": name, "value": value, "type": kind} for name, kind, value in fields]
        record = writer.add("Cluster", SSH_KEY, sshKey=held, fields=kept, notes=notes)

        assert writer.item(record).ssh_key.paramiko().fingerprint == fingerprint(key)

    @pytest.mark.parametrize("given", ["pa\u0308ssphrase", "pässphrase\n"])
    def test_it_is_given_as_systems_and_files_write_it(self, given: str) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        locked = pem(key, PrivateFormat.PKCS8, BestAvailableEncryption("pässphrase".encode()))
        assert ssh_item(locked).ssh_key.paramiko(passphrase=given).fingerprint == fingerprint(key)

    @pytest.mark.parametrize("given", [None, "wrong", ""])
    def test_without_the_right_one_the_error_says_how(self, locked: str, given: str | None) -> None:
        with pytest.raises(PassphraseRequired) as caught:
            ssh_item(locked).ssh_key.paramiko(passphrase=given)
        assert "'Cluster'" in caught.value.fact
        assert ("wrong" in caught.value.fact) == (given is not None)
        assert "getpass" in caught.value.remedy
        assert caught.value.__cause__ is None

    def test_one_that_is_not_needed_is_not_used(self, key: Any) -> None:
        assert ssh_item(pem(key)).ssh_key.paramiko(passphrase="any")


@pytest.mark.parametrize("before", ["", "\ufeff", "\n  ", '"', "my key:\n"])
def test_a_key_in_puttys_format_names_it(before: str) -> None:
    with pytest.raises(Unreadable, match="PuTTY"):
        ssh_item(f"{before}PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\n").ssh_key.paramiko()


def test_other_items_hold_no_ssh_key() -> None:
    writer = Writer()
    with pytest.raises(FieldNotFound, match="no SSH key"):
        _ = writer.item(writer.login("Login")).ssh_key


@pytest.mark.parametrize("library", ["paramiko", "asyncssh"])
def test_what_is_not_installed_names_the_line_that_installs_it(
    key: Any, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ExtraMissing) as caught:
        getattr(ssh_item(pem(key)).ssh_key, library)()
    assert caught.value.remedy == "pip install 'bw_magics[ssh]'"


@pytest.fixture
def session() -> Any:
    with DemoServer(iterations=5_000) as server:
        session = Session(server, server.accounts[0]).enter()
        yield session
        session.vault.logout()


def test_as_a_file_it_is_private_and_what_ssh_reads(session: Session) -> None:
    import asyncssh
    import paramiko

    item = session.vault["Cluster SSH key"]
    with item.ssh_key.as_file() as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert asyncssh.read_private_key(path).get_fingerprint() == item.ssh_key.fingerprint
        assert paramiko.Ed25519Key.from_private_key_file(str(path))
    assert not path.exists()

    with item.ssh_key.as_file() as path:
        session.vault.lock()
        assert not path.exists()
    with pytest.raises(VaultLocked), item.ssh_key.as_file():
        raise AssertionError("not reached")


def test_it_opens_a_real_ssh_server(session: Session, tmp_path: Path) -> None:
    """asyncssh logs in with the object, paramiko with the object and with the file."""
    import asyncssh
    import paramiko

    item = session.vault["Cluster SSH key"]
    authorized = tmp_path / "authorized_keys"
    authorized.write_text(f"{item.ssh_key.public_key}\n")

    connections: list[asyncssh.SSHServerConnection] = []

    class Server(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

    async def handle(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(f"hello {process.get_extra_info('username')}")
        process.exit(0)

    def by_paramiko(port: int, **how: Any) -> str:
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect("127.0.0.1", port, "ada", allow_agent=False, look_for_keys=False, **how)
            return str(client.exec_command("hostname")[1].read().decode())

    async def run() -> list[str]:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Server,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=str(authorized),
            process_factory=handle,
        )
        port = server.sockets[0].getsockname()[1]
        async with asyncssh.connect(
            "127.0.0.1",
            port,
            username="ada",
            client_keys=[item.ssh_key.asyncssh()],
            known_hosts=None,
            agent_path=None,
        ) as connection:
            said = [str((await connection.run("hostname")).stdout)]
        said.append(await asyncio.to_thread(by_paramiko, port, pkey=item.ssh_key.paramiko()))
        with item.ssh_key.as_file() as path:
            said.append(await asyncio.to_thread(by_paramiko, port, key_filename=str(path)))
        server.close()
        await server.wait_closed()
        for accepted in connections:
            accepted.close()
            await accepted.wait_closed()
        return said

    assert asyncio.run(run()) == ["hello ada"] * 3
