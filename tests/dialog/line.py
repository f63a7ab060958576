"""A conversation as text in which prompts take time, so that callers can speak over them."""

from collections.abc import Mapping

from tests.dialog.talk import TODAY, World, script, segment
from voicebot.dialog import Dialog, Manners
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar.heard import Hypothesis, Segment

OVER = Manners(barge_in=True)


class Line:
    """A dialog whose prompts end when the test says so."""

    def __init__(self, manners: Manners = OVER) -> None:
        self.dialog = Dialog(script(manners=manners))
        self.world = World()
        self.now_s = 0.0
        self.playing: list[int] = []
        self.said: list[str] = []
        self.stopped = 0
        self.listen: do.Listen | None = None
        self.send(on.CallAnswered(TODAY))

    def send(self, event: on.Event) -> None:
        ended: list[int] = []
        for action in self.dialog.handle(event, self.now_s):
            match action:
                case do.Say(prompt_id=number, line=line):
                    self.playing.append(number)
                    self.said.append(line.shown)
                case do.StopSaying():
                    self.stopped += 1
                    ended, self.playing = [*ended, *self.playing], []
                case do.Listen():
                    self.listen = action
                case do.StopListening():
                    self.listen = None
            if answer := self.world.answer(action):
                self.send(answer)
        for number in ended:
            self.send(on.PromptFinished(number))

    def finish(self) -> None:
        """Everything that plays is said to its end."""
        self.now_s += 5.0
        while self.playing:
            self.send(on.PromptFinished(self.playing.pop(0)))

    @property
    def open(self) -> do.Listen:
        assert self.listen is not None
        return self.listen

    def coming(self, words: str, echo: float = 0.05) -> None:
        self.send(on.WordsComing(self.open.listen_id, tuple(words.split()), echo))

    def heard(self, words: str, echo: float = 0.05) -> None:
        self.now_s += 1.0
        self.send(on.WordsHeard(self.open.listen_id, segment(words, self.now_s - 1.0), echo))

    def heard_as(self, guesses: Mapping[str, float], echo: float = 0.05) -> None:
        """Words that may have been these, with their scores."""
        hypotheses = tuple(Hypothesis(tuple(words.split()), score) for words, score in guesses.items())
        self.now_s += 1.0
        self.send(on.WordsHeard(self.open.listen_id, Segment(hypotheses, self.now_s - 1.0, self.now_s), echo))

    def silence(self) -> None:
        assert self.dialog.deadline_s is not None
        self.now_s = self.dialog.deadline_s
        self.send(on.TimePassed())

    def press(self, keys: str) -> None:
        for key in keys:
            self.now_s += 0.3
            self.send(on.KeyPressed(key, self.now_s))
