"""The second opinion on digits: its parts against their definitions, the whole on real sound."""

from itertools import product as combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.speech.conftest import Voice
from voicebot.grammar.heard import Hypothesis
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.digits import DigitOpinion
from voicebot.speech.digits.ctc import likeliest, likelihoods
from voicebot.speech.digits.features import BANDS, log_mel
from voicebot.speech.digits.network import NOTHING, WEIGHTS, DigitNetwork
from voicebot.speech.digits.opinion import NAMES, is_unsure, spelled
from voicebot.speech.products import product

Array = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def network() -> DigitNetwork:
    return DigitNetwork()


def guesses(*texts: tuple[str, float]) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(tuple(text.split()), score) for text, score in texts)


# --- features


@pytest.mark.parametrize(("hz", "band"), [(300, 3), (1_000, 13), (3_000, 29)])
def test_a_tone_is_loudest_in_its_band(hz: float, band: int) -> None:
    tone = 3_000 * np.sin(2 * np.pi * hz * np.arange(MODEL_HZ) / MODEL_HZ)
    bands = log_mel(tone.astype(np.float32))
    assert bands.shape == (97, BANDS)
    assert set(bands.argmax(axis=1)) == {band}


def test_ten_times_the_amplitude_is_two_more() -> None:
    noise = np.random.default_rng(1).normal(0, 300, 4_000).astype(np.float32)
    assert log_mel(10 * noise) - log_mel(noise) == pytest.approx(2.0, abs=1e-3)


def test_what_is_shorter_than_a_window_is_filled_up() -> None:
    assert log_mel(np.zeros(100, np.float32)) == pytest.approx(np.full((1, BANDS), -8.0))


# --- network


@pytest.mark.parametrize("rows", [1, 3, 910, 911, 4_000])
def test_a_product_in_pieces_is_the_product(rows: int) -> None:
    rng = np.random.default_rng(rows)
    left, right = rng.normal(size=(rows, 24)).astype(np.float32), rng.normal(size=(24, 12)).astype(np.float32)
    assert product(left, right) == pytest.approx(left @ right, abs=1e-4)


def by_definition(field: Array, weight: Array, bias: Array) -> Array:
    """A convolution as the books have it: time by frequency by channels, nothing around the edges."""
    outs, _, times, frequencies = weight.shape
    result = np.zeros((*field.shape[:2], outs), np.float32)
    for time, frequency in np.ndindex(*field.shape[:2]):
        total = bias.astype(np.float64)
        for step, beside in np.ndindex(times, frequencies):
            at, band = time + step - times // 2, frequency + beside - frequencies // 2
            if 0 <= at < field.shape[0] and 0 <= band < field.shape[1]:
                total = total + weight[:, :, step, beside] @ field[at, band]
        result[time, frequency] = total
    return result


