"""Calls, accounts and ports as PJSIP sees them: what its callbacks do. Imported by `endpoint` alone.

The methods named as PJSIP wants them are called back by it: `on…` of calls and accounts on the owner thread (keys on a
media thread), frames on the media thread. None blocks, and none lets an exception out.
"""

import contextlib
import functools
import itertools
import re
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import pjsua2.pjsua2 as pj
import structlog

from voicebot.audio.place import Summary
from voicebot.audio.sip.library import vector_bytes
from voicebot.audio.sip.options import SipAccount, SipOptions, allowed
from voicebot.audio.sip.place import BUSY, FRAME_BYTES, RATE_HZ, SILENCE, UNAVAILABLE, SipPlace
from voicebot.audio.sip.sockets import Sockets
from voicebot.audio.sip.summary import refer_to, written
from voicebot.audio.sound import FRAME_S

# ruff: noqa: N802 - PJSIP gives the callbacks their names

log = structlog.get_logger(__name__)

RINGING, OK, FORBIDDEN, SERVER_ERROR = 180, 200, 403, 500

_Own = TypeVar("_Own", bound="_Fails")
_URI = re.compile(r"sips?:[^>;\s]+")


class _Fails(Protocol):
    def fail(self, failure: Exception) -> None:
        """Bear the consequences of an exception in one of the own callbacks."""


def _guarded(callback: Callable[[_Own, Any], None]) -> Callable[[_Own, Any], None]:
    """PJSIP only prints what a callback raises; here it ends what it belongs to."""

    @functools.wraps(callback)
    def guarded(self: _Own, prm: Any) -> None:
        try:
            callback(self, prm)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the process and the other calls go on
            self.fail(failure)

    return guarded


class Desk(Protocol):
    """What calls and accounts need of the endpoint."""

    options: SipOptions
    calls: "dict[int, Line]"
    free_ports: "list[Port]"
    sockets: Sockets
    draining: bool

    def rang(self, line: "Line", caller: str, account: str) -> SipPlace:
        """A caller is to be told to the bot."""

    def hang_up(self, call: int, code: int) -> None:
        """Soon, on the owner thread."""

    def registered(self, account: SipAccount, code: int, reason: str, expires_s: int) -> None:
        """News of a registration."""


