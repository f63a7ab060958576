"""Expressions compiled into a finite-state transducer: words in, tagged text out, with a cost.

The construction is Thompson's, its empty moves then folded into the word arcs, outputs pushed forward as far as they
go, and states with the same future merged. What is left for a digits loop is a handful of states, so that reading a
hundred hypotheses costs a few milliseconds.

A cost is minus the logarithm of a weight relative to the heaviest alternative beside it, summed along the way; text
without weights costs 0. It orders readings, and bounds them: the cheapest are kept.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from operator import add, itemgetter

from voicebot.grammar.errors import GrammarError, Location
from voicebot.grammar.expression import (
    Choice,
    Expression,
    Maybe,
    Null,
    Reference,
    Repeat,
    Series,
    Tagged,
    Void,
    Word,
    walk,
)

Output = tuple[str, ...]
"""What is said so far, slot by slot, in the order of `Network.slots`."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One word read: where it leads, what it says, what it costs."""

    target: int
    output: Output
    cost: float


class Network:
    """A transducer over words. State 0 is the start; every state can reach an end.

    Attributes:
        slots: names of the outputs; the first is the default slot, named "".
        arcs: for each state, each word that may follow and where it leads.
        finals: for each state that may be the last, what ending there says, and its cost.
    """

    def __init__(self, expression: Expression, at: Location) -> None:
        """Compile an expression without references.

        Raises:
            GrammarError: it accepts nothing; `at` is where the error points.
        """
        self.slots = _slots(expression)
        self._empty: Output = ("",) * len(self.slots)
        states = _fold(_Thompson(expression, self.slots), self._empty)
        self.arcs, self.finals = _merged(_pushed(_trimmed(states, at), self._empty))

    def read(self, words: Sequence[str], limit: int) -> list[tuple[float, Output]]:
        """Give the `limit` cheapest distinct outputs for the words, cheapest first; none if they are not accepted."""
        empty = self._empty
        here: dict[int, dict[Output, float]] = {0: {empty: 0.0}}
        for word in words:
            there: dict[int, dict[Output, float]] = {}
            for state, partials in here.items():
                for arc in self.arcs[state].get(word, ()):
                    _extend(there.setdefault(arc.target, {}), partials, arc.output, arc.cost, empty)
            if not there:
                return []
            for state, partials in there.items():
                if len(partials) > limit:
                    there[state] = dict(nsmallest(limit, partials.items(), key=itemgetter(1)))
            here = there
        readings: dict[Output, float] = {}
        for state, partials in here.items():
            for output, cost in self.finals[state]:
                _extend(readings, partials, output, cost, empty)
        return sorted(((cost, output) for output, cost in readings.items()))[:limit]

    def begins(self, words: Sequence[str]) -> bool:
        """Tell whether something accepted begins with these words and goes on."""
        here = {0}
        for word in words:
            here = {arc.target for state in here for arc in self.arcs[state].get(word, ())}
        return any(self.arcs[state] for state in here)

    @property
    def starts(self) -> frozenset[str]:
        """Words that something accepted begins with."""
        return frozenset(self.arcs[0])

    @property
    def ends(self) -> frozenset[str]:
        """Words that something accepted ends with."""
        return frozenset(
            word for arcs in self.arcs for word, leads in arcs.items() if any(self.finals[arc.target] for arc in leads)
        )

    @cached_property
    def pairs(self) -> dict[tuple[str, str], float]:
        """Two words that stand beside each other in something accepted, with the weight of saying them.

        The weight is that of the heaviest way from the start through both words; 1 without weights.
        """
        costs: dict[tuple[str, str], float] = {}
        next_costs = [{word: min(arc.cost for arc in leads) for word, leads in arcs.items()} for arcs in self.arcs]
        for spent, arcs in zip(self._cheapest(), self.arcs, strict=True):
            for first, leads in arcs.items():
                for arc in leads:
                    for second, more in next_costs[arc.target].items():
                        cost = spent + arc.cost + more
                        if cost < costs.get((first, second), math.inf):
                            costs[first, second] = cost
        return {pair: math.exp(-cost) for pair, cost in costs.items()}

    def _cheapest(self) -> list[float]:
        """The cost of the cheapest way from the start to each state."""
        costs = [0.0] + [math.inf] * (len(self.arcs) - 1)
        waiting = [0]
        while waiting:
            state = waiting.pop()
            for arc in (arc for leads in self.arcs[state].values() for arc in leads):
                if costs[state] + arc.cost < costs[arc.target]:
                    costs[arc.target] = costs[state] + arc.cost
                    waiting.append(arc.target)
        return costs

    @property
    def words(self) -> frozenset[str]:
        """Every word in something accepted."""
        return frozenset(word for arcs in self.arcs for word in arcs)

    def sentences(self, most: int) -> tuple[tuple[str, ...], ...] | None:
        """Give all accepted sentences in alphabetical order, or None if there are more than `most` of them."""
        complete: set[tuple[str, ...]] = set()
        steps = 0
        longest = len(self.arcs)  # without a loop no sentence passes a state twice
        open_ends: list[tuple[tuple[str, ...], frozenset[int]]] = [((), frozenset({0}))]
        while open_ends:
            words, states = open_ends.pop()
            steps += 1
            complete |= {words} if any(self.finals[state] for state in states) else set()
            if len(words) > longest or len(complete) > most or steps > most * longest:
                return None
            following = sorted({word for state in states for word in self.arcs[state]})
            open_ends.extend(
                (
                    (*words, word),
                    frozenset(arc.target for state in states for arc in self.arcs[state].get(word, ())),
                )
                for word in following
            )
        return tuple(sorted(complete - {()}))


