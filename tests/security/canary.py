"""Numbers that no other run has, so that finding one anywhere means that this run has let it out.

They are made from the first digits of published test cards, never written down, and good for nothing.
"""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from stdnum import luhn

_CHANCE = random.SystemRandom()
_VISA, _AMERICAN_EXPRESS = "411111", "378282"
_DECLINED = "4000000000000002"
ROUTING_NUMBER = "021000021"
SHORT = 4
"""A code of so many digits is looked for where it stands alone; shorter ones stand in too many innocent places."""
FIRST_CODE = 7000
"""Security codes of four digits begin here: they look like no year and no amount of the demo's bills. The last four
digits of a number, which may be shown and spoken, stay below."""
WORDS = ("(?:zero|oh|o)", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_BETWEEN = rb"[^0-9A-Za-z]{0,4}"
_BETWEEN_WORDS = rb"[^0-9A-Za-z]{1,6}"
_ANY_WORD = b"(?<![A-Za-z])(?:" + b"|".join(word.encode() for word in WORDS) + b")(?![A-Za-z])"
_RUN_OF_WORDS = re.compile(_ANY_WORD + b"(?:" + _BETWEEN_WORDS + _ANY_WORD + b")+", re.IGNORECASE)
_ONE_KEY = re.compile(rb"key\W{1,4}([0-9])(?![0-9])")


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret to look for."""

    name: str
    digits: str

    @property
    def short(self) -> bool:
        return len(self.digits) <= SHORT

    def forms_in(self, data: bytes) -> list[str]:
        """In which forms it stands in these bytes."""
        found = []
        digits = _BETWEEN.join(digit.encode() for digit in self.digits)
        if re.search(_alone(digits) if self.short else digits, data):
            found.append("digits")
        words = _BETWEEN_WORDS.join(WORDS[int(digit)].encode() for digit in self.digits)
        if self._in_words(words, data):
            found.append("words")
        if self.digits.encode("utf-16-le") in data:
            found.append("wide characters")
        if self.digits.encode() in b"".join(_ONE_KEY.findall(data)):
            found.append("key by key")
        return found

    def _in_words(self, words: bytes, data: bytes) -> bool:
        if self.short:
            return any(re.fullmatch(words, run[0], re.IGNORECASE) for run in _RUN_OF_WORDS.finditer(data))
        return re.search(words, data, re.IGNORECASE) is not None


def _alone(pattern: bytes) -> bytes:
    """A short code must stand alone: four digits in the middle of a time, a port or a confirmation number are none."""
    return rb"(?<![0-9A-Za-z.:$-])" + pattern + rb"(?![0-9A-Za-z.:-])"


@dataclass(frozen=True, slots=True)
class Tender:
    """What a caller gives, and what of it must never be seen again."""

    number: str
    code: str = ""
    routing: str = ""

    @property
    def canaries(self) -> tuple[Canary, ...]:
        secrets = [Canary("number", self.number)]
        if len(self.code) >= SHORT:
            secrets.append(Canary("security code", self.code))
        if self.routing:
            secrets.append(Canary("routing number", self.routing))
        return tuple(secrets)


def expiration() -> str:
    """Keys for a date to come."""
    return f"11{(datetime.now(UTC).year + 3) % 100:02}"


def new_visa() -> Tender:
    return Tender(_with_check_digit(_VISA + _digits(6) + _last_four()[:3]), _digits(3))


def new_american_express() -> Tender:
    """With a security code of four digits."""
    number = _with_check_digit(_AMERICAN_EXPRESS + _digits(5) + _last_four()[:3])
    return Tender(number, str(_CHANCE.randrange(FIRST_CODE, 10000)))


def new_bank_account() -> Tender:
    return Tender(f"7{_digits(7)}{_last_four()}", routing=ROUTING_NUMBER)


def declined_card() -> Tender:
    """The sandbox refuses it; a published number."""
    return Tender(_DECLINED, _digits(3))


def _digits(count: int) -> str:
    return "".join(_CHANCE.choice("0123456789") for _ in range(count))


def _last_four() -> str:
    return f"{_CHANCE.randrange(FIRST_CODE):04}"


def _with_check_digit(number: str) -> str:
    return number + luhn.calc_check_digit(number)
