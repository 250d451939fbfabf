"""Tab completion: names only, from what is in memory, in a real shell and a real kernel."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from IPython.core import completer as ipython_completer
from IPython.core.completer import provisionalcompleter
from IPython.terminal.ptutils import IPythonPTCompleter
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

import bw_magics
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.demo import DemoServer
from bw_magics.notebook.complete.candidates import written
from bw_magics.notebook.complete.completion import Completion
from bw_magics.notebook.complete.tab import IDENTIFIER
from bw_magics.notebook.line.tokenizer import tokenize
from bw_magics.session.deadline import Deadline
from bw_magics.vault.index import NameIndex
from tests.notebook.conftest import Notebook, variables
from tests.notebook.kernel import Kernel, kernel

OF_WAREHOUSE = ["Warehouse DB", "Warehouse DB (staging)", "Production warehouse"]
MEMBERS = [*("username", "password", "uri", "notes", "host", "port", "database")]


def completed(shell: Any, line: str) -> tuple[str, list[str]]:
    """What would be replaced in a line whose cursor is at `|` or its end, and by what."""
    cursor = line.find("|") if "|" in line else len(line)
    line = line.replace("|", "")
    with provisionalcompleter():
        found = list(shell.Completer.completions(line, cursor))
    starts = {each.start for each in found}
    assert len(starts) <= 1
    return line[min(starts) : cursor] if starts else "", [each.text for each in found]


@pytest.mark.parametrize(
    ("line", "fragment", "texts"),
    [
        pytest.param("%bw_get pass", "pass", ["password"], id="an object"),
        pytest.param("%bw_get passp", "passp", ["passportNumber"], id="a rarer object"),
        pytest.param("%bw_get u", "u", ["username", "uri"], id="the common ones"),
        pytest.param("%bw get p", "p", ["password"], id="none before a common one"),
        pytest.param("%bw_get pu", "pu", ["publicKey"], id="a member of a type"),
        pytest.param("%bw get totp Noteb", "Noteb", ["Notebook hub"], id="%bw get"),
        pytest.param("%bw ge", "ge", ["get", "generate"], id="a command"),
        pytest.param("%bw config s", "s", ["server"], id="%bw config"),
        pytest.param("%bw config server ", "", ["us", "eu"], id="a server"),
        pytest.param("%bw_get item warehouse", "warehouse", OF_WAREHOUSE, id="begins, contains"),
        pytest.param("x = %bw_get item Warehouse D", "Warehouse D", OF_WAREHOUSE[:2], id="spaces"),
        pytest.param("bw_get item Warehouse D", "Warehouse D", OF_WAREHOUSE[:2], id="automagic"),
        pytest.param('%bw_get item "Cloud', '"Cloud', ['"Cloud keys"'], id="in quotes"),
        pytest.param("%bw_get item 'Cloud", "'Cloud", ["'Cloud keys'"], id="in the other quotes"),
        pytest.param("%bw_get item Driver", "Driver", ["Driver's licence"], id="an apostrophe"),
        pytest.param(
            "%bw_get item Driver's li", "Driver's li", ["Driver's licence"], id="typed apostrophe"
        ),
        pytest.param("%bw_get item GRÖSS", "GRÖSS", ["Größenmessung ✓ 測定 🔑"], id="case folded"),
        pytest.param("%bw_get item spa", "spa", ['"  spaces around  "'], id="quotes are needed"),
        pytest.param("%bw_get item Ada's", "Ada's", ["'Ada's \"quoted\" login'"], id="both"),
        pytest.param("%bw_get folder Work/", "Work/", ["Work/Cloud"], id="folder"),
        pytest.param("%bw_get item x --fo", "--fo", ["--folder"], id="an option"),
        pytest.param("%bw_get item x --folder ", "", ["Work/Cloud"], id="its value"),
        pytest.param("%bw_get item --folder Work War", "War", OF_WAREHOUSE[:2], id="after a value"),
        pytest.param(
            "%bw_get item x --folder=Grö", "Grö", ['"Größen & Maße"'], id="a value with spaces"
        ),
        pytest.param('%bw_get item --folder="Grö', '"Grö', ['"Größen & Maße"'], id="both again"),
        pytest.param("%bw_get item x --collection D", "D", ["Data/Production"], id="collection"),
        pytest.param("%bw_list ", "", ["items", "folders", "organizations"], id="lists"),
        pytest.param("%bw_list items --tr", "--tr", ["--trash"], id="an option of list"),
        pytest.param("%bw_list items --columns user,ur", "ur", ["uri"], id="columns"),
        pytest.param("%bw_list items --folderid n", "n", ["null"], id="no folder"),
        pytest.param("%bw_unlock --password", "--password", ["--passwordfile"], id="unlock"),
        pytest.param("%bw_generate --w", "--w", ["--words"], id="generate"),
        pytest.param("%bw_env PGPASSWORD=", "", ["bw://"], id="env begins a reference"),
        pytest.param("%bw_get bw://Ware", "bw://Ware", ["bw://Warehouse DB/"], id="reference"),
        pytest.param(
            '%%bw_env A="bw://Ware', "bw://Ware", ["bw://Warehouse DB/"], id="reference in quotes"
        ),
        pytest.param(
            "%bw_env A=bw://Warehouse DB/po", "bw://Warehouse DB/po", ["bw://Warehouse DB/port"],
            id="a field",
        ),
        pytest.param(
            "%bw_env A=bw://x/y B=bw://Clo", "bw://Clo", ["bw://Cloud keys/"], id="the second one"
        ),
        pytest.param(
            "%bw_get bw://Work/Clus", "bw://Work/Clus", ["bw://Work/Cluster SSH key/"], id="a path"
        ),
        pytest.param(
            "%bw_get bw://Data/Pro", "bw://Data/Pro", ["bw://Data/Production/"], id="a longer path"
        ),
        pytest.param(
            "%bw_get bw://Lab%20%2", "bw://Lab%20%2", ["bw://Lab %2F Mass spectrometer %2F 2/"],
            id="escapes",
        ),
        pytest.param(
            "%bw_get bw://Lab / Mass", "bw://Lab / Mass", ["bw://Lab %2F Mass spectrometer %2F 2/"],
            id="a slash that has to be escaped",
        ),
        pytest.param("f('bw://Driver", "bw://Driver", ["bw://Driver%27s licence/"], id="a string"),
        pytest.param('%bw_env --dotenv bw://For', "bw://For", ['"bw://Forecasting .env/"'],
            id="a value of one word"),
        pytest.param('bw_session["Clo', "Clo", ["Cloud keys"], id="a subscript"),
        pytest.param("bw_session['Driver", "Driver", ["Driver\\'s licence"], id="is a literal"),
        pytest.param('print(bw_session["Clo', "Clo", ["Cloud keys"], id="inside a call"),
        pytest.param('bw_session.find("Clo', "Clo", ["Cloud keys"], id="find"),
        pytest.param('bw_session.get("pass', "pass", ["password"], id="get's object"),
        pytest.param('bw_session.get("password", "Clo', "Clo", ["Cloud keys"], id="get's query"),
        pytest.param('bw_session["Warehouse DB"].', "", ["password", "field"], id="members"),
        pytest.param('bw_session["Warehouse DB"].pa', "pa", ["password"], id="a member"),
        pytest.param('bw_session["Warehouse DB"].field("', "", ["host", "port"], id="fields"),
        pytest.param('bw_session["warehouse db"].get("pa', "pa", ["password"], id="case"),
        pytest.param(
            'bw_session["Forecasting service account"].attachment("', "",
            ["service-account.json"], id="files",
        ),
        pytest.param("%bw_get po| Warehouse DB", "po", ["port"], id="a field of what follows"),
        pytest.param("%bw_get | Cluster SSH key", "", ["privateKey"], id="members of what follows"),
    ],
)  # fmt: skip
def test_what_is_offered(unlocked: Notebook, line: str, fragment: str, texts: list[str]) -> None:
    found, offered = completed(unlocked.shell, line)
    assert [text for text in texts if text not in offered] == []
    assert found == fragment


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("%bw_get item Warehouse DB # Clo", id="a comment"),
        pytest.param('%bw_get item "Warehouse DB"', id="the quote is closed"),
        pytest.param("x = 'bw://Warehouse DB/password'; y = Clo", id="another string"),
        pytest.param("%bw_login Clo", id="a magic without words"),
        pytest.param("%bw_get attachment Clo", id="a file"),
        pytest.param("%bw_get item Clo --username Clo", id="what would have to be decrypted"),
        pytest.param("%who Clo", id="another magic"),
        pytest.param("%bw_nonsense Clo", id="no magic"),
        pytest.param("other['Clo", id="another variable"),
        pytest.param("bw_get = 1; Clo", id="code"),
        pytest.param("%bw_get item " + "x" * 5000 + " Clo", id="a long line"),
    ],
)
def test_where_no_name_belongs_none_is_offered(unlocked: Notebook, line: str) -> None:
    assert not [text for text in completed(unlocked.shell, line)[1] if "Cloud keys" in text]


def test_all_names_can_be_completed_and_then_mean_that_item(unlocked: Notebook) -> None:
    vault: Any = bw_magics.bw_session
    names = set(vault._current.state.contents.names)
    _, offered = completed(unlocked.shell, "%bw_get item ")
    assert len(offered) == len(names)
    assert {" ".join(token.text for token in tokenize(text)) for text in offered} == names
    for text in offered:
        if text != "Reporting":  # there are two of them
            item = unlocked(f"%bw_get item {text}").value
            assert item.name == " ".join(token.text for token in tokenize(text))


@pytest.mark.parametrize(
    ("name", "quote", "text"),
    [
        ("plain", "", "plain"),
        ("two words", "", "two words"),
        ("two  words", "", '"two  words"'),
        ("Bob's laptop", "", "Bob's laptop"),
        ("'quoted'", "", "\"'quoted'\""),
        ('say "x"', "'", "'say \"x\"'"),
        ("Build #2", "", "Build #2"),
        ("Build # 2", "", '"Build # 2"'),
        ("a;", "", '"a;"'),
        ("-x", "", '"-x"'),
        ("a --raw", "", '"a --raw"'),
        ("$name", "", '"$name"'),
        ("{name}", "", '"{name}"'),
        ("really?", "", '"really?"'),
        ("%2F", "", '"%2F"'),
        ("two\nlines", "", None),
        ("\x1b[31m", "", None),
        ("\u202etxt.exe", "", None),
        ("a\" 'b' c", "", None),
    ],
)
def test_a_name_is_quoted_where_it_has_to_be(name: str, quote: str, text: str | None) -> None:
    assert written(name, quote, together=True) == text


STATES: dict[str, Callable[[Any], object]] = {
    "logged out": lambda vault: vault.logout(),
    "locked": lambda vault: vault.lock(),
    "idle for too long": lambda vault: _grow_idle(vault),
}


def _grow_idle(vault: Any) -> None:
    vault._idle.clock = clock = Clock()
    state = vault._current.state
    vault._current.state = state._replace(deadline=Deadline(60, clock))
    clock.now += 61


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "line", ["%bw_get item Clo", 'bw_session["Clo', '"bw://Clo', 'bw_session["Cloud keys"].pa']
)
def test_a_vault_that_is_not_open_offers_nothing_and_says_nothing(
    unlocked: Notebook, state: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vault: Any = bw_magics.bw_session
    clock = vault._idle.clock
    STATES[state](vault)
    before = vault._current.state
    try:
        found = Completion(unlocked.shell, vault).complete(line)
        assert not (found and found.candidates)
        assert not [text for text in completed(unlocked.shell, line)[1] if "Cloud" in text]
        assert vault._current.state is before, "a TAB locks nothing"
    finally:
        vault._idle.clock = clock
    assert capsys.readouterr() == ("", "")


def forbidden(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this must not happen while somebody types")


@pytest.mark.parametrize(
    ("line", "most"),
    [
        ("%bw_get item ", 0),
        ("%bw_get item x --folder ", 0),
        ("%bw_get bw://Work/", 0),
        ('bw_session["', 0),
        ('bw_session["Cloud keys"].', 5),
        ("%bw_get bw://Warehouse DB/", 8),
    ],
)
def test_a_tab_decrypts_names_only_takes_no_lock_and_asks_nobody(
    unlocked: Notebook, server: DemoServer, line: str, most: int
) -> None:
    vault: Any = bw_magics.bw_session
    said: list[str] = []
    decrypted: list[str] = []
    decrypt = SymmetricKey.decrypt_text

    def counted(self: SymmetricKey, text: Any) -> str:
        decrypted.append(decrypt(self, text))
        return decrypted[-1]

    # The names of folders and collections are decrypted when they are first needed.
    assert completed(unlocked.shell, "%bw_get item x --folder ")[1]
    server.requests.clear()
    threads = threading.active_count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SymmetricKey, "decrypt_text", counted)
        patch.setattr(vault, "on_secret", said.append)
        patch.setattr(vault, "sync_interval", 1e-9)
        patch.setattr(type(vault._idle), "touch", forbidden)
        patch.setattr(vault._current, "_exchange", None)
        _, offered = completed(unlocked.shell, line)

    assert offered
    assert set(decrypted) <= _names_in(server)
    assert len(decrypted) <= most
    assert (said, server.requests, threading.active_count()) == ([], [], threads)


def _names_in(server: DemoServer) -> set[str]:
    """The names of all fields and files."""
    items = server.account_items(server.accounts[0])
    fields = {field["name"] for item in items for field in item["fields"]}
    return fields | {file["fileName"] for item in items for file in item["attachments"]}


def test_of_many_items_only_some_are_offered_and_few_looked_at() -> None:
    names = [f"Login {number:05}" for number in range(10_000)] + ["Warehouse"]
    index = NameIndex(names)
    assert index.find("login 0", 100) == names[:100]
    assert index.find("999", 100) == [name for name in names if "999" in name]
    assert index.find("WARE", 100) == ["Warehouse"]
    assert index.find("", 3) == names[:3]
    assert index.find("n\nLogin", 3) == []
    looked: list[str] = []

    class Watched(str):
        def startswith(self, *arguments: Any) -> bool:
            looked.append(self)
            return str.startswith(self, *arguments)

    index._folded = [Watched(name) for name in index._folded]
    assert len(index.find("login", 100)) == 100
    assert len(looked) <= 101


@pytest.fixture
def without_matchers(shell: Any, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """The extension as on an IPython without matchers, before 8.6."""
    monkeypatch.delattr(ipython_completer, "context_matcher")
    bw_magics.load_ipython_extension(shell)
    return Notebook(shell)


@pytest.mark.parametrize(
    ("line", "symbol", "texts"),
    [
        ("%bw_get item Clo", "Clo", ["Cloud keys"]),
        ("%bw_get item Warehouse D", "D", ["DB", "DB (staging)"]),
        ("%bw_get item warehouse D", "D", []),
        ('bw_session["Clo', "Clo", ["Cloud keys"]),
        ("%bw_list items --tr", "--tr", ["--trash"]),
        ('%bw_env A="bw://Warehouse DB/po', "//Warehouse DB/po", ["//Warehouse DB/port"]),
    ],
)
def test_before_8_6_a_hook_completes_the_last_word(
    known: DemoServer, without_matchers: Notebook, line: str, symbol: str, texts: list[str]
) -> None:
    without_matchers("%bw_unlock")
    event = SimpleNamespace(text_until_cursor=line, symbol=symbol)
    assert Completion(without_matchers.shell, bw_magics.bw_session).hook(None, event) == texts


def test_the_hook_is_installed_and_taken_away(
    shell: Any, known: DemoServer, without_matchers: Notebook
) -> None:
    without_matchers("%bw_unlock")
    assert _matchers(shell) == []
    dispatcher = shell.strdispatchers["complete_command"]
    (hooked,) = dispatcher.flat_matches("%bw_get item Clo")
    event = SimpleNamespace(text_until_cursor="%bw_get item Clo", symbol="Clo")
    assert hooked(event) == ["Cloud keys"]
    bw_magics.unload_ipython_extension(shell)
    assert list(dispatcher.flat_matches("%bw_get item Clo")) == []


def _matchers(shell: Any) -> list[str]:
    found = (getattr(each, "matcher_identifier", "") for each in shell.Completer.custom_matchers)
    return [name for name in found if name == IDENTIFIER]


def test_the_matcher_is_installed_once_and_taken_away(shell: Any, notebook: Notebook) -> None:
    notebook("%load_ext bw_magics\n%reload_ext bw_magics")
    assert _matchers(shell) == [IDENTIFIER]
    notebook("%unload_ext bw_magics")
    assert _matchers(shell) == []


def test_a_terminal_completes_too(unlocked: Notebook) -> None:
    completer = IPythonPTCompleter(unlocked.shell.Completer)
    document = Document("p = %bw_get password Warehouse D")
    found = list(completer.get_completions(document, CompleteEvent(completion_requested=True)))
    assert [(each.text, each.start_position) for each in found] == [
        ("Warehouse DB", -11),
        ("Warehouse DB (staging)", -11),
    ]


def test_an_error_inside_is_not_shown_to_who_types(
    unlocked: Notebook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = bw_magics.bw_session._current.state.contents
    monkeypatch.setattr(type(contents), "index", property(forbidden))
    assert completed(unlocked.shell, "%bw_get item Clo")[1] == []
    assert capsys.readouterr() == ("", "")


@pytest.fixture(scope="module")
def attended(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    authority = folder / "authority.pem"
    authority.write_bytes(shared_server.certificate_authority)
    environment = {
        **os.environ,
        **variables(shared_server),
        "SSL_CERT_FILE": str(authority),
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    with kernel(environment) as started:
        assert started.run("%bw_login\n%bw_unlock").ok
        yield started


@pytest.mark.parametrize(
    ("code", "at", "text", "kind"),
    [
        ("%bw_get password Warehouse D", 17, "Warehouse DB", "item"),
        ("a = 1\nb = %bw_get password 'Clo", 27, "'Cloud keys'", "item"),
        ('x = 1\nbw_session["Clo', 18, "Cloud keys", "item"),
        ("%bw_list items --tr", 15, "--trash", "option"),
        ("%%bw_env A=bw://Warehouse DB/po", 11, "bw://Warehouse DB/port", "field"),
    ],
)
def test_a_kernel_answers_a_complete_request(
    attended: Kernel, code: str, at: int, text: str, kind: str
) -> None:
    reply = attended.client.complete(code, len(code), reply=True, timeout=240)["content"]
    assert reply["status"] == "ok"
    assert reply["cursor_start"] == at
    assert reply["cursor_end"] == len(code)
    assert reply["matches"][0] == text
    shown = reply["metadata"]["_jupyter_types_experimental"][0]
    assert (shown["text"], shown["type"]) == (text, kind)


def test_another_profile_offers_its_own_names(unlocked: Notebook, known: DemoServer) -> None:
    assert "Cloud keys" in completed(unlocked.shell, "%bw_get item Clo")[1]
    assert "Cloud keys" not in completed(unlocked.shell, "%bw_get item --profile work Clo")[1]
    unlocked("%bw_unlock --profile work\n%bw_lock")
    assert completed(unlocked.shell, "%bw_get item x --profile wo")[1] == ["work"]
    assert completed(unlocked.shell, "%bw_get item Clo| --profile work")[1] == ["Cloud keys"]
    assert "Cloud keys" not in completed(unlocked.shell, "%bw_get item Clo")[1]
