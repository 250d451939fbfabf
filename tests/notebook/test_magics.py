"""Every magic in a shell, against a demo server over TLS: what it returns, shows and says."""

from __future__ import annotations

import re

import pytest

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    AlreadyLoggedIn,
    Ambiguous,
    FieldNotFound,
    NotFound,
    NotOffered,
    PromptCancelled,
    SecretTyped,
    UsageMistake,
)
from bw_magics.secret import Secret
from bw_magics.session.default import bw_session
from bw_magics.vault.item import Item
from tests.notebook.conftest import Notebook, Person, secrets_of

PASSWORD = "demo-warehouse-password-1"


def test_login_says_the_source_the_server_and_what_is_next(
    known: DemoServer, notebook: Notebook
) -> None:
    came = notebook("%bw_login --apikey")
    name = known.url.removeprefix("https://")
    assert came.value is None
    assert came.lines[0] == f"✓ logged in at {name} with the API key from the environment"
    assert came.lines[1].endswith("still locked; next: %bw_unlock")
    assert len(came.lines) == 2
    assert notebook.state == "locked"


def test_a_second_time_changes_nothing_and_says_already(
    known: DemoServer, notebook: Notebook
) -> None:
    notebook("%bw_login\n%bw_unlock")
    known.requests.clear()
    assert notebook("%bw_login").lines[0].startswith("already logged in at localhost:")
    assert notebook("%bw_unlock").lines[0].startswith("already unlocked · ")
    assert known.requests == []
    assert notebook("%bw_lock").lines == ["✓ locked"]
    assert notebook("%bw_lock").lines == ["already locked"]
    assert notebook("%bw_logout").lines == ["✓ logged out"]
    assert notebook("%bw_logout").lines == ["already logged out"]
    assert notebook("%bw_lock").lines == ["nothing to lock: nobody is logged in"]


def test_unlocking_while_logged_out_logs_in_first(known: DemoServer, notebook: Notebook) -> None:
    first, last = notebook("%bw_unlock").lines
    assert first.startswith("✓ logged in at ")
    assert re.fullmatch(
        r"✓ unlocked · \d+ items · localhost:\d+ · \d+ items could not be decrypted", last
    )


@pytest.mark.parametrize(
    "line",
    [
        "%bw_login",
        "%bw_unlock",
        "%bw_sync",
        "%bw_status",
        "%bw_lock",
        "%bw_logout",
        "%bw login",
        "%bw unlock",
        "%bw sync",
        "%bw status",
        "%bw lock",
        "%bw logout",
        "%bw config server",
        "%bw help",
    ],
)
def test_a_command_gives_nothing_back_and_says_a_line(unlocked: Notebook, line: str) -> None:
    came = unlocked(f"answer = {line}")
    assert unlocked.shell.user_ns["answer"] is None
    assert came.displayed == []
    assert came.lines
    assert "Out[" not in unlocked(line).text


@pytest.mark.parametrize(
    "line",
    [
        "%bw_get password Warehouse DB",
        "%bw_get password 'Warehouse DB'",
        "%bw_get password Warehouse DB;",
        "%bw_get password Warehouse DB # for the load",
        "%bw_get --raw password Warehouse DB",
        "%bw_get password $name",
        "%bw_get password {name}",
        "%bw_get password WAREHOUSE DB",
        "%bw_get password Warehouse DB --username analyst --folder Work/Databases",
        "%bw get password Warehouse DB",
        "%bw get password 'Warehouse DB' --pretty",
        "%bw --raw get password Warehouse DB",
        "%bw --nointeraction --quiet  get  password  Warehouse DB",
        "%bw get\tpassword\tWarehouse DB",
    ],
)
def test_getting_a_password_gives_a_secret_and_shows_nothing(unlocked: Notebook, line: str) -> None:
    unlocked("name = 'Warehouse DB'")
    came = unlocked(f"password = {line}")
    password = unlocked.shell.user_ns["password"]
    assert password == PASSWORD
    assert isinstance(password, Secret)
    assert came.displayed == []
    assert came.text == ("Warehouse DB (found ignoring case)\n" if "WARE" in line else "")


