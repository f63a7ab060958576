"""Sound to words, offline, with Vosk under a list of phrases.

One `Recognizer` a process: it holds the model (130 MB, loaded in a fraction of a second), which any number of listens
share. Each listen has a decoder of its own (1.4 MB, half a millisecond to make).
"""

import json
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import vosk

from voicebot.grammar.heard import ANSWERS, Segment
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.answers import AnswerOpinion
from voicebot.speech.chunks import KALDI_HOP, Chunks
from voicebot.speech.digits import NAMES, DigitOpinion
from voicebot.speech.ear import TRAILING_SILENCE_S, Ear
from voicebot.speech.errors import FETCH_COMMAND, ModelDamaged, ModelMissing, UnknownWords
from voicebot.speech.stretches import Stretch, heard_over

ALTERNATIVES = 100
"""How many guesses `capture` gets to choose from; a hundred cost a tenth more time than one."""

UNKNOWN = "[unk]"
"""The word that stands for every other word, where a grammar asks for it."""

PARTS = ("am", "graph", "ivector")
FEATURES_CONF = Path("conf/mfcc.conf")
"""What is taken from the model's own folder; `conf/model.conf` is ours."""

OUR_FEATURES = "--dither=0\n"
"""Kaldi adds random noise to each window, so the same sound never gave the same scores; `Levelling` does it instead."""

CHUNK_FRAMES = 42
"""Frames of 10 ms that the network is given at a time. Stock Vosk gives it 21, and then spends much of its time on
fetching the weights: with 42 decoding takes a fifth less, with 60 a third. Of 240 cards on tuning clips 85.8 % are
right on the first try with 21, 85.0 % with 42, 84.6 % with 60, which is within chance; words over a prompt come later.
"""

MOST_AHEAD = 100
"""Frames that no network looks ahead."""

NOTHING_DECODED = 1.0
"""What Vosk gives for a likelihood where there is none yet."""

OUR_CONF = Path(__file__).resolve().parents[2] / "models" / "conf" / "model.conf"

Opinion: TypeAlias = Literal["digits", "answers"]
"""Which network hears an answer beside the recogniser: the one for digits, or the one for yes and no."""

vosk.SetLogLevel(-1)  # Kaldi writes pages to stderr; what matters is checked here and raised


