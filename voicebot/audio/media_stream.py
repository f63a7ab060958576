"""The messages of a streamed telephone call, as JSON texts over a WebSocket.

The format is that of Twilio Media Streams, bidirectional ("WebSocket messages" in its documentation), which other
platforms speak too: the caller's sound comes as base64 µ-law at 8 kHz, ours goes the same way, a `mark` comes back when
everything before it was played, `clear` empties what the platform still holds of ours.
"""

import base64
import binascii
import json
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voicebot.audio.codec import TELEPHONE_HZ, mulaw_decode, mulaw_encode
from voicebot.audio.sound import Sound


class _Message(BaseModel):
    # Platforms add fields from time to time. What came is never repeated in an error: it is a caller's sound and keys.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class MediaFormat(_Message):
    """What the sound is; this is the only format that exists so far."""

    encoding: Literal["audio/x-mulaw"]
    sample_rate_hz: Annotated[int, Field(alias="sampleRate", ge=TELEPHONE_HZ, le=TELEPHONE_HZ)]
    channels: Literal[1]


class StreamStart(_Message):
    """The beginning of a stream: `parameters` are those of the customer's own call set-up."""

    stream_id: Annotated[str, Field(alias="streamSid", min_length=1, max_length=200)]
    call_id: Annotated[str, Field(alias="callSid", max_length=200)] = ""
    parameters: Annotated[dict[str, str], Field(alias="customParameters", repr=False)] = {}
    media_format: Annotated[MediaFormat, Field(alias="mediaFormat")]


class _Payload(_Message):
    track: str = "inbound"
    payload: Annotated[str, Field(repr=False)]


class _Mark(_Message):
    name: str


class _Digit(_Message):
    digit: Annotated[str, Field(repr=False)]


class Started(_Message):
    event: Literal["start"]
    start: StreamStart


class Media(_Message):
    event: Literal["media"]
    media: _Payload

    def sound(self) -> Sound:
        """The caller's sound; empty for the other track.

        Raises:
            BadMessage: the payload is no base64.
        """
        if self.media.track != "inbound":
            return Sound(b"", TELEPHONE_HZ)
        try:
            return mulaw_decode(base64.b64decode(self.media.payload, validate=True))
        except binascii.Error:
            raise BadMessage("the payload of a media message is no base64") from None


class Marked(_Message):
    event: Literal["mark"]
    mark: _Mark


class Digit(_Message):
    event: Literal["dtmf"]
    dtmf: _Digit


class Stopped(_Message):
    event: Literal["stop"]


Incoming: TypeAlias = Started | Media | Marked | Digit | Stopped
_KNOWN: TypeAdapter[Incoming] = TypeAdapter(Annotated[Incoming, Field(discriminator="event")])


class BadMessage(Exception):  # noqa: N818 - a state of affairs, as in the other rooms
    """What came is no message of this format. The text says what is wrong with it, and never what was in it."""


def read_message(text: str | bytes) -> Incoming | None:
    """One message of the platform; None for kinds that say nothing to us (`connected`, and those to come).

    Raises:
        BadMessage: it is no text, no JSON, or lacks what its kind has.
    """
    if not isinstance(text, str):
        raise BadMessage("messages are texts; this one is binary")
    try:
        return _KNOWN.validate_json(text)
    except ValidationError as wrong:
        problem = wrong.errors(include_input=False, include_context=False, include_url=False)[0]
        if problem["type"] == "union_tag_invalid":
            return None
        where = ".".join(str(part) for part in problem["loc"])
        raise BadMessage(f"{where or 'message'}: {problem['msg']}") from None


def media_messages(stream_id: str, sound: Sound, *, piece_s: float) -> list[str]:
    """Our sound as messages of `piece_s` each; it has 8 kHz."""
    return [
        _written("media", stream_id, media={"payload": base64.b64encode(mulaw_encode(piece)).decode("ascii")})
        for piece in sound.frames(piece_s)
    ]


def mark_message(stream_id: str, name: str) -> str:
    """Asks to be told when everything before it was played."""
    return _written("mark", stream_id, mark={"name": name})


def clear_message(stream_id: str) -> str:
    """Throws away what was sent and not yet played."""
    return _written("clear", stream_id)


def _written(event: str, stream_id: str, **content: dict[str, str]) -> str:
    return json.dumps({"event": event, "streamSid": stream_id, **content})
