"""Tools that show values to who debugs or tests, and pages, in environments of their own."""

from __future__ import annotations

from tests.libraries.case import Case, Verdict
from tests.libraries.environment import running

REFUSED, MASKED = Verdict.REFUSED, Verdict.MASKED
DELIVERED, SHOWN = Verdict.DELIVERED, Verdict.SHOWN

_SNOOP = """
import pysnooper
@pysnooper.snoop(%s)
def use(password):
    held = {"password": password}
    return password
use(secret)
"""
_STACK = """
import stackprinter
def use(password):
    held = [password, {"password": password}]
    1 / 0
try:
    use(secret)
except ZeroDivisionError:
    print(stackprinter.format(show_vals="all"))
"""
_ICECREAM = """
from icecream import ic
ic(secret)
ic([secret], {"password": secret})
ic(Secret(f"first line\\n{secret}", "Key / private key"))
"""
_SENTRY = """
import json, sentry_sdk
events = []
sentry_sdk.init(
    dsn="http://made-up@127.0.0.1:9/1",
    before_send=lambda event, hint: events.append(event),
    include_source_context=False,
)
log = logging.getLogger("made-up")
%s
assert events, "nothing was sent"
print(json.dumps(events, default=str))
"""
_SENTRY_ERROR = """
def use(password):
    held = [password, {"password": password}, (password,)]
    1 / 0
try:
    use(secret)
except ZeroDivisionError:
    sentry_sdk.capture_exception()
"""
_SENTRY_LOG = """
log.warning("before %r", secret)
sentry_sdk.set_context("login", {"password": secret, "more": [secret]})
sentry_sdk.set_tag("password", secret)
log.error("no access with %r", secret, extra={"password": secret})
log.error("no access with %s", {"password": secret})
"""
_ROLLBAR = """
import json, rollbar
events = []
rollbar.init("made-up", handler="blocking", locals={"enabled": %s})
rollbar.send_payload = lambda event, token: events.append(event)
def use(held):
    1 / 0
try:
    use(secret)
except ZeroDivisionError:
    rollbar.report_exc_info()
assert events, "nothing was sent"
print(json.dumps(events, default=str))
"""
_PLOTLY = """
import plotly.graph_objects as go
%s
"""
_TESTS = """
import dataclasses, pathlib, pytest
from bw_magics.secret import Secret
secret = Secret(pathlib.Path("value").read_text(), "Warehouse DB / password")
@dataclasses.dataclass
class Login:
    password: str
def test_compared(): assert secret == "made-up"
def test_compared_the_other_way(): assert "made-up" == secret
def test_blanks(): assert secret == " "
def test_lines(): assert Secret(f"{secret}\\\\nmore", "Key / private key") == "made\\\\nup"
def test_left_out(): assert secret[0] not in secret
def test_within(): assert "made-up" in secret
def test_in_a_text(): assert secret not in f"etl:{secret}@db"
def test_in_a_list(): assert [secret] == ["made-up"]
def test_in_a_dictionary(): assert {"password": secret} == {"password": "made-up"}
def test_in_a_class(): assert Login(secret) == Login("made-up")
def test_matching():
    with pytest.raises(ValueError, match=secret):
        raise ValueError
@pytest.mark.parametrize("password", [secret, secret])
def test_given(password): assert not password
@pytest.fixture(params=[secret])
def password(request): return request.param
def test_of_a_fixture(password): assert not password
"""
_PYTEST = f"""
import pathlib, subprocess
pathlib.Path("test_it.py").write_text('''{_TESTS}''')
pathlib.Path("value").write_text(secret)
done = subprocess.run([
    sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir=.", "--junitxml=report.xml",
    "-p", "no:cacheprovider", "--showlocals", *%r, "test_it.py",
])
pathlib.Path("value").unlink()
assert done.returncode == 1, "no test has failed"
assert 'failures="14"' in pathlib.Path("report.xml").read_text()
raise SystemExit("as they should")
"""
# Streamlit's own tests run a page like this one, without a browser.
_STREAMLIT = """
from streamlit.testing.v1 import AppTest
shown = AppTest.from_string(%r, default_timeout=300)
shown.session_state["secret"] = secret
shown.run()
print(shown, [(each.message, each.stack_trace) for each in shown.exception])
print([each.value for each in shown.json])
"""
_PAGE = """
import streamlit
secret = streamlit.session_state["secret"]
"""
_CACHED = """
kept = streamlit.cache_data(persist="disk")(lambda password: len(password))
kept(secret)
streamlit.cache_data(persist="disk")(lambda: secret)()
"""
_GRADIO = """
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import traceback
import gradio
import gradio_client
def use(asked):
    if asked:
        raise gradio.Error(f"no access with {secret!r}")
    return len(secret)
with gradio.Blocks() as page:
    gradio.State(secret)
    asked, answer = gradio.Textbox(%s), gradio.Textbox()
    gradio.Button().click(use, asked, answer, api_name="use")
print(page.get_config_file())
_, address, _ = page.launch(prevent_thread_lock=True, quiet=True, show_error=True)
client = gradio_client.Client(address, verbose=False)
print(client.predict("", api_name="/use"))
try:
    client.predict("more", api_name="/use")
except Exception:
    traceback.print_exc()
page.close()
"""
_A_FILE, _A_PAGE = "the line writes a file of it", "the line puts it on a page"