class Recognizer:
    """The shared model. Safe to use from any thread.

    Args:
        model_folder: an unpacked Vosk model, see `find` in `voicebot.speech.models`.
        conf: beams and endpoint rules; the project's own when not given.
        opinion: who is asked about digits that are unsure; the project's own network when not given.
        answers: who is asked about each yes or no; likewise.

    Attributes:
        chunks: how its network works.

    Raises:
        ModelMissing: there is no such folder.
        ModelDamaged: Vosk cannot load what is in it.
    """

    def __init__(
        self,
        model_folder: Path,
        *,
        conf: Path = OUR_CONF,
        opinion: DigitOpinion | None = None,
        answers: AnswerOpinion | None = None,
    ) -> None:
        self._grammars: dict[tuple[str, ...], tuple[str, frozenset[str]]] = {}
        self._opinion = opinion or DigitOpinion()
        self._answers = answers or AnswerOpinion(network=self._opinion.network)
        if not model_folder.is_dir():
            raise ModelMissing(f"there is no model in {model_folder}; get it with: {FETCH_COMMAND} {model_folder.name}")
        lacking = [part for part in (*PARTS, FEATURES_CONF) if not (model_folder / part).exists()]
        if lacking:
            raise ModelDamaged(
                f"the model in {model_folder} lacks {', '.join(map(str, lacking))}: not whole, or none of Vosk's; "
                f"name another, or run: {FETCH_COMMAND} {model_folder.name}"
            )
        # The folder of links lives only while the model loads, so any number of processes may start at once.
        with tempfile.TemporaryDirectory(prefix="voicebot-model-") as folder:
            linked = Path(folder)
            _assemble(model_folder, conf, linked)
            try:
                self._model = vosk.Model(str(linked))
            except Exception as problem:  # vosk raises nothing more precise
                raise ModelDamaged(
                    f"Vosk cannot load the model in {model_folder}; fetch it again with: {FETCH_COMMAND} "
                    f"{model_folder.name}"
                ) from problem
        self.chunks = Chunks(CHUNK_FRAMES, _frames_ahead(self._model))

    def _grammar(self, phrases: tuple[str, ...]) -> tuple[str, frozenset[str]]:
        """The phrases as Vosk wants them, checked, and the words in them.

        Kept, as thousands of them take 8 ms at each question.
        """
        if phrases not in self._grammars:
            words = {word for phrase in set(phrases) for word in phrase.split()}
            unknown = {word for word in words if not self.knows(word)}
            if unknown:
                raise UnknownWords(unknown)
            self._grammars[phrases] = json.dumps(phrases), frozenset(words)
        return self._grammars[phrases]

    def knows(self, word: str) -> bool:
        """Whether the model can hear this word."""
        return word == UNKNOWN or bool(self._model.vosk_model_find_word(word) >= 0)

    def listen(
        self,
        phrases: Sequence[str],
        *,
        rate_hz: int,
        start_s: float,
        alternatives: int = ALTERNATIVES,
        trailing_silence_s: float = TRAILING_SILENCE_S,
        over: bool = False,
        keeps: bool = False,
        opinion: Opinion | None = "digits",
    ) -> Ear:
        """Start to listen for an answer.

        Args:
            phrases: what may be said. Vosk makes a bigram of them: any order of words that follow each other
                somewhere in the list may come out. An empty list listens for any word.
            rate_hz: rate of the sound that will come.
            start_s: the call's clock at the first sample.
            alternatives: how many hypotheses a segment has at most.
            trailing_silence_s: silence that ends a segment.
            over: the bot speaks at the same time: tell what is being said word by word, and how like an echo it is.
            keeps: hold what is said in memory until the ear is closed, for a second recogniser.
            opinion: the network that hears each segment too; it does only where its own words are listened for. None
                where nobody weighs its word.

        Raises:
            UnknownWords: the model lacks some of the words; Vosk would leave them out in silence.
        """
        grammar, words = self._grammar(tuple(phrases)) if phrases else (None, frozenset())
        decoder = vosk.KaldiRecognizer(self._model, MODEL_HZ, *([grammar] if grammar else []))
        decoder.SetMaxAlternatives(alternatives)
        return Ear(
            decoder,
            chunks=self.chunks,
            rate_hz=rate_hz,
            start_s=start_s,
            trailing_silence_s=trailing_silence_s,
            over=over,
            keeps=keeps,
            opinion=self._asked(opinion, words),
        )

    def hear_over(self, phrases: Sequence[str], stretches: Sequence[Stretch]) -> tuple[Segment, ...]:
        """What was said in stretches that an ear has kept, had these phrases been listened for. Blocks.

        Args:
            phrases: as for `listen`.
            stretches: in the order in which they were said.

        Raises:
            UnknownWords: the model lacks some of the words.
        """
        decoder = vosk.KaldiRecognizer(self._model, MODEL_HZ, self._grammar(tuple(phrases))[0])
        decoder.SetMaxAlternatives(ALTERNATIVES)
        decoder.SetWords(enable_words=True)
        return heard_over(decoder, stretches, self.chunks)

    def _asked(self, opinion: Opinion | None, words: frozenset[str]) -> DigitOpinion | AnswerOpinion | None:
        """The network by name, where all of its words may be heard: it knows no other language."""
        if opinion == "digits":
            return self._opinion if words.issuperset(NAMES) else None
        return self._answers if opinion == "answers" and words.issuperset(ANSWERS) else None


def _assemble(model_folder: Path, conf: Path, into: Path) -> None:
    """A model folder with our own settings: links to the model's parts, or copies where links are not allowed."""
    for part in PARTS:
        source, target = (model_folder / part).resolve(), into / part
        try:
            target.symlink_to(source, target_is_directory=True)
        except OSError:
            shutil.copytree(source, target)
    (into / "conf").mkdir()
    features = (model_folder / FEATURES_CONF).read_text(encoding="utf-8")
    (into / FEATURES_CONF).write_text(f"{features.rstrip()}\n{OUR_FEATURES}", encoding="utf-8")
    settings = conf.read_text(encoding="utf-8").rstrip()
    (into / "conf" / "model.conf").write_text(f"{settings}\n--frames-per-chunk={CHUNK_FRAMES}\n", encoding="utf-8")


def _frames_ahead(model: vosk.Model) -> int:
    """How many frames behind a chunk the network must have: each model has its own, and none tells it.

    It is where the first chunk is decoded: from there on there is a likelihood.
    """
    sound = bytes(2 * KALDI_HOP * (CHUNK_FRAMES + MOST_AHEAD))

    def is_decoded(ahead: int) -> bool:
        decoder = vosk.KaldiRecognizer(model, MODEL_HZ, json.dumps([UNKNOWN]))
        decoder.SetMaxAlternatives(1)
        decoder.AcceptWaveform(sound[: 2 * KALDI_HOP * (CHUNK_FRAMES + ahead)])
        return bool(json.loads(decoder.Result())["alternatives"][0]["confidence"] != NOTHING_DECODED)

    return bisect_left(range(MOST_AHEAD), 1, key=is_decoded)