def test_a_small_network_by_definition(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    shapes = {"body0": (3, 1, 3, 3), "body1": (4, 3, 1, 3), "body2": (2, 4, 3, 1)}
    shapes |= {"head0": (5, 32, 5, 1), "head1": (5, 5, 5, 1), "head2": (11, 5, 1, 1)}
    weights = {f"{name}.weight": rng.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": rng.normal(0, 0.4, shape[0]).astype(np.float32) for name, shape in shapes.items()}
    weights |= {"mean": rng.normal(size=32).astype(np.float32), "scale": rng.uniform(1, 2, 32).astype(np.float32)}
    np.savez(tmp_path / "small.npz", allow_pickle=False, **weights)
    bands = rng.normal(size=(9, BANDS)).astype(np.float32)

    field = bands[:, :, None]
    for layer in ("body0", "body1", "body2"):
        field = by_definition(field, weights[f"{layer}.weight"], weights[f"{layer}.bias"])
        field = np.maximum(np.where(field < 0, 0.2 * field, field), -0.4)
    field = field[:8].reshape(4, 2, 16, 2, 2).max(axis=(1, 3))
    row = np.stack([frame.T.ravel() for frame in field])[:, None, :]
    row = ((row - weights["mean"]) * weights["scale"]).astype(np.float32)
    for name in ("head0", "head1"):
        row = np.maximum(by_definition(row, weights[f"{name}.weight"], weights[f"{name}.bias"]), 0)
    scores = by_definition(row, weights["head2.weight"], weights["head2.bias"])[:, 0]
    expected = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    assert DigitNetwork(tmp_path / "small.npz").log_probabilities(bands) == pytest.approx(expected, abs=1e-4)


def test_the_weights_are_small_and_each_frame_adds_up_to_one(network: DigitNetwork) -> None:
    assert WEIGHTS.stat().st_size < 1_000_000
    frames = network.log_probabilities(np.random.default_rng(2).normal(4, 1, (80, BANDS)).astype(np.float32))
    assert frames.shape == (20, NOTHING + 1)
    assert np.exp(frames).sum(axis=1) == pytest.approx(np.ones(20), abs=1e-4)


def test_spells_most_of_what_a_voice_says_that_it_never_heard(network: DigitNetwork, said: Voice) -> None:
    heard = [likeliest(network.log_probabilities(log_mel(said(name))))[0] for name in NAMES]
    assert sum(text == str(digit) for digit, text in enumerate(heard)) >= 7, heard


def test_hears_no_digit_in_silence_and_noise(network: DigitNetwork) -> None:
    rng = np.random.default_rng(3)
    for rms in (4.0, 300.0):
        noise = rng.normal(0, rms, MODEL_HZ).astype(np.float32)
        assert likeliest(network.log_probabilities(log_mel(noise)))[0] == ""


# --- ctc


def random_frames(count: int, seed: int, alphabet: int = 3) -> Array:
    """Frames in which only the first few digits can be, or nothing."""
    scores = np.full((count, NOTHING + 1), -np.inf, np.float32)
    drawn = np.random.default_rng(seed).dirichlet(np.full(alphabet + 1, 0.3), count).astype(np.float32)
    scores[:, [*range(alphabet), NOTHING]] = np.log(drawn)
    return scores


def by_every_path(frames: Array, alphabet: int = 3) -> dict[str, float]:
    """The probability of each text: of all ways through the frames, those that spell it."""
    found: dict[str, float] = {}
    for path in combinations((*range(alphabet), NOTHING), repeat=len(frames)):
        text, before = "", NOTHING
        for label in path:
            text += str(label) if label not in {before, NOTHING} else ""
            before = label
        probability = float(np.exp(sum(frames[time, label] for time, label in enumerate(path))))
        found[text] = found.get(text, 0.0) + probability
    return found


@pytest.mark.parametrize("seed", range(4))
def test_likelihoods_are_sums_over_every_path(seed: int) -> None:
    frames = random_frames(6, seed)
    expected = by_every_path(frames)
    texts = list(expected)
    assert np.exp(likelihoods(frames, texts)) == pytest.approx(np.array([expected[text] for text in texts]), rel=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_the_likeliest_text_comes_first(seed: int) -> None:
    frames = random_frames(6, seed)
    expected = by_every_path(frames)
    assert likeliest(frames)[0] == max(expected, key=lambda text: expected[text])


def test_a_text_that_does_not_fit_into_the_frames_is_impossible() -> None:
    assert likelihoods(random_frames(3, 1), ["0", "00", "000"])[2] == -np.inf


# --- when and what


@pytest.mark.parametrize(
    ("heard", "unsure"),
    [
        (guesses(("four one", 50.0), ("four nine", 47.0)), True),
        (guesses(("four one", 50.0), ("four nine", 43.0)), False),
        (guesses(("four one", 50.0)), False),
        (guesses(("oh one", 50.0), ("zero one", 49.0), ("four one", 40.0)), False),
        (guesses(("forty one", 50.0), ("four one", 49.0)), False),
        (guesses(("four one", 50.0), ("forty one", 49.0)), True),
        (guesses(("four", 50.0), ("", 49.0)), True),
        (guesses(("the five", 50.0), ("six five", 47.0)), True),
        (guesses(("the", 50.0), ("six", 47.0)), True),
        (guesses(("the number", 50.0), ("six", 47.0)), False),
        (guesses(("", 50.0), ("four", 49.0)), False),
        ((), False),
    ],
)
def test_is_asked_only_about_digits_with_a_near_rival(heard: tuple[Hypothesis, ...], unsure: bool) -> None:
    assert is_unsure(heard) is unsure
    assert bool(DigitOpinion().of(heard, np.zeros(MODEL_HZ, np.float32))) is unsure


def test_thinks_most_of_what_was_said_and_names_what_the_recogniser_lost(said: Voice) -> None:
    heard = guesses(("four three", 50.0), ("four three three", 48.0), ("forty three", 47.0), ("oh three", 46.0))
    opinion = DigitOpinion().of(heard, said("four five three"))
    scores = {guess.words: guess.score for guess in opinion}
    assert opinion[0].words == ("four", "five", "three")
    assert {("four", "three"), ("four", "three", "three"), ("oh", "three"), ()} <= set(scores)
    assert ("forty", "three") not in scores
    assert scores["four", "five", "three"] - scores["four", "three"] > 3
    assert [guess.score for guess in opinion] == sorted((guess.score for guess in opinion), reverse=True)


@pytest.mark.parametrize(
    ("words", "digits"),
    [("four oh nine", "409"), ("the five", "5"), ("", ""), ("forty", None), ("double five", None), ("[unk]", None)],
)
def test_only_single_digits_are_spelled(words: str, digits: str | None) -> None:
    assert spelled(words.split()) == digits
