"""What all calls of a process share."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date

from voicebot.billing import AccountLookup
from voicebot.call.cashier import CartTerms
from voicebot.dialog import Script
from voicebot.ledger import Ledger
from voicebot.payments import PaymentExpress
from voicebot.speech import Recognizer, SecondRecognizer, Voice


@dataclass(frozen=True, slots=True)
class Tongue:
    """What hears and speaks one language.

    Attributes:
        phrases: the recogniser's phrase list for each grammar.
        recognizer: None where calls are text only.
        voice: None where calls are text only.
        second: what hears again what was not understood for certain; None where there is none.
    """

    phrases: Mapping[str, tuple[str, ...]]
    recognizer: Recognizer | None = None
    voice: Voice | None = None
    second: SecondRecognizer | None = None


@dataclass(frozen=True, slots=True)
class House:
    """The rooms, furnished once.

    Attributes:
        script: what is said and understood.
        phrases: the recogniser's phrase list for each grammar.
        recognizer: None where calls are text only.
        voice: None where calls are text only.
        decoding: threads that decode; as many as there are cores, as Vosk releases the GIL.
        today: the date, for expirations and authorizations.
        operator: where a call is transferred to when the caller wants a person.
        others: the other languages that callers can choose, by locale.
        second: what hears again what was not understood for certain; None where there is none.
    """

    script: Script
    phrases: Mapping[str, tuple[str, ...]]
    ledger: Ledger
    billing: AccountLookup
    payments: PaymentExpress
    terms: CartTerms
    decoding: Executor
    today: Callable[[], date]
    recognizer: Recognizer | None = None
    voice: Voice | None = None
    operator: str = ""
    others: Mapping[str, Tongue] = field(default_factory=dict)
    second: SecondRecognizer | None = None

    def tongue(self, language: str) -> Tongue:
        """What hears and speaks this language; the line's own where no other has its name."""
        return self.others.get(language) or Tongue(self.phrases, self.recognizer, self.voice, self.second)