CASES = [
    Case("pysnooper", "to stderr", running("tools", _SNOOP % ""), MASKED),
    Case("pysnooper", "to a file", running("tools", _SNOOP % "'snoop.log'"), MASKED),
    Case("stackprinter", "a traceback with values", running("tools", _STACK), MASKED),
    Case("icecream", "of secrets and of a dictionary", running("tools", _ICECREAM), MASKED),
    Case("Sentry", "an error with variables", running("tools", _SENTRY % _SENTRY_ERROR), MASKED),
    Case("Sentry", "a log with %r, with an extra, and a context",
         running("tools", _SENTRY % _SENTRY_LOG), MASKED),
    Case("Sentry", "a log with %s", running("tools", _SENTRY % 'log.error("no %s", secret)'),
         SHOWN, "the line prints it"),
    Case("Rollbar", "an error with variables", running("tools", _ROLLBAR % True),
         SHOWN, "it sends the text of each variable"),
    Case("Rollbar", "an error without variables", running("tools", _ROLLBAR % False), MASKED),
    Case("Plotly", "repr of a figure",
         running("tools", _PLOTLY % "print(repr(go.Figure(layout_title_text=secret)))"), MASKED),
    Case("Plotly", "a property that is refused",
         running("tools", _PLOTLY % "go.Figure(layout_title_font_size=secret)"), REFUSED),
    Case("Plotly", "write_html",
         running("tools", _PLOTLY % "go.Figure(layout_title_text=secret).write_html('page.html')"),
         DELIVERED, _A_FILE),
    Case("pytest", "tests that fail", running("tools", _PYTEST % ([],)), REFUSED),
    Case("pytest", "tests that fail, with all details", running("tools", _PYTEST % (["-vv"],)),
         REFUSED),
    Case("Streamlit", "a cache on the disk, and an error",
         running("pages", _STREAMLIT % f"{_PAGE}{_CACHED}"), MASKED),
    Case("Streamlit", "write of a dictionary",
         running("pages", _STREAMLIT % f'{_PAGE}streamlit.write({{"password": secret}})'),
         SHOWN, _A_PAGE),
    Case("Gradio", "a state, a result and an error", running("pages", _GRADIO % ""), MASKED),
    Case("Gradio", "a component with it", running("pages", _GRADIO % "value=secret"),
         SHOWN, _A_PAGE),
]  # fmt: skip
