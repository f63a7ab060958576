"""What is measured: one function a kind of row, each giving rows for the report."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.capture import values
from bench.capture.hearing import PLAIN_GRAMMARS, Ours, Outcome, Plain
from bench.capture.lines import Line, over, splice, word_end_s
from bench.capture.recordings import COMMANDS_HZ, FSDD_HZ, Recordings, Samples
from voicebot.audio.sound import Sound
from voicebot.audio.wavfile import write_sound
from voicebot.speech.voices import make_synthesizer

Row = dict[str, Any]
CLEAN = Line(8_000)
LINES = (CLEAN, Line(8_000, 20.0), Line(8_000, 10.0), Line(16_000), Line(16_000, 20.0), Line(16_000, 10.0))
MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
VOICES = ("pyttsx3", "espeak:en-us+f3", "espeak:en-us+m3", "espeak:en-us+m4")
STRING_KINDS = ("card_number", "routing_number", "account_number", "security_code")
PAUSES_S = (0.2, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that the tasks share."""

    recordings: Recordings
    ours: Ours
    plain: dict[str, Plain]
    seed: int
    strings: int
    lines: tuple[Line, ...]
    kinds: tuple[str, ...]
    kept: Path | None = None

    def keep(self, sound: Sound, *names: str) -> None:
        """Write the sound of what was not heard right to a file, where that is wanted."""
        if self.kept is not None:
            name = "-".join(re.sub(r"\W+", "_", name) for name in (*names, f"seed{self.seed}"))
            write_sound(self.kept / f"{name}.wav", sound)

    def rng(self, name: str) -> np.random.Generator:
        """Random numbers of a task's own, so that tasks can be left out without changing others."""
        return np.random.default_rng([self.seed, *name.encode()])


class Tally:
    """Counts what came of strings, on the first try and within two."""

    def __init__(self) -> None:
        self.first: list[tuple[str, bool, bool]] = []
        self.within_two: list[bool] = []
        self.groups: list[bool] = []
        self.latency_s: list[float] = []
        self.decide_s: list[float] = []
        self.cut = 0
        self.second_s: list[float] = []

    def add(self, wanted: str, first: Outcome, second: Outcome | None) -> None:
        """One string: its first hearing, and a second where the first was not taken."""
        right = first.content == wanted
        caught = not first.last_four or first.last_four != wanted[-4:]
        self.first.append((first.verdict, right, caught))
        taken = right and first.verdict in {"accept", "confirm"}
        again = second is not None and second.content == wanted and second.verdict in {"accept", "confirm"}
        self.within_two.append(taken or again)
        if first.group is not None and not taken:
            self.groups.append(again)
        self.decide_s.append(first.decide_s)
        self.cut += first.cut
        if first.second_s:
            self.second_s.append(first.second_s)

    def row(self) -> Row:
        """Shares of all strings."""
        count = len(self.first)
        if not count:
            return {"strings": 0}

        def share(verdict: str, *, right: bool) -> float:
            return round(sum(v == verdict and r == right for v, r, _ in self.first) / count, 4)

        missed = sum(v == "confirm" and not right and not caught for v, right, caught in self.first)
        latency = np.array(self.latency_s)
        return {
            "strings": count,
            "right_first": round(share("accept", right=True) + share("confirm", right=True), 4),
            "right_within_two": round(sum(self.within_two) / count, 4),
            "accepted_right": share("accept", right=True),
            "accepted_wrong": share("accept", right=False),
            "confirm_right": share("confirm", right=True),
            "confirm_wrong": share("confirm", right=False),
            "confirm_wrong_same_last_four": round(missed / count, 4),
            "heard_again_right": share("again", right=True),
            "heard_again_wrong": share("again", right=False),
            "asked_again": round(sum(v in {"reject", "command"} for v, _, _ in self.first) / count, 4),
            "asked_for_group": round(len(self.groups) / count, 4),
            "group_settled": round(sum(self.groups) / count, 4),
            "cut": self.cut,
            "decision_s_median": round(float(np.median(latency)), 3) if latency.size else None,
            "decision_s_p95": round(float(np.quantile(latency, 0.95)), 3) if latency.size else None,
            "second_asked": round(len(self.second_s) / count, 4),
            "second_s_median": round(float(np.median(self.second_s)), 3) if self.second_s else None,
            "decide_ms_max": round(1000 * max(self.decide_s), 1),
        }


