"""The wording of one language: checked once at start, then filled with values, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicebot.capture import GROUPED_KINDS
from voicebot.dialog.consent import CONSENTS
from voicebot.dialog.formats import Formats, names_in
from voicebot.dialog.lines import Filling, Line, fill
from voicebot.dialog.questions import QUESTIONS, Question

QUESTION_VALUES: Mapping[str, frozenset[str]] = {
    "language": frozenset({"key"}),
    "item_choice": frozenset({"owed"}),
    "tender": frozenset({"owed", "costs", "options", "keys"}),
    "confirm_payment": frozenset({"authorization", "total"}),
    "repeat_confirmation": frozenset({"paid"}),
}
"""The values that a question's texts may name, beside `value` where it confirms one."""

SENTENCES: Mapping[str, frozenset[str]] = {
    "greeting": frozenset({"agency"}),
    "one_moment": frozenset(),
    "still_working": frozenset(),
    "holding": frozenset(),
    "still_holding": frozenset(),
    "paying": frozenset(),
    "checking": frozenset(),
    "one_item": frozenset({"to_name", "amount", "description"}),
    "several_items": frozenset({"to_name", "count", "items"}),
    "item": frozenset({"number", "description", "amount"}),
    "chosen": frozenset({"total", "items"}),
    "everything": frozenset(),
    "nothing_owed": frozenset({"to_name"}),
    "unknown_account": frozenset(),
    "payment_pending": frozenset({"reference", "phone"}),
    "earlier_paid": frozenset({"reference", "payment_id"}),
    "earlier_not_paid": frozenset({"reference"}),
    "cost": frozenset({"tender", "fee", "total"}),
    "expires": frozenset({"value"}),
    "tender_card": frozenset(),
    "tender_echeck": frozenset(),
    "say_card": frozenset(),
    "say_echeck": frozenset(),
    "press_card": frozenset(),
    "press_echeck": frozenset(),
    **{template.sentence: template.facts for template in CONSENTS.values()},
    "chosen_card": frozenset(),
    "chosen_echeck": frozenset(),
    "chosen_checking": frozenset(),
    "chosen_savings": frozenset(),
    "withdrawal_checking": frozenset(),
    "withdrawal_savings": frozenset(),
    "declined": frozenset(),
    "not_paid": frozenset(),
    "stopped": frozenset(),
    "nothing_charged": frozenset(),
    "paid": frozenset({"payment_id"}),
    "goodbye_paid": frozenset(),
    "goodbye_uncharged": frozenset(),
    "goodbye_unknown": frozenset({"reference_slow", "phone"}),
    "unavailable": frozenset(),
    "not_sent": frozenset(),
    "gave_up": frozenset(),
    "call_us": frozenset({"phone"}),
    "reference_is": frozenset({"reference_slow"}),
    "transferring": frozenset(),
    "no_transfer": frozenset({"phone"}),
    "always": frozenset(),
    "first_digits": frozenset({"count"}),
    "middle_digits": frozenset({"count", "ordinal"}),
    "last_digits": frozenset({"count"}),
    "keypad_only": frozenset(),
}
"""Every sentence that is not a question, with the values that it must name, each and no other."""


ONCE_MORE = "once_more"
"""The reason by which an answer is asked for a second time to be sure."""


class WordingError(Exception):
    """A wording file is not usable; the text says which file, which entry, and what to write there."""


