"""How the decoder's network takes sound: in whole chunks, and with some more behind each."""

import math
from dataclasses import dataclass

KALDI_HOP = 160
"""Samples from one of the decoder's frames to the next, 10 ms."""

UNHEARD_FRAMES = 16
"""So much of the silence behind a segment, 0.16 s, may stay undecoded."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """How the decoder's network works: what is not yet a whole chunk, with what it looks ahead, is not decoded.

    Attributes:
        frames: of 10 ms, in each chunk.
        ahead: frames behind a chunk that must be there as well.
    """

    frames: int
    ahead: int

    def lacking(self, samples: int) -> int:
        """How many more samples are needed until all of these but `UNHEARD_FRAMES` are decoded."""
        chunks = math.ceil((samples / KALDI_HOP - UNHEARD_FRAMES) / self.frames)
        return max(0, (chunks * self.frames + self.ahead) * KALDI_HOP - samples)