class Port(pj.AudioMediaPort):  # type: ignore[misc]  # published without types
    """Where frames go in and out: one of a few that are made at the start, used by call after call, and never freed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._place: SipPlace | None = None
        self._fail: Callable[[Exception], None] = lambda _: None
        self._silence = pj.ByteVector(SILENCE)
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE_HZ, 1, round(FRAME_S * 1_000_000), 16)
        self.createPort(f"bot {number}", form)

    def attach(self, place: SipPlace, fail: Callable[[Exception], None]) -> None:
        self._fail, self._place = fail, place

    def detach(self) -> None:
        self._place, self._fail = None, lambda _: None

    def fail(self, failure: Exception) -> None:
        self._fail(failure)

    @_guarded
    def onFrameReceived(self, frame: Any) -> None:
        place = self._place
        if place is not None:
            place.take(vector_bytes(frame.buf))

    @_guarded
    def onFrameRequested(self, frame: Any) -> None:
        place = self._place
        pcm = place.give() if place is not None else b""
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.size = FRAME_BYTES
        frame.buf = pj.ByteVector(pcm) if pcm else self._silence


class Line(pj.Call):  # type: ignore[misc]  # published without types
    """One call. The endpoint's table holds the only reference, and drops it when the call is over."""

    numbers = itertools.count(1)

    def __init__(self, desk: Desk, account: "Account", call_id: int) -> None:
        super().__init__(account, call_id)
        self.number = next(self.numbers)
        self.place: SipPlace | None = None
        self.port: Port | None = None
        self._desk = desk
        self._leaving, self._hung_up = 0, False
        self._media = -1
        self._packets = -1
        self._moved_s = time.monotonic()
        self._held_s: float | None = None
        desk.calls[self.number] = self

    def fail(self, failure: Exception) -> None:
        log.error("call failed on the line", problem=type(failure).__name__, where=_where(failure))
        self._desk.hang_up(self.number, SERVER_ERROR)

    # What the bot asks for, on the owner thread ----------------------------------------------------------------------

    def ring(self) -> None:
        """180."""
        self._answer(RINGING)

    def take(self) -> None:
        """200."""
        self._answer(OK)

    def leave(self, code: int) -> None:
        """BYE, or for one who was not answered this final answer; once. During a drain nobody hears "busy"."""
        if not self._leaving:
            self._leaving = UNAVAILABLE if code == BUSY and self._desk.draining else code
            self._hang_up()

    def _hang_up(self) -> None:
        how = pj.CallOpParam()
        how.statusCode = self._leaving
        self.hangup(how)
        self._hung_up = True

    def _answer(self, code: int) -> None:
        how = pj.CallOpParam(True)  # noqa: FBT003 - with the default settings
        how.statusCode = code
        how.opt.audioCount, how.opt.videoCount = 1, 0
        self.answer(how)

    def refer(self, target: str, summary: Summary) -> None:
        how, header = pj.CallOpParam(True), self._desk.options.transfer_header  # noqa: FBT003 - likewise
        if header and summary:
            value = written(summary, header)
            if self._desk.options.transfer_header_in == "refer_to":
                target = refer_to(target, header, value)
            else:
                with_it = pj.SipHeader()
                with_it.hName, with_it.hValue = header, value
                how.txOption.headers.append(with_it)
        try:
            self.xfer(target, how)
        except pj.Error:
            if self.place is not None:
                self.place.referred(SERVER_ERROR)

    def watch(self, now_s: float) -> None:
        """Once a second: whether somebody is still there, and whether we are who should have left."""
        options = self._desk.options
        if self._leaving:
            if not self._hung_up:  # PJSIP could not do it then
                self._hang_up()
            return
        if self._held_s is not None:
            if now_s - self._held_s > options.longest_hold_s:
                log.warning("held too long", held_s=round(now_s - self._held_s))
                self.leave(SERVER_ERROR)
            return
        if self._media >= 0:
            statistics = self.getStreamStat(self._media)
            packets = statistics.rtcp.rxStat.pkt
            if packets != self._packets:
                self._packets, self._moved_s = packets, now_s
        if self.port is not None and options.lost_after_s and now_s - self._moved_s > options.lost_after_s:
            log.warning("caller lost", silent_s=round(now_s - self._moved_s))
            self.leave(SERVER_ERROR)

    # What PJSIP tells ------------------------------------------------------------------------------------------------

    @_guarded
    def onCallState(self, prm: Any) -> None:
        del prm
        state = self.getInfo().state
        if state == pj.PJSIP_INV_STATE_CONFIRMED and self.place is not None:
            self._moved_s = time.monotonic()
            self.place.confirmed()
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.over()

    @_guarded
    def onCallMediaState(self, prm: Any) -> None:
        """Media came up, changed its codec or direction, or went: connect anew what is there now."""
        del prm
        place, port = self.place, self.port
        if place is None or port is None:
            return
        held, self._media = False, -1
        info = self.getInfo()
        for media in info.media:
            if media.type != pj.PJMEDIA_TYPE_AUDIO:
                continue
            held = held or media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
            if media.status in {pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD}:
                self._connect(media.index, port, active=media.status == pj.PJSUA_CALL_MEDIA_ACTIVE)
        self._moved_s = time.monotonic()
        self._held_s = (self._held_s or time.monotonic()) if held else None
        place.held(on_hold=held)

    def _connect(self, index: int, port: Port, *, active: bool) -> None:
        audio = self.getAudioMedia(index)
        if not active:  # music on hold is nobody's answer
            for source, sink in ((audio, port), (port, audio)):
                with contextlib.suppress(pj.Error):  # they were not connected
                    source.stopTransmit(sink)
            return
        self._media, self._packets = index, -1
        audio.startTransmit(port)
        port.startTransmit(audio)
        keys = self._desk.options.keys
        no_events = self.getStreamInfo(index).audTxEventPt <= 0
        if self.place is not None:
            self.place.keys_in_band(wanted=keys == "in_band" or (keys == "auto" and no_events))

    @_guarded
    def onDtmfDigit(self, prm: Any) -> None:
        if self.place is not None:
            self.place.key(prm.digit)

    @_guarded
    def onCallTransferStatus(self, prm: Any) -> None:
        if prm.finalNotify or prm.statusCode >= 200:  # noqa: PLR2004 - SIP's first final status
            prm.cont = False
        if self.place is not None:
            self.place.referred(prm.statusCode)

    def over(self) -> None:
        """Drop every reference: a call that is collected later would hang up the next caller in its slot."""
        if self._desk.calls.pop(self.number, None) is not None:
            self._desk.sockets.closed()
        if self.port is not None:
            self.port.detach()
            self._desk.free_ports.append(self.port)
        if self.place is not None:
            self.place.freed()
        self.place = self.port = None


class Account(pj.Account):  # type: ignore[misc]  # published without types
    """Where callers ring: one for those who call us directly, and one for each registration."""

    def __init__(self, desk: Desk, account: SipAccount | None) -> None:
        super().__init__()
        self._desk = desk
        self._account = account

    def fail(self, failure: Exception) -> None:
        log.error("telephone line failed", problem=type(failure).__name__, where=_where(failure))

    @_guarded
    def onRegState(self, prm: Any) -> None:
        if self._account is not None:
            self._desk.registered(self._account, prm.code, prm.reason, prm.expiration)

    @_guarded
    def onIncomingCall(self, prm: Any) -> None:
        self._desk.sockets.wait_for_room()
        line = Line(self._desk, self, prm.callId)
        try:
            self._take(line, prm.rdata.srcAddress)
        except Exception as failure:  # noqa: BLE001 - as in any callback: it ends this one call
            line.fail(failure)

    def _take(self, line: Line, source: str) -> None:
        desk = self._desk
        code = 0
        if not allowed(source, desk.options):
            code = FORBIDDEN
        elif desk.draining:
            code = UNAVAILABLE
        elif not desk.free_ports:
            code = BUSY
        if code:
            log.info("call refused", code=code)
            line.leave(code)
            return
        found = _URI.search(line.getInfo().remoteUri)
        line.port = desk.free_ports.pop()
        line.place = desk.rang(line, found[0] if found else "", self._account.address if self._account else "direct")
        line.port.attach(line.place, line.fail)


def _where(failure: BaseException) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
