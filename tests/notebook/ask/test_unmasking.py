"""Who may turn the output guard off: a person, and the one who started the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import GuardStaysOn, PromptCancelled
from bw_magics.notebook.ask.prompt import Prompt
from bw_magics.notebook.ask.unmasking import Unmasking, started_with
from bw_magics.notebook.show.messages import Messages
from tests.notebook.conftest import Notebook, Person
from tests.notebook.kernel import Kernel, at_home, kernel
from tests.notebook.panels.front_end import LOADED, READY, Page

SECRET = "a-long-marker-for-the-guard"
LEARN = (
    "from bw_magics.announcing import Secrets\n"
    f"s = str(Secrets().make('-'.join({SECRET.split('-')}), 'Warehouse DB / password'))"
)
OFF = "%config BwMagics.redact = False"
ON = "%config BwMagics.redact = 'named'"
NAMED = "[REDACTED Warehouse DB/password]"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def started(home: Path, **variables: str) -> Iterator[Kernel]:
    with kernel(at_home(home, **variables)) as running:
        assert running.run(LEARN).ok
        yield running


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Kernel]:
    yield from started(home)


@pytest.fixture(scope="module")
def started_off(home: Path) -> Iterator[Kernel]:
    yield from started(home, BW_MAGICS_REDACT="off")


@pytest.fixture
def masking(running: Kernel) -> Kernel:
    running.run("import os; os.environ.pop('BW_MAGICS_REDACT', None)\n%reload_ext bw_magics")
    running.run("%config BwMagics.prompt = 'auto'")
    running.run(ON + "\nprint(s)")
    assert running.run("print(s)").text == f"{NAMED}\n"
    return running


def test_the_first_masking_says_how_to_look_and_not_how_to_turn_it_off(running: Kernel) -> None:
    running.fresh()
    came = running.run("print(s)")

    assert "%bw_get OBJECT NAME --reveal" in came.text
    sent = running.everything()
    assert "redact" not in sent.replace(OFF, "")
    assert "BW_MAGICS" not in sent


def test_where_nobody_can_be_asked_the_guard_stays_on(masking: Kernel) -> None:
    came = masking.run(OFF)

    assert "Secrets stay masked" in came.text
    assert "redact = " not in came.text
    assert masking.run("print(s)").text == f"{NAMED}\n"


@pytest.mark.parametrize("answer", ["no", "y"])
def test_another_answer_than_yes_is_asked_again_and_enter_stops(
    masking: Kernel, answer: str
) -> None:
    masking.run("%config BwMagics.prompt = 'stdin'")
    came = masking.run(OFF, [answer, ""])

    assert [each["prompt"] for each in came.prompts] == ["Type yes to agree: "] * 2
    assert "That was not yes." in came.text
    assert masking.run("print(s)", []).text == f"{NAMED}\n"


def test_a_person_turns_it_off_in_the_box_and_anybody_on_again(masking: Kernel) -> None:
    masking.run("%config BwMagics.prompt = 'stdin'")
    came = masking.run(OFF, ["yes"])

    assert "The output guard is off" in came.text
    assert masking.run("print(s)").text == f"{SECRET}\n"
    assert masking.run(OFF).text == "", "it is off already"
    masking.run(ON)
    assert masking.run("print(s)").text == f"{NAMED}\n"


def test_a_person_turns_it_off_in_the_panel(masking: Kernel) -> None:
    page = Page((LOADED, READY), [{"agreement": "nope"}, {"agreement": " Yes "}])

    came = masking.run(OFF, [], page)

    assert came.prompts == []
    assert [each["problem"] for each in page.asked][1].startswith("That was not yes.")
    assert masking.run("print(s)").text == f"{SECRET}\n"


CODE_THAT_TRIES = {
    "the variable, set in the kernel": "os.environ['BW_MAGICS_REDACT'] = 'off'\n"
    "%reload_ext bw_magics",
    "the configuration": "get_ipython().config.BwMagics.redact = False\n%reload_ext bw_magics",
    "both": "os.environ['BW_MAGICS_REDACT'] = 'off'\n"
    "get_ipython().config.BwMagics.redact = False\n%reload_ext bw_magics",
    "the settings": "from bw_magics.notebook.extension import registered\n"
    "registered(get_ipython()).settings.redact = False",
    "all settings": "from traitlets.config import Config\n"
    "from bw_magics.notebook.extension import registered\n"
    "registered(get_ipython()).settings.update_config(Config(BwMagics={'redact': False}))",
    "zero": "%config BwMagics.redact = 0",
    "a word": "%config BwMagics.redact = 'off'",
    "nothing": "%config BwMagics.redact = None",
}


@pytest.mark.parametrize("name", CODE_THAT_TRIES)
def test_no_setting_turns_it_off_by_itself(masking: Kernel, name: str) -> None:
    masking.run(CODE_THAT_TRIES[name])

    shown = masking.run("print(s)").text
    masking.run("get_ipython().config.BwMagics.pop('redact', None)")
    assert SECRET not in shown
    assert NAMED in shown


def test_a_variable_from_before_the_start_turns_it_off(started_off: Kernel) -> None:
    assert started_off.run("print(s)").text == f"{SECRET}\n"
    started_off.run(ON)
    assert started_off.run("print(s)").text.startswith(NAMED)
    started_off.run(OFF)
    assert started_off.run("print(s)").text == f"{SECRET}\n"


@pytest.mark.parametrize(
    ("outside", "configured", "begins", "is_said"),
    [
        ("", "named", "named", False),
        ("", "plain", "plain", False),
        ("", False, "named", True),
        ("off", "named", False, False),
        (" OFF ", "named", False, False),
        ("plain", "named", "plain", False),
        ("named", False, "named", False),
        ("nonsense", False, "named", True),
        ("0", False, "named", True),
    ],
)
def test_how_it_begins(outside: str, configured: Any, begins: Any, is_said: bool) -> None:
    prompt = Prompt(None, Messages())
    how, line = Unmasking(prompt, {"BW_MAGICS_REDACT": outside}).beginning(configured)

    assert how == begins
    assert bool(line) is is_said


def test_only_what_the_process_was_started_with_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BW_MAGICS_REDACT", "off")

    assert "BW_MAGICS_REDACT" not in started_with()
    assert started_with()["PATH"]


def test_a_shell_asks_the_person_at_it(notebook: Notebook, person: Person) -> None:
    notebook("%load_ext bw_magics")
    person.answers = [""]
    with pytest.raises(PromptCancelled):
        _settings(notebook).redact = False
    assert _settings(notebook).redact == "named"
    notebook.shell.kernel._allow_stdin = False
    with pytest.raises(GuardStaysOn):
        _settings(notebook).redact = False
    assert _settings(notebook).redact == "named"


def _settings(notebook: Notebook) -> Any:
    from bw_magics.notebook.extension import registered

    session = registered(notebook.shell)
    assert session is not None
    return session.settings


def test_without_a_vault_nothing_is_asked_that_was_not_asked_for(
    shared_server: DemoServer, masking: Kernel
) -> None:
    assert masking.run("%config BwMagics.redact = 'plain'", []).prompts == []
    assert masking.run("print(s)").text == "[REDACTED]\n"
