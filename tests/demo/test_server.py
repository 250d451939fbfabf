"""The server as a process: its address, its faults, and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bw_magics.crypto import PrivateKey
from bw_magics.demo import DemoServer, Fault
from tests.demo.conftest import Calls

Start = Callable[..., "subprocess.Popen[str]"]

TOKEN = "/identity/connect/token"


def context(server: DemoServer) -> Any:
    return ssl.create_default_context(cadata=server.certificate_authority.decode())


def test_it_listens_on_loopback_only(official: DemoServer) -> None:
    assert official._listener is not None
    listening = official._listener.socket.getsockname()

    assert listening[0] == "127.0.0.1"
    assert official.url == f"https://localhost:{listening[1]}"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_its_certificate_is_good_for_loopback_names(official: DemoServer, host: str) -> None:
    port = official.url.rpartition(":")[2]

    answer = httpx.get(f"https://{host}:{port}/api/config", verify=context(official))

    assert answer.status_code == 200


def test_its_certificate_is_trusted_by_nobody_else(official: DemoServer) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{official.url}/api/config", trust_env=False)


def test_every_server_has_an_authority_of_its_own(official: DemoServer) -> None:
    with DemoServer(iterations=5000) as other:
        assert other.certificate_authority != official.certificate_authority


def test_connections_stay_open_between_requests(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    caller.login()
    connections = set()
    for _ in range(3):
        with caller.http.stream("GET", "/api/accounts/revision-date") as answer:
            connections.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            answer.read()

    assert len(connections) == 1


def test_a_silent_client_does_not_keep_others_waiting(official: DemoServer, call: Calls) -> None:
    port = int(official.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):
        # The silent one is never heard: a login that waited for it would end with an error.
        call(official).login()


def test_requests_are_listed(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    caller.login()
    official.requests.clear()

    caller.sync()

    assert official.requests == [("GET", "/api/sync")]


def test_faults_are_used_up_one_by_one(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    official.faults[TOKEN] = [
        Fault(status=429, headers={"Retry-After": "7"}, body=b"{}"),
        Fault(status=502, headers={"Content-Type": "text/html"}, body=b"<html>"),
        Fault(status=302, headers={"Location": "https://elsewhere.demo.example/"}),
        Fault(headers={"X-Demo": "on top"}),
    ]

    answers = [caller.token() for _ in range(5)]

    assert [answer.status_code for answer in answers] == [429, 502, 302, 200, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[1].text == "<html>"
    assert answers[2].headers["Location"] == "https://elsewhere.demo.example/"
    assert answers[3].headers["X-Demo"] == "on top"
    assert "X-Demo" not in answers[4].headers


@pytest.mark.parametrize("count", [0, 10])
def test_an_answer_can_be_cut_off(official: DemoServer, call: Calls, count: int) -> None:
    caller = call(official)
    official.faults["/api/config"] = [Fault(cut=count)]

    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        caller.http.get("/api/config")

    assert caller.http.get("/api/config").status_code == 200


def test_an_answer_can_be_slow(official: DemoServer, call: Calls) -> None:
    caller = call(official)
    official.faults["/api/config"] = [Fault(until=threading.Event())]

    with pytest.raises(httpx.ReadTimeout):
        caller.http.get("/api/config", timeout=httpx.Timeout(60, read=0.1))


def test_stopping_ends_open_connections_and_slow_answers() -> None:
    server = DemoServer(iterations=5000).start()
    server.faults["/api/config"] = [Fault(until=threading.Event())]
    with httpx.Client(base_url=server.url, verify=context(server)) as client:
        failures = []

        def ask() -> None:
            try:
                client.get("/api/config", timeout=None)
            except httpx.HTTPError as error:
                failures.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        while not server.requests:
            time.sleep(0.01)
        server.stop()
        thread.join()

        with pytest.raises(httpx.ConnectError):
            client.get("/api/config")


def test_starting_and_stopping_twice_is_harmless() -> None:
    server = DemoServer(iterations=5000)
    server.stop()
    assert server.start() is server.start()
    server.stop()
    server.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url


def test_a_second_one_makes_no_rsa_keys_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would be most of the time that a start takes; benchmarks measure it."""
    made: list[PrivateKey] = []
    generate = PrivateKey.generate
    DemoServer(iterations=5000).start().stop()

    def counted() -> PrivateKey:
        made.append(generate())
        return made[-1]

    monkeypatch.setattr(PrivateKey, "generate", counted)

    DemoServer(iterations=5000).start().stop()

    assert made == []


def test_nothing_is_shown_or_logged(
    call: Calls, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with DemoServer(iterations=5000) as server:
        caller = call(server)
        caller.login()
        caller.sync()
        caller.token(client_secret="wrong")

    logged = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert logged == []
    assert capfd.readouterr() == ("", "")


def test_its_repr_keeps_the_demo_credentials_to_itself(official: DemoServer) -> None:
    account = official.accounts[0]

    text = repr(official) + repr(account)

    assert account.client_secret not in text
    assert account.master_password not in text


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="official or vaultwarden"):
        DemoServer(style="other")  # type: ignore[arg-type]


@pytest.fixture
def alone() -> Any:
    """Starts the server as a program; ends it after the test."""
    programs = []

    def start(*words: str, **environment: str) -> Any:
        program = subprocess.Popen(
            [sys.executable, "-m", "bw_magics.demo", "--iterations", "5000", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_alone_it_says_what_to_export_and_leaves_nothing_behind(
    alone: Start, number: int, tmp_path: Path
) -> None:
    program = alone("--json", "--style", "vaultwarden", "--items", "5", TMPDIR=str(tmp_path))
    assert program.stdout
    described = json.loads(program.stdout.readline())
    authority = Path(described["environment"]["SSL_CERT_FILE"])

    answer = httpx.get(
        f"{described['url']}/api/config",
        verify=ssl.create_default_context(cafile=authority),
        trust_env=False,
    )
    others = authority.parent.stat().st_mode & 0o077
    program.send_signal(number)
    out, err = program.communicate(timeout=240)

    assert answer.json()["server"]["name"] == "Vaultwarden"
    assert others == 0
    assert described["environment"]["NODE_EXTRA_CA_CERTS"] == str(authority)
    assert described["environment"]["BW_CLIENTID"] == described["accounts"][0]["client_id"]
    assert (program.returncode, out, err) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_alone_it_calls_itself_a_demo(alone: Start, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    program = alone("--ca-file", str(authority))
    assert program.stdout
    lines: list[str] = []
    while not lines or "BW_SESSION" not in lines[-1]:
        lines.append(program.stdout.readline())
        assert lines[-1]

    assert "DEMO" in lines[0]
    for name in ("BW_SERVER", "BW_CLIENTID", "BW_CLIENTSECRET", "BW_PASSWORD", "SSL_CERT_FILE"):
        assert any(line.startswith(f"export {name}=") for line in lines)
    assert any("bw config server https://localhost:" in line for line in lines)
    assert authority.exists()


def test_alone_it_says_when_the_port_is_taken(official: DemoServer, alone: Start) -> None:
    program = alone("--port", official.url.rpartition(":")[2])

    _, err = program.communicate(timeout=240)

    assert program.returncode == 1
    assert err.startswith("The demo server cannot listen there")
