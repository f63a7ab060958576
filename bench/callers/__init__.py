"""Simulated callers: whole calls as sound, with the real recogniser, ledger and sandbox, on a virtual clock.

`python -m bench.callers --calls 200 --seed 1 --json`; see `docs/callers.md`. From a call's index and the seed comes
who calls (`wants`, `manners`, `voices`), over which `line`. The mind is `caller`, its words are `words`, its end of the
line is `place`. `exchange` holds calls, `verdict` says what came of one, `crowd` runs many, `figures`, `report` and
`timeline` show them.
"""
