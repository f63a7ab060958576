"""How fast paying is: calls against the sandbox, the ledger's writes, memory over many calls.

python -m bench.payments            # everything, a few minutes
python -m bench.payments --json
"""