def test_a_value_at_the_end_of_a_cell_is_shown_masked_and_once(unlocked: Notebook) -> None:
    came = unlocked("%bw_get password Warehouse DB")
    assert came.value == PASSWORD
    assert came.text.count("Warehouse DB / password") == 1
    assert "••••" in came.text
    assert PASSWORD not in came.text


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("username Warehouse DB", "analyst"),
        ("uri Warehouse DB", "postgresql://warehouse.demo.example:5432/analytics"),
        ("host Warehouse DB", "warehouse.demo.example"),
        ("field:port Warehouse DB", "5432"),
        ("'connection string' Warehouse DB", "postgresql://analyst:demo@warehouse.demo.example/a"),
        ("tls Warehouse DB", True),
        ("'login name' Warehouse DB", "analyst"),
        ("notes Nightly load", None),
        ("privateKey Cluster SSH key", None),
        ("private_key Cluster SSH key", None),
        ("totp Notebook hub", None),
        ("password $quoted", "demo \"quoted\" 'password' \\ $HOME `x`"),
        ("password Lab / Mass spectrometer / 2", "demo-slash-password"),
        ("password Größenmessung ✓ 測定 🔑", "pässwörd-測定-🔑-demo"),
        ("password '  spaces around  '", "  demo password with spaces  "),
        ("password Reporting --folder Work/Databases", "demo-reporting-ada"),
        ("password Reporting --username batch", "demo-reporting-batch"),
        ("password Production warehouse --collection Data/Production", "demo-production-password"),
        ("password Dashboard --organization 'Demo Analytics'", "demo-dashboard-password"),
    ],
)
def test_get_reads_every_kind_of_object(unlocked: Notebook, line: str, value: object) -> None:
    unlocked.shell.user_ns["quoted"] = 'Ada\'s "quoted" login'
    came = unlocked(f"%bw_get {line}")
    assert came.value == value if value is not None else came.value


def test_get_gives_items_and_places(unlocked: Notebook) -> None:
    item = unlocked("%bw_get item Warehouse DB")
    assert isinstance(item.value, Item)
    assert PASSWORD not in item.text
    assert item.text.count("Warehouse DB · login · Work/Databases") == 1
    assert unlocked("%bw_get folder Work/Cloud").value.name == "Work/Cloud"
    assert unlocked("%bw_get collection Data").value.name == "Data"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("%bw_get folder Work/Cloud", "Work/Cloud"),
        ("%bw_get collection Data", "Data"),
        ("bw_session.items(search='warehouse db')", "Warehouse DB"),
        ("bw_session.places('folder')[-1]", "Work/Databases"),
    ],
)
def test_places_and_lists_of_items_are_shown_as_tables_without_ids(
    unlocked: Notebook, line: str, shown: str
) -> None:
    value = unlocked(line).value
    formats, _ = unlocked.shell.display_formatter.format(value)

    assert "<table" in formats["text/html"]
    for text in formats.values():
        assert shown in text
        assert len(text.splitlines()) < 5
    for each in value if isinstance(value, list) else [value]:
        assert not any(each.id in text for text in formats.values())
    assert unlocked("%bw_get organization Demo Analytics").value.name == "Demo Analytics"


def test_an_items_id_finds_it_exactly(unlocked: Notebook, known: DemoServer) -> None:
    (one,) = [
        item["id"]
        for item in known.account_items(known.accounts[0])
        if item["name"] == "Reporting" and item["login"]["username"] == "batch"
    ]
    came = unlocked(f"%bw_get password {one}")
    assert came.value == "demo-reporting-batch"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("password model reg", "Model registry (found by a part of its name)"),
        (
            "password https://registry.demo.example/v2",
            "Model registry (found by the host of a URI)",
        ),
        ("password deploy.demo.example", "Deployment console (found by the host of a URI)"),
        ("password model registry", "Model registry (found ignoring case)"),
        ("password Model registry", None),
    ],
)
def test_a_looser_step_names_the_item_it_chose(
    unlocked: Notebook, person: Person, line: str, said: str | None
) -> None:
    came = unlocked(f"password = %bw_get {line}")
    assert came.lines == ([said] if said else [])