def split_tag(tag: str) -> tuple[str, str]:
    """Give the slot and the text of a tag: `month:05` is ("month", "05"), `41` is ("", "41")."""
    slot, colon, text = tag.partition(":")
    return (slot.strip(), text.strip()) if colon and slot.strip().isidentifier() else ("", tag)


def _slots(expression: Expression) -> tuple[str, ...]:
    tags = (tag for part in walk(expression) if isinstance(part, Tagged) for tag in part.tags)
    return ("", *sorted({split_tag(tag)[0] for tag in tags} - {""}))


def _extend(
    sink: dict[Output, float], partials: dict[Output, float], output: Output, cost: float, empty: Output
) -> None:
    silent = output == empty
    for before, spent in partials.items():
        key = before if silent else tuple(map(add, before, output))
        total = spent + cost
        if sink.get(key, math.inf) > total:
            sink[key] = total


class _Thompson:
    """Nodes joined by empty moves (output, cost) and word moves, one entry and one exit an expression."""

    def __init__(self, expression: Expression, slots: tuple[str, ...]) -> None:
        self._slots = slots
        self._silence: Output = ("",) * len(slots)
        self.moves: list[list[tuple[int, Output, float]]] = []
        self.words: list[list[tuple[str, int]]] = []
        self.start = self._node()
        self.end = self._build(expression, self.start)

    def _node(self) -> int:
        self.moves.append([])
        self.words.append([])
        return len(self.moves) - 1

    def _move(self, source: int, target: int, output: Output | None = None, cost: float = 0.0) -> None:
        self.moves[source].append((target, output or self._silence, cost))

    def _build(self, expression: Expression, start: int) -> int:
        match expression:
            case Word(text):
                for word in text.split():
                    end = self._node()
                    self.words[start].append((word, end))
                    start = end
                return start
            case Series(parts):
                for part in parts:
                    start = self._build(part, start)
                return start
            case Choice(options):
                end = self._node()
                heaviest = max(option.weight or 1.0 for option in options)
                for option in options:
                    entry = self._node()
                    self._move(start, entry, cost=math.log(heaviest / (option.weight or 1.0)))
                    self._move(self._build(option.body, entry), end)
                return end
            case Maybe(body):
                entry, end = self._node(), self._node()
                self._move(start, entry)
                self._move(start, end)
                self._move(self._build(body, entry), end)
                return end
            case Repeat(body, at_least):
                entry, end = self._node(), self._node()
                self._move(start, entry)
                last = self._build(body, entry)
                self._move(last, entry)
                self._move(last, end)
                if not at_least:
                    self._move(start, end)
                return end
            case Tagged(body, tags):
                end = self._node()
                self._move(self._build(body, start), end, self._output(tags))
                return end
            case Null():
                return start
            case Void():
                return self._node()
            case Reference(name):
                raise AssertionError(f"<{name}> must be replaced before a network is built")

    def _output(self, tags: tuple[str, ...]) -> Output:
        said = list(self._silence)
        for slot, text in map(split_tag, tags):
            said[self._slots.index(slot)] += text
        return tuple(said)


_Leads = list[tuple[str, int, Output, float]]
"""Arcs of one state: word, target, output, cost."""


@dataclass(slots=True)
class _State:
    leads: _Leads
    finals: dict[Output, float]


def _fold(nodes: _Thompson, empty: Output) -> dict[int, _State]:
    """Fold empty moves into the word arcs that follow them: one state a node that a word leads to, and the start."""
    states: dict[int, _State] = {}
    waiting = [nodes.start]
    while waiting:
        node = waiting.pop()
        if node in states:
            continue
        arcs: dict[tuple[str, int, Output], float] = {}
        finals: dict[Output, float] = {}
        for reached, output, cost in _closure(nodes, node, empty):
            if reached == nodes.end:
                finals[output] = min(cost, finals.get(output, math.inf))
            for word, target in nodes.words[reached]:
                key = (word, target, output)
                arcs[key] = min(cost, arcs.get(key, math.inf))
                waiting.append(target)
        states[node] = _State([(*key, cost) for key, cost in arcs.items()], finals)
    return states


