# ruff: noqa: E501 (a table of what people write)
"""Which parts of a structured secret are secret, by a table of what people keep in a vault."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.secrecy.parts import (
    LARGEST,
    MOST_PARTS,
    secret_parts,
    secret_parts_of_setting,
    secret_parts_of_url,
)

# The text between « and » is secret; everything else stays readable.
EXAMPLES = {
    # JSON
    "service account": r"""{"type": "service_account", "project_id": "acme-analytics",
        "private_key_id": "3f2a9c81d7e64b50a1c2d3e4f5061728394a5b6c",
        "private_key": "-----BEGIN PRIVATE KEY-----\n«MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw»\n«ggSjAgEAAoIBAQC7VJTUt9Us8cKj»\n-----END PRIVATE KEY-----\n",
        "client_email": "etl@acme.iam.gserviceaccount.com", "client_id": "108912345678901234567",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token"}""",
    "authorized user": '{"type": "authorized_user", "client_id": "3281-abc.apps.example.com",'
    ' "client_secret": "«GOCSPX-q1W2e3R4t5Y6»", "refresh_token": "«1//0gAbCdEf-GhIjKl»"}',
    "JSON of a database": '{"host": "db.example.org", "port": 5432, "user": "etl",'
    ' "password": "«hunter2x»", "sslmode": "require"}',
    "names in camel case": '{"dbPassword": "«hunter2x»", "userName": "analyst", "apiKey": "«k-776655»"}',
    "names in capitals": '{"DB_PASSWORD": "«hunter2x»", "DB_NAME": "analytics"}',
    "a nested secret": '{"prod": {"credentials": {"login": "ada", "token": "«hunter2x»"}}}',
    "a list of secrets": '{"passwords": ["«hunter2x»", "«hunter3y»"], "hosts": ["db1.example"]}',
    "a secret number": '{"pin": «739204», "retries": 100000}',
    "name and value": '[{"name": "DB_PASSWORD", "value": "«hunter2x»"},'
    ' {"name": "DB_NAME", "value": "analytics"}]',
    "a URL in JSON": '{"url": "postgresql://etl:«s3cr3t-pw»@db.example.org/app"}',
    "an unknown name": '{"blob": "«aB3dE5gH7jK9mN1pQ2rS»", "stage": "europe"}',
    "words in JSON": '{"password": "«correct horse»", "remark": "correct battery"}',
    "a sign in JSON": '{"password": "«Blumen(topf»"}',
    "words in quotes": "DB_PASSWORD='«correct horse»'\nDB_NAME='warm water'",
    "Name and Value": '[{"Name": "DB_PASSWORD", "Value": "«hunter2x»"}]',
    "a token in a fragment": "https://app.example.org/cb#access_token=«Zx81Kq77»&state=waiting",
    "quoted placeholders": '{"password": "${DB_PASSWORD}", "token": "<your token>", "secret": "xxxxxxxx"}',
    "nothing": '{"password": null, "token": "", "secret": true, "tokens": 128000}',
    "JSON web key": '{"kty": "RSA", "kid": "2024-key", "use": "sig", "d": "«X4cTteJY1gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH7HLLKD9»"}',
    "docker config": '{"auths": {"registry.example.org": {"auth": "«ZXRsOnMzY3IzdA==»"}}}',
    # dotenv, ini, YAML, TOML
    "dotenv": "DB_NAME=analytics\nSTAGE=europe\nDB_PASSWORD=«hunter2x»\nDB_HOST=db.example.org",
    "dotenv with quotes": "A_TOKEN=\"«aB3dE5 gH7»\"\nSTAGE='europe'\nB_SECRET='«pa;ss,w)rd»'",
    "dotenv with signs": "PASSWORD=«pa;ss,w)rd&x»\nNAME=analytics",
    "dotenv with a remark": "PASSWORD=«hunter2x»  # from the wiki\nDEBUG=enabled",
    "exports": "export PGPASSWORD=«hunter2x»\nexport PGUSER=analyst\nexport PGDATABASE=analytics",
    "a joined name": "MYSQL_PWD=«hunter2x»\nMYSQL_HOST=warehouse",
    "AWS": "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
    "aws_secret_access_key = «wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»\nregion = eu-west-1",
    "ini": "[client]\nuser = analyst\npassword = «hunter2x»\nhost = db.example.org",
    "YAML": "database:\n  name: analytics\n  user: analyst\n  password: «hunter2x»\n  port: 5432",
    "YAML with quotes": "production:\n  secret_key_base: \"«0123abc-def»\"\n  name: 'analytics'",
    "TOML": 'title = "pipeline"\n[db]\npassword = "«hunter2x»"\nname = "analytics"',
    "limits": "PASSWORD_MIN_LENGTH=120000\nMAX_TOKENS=128000\nTOKEN_URL=https://x.example/token",
    "places of secrets": "PASSWORD_FILE=/run/secrets/database\nSECRET_NAME=warehouse-login",
    "placeholders": "PASSWORD=${DB_PASSWORD}\nTOKEN=<your token>\nSECRET=xxxxxxxx\nAPI_KEY=changeme",
    "references": "PASSWORD=bw://Warehouse DB/password\nSTAGE=europe-west",
    "code": "password = os.environ['PGPASSWORD']\ntoken = getpass.getpass()\nsecret = settings.secret",
    "irregular settings": "BUILD=v2beta1\nIMAGE=python3.11-slim\nCHARSET=utf8mb4\nARCH=linux-x86_64",
    # Keys
    "PEM": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
    "«MIIEpAIBAAKCAQEAx1b2c3d4e5f6»\n«QyNTUxOQAAACDkm7Lq9n0XhA1c2d»\n-----END RSA PRIVATE KEY-----",
    "OpenSSH": "-----BEGIN OPENSSH PRIVATE KEY-----\n«b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ»\n"
    "-----END OPENSSH PRIVATE KEY-----",
    "PEM in a dotenv line": 'KEY="-----BEGIN PRIVATE KEY-----\\n«MIIEvQIBADANBgkqhkiG9w0BAQ»\\n-----END PRIVATE KEY-----"',
    "a certificate": "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa\n"
    "-----END CERTIFICATE-----",
    "a public key": "key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@host",
    # URLs and DSNs
    "DSN": "postgresql://etl:«s3cr3t-pw»@db.example.org:5432/analytics",
    "DSN with an encoded password": "mysql://etl:«p%40ss-word»@db.example.org/analytics",
    "DSN in a query": "postgresql://db.example.org/app?user=joe&password=«Made-up-1»",
    "API key in a query": "https://api.example.org/v1/rows?limit=100000&api_key=«Zx81Kq77»&sort=created",
    "a signed link": "https://acct.blob.core.windows.net/data?sv=2022-11-02&sig=«aB3dE5gH7jK9%2Bx%3D»",
    "a token as user": "https://«ghp_A1b2C3d4E5f6G7h8I9j0»@github.com/acme/app.git",
    "a webhook": "https://hooks.slack.com/services/T00000000/B00000000/«aB3dE5gH7jK9mN1pQ2rS4tU6»",
    "JDBC": "jdbc:sqlserver://db.example.org:1433;databaseName=analytics;user=sa;password=«Hunter2!x»",
    "ADO": "Server=db.example.org;Database=analytics;User Id=sa;Password=«Hunter2!x»;Encrypt=true",
    "libpq": "host=db.example.org dbname=analytics user=etl password=«hunter2x» sslmode=require",
    "Azure": "DefaultEndpointsProtocol=https;AccountName=acmedata;AccountKey=«aB3dE5gH7jK9mN1p==»;EndpointSuffix=core.windows.net",
    "Oracle": "sqlplus scott/«tiger-42»@db.example.org:1521/ORCL",
    "a link": "https://wiki.example.org/display/DATA/Runbook+2024?pageId=1234567890",
    "a link to a document": "https://docs.example.com/document/d/1AbCdEfGhIjKlMnOpQrStUv/edit",
    # user:token and the like
    "user and token": "ada:«Tr0ub4dor-x»",
    "host and port": "db.example.org:5432",
    "an image": "postgres:16.2.1-alpine3.19",
    ".pgpass": "db.example.org:5432:analytics:etl:«s3cr3t-pw»\nlocalhost:*:postgres:ada:«other-pw-1»",
    "netrc": "machine api.example.org login ada password «s3cr3t-pw»",
    "a header": "Authorization: Bearer «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVPmB92K27u»",
    "curl": "curl -H 'X-Api-Key: «Zx81Kq77»' -u ada:«s3cr3t-pw» https://api.example.org/v1/status",
    "SQL": "CREATE ROLE etl LOGIN PASSWORD '«s3cr3t-pw»' VALID UNTIL '2026-01-01'",
    "options": "mysql --user=etl --password=«hunter2x» --host=db.example.org analytics",
    "XML": "<server><id>releases</id><username>ada</username><password>«hunter2x»</password></server>",
    "XML attributes": '<add key="ApiToken" value="«hunter2x»"/><add key="Stage" value="europe"/>',
    # Notes
    "a line of prose": "The wifi password: «correct horse battery staple»\nAsk Ada for the key of the room.",
    "a remark": "Password: ask Bob\nLogin: your e-mail address",
    "a token in prose": "Use «ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4» until March.\nThen ask for another one.",
    "a password on a line": "Warehouse, read only\n«Tr0ub4dor&3x»\nSince 2024-01-15",
    "a Markdown table": "| what | value |\n| --- | --- |\n| host | warehouse |\n| password | `«hunter2x»` |",
    "a list in Markdown": "* **User:** analyst\n* **Password:** «hunter2x»\n* **Stage:** europe",
    "recovery codes": "GitHub recovery codes\n\n«a1b2c-3d4e5»\n«f6g7h-8i9j0»\n«12345-67890»",
    "numbered codes": "Backup codes:\n1. «1234 5678»\n2. «8765 4321»\n",
    "codes in columns": "Recovery codes (two-factor)\n«a1b2c3d4»  «e5f6g7h8»\n«i9j0k1l2»  «m3n4o5p6»",
    "codes without a heading": "«a1b2c-3d4e5»\n«f6g7h-8i9j0»\n«k1l2m-3n4o5»",
    "a seed phrase": "Seed phrase: «legal winner thank year wave sausage worth useful legal»",
    "servers": "server01\nserver02\nserver03\nweb01-eu1\nweb02-eu1\nweb03-eu1",
    "dates": "2024-01-15\n2024-02-15\n2024-03-15\n15:30:00",
    "SQL of a runbook": "CREATE TABLE users (id int, token text, created_at timestamp);\n"
    "SELECT name, count(*) FROM orders WHERE region = 'europe' GROUP BY name;",
    "shell of a runbook": "kubectl -n analytics get pods\npsql -h db.example.org -U etl -c 'select 1'",
    "Python of a runbook": "def load(path: str, token: str | None = None) -> DataFrame:\n"
    "    return pandas.read_csv(path, storage_options={'token': token})",
    "a commit": "Rolled back to commit 9fceb02d0ae598e95dc970b74767f19372d61af8 on Monday.",
    "a digest": "python@sha256:2f9b0c7a1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c",
    "an id": "Subscription 7c9e6679-7425-40de-944b-e07fc1f90ae7, tenant acme",
    "contact data": "Ada Lovelace\n+44 20 7946 0958\nada.lovelace@example.org\n12 St James's Square",
    "a card": "Visa of the team\n«4111 1111 1111 1111»\nvalid until 12/27",
    "an IBAN": "Account of the club: «DE89 3704 0044 0532 0130 00», BIC COBADEFFXXX",
    "an order": "Order 4111111111111112 of 2024-01-15, 20 pieces",
    "passwords of a browser": "name,url,username,password\nWiki,https://wiki.example.org,ada,«Winter-2024!»\n"
    "Shop,https://shop.example.org,bob,«pass-word-9»",
    "data": "day,region,amount\n2024-01-15,europe,1200000\n2024-01-16,america,3400000",
    "a file of names": "warehouse-db-01.eu-west-1.rds.amazonaws.com\ns3://acme-data/2024/part-00001.parquet",
    "names in code": "getUserNameFromSessionStore, HTTPServerConnectionPool, test_that_nothing_is_lost_2024",
    # Further formats, programs and languages
    'YAML block': 'password: |\n  «s3cr3t-pw»\nname: analytics',
    'YAML folded': 'token: >-\n    «Zx81Kq77»\n    «second-part9»\nstage: europe',
    'YAML with name and value': 'env:\n  - name: DB_PASSWORD\n    value: «hunter2x»\n  - name: DB_NAME\n    value: analytics',
    'YAML with quoted values': '- name: DB_PASSWORD\n  value: "«hunter2x»"\n- name: STAGE\n  value: "europe"',
    'YAML with key and value': '- key: API_TOKEN\n  value: «hunter2x»',
    'YAML with the value first': '- value: «hunter2x»\n  name: DB_PASSWORD\n- value: analytics\n  name: DB_NAME',
    'YAML list': 'passwords:\n  - «hunter2x»\n  - «hunter3y»\nhosts:\n  - warehouse-01',
    'PuTTY': 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ada@laptop\nPublic-Lines: 2\nAAAAC3NzaC1lZDI1NTE5AAAAIKecb2JFGFKCgrLZXU7+r0RZZ/Ks0iuQ9F3p\nXuFAW9Fa\nPrivate-Lines: 1\n«AAAAIEGxbm9uZAAAAARub25lAAAAAAAAAAEAAAAz»\nPrivate-MAC: 2f9b0c7a1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f70',
    'mysql': 'mysql -u etl -p«s3cr3t-pw» -h db.example.org analytics',
    'mysqldump': 'mysqldump -uetl -p«s3cr3t-pw» analytics > dump.sql',
    'psql': 'psql -h db.example.org -p 5432 -U etl',
    'other programs': 'mkdir -p /srv/data/reports\ndocker run -p 8080:80 nginx:1.25',
    'curl with a user': 'curl -u joe:«s3cr3tpw» https://api.example.org',
    'sshpass': 'sshpass -p «s3cr3t-pw» ssh joe@host',
    'sshpass, joined': 'sshpass -p«s3cr3t-pw» ssh joe@host',
    'redis-cli': 'redis-cli -h cache.example.org -a «s3cr3t-pw» ping',
    'sqlcmd': 'sqlcmd -S db.example.org -U sa -P «Hunter2!x» -d analytics',
    'docker login': 'docker login -u joe -p «s3cr3t-pw» registry.example.org',
    'az login': 'az login --service-principal -u app -p «s3cr3t-pw» --tenant acme',
    'ldapsearch': 'ldapsearch -D cn=admin -w «s3cr3t-pw» -b dc=example',
    'openssl': 'openssl enc -aes-256-cbc -pass pass:«s3cr3t-pw» -in a -out b',
    'mongosh': 'mongosh -u joe -p «s3cr3t-pw» --host db.example.org',
    'zip': 'zip -P «s3cr3t-pw» a.zip b',
    '7z': '7z x -p«s3cr3t-pw» a.7z',
    'users and passwords': 'joe:«hunter2x»\nann:«winter-2024»\nbob:«Tr0ub4dor3»',
    'users and passwords with slashes': 'joe / «hunter2x»\nann / «winter-2024»',
    'user and pw': 'user: joe\npw: «hunter2x»',
    'ways to log in': 'AUTH=kerberos\nAUTH_METHOD=password\nAUTH_TYPE=bearer\nDB_AUTH=ldap\nauth: basic',
    'a token for AUTH': 'AUTH=«Zx81Kq77»\nDB_AUTH=«joe:s3cr3t-pw»',
    'inherited secrets': 'jobs:\n  deploy:\n    uses: acme/app/.github/workflows/deploy.yml@main\n    secrets: inherit\n    with:\n      token: ${{ secrets.TOKEN }}',
    'words for secrets': 'secret: inherit\nsecrets: required\ntoken: optional\npassword: required\npassword: prompt\ntoken: none\nsecret: external\nPASSWORD=disabled\nauth: enabled',
    'Kubernetes': 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: warehouse\ntype: Opaque\ndata:\n  password: «aHVudGVyMng=»\n  username: YWRh',
    "Kubernetes' references": 'env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: warehouse-login\n        key: password',
    'Compose': 'services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: «hunter2x»\n      POSTGRES_DB: analytics\n    secrets:\n      - db_password\nsecrets:\n  db_password:\n    file: ./db_password.txt',
    'Helm': 'auth:\n  postgresPassword: «hunter2x»\n  database: analytics\n  existingSecret: warehouse-login',
    'expressions': 'env:\n  TOKEN: ${{ secrets.GITHUB_TOKEN }}\n  REGION: europe-west1',
    'Terraform': 'variable "db_password" {\n  default = "«hunter2x»"\n}\nvariable "db_name" {\n  default = "analytics"\n}',
    'PHP': "define('DB_PASSWORD', '«hunter2x»');\ndefine('DB_NAME', 'analytics');",
    'Java': 'spring.datasource.password=«hunter2x»\nspring.datasource.username=etl\nspring.datasource.url=jdbc:postgresql://db/analytics',
    'Python': "PASSWORD = '«hunter2x»'\nconn = psycopg.connect(host='db', password='«hunter3y»', dbname='analytics')",
    'R': 'Sys.setenv(DB_PASSWORD = "«hunter2x»", DB_NAME = "analytics")',
    'Julia': 'ENV["DB_PASSWORD"] = "«hunter2x»"\nENV["DB_NAME"] = "analytics"',
    'JavaScript': "const token = '«Zx81Kq77»';\nconst name = 'analytics';",
    'PowerShell': "$env:DB_PASSWORD = '«hunter2x»'\n$pw = ConvertTo-SecureString '«hunter3y»' -AsPlainText -Force",
    'Wi-Fi': 'network={\n  ssid="office"\n  psk="«hunter2x»"\n}',
    'htpasswd': 'ada:«$apr1$x81Kq77a$h3F9zT0q8Jw6r2N5mB1vC0»',
    'age': '# created: 2024-01-15\n# public key: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n«AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3J»',
    'otpauth': 'otpauth://totp/Acme:ada?secret=«JBSWY3DPEHPK3PXP»&issuer=Acme',
    'WireGuard': '[Interface]\nPrivateKey = «yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=»\nAddress = 10.0.0.2/24\n[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\nEndpoint = vpn.example.org:51820',
    'German': 'Benutzer: ada\nKennwort: «hunter2x»\nServer: db.example.org',
    'French': 'Identifiant : ada\nMot de passe : «hunter2x»',
    'Spanish': 'Usuario: ada\nContraseña: «hunter2x»',
    'Dutch': 'Gebruiker: ada\nWachtwoord: «hunter2x»',
    'Swedish': 'Användare: ada\nLösenord: «hunter2x»',
    'Polish': 'Hasło: «hunter2x»',
    'Portuguese': 'Senha: «hunter2x»',
    'Russian': 'Пароль: «hunter2x»',
    'Japanese': 'パスワード: «hunter2x»',
    'Chinese': '密码：«hunter2x»',
    'times and rooms': 'Ask Ada:9-17 h; Bob:10-18 h\nroom:4.12, floor:2nd',
    'paths and accounts': 'joe:/srv/data\nada:x:1000:1000::/home/ada:/bin/bash\nconfig:/etc/app.conf',
    'images': 'web:nginx-1.25\ndb:postgres-16\ncache:redis-7.2',
    'labels': 'env:production\nteam:analytics\nregion:europe-west1\nversion:2024-01-15',
    'CSS': 'color:#aabbcc\nwidth:100px\nborder:1px',
    'mail servers': 'imap.example.org:993\nsmtp.example.org:587',
    'branches': 'origin:main\nHEAD:refs/heads/main',
    'an address of a network card': '00:1a:2b:3c:4d:5e',
    'a ratio': '16:9 display',
    'smbclient': 'smbclient //host/share -U joe%«s3cr3t-pw»',
    'YAML below secrets': 'secrets:\n  reporting: «hunter2x»\n  stage: europe\nsettings:\n  reporting: analytics1',
    'commands in a row': 'cd /srv && sudo mysql -p«s3cr3t-pw» analytics\nmkdir -p /srv/reports-2024 && ls',
    'Italian': 'Utente: ada\nParola: «hunter2x»',
    "a single password": "correct horse battery staple",
    "a single irregular password": "aB3dE5gH7jK9mN1pQ2rS",
}  # fmt: skip


