"""What the dialog gives out: its actions in order, and which of the prompts among them are still being heard."""

from collections.abc import Callable

from voicebot.dialog import actions as do
from voicebot.dialog.lines import Line


class Speaking:
    """The actions of one event, and the prompts of all.

    Attributes:
        silent: nobody is there any more to hear a prompt.
    """

    def __init__(self) -> None:
        self.silent = False
        self._actions: list[do.Action] = []
        self._last_id = 0
        self._prompts: dict[int, Line] = {}
        self._then: Callable[[float], None] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether a prompt plays or waits."""
        return bool(self._prompts)

    @property
    def words(self) -> frozenset[str]:
        """The words of the prompts that play or wait."""
        said = " ".join(line.spoken for line in self._prompts.values()).lower().replace("-", " ")
        return frozenset(word.strip(".,:;?!¿¡\"'") for word in said.split())

    def taken(self) -> tuple[do.Action, ...]:
        """What is to be done now; the next event begins with nothing."""
        actions, self._actions = tuple(self._actions), []
        return actions

    def add(self, action: do.Action) -> None:
        """Have something done."""
        self._actions.append(action)

    def next_id(self) -> int:
        """A number that no prompt, listen or request had before."""
        self._last_id += 1
        return self._last_id

    def say(self, line: Line) -> None:
        """Say this behind what is being said."""
        if line.spoken and not self.silent:
            prompt_id = self.next_id()
            self._prompts[prompt_id] = line
            self.add(do.Say(prompt_id, line))

    def then(self, what: Callable[[float], None] | None) -> None:
        """Do this once everything said was heard; None: nothing."""
        self._then = what

    def leads_to(self, what: Callable[[float], None]) -> bool:
        """Whether a prompt is heard, and this is done after it."""
        return self.is_heard and self._then == what

    def finished(self, prompt_id: int, now_s: float) -> None:
        """A prompt is over."""
        self._prompts.pop(prompt_id, None)
        if not self._prompts and self._then is not None:
            then, self._then = self._then, None
            then(now_s)

    def hushed(self) -> None:
        """The caller is gone: nothing that plays matters any more."""
        self.silent = True
        self._prompts.clear()
        self._then = None
