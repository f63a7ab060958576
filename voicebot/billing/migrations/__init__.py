"""The billing tables, step by step. Steps are never edited once released: a change is a new step."""
