"""A second recogniser of another kind, for digits, and the first word of a yes or no, that the first one leaves unsure.

Whisper (Radford and others, 2022; `tiny.en`, 39 million weights) learned from people of every accent on every sort of
line, where Vosk's small model learned from careful readers: it loses none of the digits that Vosk loses at a group's
beginning, and makes mistakes of its own instead. It hears the whole answer at once. What its encoder sees of it is
given to a small network of our own (`digits.encoded`), which knows nothing but digits, and gives the likeliest strings
with scores, which `capture` puts together with Vosk's. What is not said digit by digit ("double five") it must not be
asked about.

Of a short answer it says how likely it began with a word ("yes", "no"), which costs less; a small network of our own
on its encoder (`answers.py`) says how likely all of it is a yes or a no. What may be a command it writes down in any
words.

It costs half of what Vosk costs for the same answer, so it is asked about few: see `capture/second.py`. The sound
is kept in memory by the `Ear` until its answer is over, and goes nowhere else.
"""

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from voicebot.audio.sound import SAMPLE_BYTES
from voicebot.grammar.heard import ANSWERS, WHOLE, Hypothesis
from voicebot.speech import mel
from voicebot.speech.activity import FULL_SCALE, MODEL_HZ, from_pcm
from voicebot.speech.answers import LONGEST_S, SECOND_WEIGHTS, AnswerHead
from voicebot.speech.digits.encoded import EncodedDigits
from voicebot.speech.errors import FETCH_COMMAND, ModelDamaged, ModelUnavailable
from voicebot.speech.first_word import QUESTION, Pieces
from voicebot.speech.products import Array, product

if TYPE_CHECKING:
    from types import ModuleType

SECOND_MODEL = "whisper-tiny.en"

WINDOW_S = 30.0
"""What Whisper was taught to hear at a time; a longer answer is not heard a second time."""

SHORTER_S = 16.0
"""What it is given where the answer is shorter, padded with silence: 0.13 s of a core instead of 0.5.

Of 57 unsure cards on tuning clips 31 were taken instead of 30, and as many best values were right. With less silence
behind the answer (3 s) it loses digits.
"""

QUIET_S = 1.0
"""Silence behind a longer answer."""

SHORT_WINDOW_S = 8.0
"""The same for the first word of an answer. With 3 s it tells yes and no from other words less well."""

WRITES_BEFORE = "You can say {}."
"""What is given to it as said before, where it may write any words."""

WRITES_BEAM, WRITES_LONGEST = 5, 8
"""Texts that are followed then, and pieces of the longest."""

GAP_S = 0.1
"""Silence between two stretches of speech; the pauses themselves never reach it."""

FRAMES_BEHIND = 4
"""Frames of the encoder behind the end of an answer that the network for yes and no sees."""

FRAME = 320
LATER = 5
"""Samples that a frame of the encoder stands for, and how many more of them are looked at behind the sound."""

