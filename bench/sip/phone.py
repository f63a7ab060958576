"""A SIP phone of our own, for what a well-behaved one cannot do or does not measure (RFC 3261, 4566, 3550, 4733).

It speaks and listens in real time over UDP on loopback, notes when each packet of the bot's sound arrived (the
kernel's own time), and can leave out, repeat or distort whatever a test wants. It is written from the standards and
shares nothing with the line of the bot.
"""

import asyncio
import contextlib
import itertools
import random
import re
import socket
import struct
import time
from collections import deque
from collections.abc import Callable  # noqa: TC003 - only signatures use it
from dataclasses import dataclass, field
from typing import Self

from bench.sip.message import Message
from voicebot.audio.codec import TELEPHONE_HZ, mulaw_decode, mulaw_encode
from voicebot.audio.sound import FRAME_S, Sound

LOOPBACK = "127.0.0.1"
T1_S = 0.5
SAMPLES = round(FRAME_S * TELEPHONE_HZ)
QUIET = mulaw_encode(Sound.silence(FRAME_S, TELEPHONE_HZ))
LOUD_DBFS = -45.0
EVENT_TYPE = 101
KEYS = "0123456789*#"
PRESS_S = 0.16
_RTP = struct.Struct("!BBHII")
SO_TIMESTAMPNS = 35
"""Linux: the kernel's time of arrival with each datagram (asm-generic/socket.h); Python has no name for it."""
_TIMESPEC = struct.Struct("@qq")


@dataclass(slots=True)
class Heard:
    """A packet of the bot's sound: when the kernel got it, by the wall clock, and where it stands in the stream.

    Its bytes are made sound when somebody asks, so that a phone that only counts packets takes little of the machine.
    """

    at_s: float
    sequence: int
    timestamp: int
    payload: bytes = field(repr=False)

    @property
    def sound(self) -> Sound:
        """The bytes, understood as µ-law."""
        return mulaw_decode(self.payload)


