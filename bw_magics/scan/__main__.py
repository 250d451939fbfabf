"""`python -m bw_magics.scan`: searches files, notebooks and git for known secrets.

Exit status: 0 where nothing was found, 1 where something was, 2 where the search was not complete.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bw_magics.errors import BitwardenError, CredentialsMissing
from bw_magics.scan.fingerprints import Fingerprints, read_key
from bw_magics.scan.known import KnownValues, values_of
from bw_magics.scan.places import FINGERPRINTS, KEY, history_folder
from bw_magics.scan.scan import Scan
from bw_magics.scan.seeker import Seeker
from bw_magics.session.unattended import credentials, enter
from bw_magics.session.vault import Vault

CLEAN, FOUND, INCOMPLETE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Runs the program; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except BitwardenError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return INCOMPLETE
    except KeyboardInterrupt:
        print("The scan was interrupted.", file=sys.stderr)  # noqa: T201
        return INCOMPLETE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bw_magics.scan",
        description="Searches for the secrets of your vault, and names place, item and field.",
        epilog="Exit status: 0 nothing found, 1 found, 2 not everything could be searched.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: this folder")
    parser.add_argument("--git", action="store_true", help="also every object of the repository")
    parser.add_argument("--history", action="store_true", help="also IPython's history")
    parser.add_argument(
        "--fingerprints",
        type=Path,
        metavar="FILE",
        help=f"search with this file, not with a vault; default: {FINGERPRINTS}",
    )
    parser.add_argument("--keyfile", type=Path, default=KEY, metavar="FILE", help="its key")
    parser.add_argument("--fix", action="store_true", help="empty outputs with a hit, after asking")
    return parser


def _run(options: argparse.Namespace) -> int:
    scan = Scan(_seeker(options), _progress if sys.stderr.isatty() else None)
    paths: list[Path] = options.paths
    if paths or not (options.git or options.history):
        scan.paths(paths or [Path()])
    if options.history:
        scan.history(history_folder())
    if options.git:
        scan.repository(next((path for path in paths if path.is_dir()), Path()))
    _clear()
    for hit in scan.hits:
        print(hit)  # noqa: T201
    for problem in scan.problems:
        print(f"not searched: {problem}", file=sys.stderr)  # noqa: T201
    found = f"{len(scan.hits)} found" if scan.hits else "nothing found"
    print(f"{scan.summary} for {scan.values:,} values: {found}", file=sys.stderr)  # noqa: T201
    if options.fix and scan.notebooks:
        _fix(scan)
    if scan.hits:
        return FOUND
    return INCOMPLETE if scan.problems else CLEAN


def _fix(scan: Scan) -> None:
    count = len(scan.notebooks)
    notebooks = "1 notebook" if count == 1 else f"{count} notebooks"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print("--fix asks first, and nobody is there: nothing was changed.", file=sys.stderr)  # noqa: T201
        return
    print(f"Empty the outputs with a hit in {notebooks}? [y/N] ", end="", file=sys.stderr)  # noqa: T201
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        for path in scan.empty_outputs():
            print(f"emptied: {path}", file=sys.stderr)  # noqa: T201


def _seeker(options: argparse.Namespace) -> Seeker:
    file = options.fingerprints
    if file is None and FINGERPRINTS.exists():
        file = FINGERPRINTS
    if file is not None:
        return Fingerprints.load(file, read_key(options.keyfile))
    try:
        key, password = credentials()
    except CredentialsMissing as missing:
        raise CredentialsMissing(
            "The search has no fingerprints, and no credentials to open a vault.",
            f"The magic bw_scan with --remember writes fingerprints. Or: {missing.remedy}",
        ) from None
    vault = Vault()
    try:
        enter(vault, key, password)
        return KnownValues(values_of(vault, skipped=_say))
    finally:
        vault.logout()


def _say(text: str) -> None:
    print(f"not searched for: {text}", file=sys.stderr)  # noqa: T201


def _progress(text: str) -> None:
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)  # noqa: T201


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