class QuestionWording(BaseModel):
    """The texts of one question; see the head of the wording file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: str = Field(min_length=1)
    help: str = Field(min_length=1)
    no_input: tuple[str, ...] = Field(min_length=1)
    no_match: tuple[str, ...] = Field(min_length=1)
    reasons: Mapping[str, str] = Field(default_factory=dict)
    echo: str = ""
    shorter: str = ""
    group: str = ""

    def texts(self) -> tuple[str, ...]:
        more = (self.echo, self.shorter, self.group)
        return (self.ask, self.help, *self.no_input, *self.no_match, *self.reasons.values(), *more)

    def retry(self, texts: Sequence[str], failures: int) -> str:
        """The text for this many failures, from 1; the last one serves for all that follow."""
        return texts[min(failures, len(texts)) - 1]


@dataclass(frozen=True, slots=True)
class Wording:
    """All texts of one language, complete and consistent.

    Attributes:
        formats: how it says numbers, money and dates; its locale too.
        sentences: by the names of `SENTENCES`.
        questions: by the names of `QUESTIONS`.
    """

    formats: Formats
    sentences: Mapping[str, str]
    questions: Mapping[str, QuestionWording]

    @property
    def language(self) -> str:
        """The locale, such as `en-US`."""
        return self.formats.language

    def line(self, sentence: str, values: Mapping[str, Filling]) -> Line:
        return fill(self.sentences[sentence], self.formats, values)

    def text(self, text: str, values: Mapping[str, Filling]) -> Line:
        return fill(text, self.formats, values)


def read_wording(data: Mapping[str, object], source: str) -> Wording:
    """Check what a wording file holds.

    Args:
        data: the file, as YAML gives it.
        source: the file's name, for errors.

    Raises:
        WordingError: a text is missing, is unknown, or names a value that it cannot have.
    """
    rest = dict(data)
    language = rest.pop("language", None)
    if not isinstance(language, str) or "-" not in language:
        raise WordingError(f"{source}: `language` must be a locale such as en-US")
    formats = _formats(source, language, rest.pop("formats", None))
    questions = rest.pop("questions", None)
    if not isinstance(questions, Mapping):
        raise WordingError(f"{source}: `questions` is missing; it holds the texts of every question")
    _same_names(source, "sentence", set(rest), set(SENTENCES))
    _same_names(source, "question", set(questions), set(QUESTIONS))
    for name, wanted in SENTENCES.items():
        text = rest[name]
        if not isinstance(text, str) or not text.strip():
            raise WordingError(f"{source}: {name} must be a text")
        named = _names(source, name, text)
        if named != wanted:
            raise WordingError(
                f"{source}: {name} must name exactly the values {_braced(wanted)}, and names {_braced(named)}"
            )
    return Wording(
        formats,
        {name: str(text) for name, text in rest.items()},
        {name: _question(source, QUESTIONS[name], texts) for name, texts in questions.items()},
    )


def _formats(source: str, language: str, told: object) -> Formats:
    if not isinstance(told, Mapping):
        raise WordingError(f"{source}: `formats` is missing; it says how money and dates are spoken")
    try:
        return Formats.model_validate({**told, "language": language})
    except ValidationError as error:
        raise WordingError(f"{source}: formats: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return ": ".join([*map(str, first["loc"]), first["msg"]])


def _question(source: str, question: Question, texts: object) -> QuestionWording:
    entry = f"questions: {question.name}"
    try:
        wording = QuestionWording.model_validate(texts)
    except ValidationError as error:
        raise WordingError(f"{source}: {entry}: {_first(error)}") from None
    allowed = QUESTION_VALUES.get(question.name, frozenset())
    if question.confirms:
        allowed |= {"value"}
    own = {
        wording.echo: frozenset() if question.sensitive else frozenset({"value"}),
        wording.group: frozenset({"group"}),
    }
    for text in wording.texts():
        unknown = _names(source, entry, text) - allowed - own.get(text, frozenset())
        if unknown:
            raise WordingError(f"{source}: {entry}: no value {_braced(unknown)} here; there is {_braced(allowed)}")
    missing = allowed - {"total", "options", "keys"} - _names(source, entry, wording.ask)
    if missing:
        raise WordingError(f"{source}: {entry}: ask must name {_braced(missing)}")
    if question.kind in GROUPED_KINDS and "group" not in _names(source, entry, wording.group):
        raise WordingError(f"{source}: {entry}: group must name {{group}}, as some digits are asked for again alone")
    if question.twice and ONCE_MORE not in wording.reasons:
        raise WordingError(f"{source}: {entry}: reasons must have {ONCE_MORE}, as the answer is asked for twice")
    if question.doubted and question.doubted not in wording.reasons:
        raise WordingError(f"{source}: {entry}: reasons must have {question.doubted}, as that answer is asked about")
    return wording


def _names(source: str, entry: str, text: str) -> frozenset[str]:
    try:
        return names_in(text)
    except ValueError as error:
        raise WordingError(f"{source}: {entry}: the braces do not match ({error})") from None


def _same_names(source: str, what: str, given: set[str], wanted: set[str]) -> None:
    if missing := sorted(wanted - given):
        raise WordingError(f"{source}: the {what} {', '.join(missing)} is missing")
    if unknown := sorted(given - wanted):
        raise WordingError(f"{source}: there is no {what} called {', '.join(unknown)}")


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
