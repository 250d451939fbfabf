# ruff: noqa: E501 (a table of what people write)
"""Notes, addresses and settings as people of many trades keep them: what of each is secret.

The text between « and » is a secret by itself; of the rest nothing is.
"""

from __future__ import annotations

import json
import re

import pytest

from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.parts import secret_parts, secret_parts_of_setting, secret_parts_of_url

HEX = "3f2a9c81d7e64b50a1c2d3e4f5061728"
TOKEN = "mAdeUp1q8ZkT3vX9bN5wR7yL2cP4dF6h"

URLS = [
    f"vmess://«{TOKEN}»",
    f"ss://«{TOKEN}»#node",
    "hysteria2://«Made-up-1»@h:443",
    "slack://«xoxb-123456789012-abcdefghijklmnop»@conn",
    f"https://«{HEX}»:«7b1e9d20c4f84a6fb35d8e91a27c604f»@sentry.example.org/2",
    "https://joe%40example.org:«Made-up-1»@example.org/",
    "ldap://ldap.example.org/dc=x?bindname=cn=admin%2cdc=x,x-bindpw=«Made-up-1»",
    f"https://cdn.example.org/f?hdnts=exp=1700000000~acl=/*~hmac=«{HEX}»",
    f"https://calendar.google.com/calendar/ical/joe%40example.org/private-«{HEX}»/basic.ics",
    f"https://outlook.office365.com/owa/calendar/«{HEX}@example.org/{HEX}»/calendar.ics",
    f"https://mainnet.infura.io/v3/«{HEX}»",
    f"https://eth-mainnet.g.alchemy.com/v2/«{TOKEN}»",
    "https://hc-ping.com/«7c9e6679-7425-40de-944b-e07fc1f90ae7»",
    "https://a.blob.core.windows.net/c/f?skoid=7c9e6679-7425-40de-944b-e07fc1f90ae7&sktid="
    f"7c9e6679-7425-40de-944b-e07fc1f90ae7&sig=«{TOKEN}»",
    "https://app.example.org/calendar/2024-01-15/basic.ics",
    "https://example.org/v3/docs/getting-started-with-tokens",
]

NOTES = [
    # Wi-Fi, banks, codes
    "Memorable word: «rainbow7»\nTelephone PIN: «739204»",
    "Backup codes of Ada\n1. «1234 5678»    6. «2345 6789»\n2. «8765 4321»    7. «9876 5432»",
    "SAVE YOUR BACKUP CODES\n[ ] «abcd1 23efg»\n[ ] «hijk4 56lmn»",
    "Emergency code: «abcd efgh ijkl mnop»",
    "Backup codes\n* «3x5y-zq7r»\n* «8k2m-pp4t»\n- «9w1n-tt6v» (used)\n~~«7q2x-kk3v»~~",
    "App password: «abcd efgh ijkl mnop»",
    # Licences
    "----- BEGIN LICENSE -----\nAda Lovelace\nSingle User License\n«EA7E-1234567»\n"
    "«8891CBB9 B1D4D8B8 5A2C3F17 9E0D4C6A»\n------ END LICENSE ------",
    "File Installation Key: «12345-67890-12345-67890-12345»\nHost ID: 001a2b3c4d5e",
    "Activation key: «made-up-1»",
    # Several of one name, marks around a value
    "Password 1: «Made-up-1»\nPassword 2: «Made-up-2»",
    "Password #2 = «Made-up-2»",
    "Passwort 3: «correct horse battery»",
    "Password: ||«Made-up-1»||",
    "Password: ~~«Made-up-1»~~",
    "<details><summary>Password</summary>«Made-up-1»</details>",
    "<h3>Password</h3>«Made-up-1»",
    "User & password: joe & «Made-up-1»",
    "User and password: joe «Made-up-1»",
    "creds - joe / «Made-up-1»",
    "Zugang: joe / «Made-up-1»",
    # Programs
    "Driver={ODBC Driver 18 for SQL Server};Server=h;UID=joe;PWD={«Ma;de}}up»}",
    "impacket-psexec acme/joe:«Made-up-1»@10.0.0.5",
    "netsh wlan set profileparameter keyMaterial=«Made-up-1»",
    "<keyMaterial>«Made-up-1»</keyMaterial>",
    "smbmap -u joe -p «Made-up-1» -H h",
    "EXEC sp_addlogin 'joe', '«Made-up-1»', 'app'",
    "EXEC sp_addlogin @loginame = N'joe', @passwd = N'«Made-up-1»'",
    "spark.hadoop.fs.s3a.secret.key «Made-up-1»\nspark.executor.memory 4g",
    "ftp = FTP('h', 'joe', '«Made-up-1»')",
    "oracledb.connect('joe', '«Made-up-1»', 'h/svc')",
    "binddn cn=admin\nbindpw «Made-up-1»",
    "rootpw=«made-up»\nrootpass=«made-up-2»",
    'smbclient -U "joe%«Made-up-1»" //h/s',
    'printf "«Made-up-1»\\n" | sudo -S id',
    "vncpasswd <<< «Made-up-1»",
    "databricks secrets put --scope s --key k --string-value «Made-up-1»",
    "gh secret set API_KEY --body «Made-up-1»",
    "aws secretsmanager create-secret --name x --secret-string «Made-up-1»",
    "aws ssm put-parameter --type SecureString --name x --value «Made-up-1»",
    "az keyvault secret set --vault-name v --name x --value «Made-up-1»",
    '[Service]\nEnvironment="DB_PASSWORD=«Made-up-1»"\nEnvironment=API_TOKEN=«Made-up-2»\nExecStart=/usr/bin/x',
    '[auth]\njwt_secret = """«Made-up-2»"""\nname = "warehouse2"',
    "jwt_secret = '''«Made-up-2»'''",
    "root pwd: «Made-up-1» / oracle pwd: «Made-up-2»",
    "Password:«Made-up-1»;User:joe",
    "Authenticator setup key: «jbsw y3dp ehpk 3pxp hxdm vj5a»",
    "Title,Url,Username,Password,OTPAuth\nA,https://a.example,joe,«Made-up-1»,otpauth://totp/A?secret=«JBSWY3DPEHPK3PXP»",
    "joe «P@ssw0rd.d3»",
    "scott/«Made-up-1»@v1db:1521/ORCL",
    "Password for joe at 10 a.m.: «Made-up-1»",
    # Public, beside a secret
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240115/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=«fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024»",
    '{"Statement":[{"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme/*"}], "password": "«Made-up-1»"}',
]

