"""How commands end: exit codes, and errors that say what to do instead of a traceback."""

import contextlib
from collections.abc import Iterator
from enum import IntEnum

import typer
from rich.console import Console

from voicebot.audio import PlaceError, SoundFileError
from voicebot.billing import BillingError
from voicebot.dialog import WordingError
from voicebot.grammar import GrammarError
from voicebot.ledger import LedgerError, NoSuchCart
from voicebot.payments import PaymentExpressError
from voicebot.sandbox import SandboxError
from voicebot.settings import SettingsError
from voicebot.speech import SpeechError


class ExitCode(IntEnum):
    """What a command's end means to a program."""

    OK = 0
    """Done. For a call: it was held to its end, whatever its outcome."""
    FAILED = 1
    """Something of ours failed; for a call, it was cut off."""
    BAD_INPUT = 2
    """An argument, a setting, a file or a grammar cannot be used."""
    UNAVAILABLE = 3
    """Something outside is missing: the model, a voice, a microphone, a port, the database, PaymentExpress."""
    ATTENTION = 4
    """Carts are unsettled, or need people."""


class BadInput(Exception):  # noqa: N818 - a state of affairs, as in the other rooms
    """An argument or a file of the user's cannot be used; the text says why and what to do."""


BAD_INPUT = (BadInput, SettingsError, SoundFileError, GrammarError, WordingError, BillingError, NoSuchCart)
UNAVAILABLE = (SpeechError, PlaceError, SandboxError, LedgerError, PaymentExpressError)

errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the errors that rooms explain into a message and an exit code; others are mistakes and stay loud."""
    try:
        yield
    except BAD_INPUT as problem:
        raise explain(problem, ExitCode.BAD_INPUT) from None
    except UNAVAILABLE as problem:
        raise explain(problem, ExitCode.UNAVAILABLE) from None


def explain(problem: Exception, code: ExitCode) -> typer.Exit:
    """Print what the matter is; what ends the command with this code."""
    errors.print(f"[bold red]{'cannot go on' if code is ExitCode.UNAVAILABLE else 'bad input'}:[/] ", end="")
    errors.print(str(problem), markup=False)
    return typer.Exit(code)
