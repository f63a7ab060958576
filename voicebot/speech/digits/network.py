"""The network: log-mel bands in, for each 40 ms the log-probability of every digit, or of none.

Four blocks of narrow convolutions, taken from Google's speech embedding (Apache 2.0; Lin, Kilgour, Roblek, Sharifi:
"Training keyword spotters with limited and synthesized speech data", ICASSP 2020), which has heard far more people than
we have recordings of, and three layers of our own, trained by `bench.digits`. Plain numpy: a segment of three seconds
takes 20 ms of one core, and nobody needs a framework for that.
"""

from pathlib import Path
from typing import Final

import numpy as np

from voicebot.speech.products import Array, product

WEIGHTS: Final = Path(__file__).parent / "digits.npz"

FRAME_S: Final = 0.04
NOTHING: Final = 10
"""Index of "no digit begins or ends here" (CTC's blank), behind the ten digits."""

_LEAK: Final = np.float32(0.2)
_FLOOR: Final = np.float32(-0.4)
_POOLED_AFTER: Final = {2: (2, 2), 6: (1, 2), 10: (2, 2), 14: (1, 2)}
"""After which convolution how many neighbours in time and in frequency become one, the largest."""


class DigitNetwork:
    """The network with its weights, 0.7 MB, loaded once. Safe to use from any thread.

    Args:
        weights: what `bench.digits` wrote.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        arrays = stored(weights)
        self._lower = {name: array for name, array in arrays.items() if name.startswith("body")}
        self._body = [_Convolution(arrays, f"body{number}") for number in range(len(self._lower) // 2)]
        self._head = Head(arrays)

    def log_probabilities(self, bands: Array) -> Array:
        """For each 40 ms the logarithm of what each digit is worth there, and `NOTHING`; each row adds up to one.

        Args:
            bands: what `features.log_mel` gives, at least four windows.
        """
        return normalised(self._head.scores(self.embedded(bands)))

    def embedded(self, bands: Array) -> Array:
        """What the lower layers see, frames by features."""
        field = bands[:, :, None]
        for number, convolution in enumerate(self._body):
            field = convolution.applied_to(field)
            np.maximum(field, field * _LEAK, out=field)
            np.maximum(field, _FLOOR, out=field)
            if number in _POOLED_AFTER:
                field = _pooled(field, *_POOLED_AFTER[number])
        return field.transpose(0, 2, 1).reshape(len(field), -1)

    def lower_weights(self) -> dict[str, Array]:
        """The weights of the lower layers, for who trains others above them."""
        return dict(self._lower)


class Head:
    """The upper layers.

    Args:
        arrays: their weights by name, and `mean` and `scale` of what the lower layers see.
    """

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._mean, self._scale = arrays["mean"], arrays["scale"]
        layers = sum(name.startswith("head") for name in arrays) // 2
        self._layers = [_Convolution(arrays, f"head{number}") for number in range(layers)]

    def scores(self, embedded: Array) -> Array:
        """Frames by what it tells apart."""
        row = ((embedded - self._mean) * self._scale)[:, None, :]
        for layer in self._layers[:-1]:
            row = np.maximum(layer.applied_to(row), 0)
        return self._layers[-1].applied_to(row)[:, 0]


def normalised(scores: Array) -> Array:
    """Scores as logarithms of probabilities, so that each row adds up to one."""
    scores = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


def stored(weights: Path) -> dict[str, Array]:
    """Weights by name, as the benchmarks that train them wrote them."""
    with np.load(weights, allow_pickle=False) as found:
        return {name: found[name].astype(np.float32) for name in found.files}


class _Convolution:
    """A convolution over time and frequency that keeps the size of both; weights are (out, in, time, frequency)."""

    def __init__(self, arrays: dict[str, Array], name: str) -> None:
        weight = arrays[f"{name}.weight"]
        self._bias = arrays[f"{name}.bias"]
        self._times, self._frequencies = weight.shape[2:]
        self._matrix = np.ascontiguousarray(weight.transpose(2, 3, 1, 0).reshape(-1, len(weight)))

    def applied_to(self, field: Array) -> Array:
        """Time by frequency by channels, in and out."""
        times, frequencies, channels = field.shape
        columns = np.zeros((times, frequencies, self._times, self._frequencies, channels), np.float32)
        for time in range(self._times):
            to_time, from_time = _shifted(time - self._times // 2, times)
            for frequency in range(self._frequencies):
                to_frequency, from_frequency = _shifted(frequency - self._frequencies // 2, frequencies)
                columns[to_time, to_frequency, time, frequency] = field[from_time, from_frequency]
        result = product(columns.reshape(times * frequencies, -1), self._matrix)
        result += self._bias
        return result.reshape(times, frequencies, -1)


def _shifted(by: int, size: int) -> tuple[slice, slice]:
    """Which places have a neighbour so far behind them, and which places those neighbours are."""
    return slice(max(0, -by), size - max(0, by)), slice(max(0, by), size + min(0, by))


def _pooled(field: Array, times: int, frequencies: int) -> Array:
    """The largest of each few neighbours; what is left over at the end goes."""
    for axis, size in enumerate((times, frequencies)):
        if size > 1:
            whole = field.shape[axis] // size * size
            kept = field[:whole] if axis == 0 else field[:, :whole]
            pairs = [kept[step::size] if axis == 0 else kept[:, step::size] for step in range(size)]
            field = np.maximum.reduce(pairs)
    return field