@pytest.mark.parametrize("line", ["password model reg", "password deploy.demo.example"])
@pytest.mark.parametrize("how", ["nobody is there", "--nointeraction", "prompt = never"])
def test_looser_steps_are_for_a_person(
    unlocked: Notebook, request: pytest.FixtureRequest, line: str, how: str
) -> None:
    if how != "nobody is there":
        request.getfixturevalue("person")
    if how == "prompt = never":
        unlocked("%config BwMagics.prompt = 'never'")
    flag = how if how.startswith("--") else ""
    assert isinstance(unlocked.refusal(f"%bw_get {flag} {line}"), NotFound)


def test_several_items_are_a_table_and_then_one_line(unlocked: Notebook) -> None:
    came = unlocked.attempt("%bw_get password Reporting")
    assert isinstance(came.error, Ambiguous)
    assert len(came.error.candidates) == 2
    (table,) = came.displayed
    assert "<td" in table["text/html"]
    for shown in (table["text/html"], table["text/plain"]):
        assert shown.count("Reporting") == 2
        assert "Work/Databases" in shown
        assert "demo-reporting" not in shown
    assert "organization" not in table["text/plain"], "a column without a word"
    assert came.lines[-1].startswith("Ambiguous: 2 items fit: Reporting (login, Work/Databases);")
    assert "--folder" in came.lines[-1]


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("password Warehose DB", NotFound, "Closest: Warehouse DB"),
        ("password Deleted forum", NotFound, "is in the trash, which is not searched. Restore it"),
        ("password Nightly load", FieldNotFound, "It has: notes"),
        ("nonsense Warehouse DB", FieldNotFound, "It has: "),
        ("fingerprint me", NotOffered, "bw get fingerprint"),
        ("template itme", NotFound, "item.login"),
        ("exposed Warehouse DB", NotOffered, "bw get exposed"),
        ("folder Nowhere", NotFound, "folder"),
    ],
)
def test_what_is_not_there_says_what_is(
    unlocked: Notebook, line: str, kind: type[Exception], words: str
) -> None:
    error = unlocked.refusal(f"%bw_get {line}")
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize("way", ["%bw_list", "%bw list", "%bw list --raw"])
def test_a_list_is_a_list_that_shows_itself(unlocked: Notebook, way: str) -> None:
    came = unlocked(f"{way} items")
    assert isinstance(came.value, list)
    assert {"Warehouse DB", "Reporting"} <= {item.name for item in came.value}
    assert came.text.count("Warehouse DB (staging)") == 1
    assert unlocked(f"items = {way} items").text == ""
    assert "<table" in came.value._repr_html_()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("items --search registry", ["Model registry"]),
        ("items --search=REGISTRY", ["Model registry"]),
        ("items --url https://registry.demo.example --search registry", ["Model registry"]),
        ("items --url https://demo.example.org", []),
        ("items --trash", ["Deleted forum"]),
        ("items --archived", ["Old wiki"]),
        ("items --search reporting --trash", []),
        ("collections", ["Data", "Data/Production", "Data/Restricted"]),
        ("collections --search prod", ["Data/Production"]),
        ("organizations", ["Demo Analytics"]),
        ("ORGANIZATIONS", ["Demo Analytics"]),
        ("folders --search größe", ["Größen & Maße"]),
    ],
)
def test_lists_are_filtered(unlocked: Notebook, line: str, names: list[str]) -> None:
    assert [entry.name for entry in unlocked(f"%bw_list {line}").value] == names


def test_what_a_list_shows_by_default_holds_no_host_user_or_id(
    unlocked: Notebook, known: DemoServer
) -> None:
    table = unlocked("%bw_list items").value
    for shown in (repr(table), table._repr_html_()):
        assert "analyst" not in shown
        assert "https://" not in shown
        assert table[0].id not in shown
        assert not [secret for secret in secrets_of(known) if secret in shown]
    wide = unlocked("%bw_list items --columns user,uri,id,fields").value
    assert "analyst" in repr(wide)
    assert wide[0].id in repr(wide)


