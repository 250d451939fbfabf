"""`python -m benchmarks`: all figures, one after the other."""

from __future__ import annotations

from benchmarks import completion, first_secret, snapshot

if __name__ == "__main__":
    first_secret.main([])
    print()
    snapshot.main([])
    print()
    completion.main([])
