"""The ledger's schema, step by step. Steps are never edited once released: a change is a new step."""