@pytest.mark.parametrize("line", ["logins", "items --columns nope", "items --columns name;x,y"])
def test_a_list_that_is_not_there_says_which_are(unlocked: Notebook, line: str) -> None:
    error = unlocked.refusal(f"%bw_list {line}")
    assert type(error) is UsageMistake
    assert "There are: " in error.remedy


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("--folderid", "folder"),
        ("--collectionid", "collection"),
        ("--organizationid", "organization"),
    ],
)
def test_a_list_takes_the_name_of_a_place_for_its_id(
    unlocked: Notebook, option: str, kind: str
) -> None:
    filled = [
        place
        for place in bw_session.places(kind)
        if len(unlocked(f"%bw_list items {option} {place.id}").value)
    ]
    assert filled
    for place in filled:
        by_id = unlocked(f"%bw_list items {option} {place.id}").value
        by_name = unlocked(f"%bw_list items {option} '{place.name}'").value
        assert [item.id for item in by_name] == [item.id for item in by_id]
    close = unlocked.refusal(f"%bw_list items {option} '{filled[0].name}s'")
    assert isinstance(close, NotFound)
    assert f"Closest: {filled[0].name}" in close.remedy
    far = unlocked.refusal(f"%bw_list items {option} hunter2horse")
    assert isinstance(far, NotFound)
    assert "hunter2horse" not in str(far)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert not unlocked(f"%bw_list items {option} {unknown}").value
    assert unlocked(f"%bw_list items {option} notnull").value


def test_a_failed_login_is_told_with_its_server_and_the_source_of_the_key(
    known: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "made-up-refused-secret"
    monkeypatch.setenv("BW_CLIENTSECRET", secret)
    notebook.refusal("%bw_login")
    name = known.url.removeprefix("https://")
    told = f"the last login failed, at {name} with the API key from the environment"

    came = notebook("%bw_status")
    assert came.lines == [f"unauthenticated: {told}. Next: %bw_login"]
    assert told in str(notebook.refusal("%bw_get password X"))
    assert secret not in came.text
    monkeypatch.setenv("BW_CLIENTSECRET", known.accounts[0].client_secret)
    notebook("%bw_login")
    assert notebook("%bw_status").lines[0].startswith("locked: it was not unlocked yet")


def test_status_is_honest_at_every_step(known: DemoServer, notebook: Notebook) -> None:
    assert notebook("%bw_status").lines == [
        "unauthenticated: nobody has logged in. Next: %bw_login"
    ]
    notebook("%bw_login")
    locked = notebook("%bw_status").lines
    assert locked[0] == "locked: it was not unlocked yet. Next: %bw_unlock"
    assert locked[1].endswith("· API key from the environment")
    notebook("%bw_unlock")
    unlocked = notebook("%bw_status").lines
    assert re.fullmatch(r"unlocked · \d+ items, \d+ of them unreadable", unlocked[0])
    assert unlocked[-1] == "Auto-lock: off"
    notebook("%bw_lock")
    assert re.match(r"locked: you locked it at \d\d:\d\d\. Next", notebook("%bw_status").lines[0])
    notebook("%bw_logout")
    assert notebook("%bw_status").lines[0].startswith("unauthenticated: you logged out at ")


def test_sync_asks_before_it_downloads_and_works_while_locked(
    known: DemoServer, unlocked: Notebook
) -> None:
    unlocked("%bw_lock")
    known.requests.clear()
    assert unlocked("%bw_sync").lines == ["✓ nothing new"]
    assert [path for _, path in known.requests] == ["/api/accounts/revision-date"]
    assert unlocked("%bw_sync --force").lines == ["✓ synced"]
    assert "/api/sync" in [path for _, path in known.requests]
    assert re.fullmatch(r"Last synced at \d\d:\d\d", unlocked("%bw_sync --last").lines[0])


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("90s", 90),
        ("90", 90),
        ("60m", 3600),
        ("8h", 28800),
        ("1d", 86400),
        ("0", None),
        ("'5 m'", 300),
        ("5M", 300),
    ],
)
def test_a_timeout_is_a_duration(
    known: DemoServer, notebook: Notebook, timeout: str, seconds: int | None
) -> None:
    notebook(f"%bw_unlock --timeout {timeout}")
    deadline = bw_session._current.state.deadline
    assert deadline is not None
    assert deadline.timeout == seconds


