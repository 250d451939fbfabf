"""`is_data`: whether a file or a note may set a variable that nobody named.

Hundreds of programs let a variable choose the code that they run, and no list of those is ever
whole. So the rule asks the other way round: a variable is set only where its name is known to stand
for data, or where its value is a number, an address of a person or an irregular secret. The choice
and its costs are in docs/decisions/0014-only-data-from-notes.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_typed
from bw_magics.secrecy.key_names import is_secret_name, words_of_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names that programs read as data, although their words or their prefix say otherwise.
_KNOWN = _words(
    """
    PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGSSLMODE PGAPPNAME PGCLIENTENCODING LC_ALL
    LC_CTYPE LC_TIME NODE_ENV SSH_HOST SSH_PORT SSH_USER SSH_USERNAME DOCKER_USERNAME
    JUPYTER_PORT GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
    PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONUTF8 PYTHONIOENCODING
    COMPOSE_PROJECT_NAME CUDA_VISIBLE_DEVICES AWS_PROFILE
    """
)

# The last words of names that stand for data. A path is one where it is said.
_DATA = _words(
    """
    account algorithm author bucket category channel cluster color colour company country
    currency database dataset date db debug department description dialect domain driver email
    encoding env environment experiment expiry format gateway group groups id ids index instance
    interval issuer key keys keyspace lang language level limit locale location login mail mode
    model models name namespace names number org organisation organization owner period phone
    pool port ports priority product project projects queue ratio realm region regions release
    replicas retries role roles schema scope scopes sender server servers site size ssl sslmode
    stage status subject subscription table tables tag tags task team tenant threshold timeout
    timezone tls topic topics ttl type tz user username users version vhost warehouse workers
    workspace zone
    """
)
# Their values may be paths and addresses: sockets, files of databases, routes of a web server.
_ADDRESSES = _words(
    """
    addr address base broker brokers connection conn dsn endpoint endpoints host hostname hosts
    nodes origin origins prefix route string uri uris url urls webhook
    """
)
# `DATA_DIR` and `HTTP_PATH` name where data are; any other directory may hold code.
_PLACES = _words("dir directory file folder path")
_OF_DATA = _words(
    """
    api backup backups base data dataset export exports http input inputs log logs output
    outputs report reports result results upload uploads url
    """
)
# `DB_PASSWORD_PROD` is a password.
_QUALIFIERS = _words(
    """
    dev local new next old primary prod production ro rw secondary staging test testing
    """
)

# Words for code, and for how it is found, started or trusted.
_STEERING = _words(
    """
    allow arg args argument arguments askpass browser bundle ca cc class classpath cmd command
    commands compiler conf config configuration cxx debugger editor entrypoint eval exec
    executable executables extension extensions flag flags force helper hook hooks ifs include
    includes init insecure
    interpreter launcher ld lib libraries library libs linker loader macro module modules opt
    option options opts pager patch pickle pickling plugin plugins preload proxy python rc
    runner script scripts
    shell startup terminal trust unauthorized unsafe verify viewer visual wrapper
    """
)
# Addresses that programs download code from.
_SOURCES = _words(
    """
    channel channels dist download index mirror package packages registry repository update
    """
)
# Programs that find, build, load or start code: what else they read from variables is not known.
_PROGRAMS = regex(
    r"""_?(?:LD|DYLD|GLIBC|GCONV|MALLOC|BASH|ZSH|KSH|FISH|SHELL|LESS|MAN|VIM|EMACS|SUDO|SSH|GPG|GNUPG
    |GIT|SVN|HG|XDG|DBUS|GTK|QT|GIO|GST|MAKE|CMAKE|GCC|CLANG|LLVM|OPENSSL|CURL|WGET
    |PYTHON|PYSPARK|PIP|PIPX|PIPENV|UV|POETRY|PDM|HATCH|TOX|NOX|PYTEST|PYENV|VIRTUAL|VIRTUALENV|CONDA
    |MAMBA|IPYTHON|JUPYTER|MPL|NUMBA|KERAS|HF|HUGGINGFACE|TRANSFORMERS|TORCH|TFHUB|NLTK|OLLAMA
    |WEBKIT|NODE|NPM|YARN|PNPM|BUN|DENO|ELECTRON|PLAYWRIGHT|PUPPETEER
    |RUBY|GEM|BUNDLE|BUNDLER|PERL|LUA|PHP|R|RSTUDIO|JULIA|JAVA|JDK|MAVEN|MVN|GRADLE|SBT|GO|CARGO|RUST
    |RUSTC|RUSTUP|CCACHE|SCCACHE|DISTCC|ICECC|NINJA|MESON|BAZEL|ERL|ELIXIR|CABAL|GHC|OPAM|PANDOC
    |QUARTO|DOTNET|NUGET|MSBUILD|CORECLR|COMPLUS|DOCKER|BUILDKIT|HELM|VAGRANT|PACKER|ANSIBLE
    |HOMEBREW)(?:[_.-].*|[0-9].*)?|PYTHON.*|BASH.*|JAVA.*|RUBY.*|PERL.*""",
    re.VERBOSE | re.IGNORECASE,
)
# These select another account, a server that runs code, or another directory.
_DOORS = regex("BW_.*|JUPYTER_TOKEN|WERKZEUG_DEBUG_PIN|FLASK_DEBUG|(?:OLD)?PWD", re.IGNORECASE)

_NUMBER = regex(
    r"(?:[+-]?\d+(?:[.,]\d+)*%?|true|false|yes|no|on|off|none|null|\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?)?",
    re.IGNORECASE,
)
_PERSON = regex(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = regex(r"[A-Za-z0-9][A-Za-z0-9+_.~!#%^*@-]*={0,2}")
# Options, commands, code and line breaks in a value.
_COMMAND = regex(
    r"""^\s*(?:-(?!----BEGIN\ )[^\d\s]|[|;&]) | \$\(|`|<\(|\(\)\s*\{|\$\{IFS|[\x00-\x1f]
    | [?&;](?:proxy)?(?:command|driver|exec|plugin)=[^&;]*[/\\]""",
    re.VERBOSE | re.IGNORECASE,
)
# Where a value is a word and not an address, a shell would begin another command here.
_SHELL = regex(r"[;|]|&&")
_PATH = regex(r"^\s*(?:~|\.{0,2}[/\\]|[A-Za-z]:[/\\])")
# Files that begin with a dot configure programs.
_HIDDEN = regex(r"(?:^|[/\\])\.\w")
_CODE = regex(
    r"\.(?:so|dll|dylib|exe|bat|cmd|ps1|sh|py|pyc|pyz|whl|jar|js|mjs|cjs|rb|pl|lua|R|jl|pth|ipy)"
    r"(?:\.\d+)*(?=$|[;&?,\s])",
    re.IGNORECASE,
)


def is_data(name: str, value: str) -> bool:
    """Tells whether a variable with this name and value only carries data, so that no program
    runs other code because of it.
    """
    words = list(words_of_name(name))
    while len(words) > 1 and words[-1] in _QUALIFIERS:
        words.pop()
    if not words or _DOORS.fullmatch(name):
        return False
    # No program runs a password. `RESTIC_PASSWORD_COMMAND` ends in another word.
    if _is_secret(words):
        return True
    if name in _KNOWN:
        # The C library loads a locale from a path.
        is_locale_file = name.startswith("LC_") and "/" in value
        return not (_is_command(value) or is_locale_file)
    if _PROGRAMS.fullmatch(name) or not _STEERING.isdisjoint(words):
        return False
    last, before = words[-1], words[-2:-1]
    if last in _ADDRESSES:
        return _SOURCES.isdisjoint(words) and not _is_command(value)
    if last in _PLACES or last == "home":
        of_data = before != [] and before[0] in _OF_DATA
        return of_data and not (_is_command(value) or _HIDDEN.search(value))
    if last in _DATA:
        is_word = not (_PATH.match(value) or _SHELL.search(value) or "://" in value)
        return is_word and not _is_command(value)
    return _is_plain(value)


def _is_secret(words: Sequence[str]) -> bool:
    """Returns whether the end of a name means a secret."""
    is_key = words[-1] in ("key", "keys")
    return bool(is_secret_name(" ".join(words[-2:] if is_key else words[-1:])))


def _is_plain(value: str) -> bool:
    """Returns whether a value is data for every program: a number, a person's address, a token."""
    if _NUMBER.fullmatch(value) or _PERSON.fullmatch(value):
        return True
    return bool(_TOKEN.fullmatch(value)) and looks_typed(value) and not _CODE.search(value)


def _is_command(value: str) -> bool:
    return _COMMAND.search(value) is not None or _CODE.search(value) is not None
