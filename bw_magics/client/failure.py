"""The typed error for every failure on the way to a server and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bw_magics.client.certificates import certificate_refused, is_not_trusted
from bw_magics.client.proxies import Proxy, proxy_for, unread_exemptions
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CertificateRefused,
    ServerUnreachable,
)
from bw_magics.steps import NAME_CLIENT_CERTIFICATE, Remedy

# OpenSSL's names of the alerts that a server sends where it wants to know who connects.
_ABOUT_OUR_CERTIFICATE = (
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
)


class SlowLookup(TimeoutError):
    """The addresses of a host name did not come in time."""


def explain(error: BaseException, *, server: str, url: str, answering: bool) -> BitwardenError:
    """Returns the typed error for an exception of httpx or below.

    `answering` tells whether the answer had begun to arrive. The text of the exception is not
    used: it may quote headers or addresses.
    """
    import socket
    import ssl

    from bw_magics.client.lean_httpx import httpx

    if isinstance(error, BitwardenError):
        return error
    links = tuple(_chain(error))
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            return certificate_refused(link, server)
        if isinstance(link, ssl.SSLError) and any(
            alert in (link.reason or "") for alert in _ABOUT_OUR_CERTIFICATE
        ):
            return CertificateRefused(
                f"{server} asks for a client certificate that it trusts.",
                Remedy(
                    "Name its PEM file: {}, or set BW_CLIENT_CERTIFICATE.", NAME_CLIENT_CERTIFICATE
                ),
            )
    proxy = _proxy(url)
    if proxy is not None and (problem := _proxy_failed(error, links, proxy, server)):
        return problem
    if any(isinstance(link, SlowLookup) for link in links):
        slow = ServerUnreachable(
            f"The host name of {server} was not looked up in time.",
            _check(url, "Check the network connection and its name server (DNS)."),
        )
        slow.is_late = True
        return slow
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        fact = "stopped in the middle of its answer" if answering else "did not answer in time"
        if isinstance(error, httpx.WriteTimeout):
            fact = "stopped taking the request"
        late = ServerUnreachable(f"{server} {fact}.", _check(url, "Try again."))
        late.is_late = True
        return late
    if answering:
        return AnswerUnusable(
            f"The answer of {server} was cut off.",
            "Try again; if it stays so, look at the proxy in front of the server.",
        )
    for link in links:
        if isinstance(link, socket.gaierror):
            return ServerUnreachable(
                f"The host name of {server} is not known.",
                _check(url, "Check the address and the network connection."),
            )
        if isinstance(link, ConnectionRefusedError):
            return ServerUnreachable(
                f"{server} refused the connection.",
                _check(url, "Check that the server runs and that its port is right."),
            )
        if isinstance(link, ssl.SSLError):
            return ServerUnreachable(
                f"No TLS connection could be made with {server}.",
                _check(url, "Check the port: it may be one for plain http."),
            )
    if isinstance(error, httpx.RemoteProtocolError) and not is_dropped(error):
        return AnswerUnusable(
            f"What answers at {server} does not speak HTTP.", "Check the address and its port."
        )
    if is_dropped(error):
        return ServerUnreachable(
            f"{server} closed the connection without an answer.", _check(url, "Try again.")
        )
    if isinstance(error, (httpx.TransportError, OSError)):
        return ServerUnreachable(
            f"No connection could be made with {server}.",
            _check(url, "Check the address and the network connection."),
        )
    if isinstance(error, (httpx.InvalidURL, ImportError, ValueError)):
        return ServerUnreachable(
            f"The way to {server} cannot be used as it is set up ({type(error).__name__}).",
            _check(url, "Check the address."),
        )
    return ServerUnreachable(
        f"The request to {server} failed ({type(error).__name__}).", _check(url, "Try again.")
    )


def may_have_arrived(error: BaseException) -> bool:
    """Tells whether the server may have got the request: not where no connection was made, or
    only a part of it was taken.
    """
    from bw_magics.client.lean_httpx import httpx

    unsent = (
        BitwardenError,
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.WriteTimeout,  # the rest of it was never sent
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    return not isinstance(error, unsent)


def is_dropped(error: BaseException) -> bool:
    """Tells whether the connection was closed under the request, as idle ones are."""
    from bw_magics.client.lean_httpx import httpx

    if isinstance(error, (httpx.ReadError, httpx.WriteError)):
        return True
    return isinstance(error, httpx.RemoteProtocolError) and "disconnected" in str(error)


def lacks_authority(error: BaseException) -> bool:
    """Tells whether a server's certificate is signed by an authority that is not trusted."""
    import ssl

    return any(
        isinstance(link, ssl.SSLCertVerificationError) and is_not_trusted(link)
        for link in _chain(error)
    )


def _proxy(url: str) -> Proxy | None:
    try:
        return proxy_for(url)
    except (BitwardenError, ValueError):
        return None


def _proxy_failed(
    error: BaseException, links: Sequence[BaseException], proxy: Proxy, server: str
) -> ServerUnreachable | None:
    """Returns the error for a failed connection to the proxy itself; None for one behind it."""
    import socket
    import ssl

    from bw_magics.client.lean_httpx import httpx

    check = _proxy_remedy(f"{proxy.source} names a proxy: check it")
    if isinstance(error, httpx.ProxyError):
        if str(error).startswith("407"):
            return ServerUnreachable(
                f"The proxy {proxy.name} asks for a user name and password.",
                f"Write them into {proxy.source}: http://USER:PASSWORD@HOST:PORT.",
            )
        return ServerUnreachable(f"The proxy {proxy.name} did not connect to {server}.", check)
    if not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return None
    if any(isinstance(link, ssl.SSLError) for link in links):
        return None  # TLS is with the server, through the proxy
    if isinstance(error, httpx.ConnectTimeout):
        return ServerUnreachable(f"The proxy {proxy.name} did not answer in time.", check)
    if any(isinstance(link, socket.gaierror) for link in links):
        return ServerUnreachable(f"The host name of the proxy {proxy.name} is not known.", check)
    if any(isinstance(link, ConnectionRefusedError) for link in links):
        return ServerUnreachable(f"The proxy {proxy.name} refused the connection.", check)
    return ServerUnreachable(f"No connection could be made with the proxy {proxy.name}.", check)


def _check(url: str, remedy: str) -> str:
    """Adds the proxy to a remedy where the environment names one for this address."""
    proxy = _proxy(url)
    if proxy is None:
        return remedy
    return f"{remedy} {_proxy_remedy(f'{proxy.source} names a proxy: check that, too')}"


def _proxy_remedy(check: str) -> str:
    return f"{check}, or name the server in NO_PROXY. {unread_exemptions()}".rstrip()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
