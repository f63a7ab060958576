"""Answers out of a few: yes or no, card or check, which items."""

from collections.abc import Sequence
from dataclasses import replace

from voicebot.capture import first_word
from voicebot.capture.answer import Key, Part
from voicebot.capture.decision import MENUS, Decision, Expectation, Value, Verdict
from voicebot.capture.hearing import UNKNOWN_WORD, known_words, merged
from voicebot.capture.kinds import ChoiceRule, InvalidValueError
from voicebot.capture.thresholds import (
    AFFIRMED_NATS,
    CHOICES,
    COMPLETE_S,
    FRAGMENT_NATS,
    INCOMPLETE_S,
    INTERDIGIT_S,
    MAY_GO_ON_S,
    PROPOSED_CHOICE,
    RIVALS,
)
from voicebot.grammar.heard import Hypothesis, Segment

_END = "#"
_OPERATOR = "0"
_ALL = "all"
_NEVER = float("-inf")


def decide(parts: Sequence[Part], expected: Expectation, rule: ChoiceRule, second: Segment | None) -> Decision:
    """The choice that was made: by keys when the last part is one, else by what was said.

    Args:
        parts: what was said and pressed.
        expected: what may be answered.
        rule: of the kind of answer.
        second: how likely a second recogniser finds the words that the last answer may begin with; None if not asked.
    """
    if isinstance(parts[-1], Key):
        return _by_keys([part.key for part in parts if isinstance(part, Key)], expected, rule)
    decision = _by_words([part for part in parts if isinstance(part, Segment)], expected, rule)
    if second is not None and second.hypotheses:
        return _by_both(parts, second, decision, expected, rule)
    return decision


def _by_keys(keys: Sequence[str], expected: Expectation, rule: ChoiceRule) -> Decision:
    ended = keys[-1] == _END
    pressed = [key for key in keys if key != _END]
    if _OPERATOR in pressed:
        return Decision(Verdict.REJECT, command="operator")
    if not pressed:
        return Decision(Verdict.REJECT, reason="no_input")
    meant = [rule.keys[key] for key in (pressed if rule.several else pressed[-1:]) if key in rule.keys]
    if not meant:
        return Decision(Verdict.REJECT, reason="no_match")
    text = _ALL if _ALL in meant else ",".join(meant)
    try:
        content = rule.validate(text)
    except InvalidValueError as invalid:
        return Decision(Verdict.REJECT, reason=invalid.reason)
    wait_s = 0.0 if ended or not rule.several or content == _ALL else INTERDIGIT_S
    return Decision(Verdict.ACCEPT, Value(expected.kind, content), wait_s=wait_s)


def _by_words(segments: Sequence[Segment], expected: Expectation, rule: ChoiceRule) -> Decision:
    """All segments as one answer; where that is none, the last one that is one in itself ("uh … card", "no … no").

    Where the answer network has heard them each is one by itself, as it knows nothing of several as one.
    """
    alone = (_read(segment, expected, rule) for segment in reversed(segments))
    if any(segment.network for segment in segments):
        each = list(alone)
        whole = next((decision for decision in each if decision.value is not None), each[0])
        return next((decision for decision in each if decision.verdict is not Verdict.REJECT), whole)
    whole = _read(merged(segments) if len(segments) > 1 else segments[0], expected, rule)
    if whole.verdict is not Verdict.REJECT:
        return whole
    return next((decision for decision in alone if decision.verdict is not Verdict.REJECT), whole)


def _by_both(
    parts: Sequence[Part], second: Segment, first: Decision, expected: Expectation, rule: ChoiceRule
) -> Decision:
    """A yes or no of the last answer by both recognisers; where that is neither by the first, what that one decided."""
    last = first_word.last_answer(parts, expected)
    if last is None:
        return first
    if first_word.affirms(last, expected):
        last = replace(last, network=())  # it knows "yup" from synthetic voices only, and both must hear it
    heard = _Heard(last, expected, rule, lenient=True, affirms=True)
    guesses = {content: found for content, found in heard.guesses.items() if content in RIVALS}
    if not guesses or heard.is_refused:
        return first
    borne_out = first_word.evidence(second, guesses, expected, first_word.weighing(last))
    margins = {
        content: min(heard.weighed(content) + nats - heard.best[content], CHOICES.spent)
        for content, (nats, _) in borne_out.items()
    }
    content = max(margins, key=lambda name: margins[name])
    decision = _weighed(Value(expected.kind, content), margins[content], _wait_s(content, rule))
    return replace(decision, said=first_word.meant(borne_out[content][1]))


def _read(segment: Segment, expected: Expectation, rule: ChoiceRule) -> Decision:
    heard = _Heard(segment, expected, rule, lenient=bool(segment.network))
    if not heard.best or heard.is_refused:
        refused = heard.refused
        reason = max(refused, key=lambda name: refused[name]) if refused else "no_match"
        return Decision(Verdict.REJECT, reason=reason, wait_s=MAY_GO_ON_S if refused else INCOMPLETE_S)
    content = max(heard.best, key=lambda name: heard.best[name])
    decision = _weighed(Value(expected.kind, content), heard.score(content), _wait_s(content, rule))
    if decision.verdict is Verdict.REJECT and _may_be_proposed(content, heard, segment, expected):
        return replace(decision, verdict=Verdict.CONFIRM)
    words = heard.words(content)
    shown = segment.best is not None and known_words(segment.best) == words and words not in first_word.HEARD_FOR
    return decision if shown or content not in RIVALS else replace(decision, said=first_word.meant(words))