@pytest.mark.parametrize(
    ("timeout", "says"),
    [
        ("2h", r" · locks at .*\d\d:\d\d if idle$"),
        ("0", " · Auto-lock: off$"),
        ("30s", " · locks at "),
    ],
)
def test_a_timeout_for_an_open_vault_is_set_and_told(
    known: DemoServer, notebook: Notebook, timeout: str, says: str
) -> None:
    notebook("%bw_unlock --timeout 1h")
    (line,) = notebook(f"%bw_unlock --timeout {timeout}").lines
    assert re.search("^already unlocked · .*" + says, line)
    assert line.rpartition(" · ")[2] in notebook("%bw_status").lines


@pytest.mark.parametrize("timeout", ["soon", "-5m", "'-5m'", "1.5h", "5 minutes", "''", "1e9"])
def test_what_is_not_a_duration_is_refused_before_anything_happens(
    known: DemoServer, notebook: Notebook, timeout: str
) -> None:
    error = notebook.refusal(f"%bw_unlock --timeout={timeout}")
    assert isinstance(error, UsageMistake)
    assert notebook.state == "unauthenticated"


def test_a_running_cell_is_not_idle(known: DemoServer, notebook: Notebook) -> None:
    notebook("%bw_unlock --timeout 1s\nimport time; time.sleep(1.2)\n%bw_get password Warehouse DB")
    notebook("%bw_unlock\ntime.sleep(1.2)\n%bw_get password Warehouse DB")


def test_the_cell_after_an_idle_lock_opens_with_one_line(
    known: DemoServer, notebook: Notebook
) -> None:
    notebook("%bw_unlock --timeout 1s")
    deadline = bw_session._current.state.deadline
    assert deadline is not None
    deadline.last_use -= 3600
    came = notebook("'next'")
    assert re.match(
        r"The vault is locked: it was idle since .*\d\d:\d\d\. Next: %bw_unlock", came.text
    )
    assert "locked" not in notebook("'and'").text
    assert notebook.state == "locked"


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("%bw share x", NotOffered, "%bw_move"),
        ("%bw encode", NotOffered, "takes a dict"),
        ("%bw serve", NotOffered, "opens no port"),
        ("%bw export", NotOffered, "web vault"),
        ("%bw send", NotOffered, "web vault"),
        ("%bw update", NotOffered, "%pip install"),
        ("%bw completion --shell zsh", NotOffered, "shells"),
        ("%bw hunter2horse", NotOffered, "There are: login, "),
        ("%bw --session hunter2horse list items", SecretTyped, "BW_PASSWORD"),
        ("%bw --session=hunter2horse list items", SecretTyped, "BW_PASSWORD"),
        ("%bw unlock hunter2horse", SecretTyped, "BW_PASSWORD"),
        ("%bw login me@example.org hunter2horse", SecretTyped, "BW_PASSWORD"),
        ("%bw_unlock hunter2horse", SecretTyped, "BW_PASSWORD"),
        ("%bw config", UsageMistake, "%bw config server URL"),
        ("%bw config server a hunter2horse", UsageMistake, "%bw config server URL"),
        ("%bw config server 'https://hunter2 horse'", UsageMistake, "vault.example.org"),
    ],
)
def test_a_command_of_the_cli_that_is_not_here_says_what_to_use(
    notebook: Notebook, line: str, kind: type[Exception], words: str
) -> None:
    error = notebook.refusal(line)
    assert type(error) is kind
    assert words in str(error)
    assert "hunter2" not in notebook.attempt(line).text


