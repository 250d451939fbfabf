"""Reads dotenv text from files and notes: all names and values, or one error."""

from __future__ import annotations

import io
import re
from collections.abc import Container

from bw_magics.errors import UsageMistake
from bw_magics.session.environment.ledger import same_name

LARGEST = 1024 * 1024

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

# What these hold changes which programs run, which code they load, or whom they talk to.
_DANGEROUS = re.compile(
    r"PATH|PATHEXT|SHELL|COMSPEC|LD_.*|DYLD_.*|GIT_.*|BW_.*|PYTHON.*"
    r"|BASH_ENV|SHELLOPTS|BASHOPTS|IFS|PS4|PROMPT_COMMAND|EDITOR|VISUAL|PAGER|BROWSER"
    r"|NODE_OPTIONS|PERL5(?:LIB|OPT|DB)|RUBY(?:OPT|LIB)|(?:JAVA_TOOL|_JAVA|JDK_JAVA)_OPTIONS"
    r"|(?:SSH|SUDO)_ASKPASS|OPENSSL_(?:CONF|MODULES|ENGINES)|SSLKEYLOGFILE"
    r"|.*_PROXY|.*_CA_BUNDLE|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS",
    re.IGNORECASE,
)


def is_dangerous(name: str) -> bool:
    """Tells whether a variable of that name changes how programs run."""
    return _DANGEROUS.fullmatch(name) is not None


def read_dotenv(
    text: str, where: str, *, allowed: Container[str] = (), strict: bool = False
) -> dict[str, str]:
    """The variables in dotenv text: python-dotenv's syntax, without interpolation.

    `where` says where the text is, for errors; these name lines, and names only where they are
    refused as such. A name alone on a line sets nothing; with `strict` it is a mistake, as in a
    note that is no dotenv text. Raises `UsageMistake` also for a name that is there twice and for
    one that changes how programs run, unless it is `allowed`.
    """
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    seen: set[str] = set()
    for binding in parse_stream(io.StringIO(text)):
        line = binding.original.line
        if binding.error or (
            binding.key is not None
            and (not _NAME.fullmatch(binding.key) or (strict and binding.value is None))
        ):
            raise UsageMistake(
                f"Line {line} of {where} is not dotenv text.",
                "Every line is NAME=value, empty, or a # comment.",
            )
        if binding.key is None or binding.value is None:
            continue
        if same_name(binding.key) in seen:
            raise UsageMistake(
                f"Line {line} of {where} sets a name that was set before.", "Keep one of the two."
            )
        seen.add(same_name(binding.key))
        values[binding.key] = binding.value
    if strict and not values:
        raise UsageMistake(f"{where[:1].upper()}{where[1:]} sets nothing.", "Is it dotenv text?")
    refused = [name for name in values if is_dangerous(name) and name not in allowed]
    if refused:
        raise UsageMistake(
            f"{', '.join(refused)} in {where} would change how programs run.",
            f"If that is meant, name it: --allow {','.join(refused)}",
        )
    return values