_WINDOW = 400
_HOP = 160
_BANDS = 80
_FRAMES = round(WINDOW_S * MODEL_HZ / _HOP)
_TAPER = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
_BANK = np.ascontiguousarray(mel.bank(_BANDS, np.linspace(0, MODEL_HZ / 2, _WINDOW // 2 + 1), 0, MODEL_HZ / 2).T)
"""As in Whisper's own training."""

_RUN: Final = {"device": "cpu", "compute_type": "int8", "intra_threads": 1}
"""Two threads wait for each other on a machine that is busy with calls."""
_START, _BEFORE, _PLAIN = "<|startoftranscript|>", "<|startofprev|>", "<|notimestamps|>"

Features = npt.NDArray[np.float32]


class SecondRecognizer:
    """The shared model. Safe to use from any thread.

    It is loaded by `load`, or when it is first asked, and not before: its threads would not survive a fork, and workers
    are forked.

    Args:
        model_folder: Whisper converted for CTranslate2, English only.
        digits: the network that reads digits off its encoder; the project's own when not given.

    Raises:
        ModelUnavailable: the package that runs it is not installed.
        ModelDamaged: it is not such a model.
    """

    def __init__(self, model_folder: Path, digits: EncodedDigits | None = None) -> None:
        self._library = _library()
        try:
            tokens = (model_folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
            number = {token: at for at, token in enumerate(tokens)}
            self._asking = [
                number[_BEFORE],
                *(number[token] for token in QUESTION),
                number[_START],
                number[_PLAIN],
            ]
            self._pieces = Pieces(tokens)
        except (OSError, KeyError, ValueError) as problem:
            raise _damaged(model_folder, problem) from problem
        self._answers = AnswerHead(SECOND_WEIGHTS)
        self._folder = model_folder
        self._loading = threading.Lock()
        self._digits = digits or EncodedDigits()
        self._loaded: Any = None

    def load(self) -> None:
        """Load the model now, 0.2 s of a core and 80 MB, so that no answer waits for it. Blocks.

        Its threads are as nice as the one that loads it.

        Raises:
            ModelDamaged: it cannot be loaded.
        """
        try:
            self._model()
        except RuntimeError as problem:
            raise _damaged(self._folder, problem) from problem

    def hear(self, segments: Sequence[bytes]) -> tuple[Hypothesis, ...]:
        """The digits of an answer, likeliest string first; nothing when it is longer than `WINDOW_S`. Blocks.

        Args:
            segments: its stretches of speech as they went to the decoder: 16-bit samples at `MODEL_HZ`.

        Raises:
            ModelDamaged: the model cannot be loaded or run.
        """
        sound = _joined(segments)
        if not segments or sound.size > WINDOW_S * MODEL_HZ:
            return ()
        return self._digits.of(self.frames_of(sound))

    def hear_first_word(self, segments: Sequence[bytes], words: Sequence[str]) -> tuple[Hypothesis, ...]:
        """How likely an answer began with each of these words, likeliest first, as logarithms. Blocks.

        All words of English are rivals, so that none of these need be likely. Of a long answer it hears the beginning.
        Behind them, where they are asked about, come the names in `WHOLE`, unless it is longer than `LONGEST_S`.

        Args:
            segments: as for `hear`.
            words: in lower case, as the grammars spell them, and names in `WHOLE`.

        Raises:
            ModelDamaged: the model cannot be loaded or run.
        """
        if not segments:
            return ()
        sound = _joined(segments)[: round(SHORT_WINDOW_S * MODEL_HZ)]
        encoded = self.encoded(sound, SHORT_WINDOW_S)
        found = self._generated(encoded, self._asking, 1, beam_size=1, return_logits_vocab=True)
        spelled = [word for word in words if word not in WHOLE.values()]
        likely = self._pieces.likely(np.array(found.logits[0][0], np.float32).reshape(-1), spelled)
        first = [Hypothesis((word,), likely[word]) for word in sorted(likely, key=lambda word: -likely[word])]
        if sum(map(len, segments)) > LONGEST_S * MODEL_HZ * SAMPLE_BYTES:
            return tuple(first)
        scores = self._answers.log_probabilities(_halved(encoded, sound.size))
        whole = {WHOLE[answer]: float(score) for answer, score in zip(ANSWERS, scores[:-1], strict=True)}
        return (*first, *(Hypothesis((name,), score) for name, score in whole.items() if name in words))

    def seen(self, segments: Sequence[bytes]) -> Array:
        """What the network for yes and no sees of a short answer, frames of 40 ms by features. Blocks.

        Args:
            segments: as for `hear`.

        Raises:
            ModelDamaged: the model cannot be loaded or run.
        """
        sound = _joined(segments)[: round(SHORT_WINDOW_S * MODEL_HZ)]
        return _halved(self.encoded(sound, SHORT_WINDOW_S), sound.size)

    def write(self, segments: Sequence[bytes], hints: Sequence[str]) -> tuple[Hypothesis, ...]:
        """What was said, in any words: its likeliest texts, with the logarithms of how likely they are. Blocks.

        They are in lower case, without marks. Of a long answer it writes the beginning.

        Args:
            segments: as for `hear`.
            hints: what may be said, which it is told beforehand.

        Raises:
            ModelDamaged: the model cannot be loaded or run.
        """
        if not segments:
            return ()
        sound = _joined(segments)[: round(SHORT_WINDOW_S * MODEL_HZ)]
        told = self._pieces.spell(WRITES_BEFORE.format(", ".join(hints)))
        prompt = [self._asking[0], *told, *self._asking[-2:]]
        found = self._generated(self.encoded(sound, SHORT_WINDOW_S), prompt, WRITES_LONGEST, **_likeliest(WRITES_BEAM))
        likely: dict[tuple[str, ...], float] = {}
        for pieces, score in zip(found.sequences_ids, found.scores, strict=True):
            words = self._pieces.words(pieces)
            likely[words] = float(np.logaddexp(likely.get(words, -np.inf), score))
        return tuple(Hypothesis(words, likely[words]) for words in sorted(likely, key=lambda words: -likely[words]))

    def hear_again(
        self, segments: Sequence[bytes], words: Sequence[str], hints: Sequence[str] = ()
    ) -> tuple[Hypothesis, ...]:
        """What it makes of an answer.

        With `words` how likely each of them comes first, with `hints` any words, and with neither its digits.
        """
        if hints:
            return self.write(segments, hints)
        return self.hear_first_word(segments, words) if words else self.hear(segments)

    def encoded(self, sound: Features, window_s: float | None = None) -> Any:
        """What the encoder sees, as its library has it (`np.asarray` shows it): one by frames of 20 ms by features.

        Most of what an answer costs is this. Blocks.

        Args:
            sound: as for `features`.
            window_s: as for `features`.

        Raises:
            ModelDamaged: the model cannot be loaded or run.
        """
        try:
            return self._model().encode(
                self._library.StorageView.from_array(features(sound, window_s)[np.newaxis]), to_cpu=True
            )
        except RuntimeError as problem:
            raise _damaged(self._folder, problem) from problem

    def frames_of(self, sound: Features) -> Features:
        """What the encoder sees of a sound, without the silence that it is padded with: frames of 20 ms by features.

        Blocks. Arguments and errors as for `encoded`.
        """
        frames: Features = np.asarray(self.encoded(sound), np.float32)[0]
        return frames[: sound.size // FRAME + LATER]

    def _generated(self, encoded: Any, prompt: Sequence[Any], longest: int, **wanted: Any) -> Any:
        """What its decoder writes behind a prompt, of so many pieces at most, of what the encoder sees."""
        options = {"suppress_blank": False, "suppress_tokens": [], "max_length": len(prompt) + longest, **wanted}
        try:
            return self._model().generate(encoded, [prompt], **options)[0]
        except RuntimeError as problem:
            raise _damaged(self._folder, problem) from problem

    def _model(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._library.models.Whisper(str(self._folder), **_RUN)
        return self._loaded


def _likeliest(strings: int) -> dict[str, Any]:
    """So many strings are followed and given back, with scores that know no length."""
    return {"beam_size": strings, "num_hypotheses": strings, "length_penalty": 0, "return_scores": True}


def _halved(encoded: Any, samples: int) -> Array:
    """The encoder's frames up to the end of the sound, two at a time as their mean."""
    frames = np.asarray(encoded)[0, : (samples // FRAME + FRAMES_BEHIND) // 2 * 2]
    return np.asarray((frames[0::2] + frames[1::2]) / 2, np.float32)


def _joined(segments: Sequence[bytes]) -> Features:
    gap = np.zeros(round(GAP_S * MODEL_HZ), np.float32)
    pieces = [gap]
    for segment in segments:
        pieces += [from_pcm(segment) / FULL_SCALE, gap]
    return np.concatenate(pieces)


def features(sound: Features, window_s: float | None = None) -> Features:
    """Whisper's log-mel spectrogram: 80 bands, 100 frames a second, padded with silence to a window.

    Args:
        sound: samples from -1 to 1 at `MODEL_HZ`, no more than the window.
        window_s: how long the window is; if not given, what suits a number of this length.
    """
    lasts_s = window_s or max(SHORTER_S, sound.size / MODEL_HZ + QUIET_S)
    frames = min(_FRAMES, 2 * math.ceil(lasts_s * MODEL_HZ / _HOP / 2))  # an even number, as it sees two at a time
    padded = np.pad(sound, (0, frames * _HOP - sound.size))
    padded = np.pad(padded, _WINDOW // 2, mode="reflect")
    heard = min(frames, sound.size // _HOP + 3)  # behind that there is silence
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:heard]
    power = np.abs(np.fft.rfft(windows * _TAPER)) ** 2
    levels = np.full((_BANDS, frames), -10.0, np.float32)
    levels[:, :heard] = np.log10(np.maximum(product(power.astype(np.float32), _BANK), 1e-10)).T
    scaled: Features = (np.maximum(levels, levels.max() - 8.0) + 4.0) / 4.0
    return scaled


def _damaged(folder: Path, problem: Exception) -> ModelDamaged:
    return ModelDamaged(
        f"the second speech model in {folder} cannot be used ({problem}); "
        f"fetch it again with: {FETCH_COMMAND} {SECOND_MODEL}"
    )


def _library() -> "ModuleType":
    try:
        import ctranslate2  # noqa: PLC0415 - calls are possible without it
    except (ImportError, OSError) as problem:
        raise ModelUnavailable(
            f"the second speech model needs the package ctranslate2, which is not here ({problem}); "
            "install it with: pip install -r requirements.txt"
        ) from problem
    ctranslate2.set_log_level(50)  # it warns on stderr of instructions that this processor lacks
    library: ModuleType = ctranslate2
    return library
