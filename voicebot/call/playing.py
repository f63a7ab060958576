"""What the bot is playing at each moment, for an ear that listens at the same time."""

from collections import deque

import numpy as np
import numpy.typing as npt

from voicebot.audio import PlaceEvent, PromptFinished, Sound
from voicebot.speech.activity import MODEL_HZ

Samples = npt.NDArray[np.float32]


class Playing:
    """Follows the prompts that a place was given, in the order in which it plays them."""

    def __init__(self) -> None:
        self._prompts: deque[tuple[int, Sound | None]] = deque()
        self._samples: Samples | None = None  # of the first, once somebody has asked for them
        self._began_s = 0.0

    @property
    def is_silent(self) -> bool:
        """Whether nothing is played or waits."""
        return not self._prompts

    def played(self, prompt_id: int, sound: Sound | None, at_s: float) -> None:
        """A prompt was given to the place."""
        if not self._prompts:
            self._began_s = at_s
        self._prompts.append((prompt_id, sound))

    def happened(self, event: PlaceEvent) -> None:
        """A prompt that is over makes way for the next."""
        if isinstance(event, PromptFinished):
            self._prompts = deque(prompt for prompt in self._prompts if prompt[0] != event.prompt_id)
            self._began_s = event.at_s
            self._samples = None

    def until(self, end_s: float, duration_s: float) -> Samples:
        """What was played in this stretch of time that ends here."""
        size = round(duration_s * MODEL_HZ)
        samples = self._first()
        end = round((end_s - self._began_s) * MODEL_HZ)
        stretch = samples[max(0, end - size) : max(0, end)]
        before = min(size, max(0, size - end))
        return np.pad(stretch, (before, size - before - stretch.size))

    def _first(self) -> Samples:
        """The prompt being played; resampled only where somebody listens over it."""
        sound = self._prompts[0][1] if self._prompts else None
        if sound is None:
            return np.zeros(0, np.float32)
        if self._samples is None:
            self._samples = sound.resampled(MODEL_HZ).samples.astype(np.float32)
        return self._samples
