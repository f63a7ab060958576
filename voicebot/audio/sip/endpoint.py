"""PJSIP's owner thread: brings the library up, polls it, does what places ask for, and takes it down again.

Nobody else calls the library. Other threads leave what they want in a queue that is looked at every 10 ms.
"""

import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pjsua2.pjsua2 as pj
import structlog

from voicebot.audio.place import PlaceError, Summary
from voicebot.audio.sip.line import Account, Line, Port
from voicebot.audio.sip.options import SipAccount, SipOptions
from voicebot.audio.sip.place import RATE_HZ, UNAVAILABLE, SipPlace
from voicebot.audio.sip.priority import prefer, threads
from voicebot.audio.sip.sockets import Sockets
from voicebot.audio.sound import FRAME_S

log = structlog.get_logger(__name__)

POLL_MS = 10
WATCH_EVERY_S = 1.0
GOODBYE_WITHIN_S = 3.0
"""At the end: how long BYEs and unregistrations may take."""
START_WITHIN_S = 20.0
RETRY_S = 10
"""Between attempts at a registration that failed in passing."""
SRTP = {"off": 0, "optional": 1, "mandatory": 2}
KINDS = {"udp": "PJSIP_TRANSPORT_UDP", "tcp": "PJSIP_TRANSPORT_TCP", "tls": "PJSIP_TRANSPORT_TLS"}
HIGHEST_PRIORITY = 255


@dataclass(frozen=True, slots=True)
class Registration:
    """How an account stands at its registrar. `code` 200 and `expires_s` above 0: calls come in."""

    address: str
    code: int
    reason: str
    expires_s: int

    @property
    def ok(self) -> bool:
        return self.code == 200 and self.expires_s > 0  # noqa: PLR2004 - SIP's OK


