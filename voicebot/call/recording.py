"""What is recorded of a call: all of it in one file, and each consent in a piece of its own beside it.

The call's recording has silence on the caller's side from before something sensitive is asked for until something else
is listened for.

A consent's piece begins with the sentence that is agreed to and ends with the answer. The caller's side is silence
until the bot listens for that answer, so that no digit said or pressed before can be in it, and nothing sensitive is
asked for while it runs.
"""

import hashlib
from dataclasses import dataclass

from voicebot.audio import PlaceEvent, Sound, StereoRecorder


@dataclass(frozen=True, slots=True)
class ConsentPiece:
    """A finished piece: the file's name, beside the call's recording, and its SHA-256."""

    name: str
    sha256: str


class Recording:
    """Follows one call; `call.wav` has `call.consent-1.wav` beside it. Does nothing where nobody wants a recording.

    Attributes:
        consent: the newest finished piece; None before.

    Args:
        whole: writes the whole call; None: nothing is recorded.
    """

    def __init__(self, whole: StereoRecorder | None) -> None:
        self.consent: ConsentPiece | None = None
        self._whole = whole
        self._piece: StereoRecorder | None = None
        self._pieces = 0

    def follow(self, now_s: float, *, sensitive: bool, consenting: bool) -> None:
        """Fall silent for what is sensitive; begin a piece where consent is asked for, end it where that is over."""
        if self._whole is None:
            return
        if sensitive:
            self._whole.mute(now_s)
        if consenting and self._piece is None:
            self._pieces += 1
            path = self._whole.path.with_suffix(f".consent-{self._pieces}.wav")
            self._piece = StereoRecorder(path, self._whole.rate_hz, begins_s=now_s)
            self._piece.mute(now_s)
        elif not consenting:
            self._finish(now_s)

    def listens(self, now_s: float, *, unmutes: bool) -> None:
        """The bot listens from here on: a piece has the caller's side from now.

        Args:
            now_s: on the call's clock.
            unmutes: the question is over that asked for something sensitive, if one did; so the whole is heard too.
        """
        if self._whole is not None and unmutes:
            self._whole.unmute(now_s)
        if self._piece is not None:
            self._piece.unmute(now_s)

    def played(self, prompt_id: int, sound: Sound, at_s: float) -> None:
        """A prompt was given to the place."""
        for recorder in self._running:
            recorder.played(prompt_id, sound, at_s)

    def happened(self, event: PlaceEvent) -> None:
        """Something happened at the place."""
        for recorder in self._running:
            recorder.happened(event)

    def close(self, now_s: float) -> None:
        """The call is over."""
        self._finish(now_s)
        if self._whole is not None:
            self._whole.close(now_s)

    @property
    def _running(self) -> tuple[StereoRecorder, ...]:
        return tuple(recorder for recorder in (self._whole, self._piece) if recorder is not None)

    def _finish(self, now_s: float) -> None:
        """End the piece that runs, if one does."""
        if self._piece is None:
            return
        recorder, self._piece = self._piece, None
        recorder.close(now_s)
        self.consent = ConsentPiece(recorder.path.name, hashlib.sha256(recorder.path.read_bytes()).hexdigest())