def masked(text: str, parts: tuple[str, ...]) -> str:
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "■")
    return text


@pytest.mark.parametrize("what", EXAMPLES)
def test_the_secret_parts_are_found_and_nothing_else(what: str) -> None:
    text = EXAMPLES[what].replace("«", "").replace("»", "")

    assert masked(text, secret_parts(text)) == re.sub("«[^»]*»", "■", EXAMPLES[what])


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ('{"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n"}', "MIIEvQIBADANBgkqhkiG9w0B"),
        ("mysql://etl:p%40ss-word@db.example.org/analytics", "p@ss-word"),
        ('PASSWORD="pa\\"ss-word"\nA=b', 'pa"ss-word'),
        ("Visa\n4111 1111 1111 1111", "4111111111111111"),
        ("Backup codes\n1234 5678\n8765 4321", "12345678"),
        ('{"Authorization": "Basic ZXRsOnMzY3IzdA=="}', "ZXRsOnMzY3IzdA=="),
    ],
)  # fmt: skip
def test_a_part_is_found_as_programs_read_it(value: str, part: str) -> None:
    assert part in secret_parts(value)


@pytest.mark.parametrize(
    ("name", "value", "parts"),
    [
        ("DB_NAME", "analytics", ()),
        ("STAGE", "europe", ()),
        ("DB_PASSWORD", "analytics", ("analytics",)),
        ("DB_PASSWORD", "password", ()),
        ("BUILD", "aB3dE5gH7jK9mN1p", ("aB3dE5gH7jK9mN1p",)),
        ("DATABASE_URL", "postgresql://etl:s3cr3t-pw@db/a", ("s3cr3t-pw",)),
        ("GOOGLE_CREDENTIALS", '{"password": "hunter2x", "type": "service_account"}', ("hunter2x",)),
        ("PASSWORD_FILE", "/run/secrets/database", ()),
        ("client_id", "3f2a9c81d7e64b50a1c2d3e4f5061728", ()),
    ],
)  # fmt: skip
def test_a_setting_is_secret_by_its_name_or_its_value(
    name: str, value: str, parts: tuple[str, ...]
) -> None:
    assert secret_parts_of_setting(name, value) == parts


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://example.org/a?b=c", ()),
        ("https://example.org/?id=aB3dE5gH7jK9mN1pQ2rS4tU6", ()),
        ("https://example.org/?token=s3cr3t-pw#top", ("s3cr3t-pw",)),
        ("https://example.org/?access%5Ftoken=s3cr3t-pw", ("s3cr3t-pw",)),
        ("//ada:pa/ss-word@host/x", ()),
        ("https://ada:pa/ss-word@host/x", ("pa/ss-word",)),
        ("https://ada@example.org/", ()),
        ("mailto:adalovelace@example.org?subject=Hello", ()),
        ("db.example.org/app?password=Made-up-1", ("Made-up-1",)),
    ],
)
def test_a_url_has_secrets_before_its_host_and_in_its_query(
    url: str, parts: tuple[str, ...]
) -> None:
    assert secret_parts_of_url(url) == parts


