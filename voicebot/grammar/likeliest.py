"""The sentences of a network that weigh most, loops or not."""

from heapq import heappop, heappush

from voicebot.grammar.network import Network

_END = -1


def likeliest(network: Network, most: int, *, word_cost: float, at_most: float) -> dict[tuple[str, ...], float]:
    """Give the cheapest accepted sentences, cheapest first, each with its cost.

    Args:
        network: what may be said.
        most: sentences, at most.
        word_cost: what each word costs beside the weights, above 0: loops end by it.
        at_most: the cost of the dearest one.
    """
    found: dict[tuple[str, ...], float] = {}
    waiting: list[tuple[float, tuple[str, ...], int]] = [(0.0, (), 0)]
    while waiting and len(found) < most:
        cost, words, state = heappop(waiting)
        if state == _END:
            found.setdefault(words, cost)
            continue
        ends = [(cost + spent, words, _END) for _, spent in network.finals[state] if words]
        goes_on = [
            (cost + arc.cost + word_cost, (*words, word), arc.target)
            for word, leads in network.arcs[state].items()
            for arc in leads
        ]
        for way in (*ends, *goes_on):
            if way[0] <= at_most:
                heappush(waiting, way)
    return found
