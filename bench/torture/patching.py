"""Changing the product from outside, in a process made for that alone."""

from typing import Any


def put(owner: Any, **things: Any) -> None:
    """Replace attributes of a class or a module in this process, for good; typed loosely, as a mock is."""
    for name, thing in things.items():
        getattr(owner, name)  # an attribute that is not there would replace nothing, and prove nothing
        setattr(owner, name, thing)
