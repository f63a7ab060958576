"""Sound as data, and the places where a call happens.

`sound` and `place` are the concepts; each further module is one place, or one thing that is done to sound. Nothing
here knows what a caller means, and nothing imports another room.
"""

from voicebot.audio.bridge import BridgePlace, BridgeTrunk
from voicebot.audio.live import LivePlace
from voicebot.audio.microphone import Device, MicrophonePlace, check_devices, list_devices
from voicebot.audio.place import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    Place,
    PlaceError,
    PlaceEvent,
    PromptFinished,
    Summary,
    TextTyped,
)
from voicebot.audio.recorder import StereoRecorder
from voicebot.audio.scripted import ScriptedPlace, Turn
from voicebot.audio.sound import FRAME_S, Sound
from voicebot.audio.text import TextPlace, keyboard_lines
from voicebot.audio.tones import ToneDetector, key_tones
from voicebot.audio.trunk import IncomingCall, Trunk
from voicebot.audio.virtual import VirtualPlace
from voicebot.audio.wav import WavPlace
from voicebot.audio.wavfile import SoundFileError, read_sound, write_sound
from voicebot.audio.websocket import WebSocketPlace
from voicebot.audio.websocket_options import WebSocketOptions
from voicebot.audio.websocket_trunk import WebSocketAccess, WebSocketTrunk

__all__ = [
    "FRAME_S",
    "BridgePlace",
    "BridgeTrunk",
    "CallerHungUp",
    "Device",
    "FrameHeard",
    "IncomingCall",
    "KeyPressed",
    "LivePlace",
    "MicrophonePlace",
    "Place",
    "PlaceError",
    "PlaceEvent",
    "PromptFinished",
    "ScriptedPlace",
    "Sound",
    "SoundFileError",
    "StereoRecorder",
    "Summary",
    "TextPlace",
    "TextTyped",
    "ToneDetector",
    "Trunk",
    "Turn",
    "VirtualPlace",
    "WavPlace",
    "WebSocketAccess",
    "WebSocketOptions",
    "WebSocketPlace",
    "WebSocketTrunk",
    "check_devices",
    "key_tones",
    "keyboard_lines",
    "list_devices",
    "read_sound",
    "write_sound",
]
