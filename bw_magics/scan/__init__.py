"""The scan: known secrets, searched for in files, notebooks, IPython's history and git.

`python -m bw_magics.scan` is the program, `%bw_scan` the magic. `scan` walks, `documents/` reads
what it meets, a `Seeker` finds values: `known` with the values of an unlocked vault, `fingerprints`
without them. What is found is named by place, item and field, never by its value.
"""