def _may_be_proposed(content: str, heard: "_Heard", segment: Segment, expected: Expectation) -> bool:
    """Whether an answer to a menu, likelier than all others, may be asked about though it may have been no answer."""
    if expected.kind not in MENUS or expected.refuses(content) or heard.margin(content) < PROPOSED_CHOICE.least:
        return False
    commands = expected.commands
    rivals = [score for name, score in heard.best.items() if name != content]
    rivals += [
        hypothesis.score
        for hypothesis in segment.hypotheses
        if commands is not None and (words := known_words(hypothesis)) and commands.read(words)
    ]
    return heard.best[content] - max(rivals, default=_NEVER) >= PROPOSED_CHOICE.lead


class _Heard:
    """The likeliest guess at each answer in a segment.

    Args:
        segment: what was heard between two pauses.
        expected: what may be answered.
        rule: of the kind of answer.
        lenient: half an answer weighs little, as in a menu, where no word at all does so too.
        affirms: what affirms is a yes, at a price, as a second recogniser has heard it too.

    Attributes:
        best: by content, the score of an answer.
        guesses: by content, the words of each such answer with its score.
        partly: by content, the score of an answer with something else beside it.
        refused: by reason, the score of what would be an answer elsewhere.
        other: the score of what is none.
    """

    def __init__(
        self,
        segment: Segment,
        expected: Expectation,
        rule: ChoiceRule,
        *,
        lenient: bool = False,
        affirms: bool = False,
    ) -> None:
        self._segment = segment
        self._expected = expected
        self.best: dict[str, float] = {}
        self.guesses: dict[str, dict[tuple[str, ...], float]] = {}
        self.partly: dict[str, float] = {}
        self.refused: dict[str, float] = {}
        self.other = _NEVER
        self._affirms = affirms
        menu = expected.kind in MENUS
        for hypothesis in segment.hypotheses:
            words = known_words(hypothesis)
            texts = {reading.text for reading in expected.grammar.read(words)[:1]} if words else set()
            if not texts:
                weighs_less = UNKNOWN_WORD not in hypothesis.words and (menu or (lenient and bool(hypothesis.words)))
                self.other = max(self.other, hypothesis.score - (FRAGMENT_NATS if weighs_less else 0.0))
            for text in texts:
                self._note(hypothesis, words, text, rule)

    def _note(self, hypothesis: Hypothesis, words: tuple[str, ...], text: str, rule: ChoiceRule) -> None:
        price = 0.0
        if text == first_word.AFFIRMED and self._affirms:
            text, price = "yes", AFFIRMED_NATS
        try:
            content = rule.validate(text)
        except InvalidValueError as invalid:
            self.refused[invalid.reason] = max(hypothesis.score, self.refused.get(invalid.reason, _NEVER))
            return
        found = self.partly if len(words) < len(hypothesis.words) else self.best
        score = hypothesis.score - price
        found[content] = max(score, found.get(content, _NEVER))
        if found is self.best:
            self.guesses.setdefault(content, {}).setdefault(words, score)

    @property
    def is_refused(self) -> bool:
        """Whether something that cannot be taken here is likelier than any answer."""
        return max(self.refused.values(), default=_NEVER) > max(self.best.values(), default=_NEVER)

    def words(self, content: str) -> tuple[str, ...]:
        """The likeliest ones of an answer."""
        guesses = self.guesses[content]
        return max(guesses, key=lambda guess: guesses[guess])

    def margin(self, content: str) -> float:
        """How far an answer is before anything else; with a breath or a cough beside it the same one is no rival."""
        against = [score for found in (self.best, self.partly) for name, score in found.items() if name != content]
        return min(self.best[content] - max([self.other, *against]), CHOICES.spent)

    def weighed(self, content: str) -> float:
        """The margin, put together with what the answer network thinks, where that was asked."""
        margin = self.margin(content)
        together = first_word.with_network(margin, content, self.words(content), self._segment, self._expected)
        return margin if together is None else together

    def score(self, content: str) -> float:
        """The same, as it counts with no second recogniser.

        What the first one finds no likelier than something else is at most just taken, and never sure.
        """
        weighed = min(self.weighed(content), CHOICES.spent)
        return weighed if self.margin(content) >= CHOICES.accept else min(weighed, CHOICES.accept)


def _wait_s(content: str, rule: ChoiceRule) -> float:
    goes_on = content not in rule.finished if rule.finished is not None else rule.several and content != _ALL
    return MAY_GO_ON_S if goes_on else COMPLETE_S


def _weighed(value: Value, margin: float, wait_s: float) -> Decision:
    if margin >= CHOICES.accept:
        return Decision(Verdict.ACCEPT, value, score=margin, wait_s=wait_s)
    if margin >= CHOICES.confirm:
        return Decision(Verdict.CONFIRM, value, score=margin, reason="not_sure", wait_s=wait_s)
    return Decision(Verdict.REJECT, value, score=margin, reason="not_sure", wait_s=MAY_GO_ON_S)
