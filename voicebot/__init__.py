"""A payment line that listens: callers pay by card or eCheck, by voice or keypad, through PaymentExpress.

Each folder is a room with its own purpose and its own short list of rooms that it may use; `docs/index.md` has
the table, and import-linter holds to it. Begin with `call`, which carries one call from greeting to goodbye.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
