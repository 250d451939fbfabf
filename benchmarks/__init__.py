"""Side-by-side figures: `make bench`, or one of them with `python -m benchmarks.first_secret`.

Absolute times say little on a shared machine; ratios within one run do.
"""
