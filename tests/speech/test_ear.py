"""Real sound through the real model: words, times, and when a segment is over."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.speech.conftest import DIGIT_PAIRS, DIGITS, trimmed, with_silence
from voicebot.audio.sound import Sound
from voicebot.grammar.heard import Segment
from voicebot.speech import EarEvent, Recognizer, SegmentHeard, SpeechStarted, VoiceProcess
from voicebot.speech.activity import FRAME_SAMPLES, MODEL_HZ, VoiceActivity
from voicebot.speech.ear import BREATH_AFTER_S, LONGEST_SEGMENT_S

CARD = "four one one one one one one one one one one one one one one one"


def listen(
    recognizer: Recognizer, sound: Sound, phrases: tuple[str, ...] = DIGIT_PAIRS, start_s: float = 0.0
) -> list[EarEvent]:
    ear = recognizer.listen(phrases, rate_hz=sound.rate_hz, start_s=start_s)
    events: list[EarEvent] = []
    for frame in sound.frames():
        events += ear.feed(frame)
    return events + ear.finish()


def segments(events: list[EarEvent]) -> list[Segment]:
    return [event.segment for event in events if isinstance(event, SegmentHeard)]


def best_words(events: list[EarEvent]) -> list[str]:
    return [" ".join(segment.best.words) if segment.best else "" for segment in segments(events)]


@pytest.fixture(scope="module")
def seven_digits(caller: VoiceProcess) -> Sound:
    return caller.speak("two eight nine zero three four five")


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100])
def test_hears_digits_at_every_rate(recognizer: Recognizer, seven_digits: Sound, rate_hz: int) -> None:
    events = listen(recognizer, with_silence(seven_digits.resampled(rate_hz)))
    assert " ".join(best_words(events)) == "two eight nine zero three four five"


@pytest.mark.parametrize(
    ("said", "phrases", "heard"),
    [
        ("yes", ("yes", "no", "[unk]"), "yes"),
        ("no", ("yes", "no", "[unk]"), "no"),
        ("elephant", ("yes", "no", "[unk]"), "[unk]"),
        ("electronic check", ("credit card", "electronic check"), "electronic check"),
    ],
)
def test_hears_the_words_of_a_menu(
    recognizer: Recognizer, caller: VoiceProcess, said: str, phrases: tuple[str, ...], heard: str
) -> None:
    assert best_words(listen(recognizer, with_silence(caller.speak(said)), phrases)) == [heard]


def test_a_string_may_come_in_pieces_of_any_size(recognizer: Recognizer, seven_digits: Sound) -> None:
    sound = with_silence(seven_digits.resampled(8_000))
    heard = []
    for piece_s in (0.005, 0.02, 0.133, 100.0):
        ear = recognizer.listen(DIGIT_PAIRS, rate_hz=8_000, start_s=0.0)
        events: list[EarEvent] = []
        size = 2 * round(piece_s * 8_000)
        for start in range(0, len(sound.pcm), size):
            events += ear.feed(Sound(sound.pcm[start : start + size], 8_000))
        heard.append(best_words(events + ear.finish()))
    assert heard[0]
    assert all(words == heard[0] for words in heard)


def test_who_speaks_into_the_first_frame_is_not_taken_for_background(caller: VoiceProcess) -> None:
    said = caller.speak("nine").resampled(MODEL_HZ).samples.astype(np.float32)
    loudest = int(np.argmax(np.abs(said)))
    activity = VoiceActivity()
    begun = []
    for start in range(loudest, loudest + 6 * FRAME_SAMPLES, FRAME_SAMPLES):
        activity.look_at(said[start : start + FRAME_SAMPLES])
        begun.append(activity.has_begun)
    assert any(begun)


def test_pauses_end_segments_and_no_word_is_lost(recognizer: Recognizer, caller: VoiceProcess) -> None:
    groups = [caller.speak("two eight seven"), caller.speak("three six"), caller.speak("nine zero four")]
    heard = best_words(listen(recognizer, with_silence(*groups, pause_s=1.0)))
    assert heard == ["two eight seven", "three six", "nine zero four"]


def test_times_are_on_the_clock_of_the_call(recognizer: Recognizer, caller: VoiceProcess) -> None:
    word = caller.speak("yes")
    sound = Sound.silence(1.0, word.rate_hz) + word + Sound.silence(1.0, word.rate_hz)
    events = listen(recognizer, sound, ("yes", "no"), start_s=42.0)
    started = next(event.at_s for event in events if isinstance(event, SpeechStarted))
    [segment] = segments(events)
    assert 42.9 < started < 43.2
    assert segment.start_s == started
    assert started < segment.end_s < 43.0 + word.duration_s + 0.1


def test_words_are_cut_out_of_their_sentence_by_their_times(recognizer: Recognizer, caller: VoiceProcess) -> None:
    """Also behind a pause that the decoder never had: it counts its own samples only."""
    phrases = ("yes", "card number", *DIGITS)
    sentence = caller.speak("card number seven four")
    between = Sound.silence(2.0, sentence.rate_hz)
    sound = between + caller.speak("yes") + between + sentence + between
    ear = recognizer.listen(DIGITS, rate_hz=sound.rate_hz, start_s=42.0, keeps=True)
    ear.feed(sound)
    _, heard = recognizer.hear_over(phrases, ear.stretches())
    assert heard.best is not None
    assert heard.best.words == ("card", "number", "seven", "four")
    spoken_s = 42.0 + 4.0 + caller.speak("yes").duration_s
    assert spoken_s < heard.times[0][0] < heard.times[1][0] < heard.times[2][0] < heard.times[3][0] < heard.times[3][1]
    assert heard.times[3][1] < spoken_s + sentence.duration_s + 0.1
    [digits] = ear.kept(heard.times[2][0], heard.times[3][1])
    again = recognizer.listen(DIGIT_PAIRS, rate_hz=MODEL_HZ, start_s=0.0)
    cut = Sound.silence(0.5, MODEL_HZ) + Sound(digits, MODEL_HZ) + Sound.silence(1.0, MODEL_HZ)
    [alone] = segments(again.feed(cut))
    assert alone.best is not None
    assert alone.best.words == ("seven", "four")


def test_a_segment_is_over_a_third_of_a_second_after_speech(recognizer: Recognizer, caller: VoiceProcess) -> None:
    word = trimmed(caller.speak("yes").resampled(16_000))
    ear = recognizer.listen(("yes", "no"), rate_hz=16_000, start_s=0.0)
    over_s = 0.0
    for index, frame in enumerate(with_silence(word, pause_s=1.0).frames()):
        if segments(ear.feed(frame)):
            over_s = (index + 1) * 0.02
    assert 0.15 < over_s - (1.0 + word.duration_s) < 0.40


@pytest.mark.parametrize("trailing_silence_s", [0.1, 0.6])
def test_the_silence_that_ends_a_segment_can_be_chosen(
    recognizer: Recognizer, caller: VoiceProcess, trailing_silence_s: float
) -> None:
    word = trimmed(caller.speak("seven"))
    sound = with_silence(word, word, pause_s=0.45)
    ear = recognizer.listen(DIGIT_PAIRS, rate_hz=word.rate_hz, start_s=0.0, trailing_silence_s=trailing_silence_s)
    heard = best_words([*ear.feed(sound), *ear.finish()])
    assert heard == (["seven seven"] if trailing_silence_s > 0.4 else ["seven", "seven"])


def test_alternatives_come_best_first_and_once_each(recognizer: Recognizer, seven_digits: Sound) -> None:
    [segment] = segments(listen(recognizer, with_silence(seven_digits.resampled(8_000))))
    scores = [hypothesis.score for hypothesis in segment.hypotheses]
    words = [hypothesis.words for hypothesis in segment.hypotheses]
    assert len(words) > 1
    assert scores == sorted(scores, reverse=True)
    assert len(set(words)) == len(words)


def test_the_same_sound_gives_the_same_result(recognizer: Recognizer, seven_digits: Sound) -> None:
    sound = with_silence(seven_digits.resampled(8_000))
    first, second = (segments(listen(recognizer, sound)) for _ in range(2))
    assert first == second


def test_twenty_calls_at_once_hear_what_each_would_alone(recognizer: Recognizer, caller: VoiceProcess) -> None:
    sounds = [
        with_silence(caller.speak(f"{first}, {second}, {first}")).resampled(8_000)
        for first, second in (("one", "two"), ("three", "four"), ("five", "six"), ("seven", "eight"))
    ]
    alone = [segments(listen(recognizer, sound)) for sound in sounds]
    with ThreadPoolExecutor(20) as pool:
        together = list(pool.map(lambda sound: segments(listen(recognizer, sound)), sounds * 5))
    assert together == alone * 5


def test_a_soft_caller_is_heard_like_a_loud_one(recognizer: Recognizer, seven_digits: Sound) -> None:
    loud = with_silence(seven_digits.resampled(8_000))
    soft = Sound.from_samples((loud.samples * 0.05).astype(np.int16), 8_000)
    assert best_words(listen(recognizer, soft)) == best_words(listen(recognizer, loud))


def test_no_phrases_means_any_words(recognizer: Recognizer, caller: VoiceProcess) -> None:
    [heard] = best_words(listen(recognizer, with_silence(caller.speak("good morning")), ()))
    assert "morning" in heard


def test_silence_brings_nothing(recognizer: Recognizer) -> None:
    quiet = np.random.default_rng(1).normal(0, 8, 8_000 * 5).astype(np.int16)
    assert listen(recognizer, Sound.silence(5.0, 8_000)) == []
    assert listen(recognizer, Sound.from_samples(quiet, 8_000)) == []


def test_a_click_does_not_open_the_ear(recognizer: Recognizer) -> None:
    samples = np.zeros(16_000, np.int16)
    samples[8_000:8_040] = 12_000
    assert listen(recognizer, Sound.from_samples(samples, 16_000)) == []


def test_a_noise_is_a_segment_without_hypotheses(recognizer: Recognizer) -> None:
    hiss = np.random.default_rng(1).normal(0, 3_000, 16_000 // 2).astype(np.int16)
    events = listen(recognizer, with_silence(Sound.from_samples(hiss, 16_000)))
    assert [segment.hypotheses for segment in segments(events)] in ([], [()])


def test_speech_without_an_end_is_cut(recognizer: Recognizer, caller: VoiceProcess) -> None:
    talk = caller.speak("seven three seven three seven three seven three seven three").resampled(8_000)
    radio = Sound(talk.pcm * 12, 8_000)
    found = segments(listen(recognizer, radio))
    assert found
    assert max(segment.end_s - segment.start_s for segment in found) <= LONGEST_SEGMENT_S + 0.1


def test_long_speech_is_cut_at_a_breath(recognizer: Recognizer, caller: VoiceProcess) -> None:
    words = trimmed(caller.speak("seven three seven three")).resampled(8_000)
    piece = words + Sound.silence(0.2, 8_000)
    first, *_ = segments(listen(recognizer, Sound(piece.pcm * round(20.0 / piece.duration_s), 8_000)))
    assert BREATH_AFTER_S - 0.3 <= first.end_s - first.start_s < LONGEST_SEGMENT_S - 0.3
    after_words_s = first.end_s % piece.duration_s - words.duration_s
    assert abs(after_words_s) < 0.2, "in the gap behind the last word"


def test_finish_ends_the_segment_that_is_open(recognizer: Recognizer, caller: VoiceProcess) -> None:
    word = trimmed(caller.speak("yes"))
    ear = recognizer.listen(("yes", "no"), rate_hz=word.rate_hz, start_s=0.0)
    started = ear.feed(Sound.silence(0.5, word.rate_hz) + word)
    assert ear.is_hearing
    assert best_words([*started, *ear.finish()]) == ["yes"]
    assert not ear.is_hearing
    assert ear.finish() == []


def test_a_closed_ear_says_so(recognizer: Recognizer) -> None:
    ear = recognizer.listen(("yes",), rate_hz=8_000, start_s=0.0)
    ear.close()
    ear.close()
    with pytest.raises(ValueError, match="closed"):
        ear.feed(Sound.silence(0.02, 8_000))


def test_an_ear_refuses_sound_of_another_rate(recognizer: Recognizer) -> None:
    ear = recognizer.listen(("yes",), rate_hz=8_000, start_s=0.0)
    with pytest.raises(ValueError, match="16000 Hz"):
        ear.feed(Sound.silence(0.02, 16_000))


def test_nothing_heard_is_in_a_repr(recognizer: Recognizer, caller: VoiceProcess) -> None:
    events = listen(recognizer, with_silence(caller.speak(CARD)))
    assert segments(events)
    assert "one" not in repr(events)


def test_the_network_is_asked_about_what_is_between_two_digits(recognizer: Recognizer, caller: VoiceProcess) -> None:
    five, nine = (trimmed(caller.speak(word)).samples.astype(np.int32) for word in ("five", "nine"))
    shorter = min(five.size, nine.size)
    both = Sound.from_samples(((five[:shorter] + nine[:shorter]) // 2).astype(np.int16), caller.speak("five").rate_hz)
    segment = segments(listen(recognizer, with_silence(both)))[0]
    assert {hypothesis.words for hypothesis in segment.network} >= {("five",), ("nine",)}


@pytest.mark.parametrize(("said", "phrases"), [("seven", DIGIT_PAIRS), ("yes", ("yes", "no", "yes please", "[unk]"))])
def test_the_network_is_not_asked_about_what_is_clear_or_no_digit(
    recognizer: Recognizer, caller: VoiceProcess, said: str, phrases: tuple[str, ...]
) -> None:
    (segment,) = segments(listen(recognizer, with_silence(caller.speak(said)), phrases))
    assert segment.best is not None
    assert segment.best.words == (said,)
    assert segment.network == ()