HOSTILE = {
    "one long line of pairs": "a=b " * (1 << 16),
    "one long word": "aB3d" * (1 << 16),
    "words": "lorem ipsum dolor " * 15_000,
    "hyphens": "a-" * (1 << 17),
    "blanks": " " * (1 << 18),
    "quotes": "\"a='`" * 50_000,
    "braces": "{[" * (1 << 17),
    "a table of data": "\n".join(f"{n},name {n},2024-01-15,{n * 7919}" for n in range(8000)),
    "links": "https://example.org/a?b=c&d=e\n" * 8000,
    "angle brackets": "<a>" * 80_000,
    "colons": "a:b:" * (1 << 16),
    "deep JSON": '{"a":' * 3000 + "1" + "}" * 3000,
    "JSON": json.dumps([{"name": f"n{n}", "token": f"tok-{n:06}-x"} for n in range(1400)]),
    "passwords": "\n".join(f"password{n}=hunter{n:06}" for n in range(9000)),
    "addresses": "a.b.c.d.e.f@g.h.i.j.k " * 10_000,
    "pipes": "| a | b |\n" * 20_000,
    "codes": "a1b2c-3d4e5\n" * 20_000,
    "users": "joe:hunter2x\n" * 20_000,
    "YAML": "- name: DB_PASSWORD\n  value: hunter2x\n" * 6000,
    "deep YAML": "\n".join(" " * n + f"secret{n}:" for n in range(1500)),
    "commands": "mysql -p -p -p -p az login " * 9000,
    "quoted names": '"a", ' * 50_000,
    "parameters": "https://h/?" + "a=b," * 60_000,
    "queries": "user=joe&" * 40_000,
    "queries in words": "a=?a=&a " * 40_000,
    "nested URLs": "https://h/?a=" * 20_000,
}


# Some 300,000 are made for a URL of 60,000 parameters; a walk in a walk makes millions.
MOST_CALLS = 600_000


@pytest.mark.parametrize("what", HOSTILE)
def test_reading_is_bounded_for_any_value(what: str) -> None:
    secret_parts("password: hunter2x")  # what is imported and compiled once does not count
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parts = secret_parts(HOSTILE[what])
    finally:
        sys.setprofile(None)

    assert len(parts) <= MOST_PARTS
    assert calls < MOST_CALLS


def test_what_is_behind_the_largest_size_is_not_read() -> None:
    assert secret_parts("x\n" * (LARGEST // 2) + "password=hunter2x") == ()


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for part in secret_parts(text):
        assert len(part) >= 6


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.integers(), st.lists, max_leaves=5)))
def test_any_json_can_be_read(document: object) -> None:
    secret_parts(json.dumps(document))
