"""The recording of a consent: a piece of its own, beside the recording of the call.

It begins with the sentence that is agreed to and ends with the answer. The caller's side is silence until the bot
listens for that answer, so that no digit said or pressed before can be in it, and nothing sensitive is asked for
while it runs.
"""

import hashlib
from dataclasses import dataclass

from voicebot.audio import PlaceEvent, Sound, StereoRecorder


@dataclass(frozen=True, slots=True)
class ConsentPiece:
    """A finished piece: the file's name, beside the call's recording, and its SHA-256."""

    name: str
    sha256: str


class ConsentRecording:
    """Follows one call and keeps each consent of it in a file: `call.wav` has `call.consent-1.wav` beside it.

    Attributes:
        piece: the newest finished one; None before.
    """

    def __init__(self, beside: StereoRecorder) -> None:
        self.piece: ConsentPiece | None = None
        self._beside = beside
        self._recorder: StereoRecorder | None = None
        self._pieces = 0

    def follow(self, now_s: float, *, asking: bool) -> None:
        """Begin where consent is asked for, end where that is over."""
        if asking and self._recorder is None:
            self._pieces += 1
            path = self._beside.path.with_suffix(f".consent-{self._pieces}.wav")
            self._recorder = StereoRecorder(path, self._beside.rate_hz, begins_s=now_s)
            self._recorder.mute(now_s)
        elif not asking and self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            recorder.close(now_s)
            self.piece = ConsentPiece(recorder.path.name, hashlib.sha256(recorder.path.read_bytes()).hexdigest())

    def played(self, prompt_id: int, sound: Sound, at_s: float) -> None:
        """A prompt was given to the place."""
        if self._recorder is not None:
            self._recorder.played(prompt_id, sound, at_s)

    def happened(self, event: PlaceEvent) -> None:
        """Something happened at the place."""
        if self._recorder is not None:
            self._recorder.happened(event)

    def listens(self, at_s: float) -> None:
        """From here on the caller's side is heard."""
        if self._recorder is not None:
            self._recorder.unmute(at_s)
