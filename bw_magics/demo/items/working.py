"""A data scientist's items: databases, cloud keys, tokens, service accounts, SSH keys.

Everything is made up; hosts are under `demo.example`, a name reserved by RFC 2606.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bw_magics.demo.items.plain import (
    NOTE,
    SSH_KEY,
    Folder,
    Item,
    attachment,
    boolean,
    hidden,
    item,
    linked,
    login,
    stable_id,
    text,
)

WORK = Folder(stable_id("folder", "Work"), "Work")
DATABASES = Folder(stable_id("folder", "Work/Databases"), "Work/Databases")
CLOUD = Folder(stable_id("folder", "Work/Cloud"), "Work/Cloud")

_BUCKET_POLICY = b'{"Version": "2012-10-17", "Statement": []}\n'

_DOTENV = """\
# demo settings, not real
PGHOST=warehouse.demo.example
PGPORT=5432
PGPASSWORD="demo warehouse password"
export MODEL_REGISTRY_TOKEN='demo-registry-token' # trailing comment
SMTP_PASSWORD=pa${HOME}x
EMPTY=
"""

_RUNBOOK = """\
Nightly load: what to do when it fails
======================================

1. Look at the loader's last line in the log; it names the partition.
2. Rows older than two days are in cold storage: thaw them first.
3. Start the load again for that partition only.

Write down what you did, also if it did not help.
Contact: the person on duty, then Ada.

""" + "\n".join(
    f"{hour:02d}:00  partition {hour:02d}  expected rows {12_000 + 37 * hour}" for hour in range(24)
)


def service_account() -> bytes:
    """Makes a service account's key file, in the format of cloud providers."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "demo-forecasting",
            "private_key_id": "0de30de30de30de30de30de30de30de30de30de3",
            "private_key": "demo-private-key-not-real",
            "client_email": "notebooks@demo-forecasting.demo.example",
            "client_id": "100000000000000000001",
            "token_uri": "https://oauth.demo.example/token",
        },
        indent=2,
    ).encode()


@functools.cache
def ssh_key() -> dict[str, str]:
    """Makes a real Ed25519 key pair in OpenSSH's format, once in a process."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    ).decode()
    public = (
        key.public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        .decode()
    )
    fingerprint = hashlib.sha256(base64.b64decode(public.split()[1])).digest()
    return {
        "privateKey": private,
        "publicKey": public,
        "keyFingerprint": "SHA256:" + _unpadded_base64(fingerprint),
    }


def _unpadded_base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def working_items() -> list[Item]:
    """Makes the items that notebooks use."""
    return [
        login(
            "Warehouse DB",
            "analyst",
            "demo-warehouse-password-1",
            (
                ("postgresql://warehouse.demo.example:5432/analytics", 3),
                "https://warehouse.demo.example/console",
                "https://replica.demo.example",
            ),
            folderId=DATABASES.id,
            favorite=True,
            notes="Read only. Ask for write access in #demo-data.",
            fields=[
                text("host", "warehouse.demo.example"),
                text("port", "5432"),
                text("database", "analytics"),
                hidden("connection string", "postgresql://analyst:demo@warehouse.demo.example/a"),
                boolean("tls", True),
                linked("login name", 100),
            ],
        ),
        login(
            "Warehouse DB (staging)",
            "analyst",
            "demo-staging-password-2",
            ("postgresql://staging.demo.example:5432/analytics",),
            folderId=DATABASES.id,
            itemKey=True,
        ),
        login(
            "Cloud keys",
            None,
            None,
            ("https://console.cloud.demo.example",),
            folderId=CLOUD.id,
            itemKey=True,
            fields=[
                text("access key id", "DEMOACCESSKEYID00001"),
                hidden("secret access key", "demo/secret+access/key/not/real/0001"),
                text("region", "eu-demo-1"),
                boolean("mfa", False),
            ],
            attachments=[attachment("Cloud keys", "bucket-policy.json", _BUCKET_POLICY)],
        ),
        login(
            "Model registry",
            "notebooks",
            "demo-registry-token-3",
            (("https://registry.demo.example", 1),),
            folderId=WORK.id,
            notes="API token; goes where a password would.",
        ),
        login(
            "Forecasting service account",
            "notebooks@demo-forecasting.demo.example",
            None,
            folderId=CLOUD.id,
            itemKey=True,
            attachments=[
                attachment(
                    "Forecasting service account", "service-account.json", service_account()
                ),
                attachment("Forecasting service account", "über uns.txt", "Grüße\n".encode()),
            ],
        ),
        item(
            SSH_KEY,
            "Cluster SSH key",
            folderId=WORK.id,
            sshKey=ssh_key(),
            notes="ssh ada@cluster.demo.example",
        ),
        item(NOTE, "Nightly load", folderId=WORK.id, notes=_RUNBOOK),
        item(NOTE, "Forecasting .env", folderId=WORK.id, notes=_DOTENV, itemKey=True),
        login(
            "Notebook hub",
            "ada",
            "demo-hub-password-4",
            ("https://hub.demo.example",),
            folderId=WORK.id,
            totp="JBSWY3DPEHPK3PXP",
        ),
        login(
            "Deployment console",
            "ada@demo.example",
            "demo-deployment-password-5",
            ("https://deploy.demo.example",),
            totp="otpauth://totp/demo:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&period=60"
            "&algorithm=SHA256&issuer=demo",
            itemKey=True,
            passwordRevisionDate="2026-02-01T09:00:00Z",
            passwordHistory=[
                {
                    "password": "demo-deployment-password-4",
                    "lastUsedDate": "2026-02-01T09:00:00Z",
                },
                {
                    "password": "demo-deployment-password-3",
                    "lastUsedDate": "2025-11-11T11:11:11.123Z",
                },
            ],
        ),
    ]
