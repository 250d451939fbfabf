"""What the scan cannot find: every entry of SECURITY.md's list is shown to be true here.

When one of these fails, the scan has become better: take the entry out.
"""

from __future__ import annotations

import gzip
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.later import pandas
from tests.scan.test_scan import VALUE, code, found, notebook, scan, stream

np = pytest.importorskip("numpy")


@pytest.mark.parametrize(
    "form",
    [VALUE[::-1], " ".join(VALUE), VALUE.encode().hex(" "), VALUE.swapcase()],
    ids=["reversed", "spaced", "bytes apart", "other letters"],
)
def test_a_form_that_the_guard_does_not_know_is_not_found(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"x {form} y")
    assert found(path) == []
    path.write_text(f"x {VALUE} y")
    assert found(path) != []


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", f"{VALUE}\n" * 9)


PACKED: dict[str, Callable[[Path], object]] = {
    "a.zip": _zip,
    "a.txt.gz": lambda path: path.write_bytes(gzip.compress(f"{VALUE}\n".encode() * 9)),
    "a.npz": lambda path: np.savez_compressed(path, [VALUE] * 9),
    # Parquet repeats the first and the last text of a column unpacked.
    "a.parquet": lambda path: pandas.DataFrame({"a": ["a", *[f"b {VALUE}"] * 9, "c"]}).to_parquet(
        path, compression="gzip"
    ),
    "a.pdf": lambda path: path.write_bytes(
        b"%PDF-1.7\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n"
        + zlib.compress(f"BT ({VALUE}) Tj ET\n".encode() * 9)
        + b"\nendstream\nendobj\n"
    ),
}


@pytest.mark.parametrize("name", PACKED)
def test_nothing_is_found_in_a_packed_file(tmp_path: Path, name: str) -> None:
    PACKED[name](tmp_path / name)
    assert found(tmp_path / name) == []


def test_copies_keep_the_outputs_that_were_emptied(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(code("b", stream(VALUE))))
    for line in ("init -q", "add .", "-c user.name=Ada -c user.email=a@example.org commit -qm A"):
        subprocess.run(["git", *line.split()], cwd=tmp_path, check=True)
    assert scan(path).empty_outputs() == [str(path)]

    assert found(path) == []
    kept = subprocess.run(["git", "show", "HEAD:a.ipynb"], cwd=tmp_path, capture_output=True)
    assert VALUE.encode() in kept.stdout