class Endpoint:
    """The library and its thread. One for a process, once.

    Args:
        options: of the line.
        rang: makes the place of a caller; called on the owner thread.
        news: called there when a registration changed.
    """

    def __init__(
        self,
        options: SipOptions,
        rang: Callable[["Endpoint", int, str, str, str], SipPlace],
        news: Callable[[], object],
    ) -> None:
        self.options = options
        self.calls: dict[int, Line] = {}
        self.free_ports: list[Port] = []
        self.sockets = Sockets()
        self.draining = False
        self.addresses: tuple[str, ...] = ()
        self.registrations: dict[str, Registration] = {}
        self._rang, self._news = rang, news
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._accounts: list[Account] = []
        self._library: Any = None
        self._stopping = False
        self._started = threading.Event()
        self._trouble: PlaceError | None = None
        self._thread = threading.Thread(target=self._own, name="sip", daemon=True)

    # For other threads -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the library up.

        Raises:
            PlaceError: it cannot be; its text says what to do.
        """
        self._thread.start()
        if not self._started.wait(START_WITHIN_S):
            raise PlaceError(f"the telephone line did not come up within {START_WITHIN_S:g} s")
        if self._trouble is not None:
            raise self._trouble

    def stop(self) -> None:
        """Hang up, unregister, destroy the library. May be called twice."""
        self._stopping = True
        if self._thread.is_alive():
            self._thread.join()

    def drain(self) -> None:
        """Refuse new calls with 503, and let the registrars know."""
        self.draining = True
        self._commands.put(self._unregister)

    def ring(self, call: int) -> None:
        self._ask(call, partial(Line.ring))

    def answer(self, call: int) -> None:
        self._ask(call, partial(Line.take))

    def hang_up(self, call: int, code: int) -> None:
        self._ask(call, partial(Line.leave, code=code))

    def refer(self, call: int, target: str, summary: Summary) -> None:
        self._ask(call, partial(Line.refer, target=target, summary=summary))

    def _ask(self, call: int, what: Callable[[Line], None]) -> None:
        self._commands.put(lambda: self._do(call, what))

    # On the owner thread ---------------------------------------------------------------------------------------------

    def rang(self, line: Line, caller: str, account: str) -> SipPlace:
        """A caller is to be told to the bot."""
        domain = re.sub(r"^.*@", "", caller.partition(":")[2]) or "localhost"
        return self._rang(self, line.number, caller, account, domain)

    def registered(self, account: SipAccount, code: int, reason: str, expires_s: int) -> None:
        """News of a registration."""
        before, now = self.registrations.get(account.address), Registration(account.address, code, reason, expires_s)
        self.registrations[account.address] = now
        self._news()
        if before is None or before.ok != now.ok:
            level = log.info if now.ok or self.draining else log.warning
            level("registration", account=account.address, ok=now.ok, code=code, reason=reason)

    def _do(self, call: int, what: Callable[[Line], None]) -> None:
        line = self.calls.get(call)
        if line is None:  # it is over already
            return
        try:
            what(line)
        except pj.Error as problem:
            if what.func is not Line.leave:  # type: ignore[attr-defined]  # always a partial
                line.fail(problem)

    def _own(self) -> None:
        try:
            try:
                self._come_up()
            except pj.Error as problem:
                raise PlaceError(f"the telephone line cannot be had: {problem.info()}") from None
        except PlaceError as problem:
            self._trouble = problem
            self._go_down()
            self._started.set()
            return
        self._started.set()
        watch_s = 0.0
        while not self._stopping:
            self._poll()
            now_s = time.monotonic()
            if now_s >= watch_s:
                watch_s = now_s + WATCH_EVERY_S
                for number in list(self.calls):
                    self._do(number, partial(Line.watch, now_s=now_s))
        self._say_goodbye()
        self._go_down()

    def _poll(self) -> None:
        self._library.libHandleEvents(POLL_MS)
        while not self._commands.empty():
            self._commands.get()()

    def _come_up(self) -> None:
        others = threads()
        self._library = library = pj.Endpoint()
        library.libCreate()
        library.libInit(self._settings())
        codecs = library.codecEnum2()
        for codec in codecs:
            name = codec.codecId.partition("/")[0]
            wanted = name in self.options.codecs
            priority = HIGHEST_PRIORITY - self.options.codecs.index(name) if wanted else 0
            library.codecSetPriority(codec.codecId, priority)
        self.addresses = tuple(self._listen(kind) for kind in self.options.transports)
        library.libStart()
        library.audDevManager().setNullDev()
        prefer({threading.get_native_id(), *(threads() - others)})
        self.free_ports = [Port(number) for number in range(self.options.max_calls)]
        for account in (None, *self.options.accounts):
            self._accounts.append(Account(self, account))
            self._accounts[-1].create(self._account(account))

    def _settings(self) -> Any:
        settings = pj.EpConfig()
        settings.uaConfig.threadCnt = 0  # the owner thread polls
        settings.uaConfig.maxCalls = self.options.max_calls
        settings.uaConfig.userAgent = "voicebot"
        # PJSIP's own log shows keys that callers press: none of it is kept.
        settings.logConfig.level = settings.logConfig.consoleLevel = settings.logConfig.msgLogging = 0
        media = settings.medConfig
        media.clockRate = media.sndClockRate = RATE_HZ
        media.audioFramePtime = media.ptime = round(FRAME_S * 1000)
        media.noVad = True  # a steady stream shows the other side that we are there
        media.ecTailLen = 0
        return settings

    def _listen(self, kind: str) -> str:
        options, config = self.options, pj.TransportConfig()
        config.port = options.tls_port if kind == "tls" else options.port
        config.boundAddress, config.publicAddress = options.listen, options.public_address
        if kind == "tls":
            config.tlsConfig.certFile, config.tlsConfig.privKeyFile = str(options.certificate), str(options.key)
            if options.authorities is not None:
                config.tlsConfig.CaListFile, config.tlsConfig.verifyServer = str(options.authorities), True
        try:
            transport = self._library.transportCreate(getattr(pj, KINDS[kind]), config)
        except pj.Error as problem:
            raise PlaceError(
                f"cannot listen for calls at {options.listen}:{config.port} ({kind}): {_reason(problem)}; stop what "
                "uses that port, or set sip.listen and sip.port (for tls: sip.tls_port, sip.certificate, sip.key)"
            ) from None
        return f"{kind}:{self._library.transportGetInfo(transport).localName}"

    def _account(self, account: SipAccount | None) -> Any:
        config = pj.AccountConfig()
        config.idUri = "sip:voicebot@localhost" if account is None else account.address
        config.mediaConfig.srtpUse = SRTP[self.options.srtp]
        config.mediaConfig.srtpSecureSignaling = 0  # docs/sip.md says when keys travel in the clear
        ports = config.mediaConfig.transportConfig
        ports.port, ports.boundAddress = self.options.rtp_port, self.options.listen
        ports.publicAddress = self.options.public_address
        if account is not None:
            registration = config.regConfig
            registration.registrarUri, registration.timeoutSec = account.registrar, account.expires_s
            registration.retryIntervalSec = registration.firstRetryIntervalSec = RETRY_S
            user = account.user or account.address.partition(":")[2].partition("@")[0]
            password = account.password.get_secret_value()
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", account.realm, user, 0, password))
            if account.proxy:
                config.sipConfig.proxies.append(account.proxy)
        return config

    def _unregister(self) -> None:
        for account in self._accounts:
            if account.getInfo().regIsActive:
                account.setRegistration(False)

    def _say_goodbye(self) -> None:
        self.draining = True
        for number in list(self.calls):
            self._do(number, partial(Line.leave, code=UNAVAILABLE))
        self._unregister()
        until_s = time.monotonic() + GOODBYE_WITHIN_S
        while time.monotonic() < until_s and (self.calls or any(each.getInfo().regIsActive for each in self._accounts)):
            self._poll()

    def _go_down(self) -> None:
        for number in list(self.calls):
            self.calls[number].over()  # no name may hold it while the library goes
        if self._library is not None:
            self._library.libDestroy()


def _reason(problem: Any) -> str:
    return str(problem.reason or problem.title)
