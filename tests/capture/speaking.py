"""Small grammars and hand-made hearings, so that these tests need neither a model nor the product's grammars."""

from datetime import date

from voicebot.capture import Answer, Expectation, Group, Value
from voicebot.grammar import Grammar, Hypothesis, Segment, grammars_from_texts

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
TODAY = date(2026, 3, 10)


def _number_rules() -> str:
    digits = " | ".join(f"{word} {{{digit}}}" for digit, word in enumerate(DIGITS))
    doubled = " | ".join(f"double {word} {{{digit}{digit}}}" for digit, word in enumerate(DIGITS))
    tens = " | ".join(f"{word} {{{ten}0}}" for ten, word in enumerate(TENS, 2))
    compound = " | ".join(
        f"{word} {DIGITS[unit]} {{{ten}{unit}}}" for ten, word in enumerate(TENS, 2) for unit in range(1, 10)
    )
    zeros = "oh {0} | double oh {00}"
    return f"<piece> = {digits} | {zeros} | {doubled} | {tens} | {compound};\npublic <number> = <piece>+;\n"


_MENU = {
    "yes_no": "(yes | that's right) {yes} | (no | that's wrong) {no}",
    "tender": "card {card} | credit card {card} | electronic check {echeck}",
    "withdrawal_type": "checking {Checking} | savings {Savings}",
    "item_choice": "all {all} | <item> ([and] {,} <item>)*",
    "after_decline": "try again {correct} | another one {other} | stop {stop}",
    "commands": "repeat {command:repeat} | help {command:help} | operator {command:operator}"
    " | start over {command:start_over} | hold on {command:hold}"
    " | (goodbye | bye) {command:goodbye}",
    "expiration": "<month> <year>",
}
_MORE = {
    "item_choice": "<item> = one {1} | two {2} | three {3};",
    "expiration": "<month> = oh five {month:05} | may {month:05} | one three {month:13};"
    "<year> = twenty seven {year:27} | twenty five {year:25} | twenty twenty seven {year:2027};",
}
_NUMBERS = ("card_number", "account_number", "routing_number", "bank_account_number", "security_code")


def _grammars() -> dict[str, Grammar]:
    texts = {f"{name}.jsgf": f"#JSGF V1.0;\ngrammar {name};\n{_number_rules()}" for name in _NUMBERS}
    texts |= {
        f"{name}.jsgf": f"#JSGF V1.0;\ngrammar {name};\n{_MORE.get(name, '')}\npublic <answer> = {rule};\n"
        for name, rule in _MENU.items()
    }
    return dict(grammars_from_texts(texts))


GRAMMARS = _grammars()


def expecting(
    kind: str,
    *,
    known: frozenset[str] | None = None,
    choices: int = 0,
    options: tuple[str, ...] = (),
    lengths: tuple[int, ...] = (),
    earlier: tuple[Answer, ...] = (),
    group: Group | None = None,
    keys_only: bool = False,
    twice: bool = False,
    refused: tuple[Value, ...] = (),
) -> Expectation:
    return Expectation(
        kind=kind,
        grammar=GRAMMARS[kind],
        commands=GRAMMARS["commands"],
        today=TODAY,
        known_accounts=known,
        choices=choices,
        options=options,
        lengths=lengths,
        earlier=earlier,
        group=group,
        keys_only=keys_only,
        twice=twice,
        refused=refused,
    )


def segment(*hypotheses: str | tuple[str, float], at_s: float = 1.0) -> Segment:
    """A segment with these hypotheses; those without a score come 8 nats apart."""
    made = []
    for place, hypothesis in enumerate(hypotheses):
        words, score = hypothesis if isinstance(hypothesis, tuple) else (hypothesis, -8.0 * place)
        made.append(Hypothesis(tuple(words.split()), score))
    return Segment(tuple(made), at_s, at_s + 0.5)


def answer(*parts: str | tuple[tuple[str, float], ...]) -> Answer:
    """An answer of parts a second apart: words, keys as "#12", or several hypotheses with scores."""
    result, at_s = Answer(), 1.0
    for part in parts:
        if isinstance(part, str) and part.startswith("keys:"):
            for key in part.removeprefix("keys:"):
                result = result.pressed(key, at_s)
                at_s += 0.2
        else:
            result = result.heard(segment(part, at_s=at_s) if isinstance(part, str) else segment(*part, at_s=at_s))
        at_s += 1.0
    return result


def spoken(digits: str) -> str:
    """The digits one by one, as words."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def content_of(value: object) -> str:
    """What is inside a value, wrapped or not."""
    inner = getattr(value, "content", "")
    reveal = getattr(inner, "get_secret_value", None)
    return str(reveal() if reveal else inner)