def strings(bench: Bench) -> Iterator[Row]:
    """Cards, routing numbers, accounts and codes of human digits, over every line, beside plain Vosk."""
    rng = bench.rng("accounts")
    pools = {length: values.accounts(rng, 100_000, length) for length in (7, 10)}
    kinds: dict[str, Callable[[np.random.Generator], str]] = {
        "card_number": values.card,
        "routing_number": values.routing,
        "account_number, 7 digits": lambda rng: str(rng.choice(pools[7])),
        "account_number, 10 digits": lambda rng: str(rng.choice(pools[10])),
        "security_code": lambda rng: values.digits(rng, int(rng.choice([3, 4]))),
    }
    for task, make in kinds.items():
        if task.partition(",")[0] not in bench.kinds:
            continue
        known = frozenset(pools[int(task.split()[1])]) if "," in task else None
        for line in bench.lines if task == "card_number" else bench.lines[:3]:
            rng = bench.rng(task + line.name)
            tallies: dict[str, Tally] = {}
            plain_right = dict.fromkeys(bench.plain, 0)
            plain_answered = dict.fromkeys(bench.plain, 0)
            for number in range(bench.strings):
                speakers = bench.recordings.speakers()
                speaker = speakers[number % len(speakers)]
                wanted = make(rng)
                heard = _two_hearings(
                    bench, task.partition(",")[0], wanted, rng, speaker=speaker, line=line, known=known
                )
                for name in ("all speakers", speaker):
                    tally = tallies.setdefault(name, Tally())
                    tally.add(wanted, heard[0], heard[1])
                    if heard[0].verdict == "accept":
                        tally.latency_s.append(heard[0].at_s - heard[3])
                if heard[0].content != wanted or heard[0].verdict not in {"accept", "confirm"}:
                    bench.keep(heard[2], task, line.name, speaker, str(number), heard[0].verdict)
                for name, plain in bench.plain.items():
                    digits, _ = plain.hear_digits(heard[2])
                    plain_right[name] += digits == wanted
                    plain_answered[name] += len(digits) == len(wanted)
            for name, tally in tallies.items():
                yield {"task": task, "line": line.name, "who": name, "system": bench.ours.name, **tally.row()}
            for name in bench.plain:
                yield {
                    "task": task,
                    "line": line.name,
                    "who": "all speakers",
                    "system": name,
                    "strings": bench.strings,
                    "right_first": round(plain_right[name] / bench.strings, 4),
                    "accepted_wrong": round((plain_answered[name] - plain_right[name]) / bench.strings, 4),
                }


def _two_hearings(
    bench: Bench,
    kind: str,
    wanted: str,
    rng: np.random.Generator,
    *,
    speaker: str,
    line: Line,
    known: frozenset[str] | None,
) -> tuple[Outcome, Outcome | None, Sound, float]:
    """The first hearing, a second (other clips, other pauses) where it was not taken, the first's sound and its end.

    Who is asked to key in or say one group again keys it in. A second hearing is drawn all the same, so that the
    strings that follow do not depend on it.
    """
    lengths = (len(wanted),) if kind == "security_code" else ()
    earlier: tuple[Outcome, ...] = ()
    first_sound, first_end_s = Sound(b"", line.rate_hz), 0.0
    for _ in range(2):
        spoken = splice(bench.recordings, speaker, values.grouped(wanted, rng), rng, tuning=False)
        sound = over(line, spoken.samples, FSDD_HZ, rng)
        expected = bench.ours.expect(
            kind, known=known, lengths=lengths, earlier=tuple(before.answer for before in earlier)
        )
        if earlier and (group := earlier[0].group) is not None:
            outcome = bench.ours.press(group.of(wanted), replace(expected, group=group))
        else:
            outcome = bench.ours.hear(sound, expected, spoken.speech_end_s)
        if earlier:
            return earlier[0], outcome, first_sound, first_end_s
        first_sound, first_end_s = sound, spoken.speech_end_s
        # A caller who is asked "ending in 1 2 3 4?" says yes to these four digits, whatever stands before them.
        said_yes = outcome.verdict == "confirm" and (
            outcome.content == wanted or bool(outcome.last_four and outcome.last_four == wanted[-4:])
        )
        if outcome.verdict == "accept" or said_yes:
            return outcome, None, first_sound, first_end_s
        earlier = (outcome,)
    raise AssertionError("two hearings at most")