def _closure(nodes: _Thompson, start: int, empty: Output) -> Iterator[tuple[int, Output, float]]:
    """Every node that empty moves reach, with what they say; a circle of empty moves is taken no second time."""
    best: dict[tuple[int, Output], float] = {}
    stack: list[tuple[int, Output, float, frozenset[int]]] = [(start, empty, 0.0, frozenset())]
    while stack:
        node, output, cost, behind = stack.pop()
        if best.get((node, output), math.inf) <= cost:
            continue
        best[node, output] = cost
        for target, said, more in nodes.moves[node]:
            if target not in behind:
                stack.append((target, tuple(map(add, output, said)), cost + more, behind | {node}))
    return ((node, output, cost) for (node, output), cost in best.items())


def _trimmed(states: dict[int, _State], at: Location) -> list[_State]:
    """Drop what can reach no end; number the rest from the start, which becomes 0."""
    alive = {node for node, state in states.items() if state.finals}
    before = -1
    while before < len(alive):
        before = len(alive)
        alive |= {node for node, state in states.items() if any(target in alive for _, target, _, _ in state.leads)}
    start = next(iter(states))
    if start not in alive:
        raise GrammarError(at, "the rule accepts nothing at all", "is every way through it <VOID>?")
    numbers = {node: number for number, node in enumerate(node for node in states if node in alive)}
    return [
        _State(
            [(w, numbers[target], out, cost) for w, target, out, cost in state.leads if target in alive],
            state.finals,
        )
        for node, state in states.items()
        if node in alive
    ]


def _pushed(states: list[_State], empty: Output) -> list[_State]:
    """Say at once what is sure to be said next, so that states which differ only in that can be merged."""
    while True:
        sure = [
            empty if number == 0 else _common({output for _, _, output, _ in state.leads} | state.finals.keys(), empty)
            for number, state in enumerate(states)
        ]
        if all(output == empty for output in sure):
            return states
        states = [_shifted(state, sure[number], sure, empty) for number, state in enumerate(states)]


def _shifted(state: _State, said: Output, sure: list[Output], empty: Output) -> _State:
    """The state after `said` was already said on the way to it, and with what is sure after each of its arcs."""

    def rest(output: Output) -> Output:
        return output if said == empty else tuple(map(str.removeprefix, output, said))

    def beside(output: Output, more: Output) -> Output:
        return output if more == empty else tuple(map(add, output, more))

    if said == empty and all(sure[target] == empty for _, target, _, _ in state.leads):
        return state  # so it is with nearly all of them
    return _State(
        [(word, target, beside(rest(output), sure[target]), cost) for word, target, output, cost in state.leads],
        {rest(output): cost for output, cost in state.finals.items()},
    )


def _common(outputs: set[Output], empty: Output) -> Output:
    """What each of the outputs begins with, slot by slot."""
    return empty if empty in outputs else tuple(map(_beginning, zip(*outputs, strict=True)))


def _beginning(texts: Sequence[str]) -> str:
    """What all of the texts begin with: what the first and the last of them in alphabetical order share."""
    first, last = min(texts), max(texts)
    differs = (place for place, letters in enumerate(zip(first, last, strict=False)) if letters[0] != letters[1])
    return first[: next(differs, len(first))]


def _merged(
    states: list[_State],
) -> tuple[tuple[dict[str, tuple[Arc, ...]], ...], tuple[tuple[tuple[Output, float], ...], ...]]:
    """Merge states with the same future, by refining a partition until it is stable."""
    classes = [0] * len(states)
    count = 0
    while True:
        signatures: dict[object, int] = {}
        classes = [
            signatures.setdefault(
                (
                    classes[number],
                    frozenset(state.finals.items()),
                    frozenset((word, classes[to], out, cost) for word, to, out, cost in state.leads),
                ),
                len(signatures),
            )
            for number, state in enumerate(states)
        ]
        if len(signatures) == count:
            break
        count = len(signatures)
    arcs: list[dict[str, tuple[Arc, ...]]] = [{} for _ in range(count)]
    finals: list[tuple[tuple[Output, float], ...]] = [()] * count
    for number, state in enumerate(states):
        grouped: dict[str, dict[tuple[int, Output], float]] = {}
        for word, target, output, cost in state.leads:
            cheapest = grouped.setdefault(word, {})
            key = (classes[target], output)
            cheapest[key] = min(cost, cheapest.get(key, math.inf))
        arcs[classes[number]] = {
            word: tuple(Arc(*key, cost) for key, cost in leads.items()) for word, leads in grouped.items()
        }
        finals[classes[number]] = tuple(state.finals.items())
    return tuple(arcs), tuple(finals)