@pytest.mark.parametrize("line", ["%bw_get", "%bw_get password", "%bw get password"])
def test_a_get_without_a_query_says_what_it_takes(unlocked: Notebook, line: str) -> None:
    error = unlocked.refusal(line)
    assert isinstance(error, UsageMistake)
    assert error.remedy


@pytest.mark.parametrize("line", ["%bw", "%bw help", "%bw --help", "%bw # what?", "%bw ;"])
def test_bw_alone_lists_its_commands(notebook: Notebook, line: str) -> None:
    assert "login, unlock, status" in notebook(line).text


@pytest.mark.parametrize(
    "line", ["%bw status;", "%bw status # now", "%bw  status", "%bw --raw status"]
)
def test_bw_reads_its_line_as_every_magic_does(notebook: Notebook, line: str) -> None:
    assert notebook(line).text.startswith("unauthenticated")


def test_the_server_can_be_set_once_for_all(trusted: DemoServer, notebook: Notebook) -> None:
    name = trusted.url.removeprefix("https://")
    assert notebook("%bw config server").lines == ["server: vault.bitwarden.com"]
    assert notebook(f"%bw config server '{trusted.url}' # ours").lines == [f"server: {name}"]
    assert notebook("%bw config server").lines == [f"server: {name}"]
    assert name in notebook("%config BwMagics.server").text
    assert notebook("%bw config server eu").lines == ["server: vault.bitwarden.eu"]


def test_a_server_that_is_not_an_address_is_not_kept(notebook: Notebook) -> None:
    assert isinstance(notebook.refusal("%bw config server 'a b'"), UsageMistake)
    assert notebook("%bw config server").lines == ["server: vault.bitwarden.com"]


def test_the_server_is_not_changed_while_logged_in(unlocked: Notebook) -> None:
    assert isinstance(unlocked.refusal("%bw config server eu"), UsageMistake)
    assert unlocked.state == "unlocked"


def test_another_account_is_refused_while_one_is_logged_in(
    known: DemoServer, unlocked: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = known.accounts[1]
    monkeypatch.setenv("BW_CLIENTID", grace.client_id)
    monkeypatch.setenv("BW_CLIENTSECRET", grace.client_secret)
    error = unlocked.refusal("%bw_login")
    assert isinstance(error, AlreadyLoggedIn)
    assert "%bw_logout" in error.remedy
    assert unlocked.state == "unlocked"


def test_a_person_types_key_and_password_and_may_err(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    account = trusted.accounts[0]
    person.answers = [account.client_id, account.client_secret, "wrong", account.master_password]
    came = notebook(f"%bw_unlock --server {trusted.url}")
    assert person.asked == ["client_id", "client_secret", *["Master password"] * 2]
    assert "Settings → Security → Keys" in came.lines[0]
    assert "The master password is wrong. Try again, or press Enter to stop." in came.lines
    assert came.lines[-1].startswith("✓ unlocked")
    assert bw_magics.bw_session.status.source == "the keyboard"
    assert notebook(f"%bw_login --server {trusted.url}").lines[0].startswith("already logged in")
    assert notebook("%bw_login").lines[0].startswith("already logged in")


def test_an_item_with_reprompt_asks_once(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    account = trusted.accounts[0]
    person.answers = [account.client_id, account.client_secret, account.master_password]
    notebook(f"%bw_unlock --server {trusted.url}")
    person.answers = ["wrong", ""]
    assert isinstance(notebook.refusal("%bw_get password Payroll"), PromptCancelled)
    person.answers = [account.master_password]
    came = notebook("%bw_get password Payroll")
    assert came.value == "demo-payroll-password"
    assert came.lines[0] == "'Payroll' asks for the master password again."
    assert notebook("%bw_get 'second factor' Payroll").value == "demo-second-factor"


def test_the_handle_is_the_session_and_finds_exact_names_only(unlocked: Notebook) -> None:
    assert unlocked("bw_session['Warehouse DB'].password").value == PASSWORD
    assert unlocked("bw_session is __import__('bw_magics').bw_session").value is True
    with pytest.raises(KeyError):
        unlocked("bw_session['Warehouse']")
    assert bw_magics.bw_session is bw_session
