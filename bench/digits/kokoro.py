"""Digits by the voices of Kokoro-82M, and by voices between two of them, some with the sounds of other languages.

Its voices are of nine languages, and it speaks whatever phonetic letters it is given. That is no accent of anybody's,
but it shows the network more ways to say a digit than a few speakers have.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from bench.digits.clips import Clip, Sound, trimmed
from voicebot.audio.codec import TELEPHONE_HZ

KOKORO_HZ = 24_000
STYLE = 256

PRONUNCIATIONS = {
    "0": "zˈɪɹO zˈɪɹO zˈɪɹO zˈiɹO zˈɪəɹQ zˈero sˈiɹo zˈɛɾo zˈiʁo ʦˈeɾo ʤˈiɹO zˈeʁo",
    "1": "wˈʌn wˈʌn wˈʌn wˈʌn wˈan vˈan wˈɒn wˈɔn wˈɑn ʋˈan",
    "2": "tˈu tˈu tˈu tˈu tˈuː tˈʊ ʈˈu ʧˈu tˈɪu",
    "3": "θɹˈi θɹˈi θɹˈi θɹˈi tɹˈi sɹˈi fɹˈi tɾˈi tʁˈi sʁˈi θɾˈi ʈɽˈi",
    "4": "fˈɔɹ fˈɔɹ fˈɔɹ fˈɔː fˈoɹ fˈɔɾ fˈoʁ fˈɔʁ pʰˈɔɾ fˈoː",
    "5": "fˈIv fˈIv fˈIv fˈIv fˈaːv fˈaif fˈIf fˈaib fˈaiʋ pʰˈaiv",
    "6": "sˈɪks sˈɪks sˈɪks sˈɪks sˈiks sˈis sˈɪs sˈik sˈikəs zˈɪks",
    "7": "sˈɛvən sˈɛvən sˈɛvən sˈɛvən sˈɛvn sˈevɛn zˈɛvən sˈɛbən sˈɛfən sˈɛʋən sˈɛwən",
    "8": "ˈAt ˈAt ˈAt ˈAt ˈet ˈeːt ˈeit ˈɛit hˈAt ˈA ˈAʈ",
    "9": "nˈIn nˈIn nˈIn nˈIn nˈaːn nˈain nˈIn nˈaine nˈɑin",
    "oh": "ˈO ˈO ˈO ˈQ ˈo ˈoː ˈɔ",
}
"""Kokoro's own letters: A, I, O, Q are the vowels of "day", "my", "go" and a British "go"."""

TOKENS = (
    " 16 . 4 , 3 ! 5 ? 6 W 39 ᵊ 42 ʣ 18 ʦ 20 A 24 I 25 O 31 Q 33 T 36 Y 41 a 43 b 44 d 46 e 47 f 48 h 50 i 51 j 52 "
    "k 53 l 54 m 55 n 56 o 57 p 58 r 60 s 61 t 62 u 63 v 64 w 65 z 68 ɑ 69 ɐ 70 ɒ 71 æ 72 ɔ 76 ð 81 ʤ 82 ə 83 ɛ 86 "
    "ɜ 87 ɡ 92 ɪ 102 ŋ 112 θ 119 ɹ 123 ɾ 125 ʁ 128 ɽ 129 ʃ 131 ʈ 132 ʧ 133 ʊ 135 ʋ 136 ʌ 138 ʒ 147 ˈ 156 ˌ 157 ː 158 "
    "ʰ 162"
)
"""The letters that are used here, each followed by its number in the model."""


class Kokoro:
    """The model with its voices.

    Args:
        folder: `model.onnx` and `voices/*.bin`; see docs/hearing.md for where they are from.
        rng: all chance comes from here.
    """

    def __init__(self, folder: Path, rng: np.random.Generator) -> None:
        import onnxruntime  # noqa: PLC0415 - only who trains needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options)
        files = sorted((folder / "voices").glob("*.bin"))
        self._voices = [np.fromfile(path, np.float32).reshape(-1, STYLE) for path in files]
        self.english = [place for place, path in enumerate(files) if path.name[0] in "ab"]
        self._rng = rng

    def clips(self, count: int) -> Iterator[Clip]:
        """Strings of one to five digits, each by another voice."""
        order: list[int] = []
        for _ in range(count):
            order = order or self._rng.permutation(len(self._voices)).tolist()
            yield self._clip(self._voices[order.pop()])

    def _clip(self, style: np.ndarray) -> Clip:
        rng = self._rng
        if rng.random() < 0.4:
            share = rng.uniform(0.3, 0.6)
            style = style * (1 - share) + self._voices[rng.integers(len(self._voices))] * share
        names = [str(rng.choice([*PRONUNCIATIONS])) for _ in range(rng.choice(5, p=(0.3, 0.15, 0.2, 0.25, 0.1)) + 1)]
        words = [str(rng.choice(PRONUNCIATIONS[name].split())) for name in names]
        letters = (" " if rng.random() < 0.7 else ", ").join(words) + ("." if rng.random() < 0.7 else "")
        return Clip("".join("0" if name == "oh" else name for name in names), self.spoken(letters, style))

    def styles(self) -> list[np.ndarray]:
        """Of each voice."""
        return list(self._voices)

    def spoken(self, letters: str, style: np.ndarray) -> Sound:
        """The letters, faster or slower, without the silence around them."""
        tokens = [0, *(NUMBERS[letter] for letter in letters), 0]
        given = {
            "tokens": np.array([tokens], np.int64),
            "style": style[len(tokens) - 2][None].astype(np.float32),
            "speed": np.array([self._rng.uniform(0.75, 1.3)], np.float32),
        }
        spoken: Sound = soxr.resample(
            self._session.run(None, given)[0].ravel().astype(np.float64), KOKORO_HZ, TELEPHONE_HZ
        )
        return trimmed(spoken * 32_768)


_PAIRED = TOKENS[3:].split()
NUMBERS = {" ": 16} | dict(zip(_PAIRED[::2], map(int, _PAIRED[1::2]), strict=True))