def pauses(bench: Bench) -> Iterator[Row]:
    """Strings that a pause of a given length cuts: cards in four groups."""
    for pause_s in PAUSES_S:
        rng, cut, count = bench.rng(f"pause {pause_s}"), 0, max(8, bench.strings // 5)
        for number in range(count):
            speaker = bench.recordings.speakers()[number % len(bench.recordings.speakers())]
            card = values.card(rng)
            groups = [card[start : start + 4] for start in range(0, len(card), 4)]
            spoken = splice(bench.recordings, speaker, groups, rng, tuning=False, pause_s=(pause_s, pause_s))
            sound = over(CLEAN, spoken.samples, FSDD_HZ, rng)
            cut += bench.ours.hear(sound, bench.ours.expect("card_number"), spoken.speech_end_s).cut
        yield {"task": "pauses", "line": CLEAN.name, "pause_s": pause_s, "strings": count, "cut": cut}


def yes_no(bench: Bench) -> Iterator[Row]:
    """Yes and no of a hundred people; other words and noises that must be refused."""
    answers: dict[str, list[Samples]] = {
        word: [sound for _, sound in bench.recordings.words(word, tuning=False)] for word in ("yes", "no")
    }
    others = [
        sound
        for word in ("stop", "go", "other", "one", "five", "nine")
        for _, sound in bench.recordings.words(word, tuning=False)
    ]
    answers["other words"] = others
    answers["noise"] = [sound for _, sound in bench.recordings.words("silence", tuning=False)]
    answers["noise"] += [
        noise[start : start + COMMANDS_HZ * 2]
        for noise in bench.recordings.noise().values()
        for start in range(0, len(noise) - COMMANDS_HZ * 2, COMMANDS_HZ * 4)
    ]
    for line in (CLEAN, Line(16_000)):
        rng = bench.rng("yes_no" + line.name)
        for wanted, sounds in answers.items():
            picked = rng.permutation(len(sounds))[: bench.strings * 2]  # a few of every word, also in a short run
            chosen = [sounds[place] for place in picked]
            counts = {"right": 0, "taken": 0, "command": 0, "again": 0}
            latency_s: list[float] = []
            outcomes: list[Outcome] = []
            for number, samples in enumerate(chosen):
                quiet = rng.normal(0.0, 1e-4, COMMANDS_HZ // 2)
                sound = over(line, np.concatenate([quiet, samples, np.tile(quiet, 5)]), COMMANDS_HZ, rng)
                outcome = bench.ours.hear(sound, bench.ours.expect("yes_no"), 0.0)
                taken = outcome.verdict in {"accept", "confirm"}
                outcomes.append(outcome)
                if taken and outcome.content == wanted:
                    latency_s.append(outcome.at_s - len(quiet) / COMMANDS_HZ - word_end_s(samples, COMMANDS_HZ))
                counts["right"] += taken and outcome.content == wanted
                counts["taken"] += taken and outcome.content != wanted
                counts["command"] += outcome.verdict == "command"
                counts["again"] += outcome.verdict == "reject"
                if (outcome.content if taken else "") != (wanted if wanted in {"yes", "no"} else ""):
                    bench.keep(sound, "yes_no", line.name, wanted, str(number), outcome.verdict, outcome.content)
            shares = {name: round(count / max(1, len(chosen)), 4) for name, count in counts.items()}
            yield {
                "task": "yes_no",
                "line": line.name,
                "who": wanted,
                "system": bench.ours.name,
                "strings": len(chosen),
                "right_first": shares["right"],
                "accepted_wrong": shares["taken"],
                "taken_for_command": shares["command"],
                "asked_again": shares["again"],
                "decision_s_median": round(float(np.median(latency_s)), 3) if latency_s else None,
                "decision_s_p95": round(float(np.quantile(latency_s, 0.95)), 3) if latency_s else None,
                "second_asked": round(sum(outcome.second_s > 0.0 for outcome in outcomes) / max(1, len(outcomes)), 4),
                "decode_s_mean": round(float(np.mean([outcome.decode_s for outcome in outcomes] or [0.0])), 4),
            }


def expirations(bench: Bench) -> Iterator[Row]:
    """Dates in the usual forms, by synthetic voices, which stand in for nobody."""
    rng, tally = bench.rng("expiration"), Tally()
    for number in range(bench.strings):
        month, year = int(rng.integers(1, 13)), int(rng.integers(27, 35))
        digit = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        two = {27: "twenty seven", 28: "twenty eight", 29: "twenty nine", 30: "thirty", 31: "thirty one"}
        two |= {32: "thirty two", 33: "thirty three", 34: "thirty four"}
        forms = (
            f"{MONTHS[month - 1]} twenty {two[year]}",
            f"{digit[month // 10]} {digit[month % 10]} {two[year]}"
            if month <= 9
            else f"{MONTHS[month - 1]} {two[year]}",
        )
        spoken = make_synthesizer(VOICES[number % len(VOICES)]).speak(str(rng.choice(forms)))
        quiet = rng.normal(0.0, 1e-4, spoken.rate_hz // 2)
        samples = np.concatenate([quiet, spoken.samples / 65536.0, np.tile(quiet, 8)])
        sound = over(CLEAN, samples, spoken.rate_hz, rng)
        tally.add(f"20{year}-{month:02}", bench.ours.hear(sound, bench.ours.expect("expiration"), 0.0), None)
    yield {"task": "expiration", "line": CLEAN.name, "who": "synthetic", "system": bench.ours.name, **tally.row()}


def speed(bench: Bench) -> Iterator[Row]:
    """Processor time on the same sound, and on a line where nobody speaks."""
    rng, seconds, own_s, whole_s, asked = bench.rng("speed"), 0.0, 0.0, 0.0, 0
    plain_s = dict.fromkeys(PLAIN_GRAMMARS, 0.0)
    for number in range(max(8, bench.strings // 5)):
        speaker = bench.recordings.speakers()[number % len(bench.recordings.speakers())]
        spoken = splice(bench.recordings, speaker, values.grouped(values.card(rng), rng), rng, tuning=False)
        sound = over(CLEAN, spoken.samples[: round((spoken.speech_end_s + 0.5) * FSDD_HZ)], FSDD_HZ, rng)
        seconds += sound.duration_s
        own_s += bench.ours.listen_to(sound, "card_number")
        for name, plain in bench.plain.items():
            plain_s[name] += plain.hear(sound)[1]
        answer = over(CLEAN, spoken.samples, FSDD_HZ, rng)
        outcome = bench.ours.hear(answer, bench.ours.expect("card_number"), spoken.speech_end_s)
        whole_s += outcome.decode_s
        asked += outcome.second_s > 0
    idle = over(CLEAN, rng.normal(0.0, 3e-4, 60 * FSDD_HZ), FSDD_HZ, rng)
    idle_s = bench.ours.listen_to(idle, "card_number") / 60.0
    pairs_s = plain_s["plain Vosk, all pairs"] / seconds
    yield {
        "task": "speed",
        "line": CLEAN.name,
        "own_cpu_per_s": round(own_s / seconds, 5),
        "plain_cpu_per_s": {name: round(cost / seconds, 5) for name, cost in plain_s.items()},
        "ratio_to_plain_pairs": round(own_s / seconds / pairs_s, 3),
        "ratio_with_second": round(whole_s / seconds / pairs_s, 3),
        "second_asked": round(asked / max(8, bench.strings // 5), 4),
        "idle_share_of_plain_pairs": round(idle_s / pairs_s, 4),
    }
