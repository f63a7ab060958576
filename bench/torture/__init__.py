"""The torture: whole calls that are killed, cut off and lied to at every step, and three books compared afterwards.

    plan ──▶ trial ──▶ vendor    a sandbox in this process: what was really charged
               │  └──▶ nursery   forks a bot for each call, so that `kill -9` costs a few milliseconds
               │          └ bot  the real Call, ledger file and HTTP client, watched from outside (steps, journal)
               └─────▶ verdict   what was charged, what the ledger says, what the caller was told (claims)

`guards` takes protections out of the code one at a time, to show that each is needed and that its loss is noticed.
Run it with `make torture`; `docs/torture.md` explains what it prints.
"""