class Phone:
    """One call to the bot.

    Args:
        bot: host and port of the bot.
        number: who calls, as the bot will be told.
        events: offer key events (RFC 4733).
        at: the address of this machine that it calls from.
        payload: the one codec offered, 0 for PCMU or 8 for PCMA; of what comes in, only PCMU is understood.
    """

    def __init__(
        self,
        bot: tuple[str, int],
        number: str = "+15550100100",
        *,
        events: bool = True,
        payload: int = 0,
        at: str = LOOPBACK,
    ) -> None:
        self.bot, self.number = bot, number
        self.heard: list[Heard] = []
        self.requests: list[Message] = []
        self.provisional: list[int] = []
        self.ended = asyncio.Event()
        self.on_refer: Callable[[str], int] = lambda _: 603
        self.operator_answers = 200
        self.sends = True
        self.call_id = f"{random.getrandbits(64):x}@{LOOPBACK}"
        self._tag = f"{random.getrandbits(32):x}"
        self.payload = payload
        self.disorder = False
        self.shuffled = 0
        self.sent = self.sent_late = 0
        self._events = events
        self._late: bytes | None = None
        self._to = f"<sip:bot@{bot[0]}:{bot[1]}>"
        self.target = f"sip:bot@{bot[0]}:{bot[1]}"
        self._route = ""
        self._cseq = itertools.count(1)
        self._responses: asyncio.Queue[Message] = asyncio.Queue()
        self._signalling = _socket(at)
        self._media = _socket(at, timestamps=True)
        self._peer: tuple[str, int] | None = None
        self._invite = ""
        self._version = 0
        self._queue: deque[bytes] = deque()
        self._spoken_s, self._last_word = 0.0, b""
        self._sequence = itertools.count(random.randrange(1000))  # noqa: S311
        self._stamp = random.getrandbits(31)
        self._source = random.getrandbits(32)
        self._said = asyncio.Event()
        self._count = itertools.count()
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._signalling, self._read_signalling)
        loop.add_reader(self._media, self._read_media)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        loop = asyncio.get_running_loop()
        for each in (self._signalling, self._media):
            loop.remove_reader(each)
            each.close()

    # Signalling ------------------------------------------------------------------------------------------------------

    async def call(self, *, ack: bool = True, sdp: str | None = None, within_s: float = 20.0) -> int:
        """INVITE, and speak silence once it is answered.

        Returns:
            The final status.
        """
        self._invite = self._request("INVITE", self.sdp() if sdp is None else sdp, kind="application/sdp")
        answer = await self._transact(self._invite, "INVITE", within_s)
        self._accept(answer)
        if answer.status != 200 or ack:
            self._send(self._ack(answer))
        if answer.status == 200 and ack and self.sends:
            self._sending = asyncio.create_task(self._send_frames())
        return answer.status

    async def change(self, direction: str = "sendrecv", *, within_s: float = 20.0) -> int:
        """Re-INVITE: another direction (hold is `sendonly`), or the same again."""
        self._invite = self._request("INVITE", self.sdp(direction), kind="application/sdp")
        answer = await self._transact(self._invite, "INVITE", within_s)
        self._accept(answer)
        self._send(self._ack(answer))
        return answer.status

    async def hang_up(self, within_s: float = 20.0) -> int:
        answer = await self._transact(self._request("BYE"), "BYE", within_s)
        self.ended.set()
        return answer.status

    async def cancel(self) -> None:
        """Give up before the answer; `call` returns 487."""
        via = re.search(r"^Via:.*$", self._invite, re.MULTILINE)
        assert via is not None
        branch = re.search(r"branch=(\S+)", via[0])
        sequence = re.search(r"CSeq: (\d+)", self._invite)
        assert branch is not None
        assert sequence is not None
        self._send(self._request("CANCEL", branch=branch[1], sequence=int(sequence[1])))

    async def info(self, key: str, within_s: float = 20.0) -> int:
        """A key by SIP INFO, and the time that a finger takes for it."""
        body = f"Signal={key}\r\nDuration={round(1000 * PRESS_S)}\r\n"
        await asyncio.sleep(PRESS_S)
        return (
            await self._transact(self._request("INFO", body, kind="application/dtmf-relay"), "INFO", within_s)
        ).status

    def send_raw(self, data: bytes, *, media: bool = False) -> None:
        """Anything, to where the bot hears signalling or this call's sound."""
        if media:
            assert self._peer is not None
            self._media.sendto(data, self._peer)
        else:
            self._signalling.sendto(data, self.bot)

    def sdp(self, direction: str = "sendrecv") -> str:
        host, port = self._media.getsockname()
        self._version += 1
        kinds, name = f"{self.payload}", {0: "PCMU", 8: "PCMA"}[self.payload]
        lines = [
            "v=0", f"o=phone 1 {self._version} IN IP4 {host}", "s=call", f"c=IN IP4 {host}", "t=0 0",
            f"m=audio {port} RTP/AVP {kinds}{f' {EVENT_TYPE}' if self._events else ''}",
            f"a=rtpmap:{self.payload} {name}/8000",
        ]  # fmt: skip
        if self._events:
            lines += [f"a=rtpmap:{EVENT_TYPE} telephone-event/8000", f"a=fmtp:{EVENT_TYPE} 0-15"]
        return "\r\n".join([*lines, "a=ptime:20", f"a={direction}", ""])

    def _request(
        self, method: str, body: str = "", *, kind: str = "", branch: str = "", sequence: int | None = None
    ) -> str:
        host, port = self._signalling.getsockname()
        branch = branch or f"z9hG4bK{random.getrandbits(64):x}"
        sequence = next(self._cseq) if sequence is None else sequence
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={branch}",
            *([f"Route: {self._route}"] if self._route else []),
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@{host}>;tag={self._tag}",
            f"To: {self._to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.number}@{host}:{port}>",
            *([f"Content-Type: {kind}"] if kind else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body])

    def _ack(self, answer: Message) -> str:
        sequence = int(answer.headers["cseq"].split()[0])
        return self._request("ACK", sequence=sequence, branch="" if answer.status == 200 else self._branch(answer))

    @staticmethod
    def _branch(answer: Message) -> str:
        found = re.search(r"branch=([^;,\s]+)", answer.headers["via"])
        return found[1] if found else ""

    async def _transact(self, request: str, method: str, within_s: float) -> Message:
        """Send until something comes back (UDP loses), then wait for the final answer."""
        again_s, provisional = T1_S, False
        async with asyncio.timeout(within_s):
            self._send(request)
            while True:
                try:
                    async with asyncio.timeout(None if provisional else again_s):
                        answer = await self._responses.get()
                except TimeoutError:
                    again_s *= 2
                    self._send(request)
                    continue
                if answer.method == method:
                    provisional = True
                    self.provisional += [answer.status] if answer.status < 200 else []
                    if answer.status >= 200:
                        return answer

    def _accept(self, answer: Message) -> None:
        self._to = answer.headers.get("to", self._to)
        if contact := re.search(r"<([^>]+)>", answer.headers.get("contact", "")):
            self.target = contact[1]
        self._route = answer.headers.get("record-route", self._route)
        where = re.search(r"^c=IN IP4 (\S+)", answer.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", answer.body, re.MULTILINE)
        if where and port and answer.status == 200:
            self._peer = (where[1], int(port[1]))

    def _send(self, text: str) -> None:
        self._signalling.sendto(text.encode(), self.bot)

    def _read_signalling(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while True:
                message = Message.read(self._signalling.recv(65_535))
                if "via" not in message.headers:  # sound for whoever had this port before
                    continue
                if message.status:
                    self._responses.put_nowait(message)
                elif message.method != "ACK":
                    self.requests.append(message)
                    self._answer(message)

    def _answer(self, request: Message) -> None:
        if request.method == "REFER":
            code = self.on_refer(request.headers.get("refer-to", ""))
            self._respond(request, code)
            if code < 300:
                for status in (100, self.operator_answers):
                    self._notify(status, last=status != 100)
            return
        again = request.method in {"INVITE", "UPDATE"}
        self._respond(request, 200, self.sdp() if again and request.body else "")
        if request.method == "BYE":
            self.ended.set()
            self._said.set()

    def _respond(self, request: Message, code: int, body: str = "") -> None:
        host, port = self._signalling.getsockname()
        kept = [f"{name}: {request.headers[name]}" for name in ("via", "from", "to", "call-id", "cseq")]
        kind = ["Content-Type: application/sdp"] if body else []
        contact = f"Contact: <sip:{self.number}@{host}:{port}>"
        lines = [f"SIP/2.0 {code} Fine", *kept, contact, *kind, f"Content-Length: {len(body)}"]
        self._send("\r\n".join([*lines, "", body]))

    def _notify(self, status: int, *, last: bool) -> None:
        state = "terminated;reason=noresource" if last else "active;expires=60"
        request = self._request("NOTIFY", f"SIP/2.0 {status} Progress\r\n", kind="message/sipfrag;version=2.0")
        head, _, body = request.partition("\r\n\r\n")
        self._send(f"{head}\r\nEvent: refer\r\nSubscription-State: {state}\r\n\r\n{body}")

    # Sound -----------------------------------------------------------------------------------------------------------

    async def say(self, sound: Sound) -> float:
        """Speak, and wait until it is said.

        Returns:
            When the last packet of it that is not quiet left, by the wall clock.
        """
        frames = list(sound.resampled(TELEPHONE_HZ).frames())
        loud = [number for number, frame in enumerate(frames) if frame.level_dbfs > LOUD_DBFS]
        packets = [mulaw_encode(frame) for frame in frames]
        self._last_word = packets[loud[-1] if loud else -1]
        self._queue.extend(packets)
        self._said.clear()
        await self._said.wait()
        return self._spoken_s

    def press(self, keys: str) -> None:
        """Keys by RFC 4733, each held 100 ms, then 60 ms of silence; they go out among the frames."""
        for key in keys:
            event = KEYS.index(key)
            self._queue.extend(bytes([0xFF, event, frame]) for frame in range(1, 9))

    @property
    def bot_speaks(self) -> bool:
        """Whether the bot's last 0.4 s have sound."""
        return any(packet.sound.level_dbfs > LOUD_DBFS for packet in self.heard[-20:])

    async def _send_frames(self) -> None:
        began_s, event_stamp = time.monotonic(), 0
        for number in itertools.count(1):
            if not self._queue:
                self._said.set()
            frame = self._queue.popleft() if self._queue else QUIET
            self._stamp = (self._stamp + SAMPLES) & 0xFFFFFFFF
            if frame[0] == 0xFF and len(frame) == 3:
                position = frame[2]
                event_stamp = self._stamp if position == 1 else event_stamp
                if position <= 5:
                    last = 0x80 if position == 5 else 0
                    body = struct.pack("!BBH", frame[1], last | 10, position * SAMPLES)
                    for _ in range(3 if last else 1):
                        self._packet(EVENT_TYPE | (0x80 if position == 1 else 0), event_stamp, body)
            else:
                self._packet(self.payload, self._stamp, frame)
                if frame is self._last_word:
                    self._spoken_s = time.time()
            due_s = began_s + number * FRAME_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            self.sent += 1
            self.sent_late += time.monotonic() - due_s > FRAME_S

    def _packet(self, kind: int, stamp: int, body: bytes) -> None:
        assert self._peer is not None
        head = _RTP.pack(0x80, kind, next(self._sequence) & 0xFFFF, stamp, self._source)
        with contextlib.suppress(ConnectionError):  # the bot's port may be closed by now
            for packet in self._disordered(head + body):
                self._media.sendto(packet, self._peer)

    def _disordered(self, packet: bytes) -> list[bytes]:
        """With `disorder`, of ten packets one is lost, one comes after the next, one comes twice."""
        late, self._late = self._late, None
        which = next(self._count) % 10 if self.disorder else 0
        self.shuffled += which in {3, 5, 7}
        if which == 5:
            self._late = packet
        sent = {3: [], 5: [], 7: [packet, packet]}.get(which, [packet])
        return sent if late is None else [*sent, late]

    def _read_media(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while True:
                data, extra, _, _ = self._media.recvmsg(2048, 64)
                if len(data) <= _RTP.size or data[1] & 0x7F != self.payload:
                    continue
                _, _, sequence, timestamp, _ = _RTP.unpack_from(data)
                seconds, nanoseconds = _TIMESPEC.unpack(extra[0][2])
                self.heard.append(Heard(seconds + nanoseconds / 1e9, sequence, timestamp, data[_RTP.size :]))


def _socket(at: str, *, timestamps: bool = False) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)  # noqa: FBT003 - the socket's own
    made.bind((at, 0))
    if timestamps:
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return made