PLAIN = """
GUID {7C9E6679-7425-40DE-944B-E07FC1F90AE7}
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
git log 9fceb02..1a2b3c4
mailto:ops@example.org?subject=Backup%20failed
tel:+493012345678
kubectl -n prod logs deploy/api-7d9f8b6c5-x2k4q --since=1h
kubectl exec -it api-7d9f8b6c5-x2k4q -- sh
0x7fff5fbff8c0
Passwords: see 1Password vault "Shared"
Password: see the wiki, page 3
Password: same as for the VPN
Password: your Windows password
Password: stored in Bitwarden, folder 12
Passwort: wie beim VPN von 2024
sshpass -e ssh joe@host
keepass database2.kdbx
Password policy 12: rotated yearly2
"Action": "ec2:DescribeInstances"
arn:aws:iam::123456789012:role/etl-prod2
Room 12: B2.401-x7
Environment=STAGE=europe2
401 Unauthorized: token expired at 2024-01-15T10:00:00Z
Token for staging valid until 10:30h2
git cherry-pick 9fceb02d0ae598e95dc970b74767f19372d61af8
git reset --hard 9fceb02d0ae598e95dc970b74767f19372d61af8
  ProxyJump ops@gate01.example.org
- uses: actions/checkout@v4
- uses: docker/login-action@v3.1
google-site-verification=mAdeUp1q8ZkT3vX9bN5wR7yL2cP4dF6hJ0sG1tK8mQ
age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
wg public key xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
gh secret set API_KEY --repo acme/app2
aws ssm put-parameter --type String --name x --value europe2
""".strip().splitlines()

PLAIN_SETTINGS = """
TOKEN_LIFETIME=3600000
COOKIE_SAMESITE=strict
SPECIAL_TOKENS=<s>,</s>
STOP_TOKENS=###,END2
EOS_TOKEN=<|endoftext|>2
STRIPE_PUBLISHABLE_KEY=pk_test_aB3dE5gH7jK9mN1pQ2rS
RECAPTCHA_SITE_KEY=6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI
SSH_HOST_KEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
ETAG=33a64df551425fcc55e4d42a148795d9f25f89d4
""".strip().splitlines()

SECRET_SETTINGS = """
ROOTPW ROOTPASS LDAP_BINDPW SMTPPASS HMAC_SHA256_KEY AES_KEY AES256_KEY RSA_KEY NACL_KEY
SUPABASE_SERVICE_ROLE_KEY NEW_RELIC_INGEST_KEY HONEYCOMB_WRITEKEY AZURE_SAS UNSEAL_KEY TMDB_KEY
ELEVENLABS_KEY XAI_KEY PERPLEXITY_KEY JINA_KEY VOYAGE_KEY FIRECRAWL_KEY ALPHAVANTAGE_KEY FRED_KEY
INPUT_PASSWORD PROMPT_PASSWORD OUTPUT_SECRET HOST_PASSWORD SITE_PASSWORD REFRESH_TOKEN
""".split()  # noqa: SIM905 (a list of names)


def judged(text: str, marked: str, parts: tuple[str, ...]) -> None:
    secrets, rest = re.findall("«([^»]*)»", marked), re.split("«[^»]*»", marked)
    assert set(secrets) <= set(parts)
    assert [
        part for part in parts if part not in secrets and any(part in each for each in rest)
    ] == []


@pytest.mark.parametrize("marked", URLS)
def test_an_address_holds_secrets_in_its_path_user_and_lists(marked: str) -> None:
    text = marked.replace("«", "").replace("»", "")

    judged(text, marked, secret_parts_of_url(text, is_own=True))
    judged(text, marked, secret_parts(text))


@pytest.mark.parametrize("marked", NOTES)
def test_the_secrets_of_a_note_are_parts_by_themselves(marked: str) -> None:
    text = marked.replace("«", "").replace("»", "")

    judged(text, marked, secret_parts(text))


@pytest.mark.parametrize("line", PLAIN)
def test_a_line_of_a_note_stays_readable(line: str) -> None:
    assert secret_parts(f"{line}\n") == ()
    assert secret_parts(f"Notes\n{line}\nask Ada") == ()


@pytest.mark.parametrize("line", PLAIN_SETTINGS)
def test_a_setting_is_public_by_its_name(line: str) -> None:
    name, _, value = line.partition("=")

    assert secret_parts_of_setting(name, value) == ()
    assert secret_parts(f"{line}\nOTHER=thing") == ()
    assert secret_parts(json.dumps({name: value})) == ()


@pytest.mark.parametrize("name", SECRET_SETTINGS)
def test_a_setting_is_secret_by_its_name(name: str) -> None:
    assert is_secret_name(name)
    assert "made-up" in secret_parts(f"OTHER=thing\n{name}=made-up")


def test_a_password_in_groups_is_known_as_programs_send_it() -> None:
    assert "abcdefghijklmnop" in secret_parts("App password: abcd efgh ijkl mnop")
