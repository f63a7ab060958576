"""What the bot plays at each moment, to the sample."""

import numpy as np
import pytest

from voicebot.audio import PromptFinished, Sound
from voicebot.call.playing import Playing
from voicebot.speech.activity import MODEL_HZ

LOUD = Sound.from_samples(np.full(MODEL_HZ // 10, 1_000, np.int16), MODEL_HZ)
"""A tenth of a second."""


@pytest.mark.parametrize(
    ("end_s", "duration_s", "silent_before", "silent_after"),
    [
        pytest.param(1.05, 0.02, 0, 0, id="in the middle"),
        pytest.param(1.05, 0.04, 0, 0, id="two frames"),
        pytest.param(1.01, 0.04, 480, 0, id="over its beginning"),
        pytest.param(1.12, 0.04, 0, 320, id="over its end"),
        pytest.param(1.20, 0.02, 0, 320, id="after it"),
        pytest.param(0.90, 0.02, 320, 0, id="before it"),
    ],
)
def test_a_stretch_of_a_prompt(end_s: float, duration_s: float, silent_before: int, silent_after: int) -> None:
    playing = Playing()
    playing.played(1, LOUD, 1.0)
    stretch = playing.until(end_s, duration_s)
    size = round(duration_s * MODEL_HZ)
    loud = np.flatnonzero(stretch)
    assert stretch.size == size
    assert loud.size == size - silent_before - silent_after
    assert loud.size == 0 or (loud[0], loud[-1]) == (silent_before, size - silent_after - 1)


def test_the_next_prompt_begins_when_the_one_before_it_is_over() -> None:
    playing = Playing()
    playing.played(1, LOUD, 1.0)
    playing.played(2, LOUD, 1.0)
    playing.happened(PromptFinished(1, complete=True, at_s=3.0))
    assert not playing.until(2.9, 0.02).any()
    assert playing.until(3.02, 0.02).all()
    playing.happened(PromptFinished(2, complete=True, at_s=3.1))
    assert playing.is_silent
    assert not playing.until(3.12, 0.02).any()
