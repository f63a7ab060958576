"""The sandbox as one object: two hosts, started and stopped together."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from voicebot.sandbox.application import Serving
from voicebot.sandbox.books import Books, Incident, SeenRequest
from voicebot.sandbox.errors import SandboxError
from voicebot.sandbox.faults import ArmedFault, Fault, FaultBox
from voicebot.sandbox.fees import DEFAULT_FEES, DEFAULT_TYPE_LIMITS, FeeRule
from voicebot.sandbox.general import general_app
from voicebot.sandbox.host import Host
from voicebot.sandbox.messages import TenderType
from voicebot.sandbox.paths import CONTROL_PATH, HostName, RequestKind
from voicebot.sandbox.processor import Processor
from voicebot.sandbox.store import Store
from voicebot.sandbox.tokens import DEFAULT_SCOPES, Credentials, Tokens
from voicebot.sandbox.vault import vault_app
from voicebot.sandbox.wire import Front, Journal

DEFAULT_CLIENT_ID: Final = "sandbox-client"
DEFAULT_CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105 - opens nothing but this sandbox
TOKEN_LIFETIME_S: Final = 8 * 3600.0


class _Running:
    """What exists only while the sandbox runs."""

    serving: Serving

    def __init__(self, state: Path | str | None) -> None:
        self.store = Store(state)
        self.hosts: dict[HostName, Host] = {}

    async def close(self) -> None:
        for host in self.hosts.values():
            await host.close()
        self.store.close()


class Sandbox:
    """A PaymentExpress of our own, on this machine, in the running event loop.

    Example:
        >>> async def demo() -> str:
        ...     async with Sandbox() as sandbox:
        ...         return sandbox.general_url
    """

    def __init__(
        self,
        *,
        address: str = "127.0.0.1",
        general_port: int = 0,
        vault_port: int = 0,
        state: Path | str | None = None,
        client_id: str = DEFAULT_CLIENT_ID,
        client_secret: str = DEFAULT_CLIENT_SECRET,
        token_lifetime_s: float = TOKEN_LIFETIME_S,
        scopes: Mapping[RequestKind, str] = DEFAULT_SCOPES,
        fees: Mapping[TenderType, FeeRule] = DEFAULT_FEES,
        type_limits: Mapping[str, frozenset[TenderType]] = DEFAULT_TYPE_LIMITS,
        pays_once: bool = True,
        faults: Iterable[Fault] = (),
        seed: int | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Describe a sandbox; nothing happens before it is entered or started.

        Args:
            address: where to listen.
            general_port: port of the general host; 0 takes any free one.
            vault_port: port of the vault host; 0 takes any free one.
            state: SQLite file, or URL of a PostgreSQL database, that keeps carts, payments and incidents over a
                restart, of one sandbox at a time. None: memory.
            client_id: who may ask for tokens.
            client_secret: with which secret.
            token_lifetime_s: how long a token is good, in seconds.
            scopes: the scope that each request needs.
            fees: what each tender type costs.
            type_limits: item types that may be paid by some tender types only.
            pays_once: refuse to pay a cart twice. False makes a PaymentExpress less kind than we assume, which
                charges again, so that a harness sees real double payments.
            faults: faults from the start.
            seed: makes cart ids, payment ids and chances repeatable; None: ids that never repeat.
            now: seconds since the epoch; decides about expired tokens and cards.
        """
        self.client_id = client_id
        self.client_secret = client_secret
        self._address = address
        self._ports = {HostName.GENERAL: general_port, HostName.VAULT: vault_port}
        self._state = state
        self._token_lifetime_s = token_lifetime_s
        self._scopes = scopes
        self._fees = fees
        self._type_limits = type_limits
        self._pays_once = pays_once
        self._seed = seed
        self._now = now
        self._faults = FaultBox(faults, seed=seed)
        self._journal = Journal()
        self._refusals: dict[int, asyncio.TimerHandle | None] = {}
        self._running: _Running | None = None

    # --- start and stop ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open both hosts.

        Raises:
            SandboxError: a port is in use, the state cannot be kept there, or it is running already.
        """
        if self._running is not None:
            raise SandboxError("this sandbox is running already: stop it first, or make another one")
        running = _Running(self._state)
        try:
            self._open(running)
        except BaseException:
            await running.close()
            raise
        self._running = running
        self._apply_refusals()

    def _open(self, running: _Running) -> None:
        processor = Processor(
            running.store,
            fees=self._fees,
            type_limits=self._type_limits,
            pays_once=self._pays_once,
            seed=self._seed,
            now=self._now,
        )
        tokens = Tokens(
            running.store,
            Credentials(self.client_id, self.client_secret),
            lifetime_s=self._token_lifetime_s,
            scopes=self._scopes,
            now=self._now,
        )
        running.serving = Serving(self, processor, tokens)
        apps = {HostName.GENERAL: general_app(self.scopes), HostName.VAULT: vault_app()}
        for name, app in apps.items():
            front = Front(
                app,
                name,
                serving=running.serving,
                faults=self._faults,
                journal=self._journal,
                woken=self._apply_refusals,
            )
            running.hosts[name] = Host(name, front)
            running.hosts[name].open(self._address, self._ports[name])

    async def stop(self) -> None:
        """Close both hosts and break what is open. A stopped sandbox may be started again; twice is fine."""
        running, self._running = self._running, None
        if running is not None:
            self._cancel_timers()
            await running.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    # --- where it is -------------------------------------------------------------------------------------------------

    @property
    def general_url(self) -> str:
        """Origin of the general host, without a path: `http://127.0.0.1:8080`."""
        return self._url(HostName.GENERAL)

    @property
    def vault_url(self) -> str:
        """Origin of the vault host, without a path."""
        return self._url(HostName.VAULT)

    @property
    def control_url(self) -> str:
        """Where the control endpoints are; the vault host has them too, for while the general host refuses."""
        return self.general_url + CONTROL_PATH

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that a client may ask for with its token."""
        return tuple(sorted(set(self._scopes.values())))

    def _url(self, name: HostName) -> str:
        address = f"[{self._address}]" if ":" in self._address else self._address
        return f"http://{address}:{self._run.hosts[name].port}"

    @property
    def _run(self) -> _Running:
        if self._running is None:
            raise SandboxError("the sandbox is not running: enter it with `async with`, or await start()")
        return self._running

    # --- what happened -----------------------------------------------------------------------------------------------

    def books(self) -> Books:
        """What was charged, cart by cart."""
        return self._run.store.books()

    def incidents(self) -> tuple[Incident, ...]:
        """What a client must never do, and did."""
        return self._run.store.incidents()

    def requests(self) -> tuple[SeenRequest, ...]:
        """The requests that arrived since the start or the last reset (the last 10,000), without content."""
        return self._journal.requests()

    async def arrival(self, request: RequestKind) -> SeenRequest:
        """Wait for the next request of this kind to arrive; it is not answered yet when this returns."""
        return await self._journal.arrival(request)

    def reset(self) -> None:
        """Forget carts, payments, incidents, requests and faults. Tokens stay good."""
        self._run.serving.processor.forget()
        self._journal.clear()
        self.clear_faults()

    # --- faults ------------------------------------------------------------------------------------------------------

    def faults(self) -> tuple[ArmedFault, ...]:
        """The faults that may still strike."""
        return self._faults.armed()

    def add_fault(self, fault: Fault) -> ArmedFault:
        """Arm a fault; of those that match a request the one added first strikes."""
        armed = self._faults.add(fault)
        self._apply_refusals()
        return armed

    def remove_fault(self, fault_id: int) -> bool:
        """Take a fault away; False if it is gone already."""
        removed = self._faults.remove(fault_id)
        self._apply_refusals()
        return removed

    def clear_faults(self) -> None:
        """Take every fault away."""
        self._faults.clear()
        self._apply_refusals()

    def expire_tokens(self) -> None:
        """Let every token given out so far have expired."""
        self._run.serving.tokens.expire_all()

    def _apply_refusals(self) -> None:
        """Let each host listen or refuse, as the faults say, and end timed refusals in time."""
        if self._running is None:
            return
        armed = {a.id: a.fault for a in self._faults.refusing()}
        for gone in self._refusals.keys() - armed.keys():
            timer = self._refusals.pop(gone)
            if timer is not None:
                timer.cancel()
        for fault_id, fault in armed.items():
            if fault_id not in self._refusals:
                loop = asyncio.get_running_loop()
                end = loop.call_later(fault.for_s, self.remove_fault, fault_id) if fault.times else None
                self._refusals[fault_id] = end
        refused = {f.request.host if f.request else None for f in armed.values()}
        for name, host in self._running.hosts.items():
            if refused & {name, None}:
                host.refuse()
            else:
                host.accept()

    def _cancel_timers(self) -> None:
        for timer in self._refusals.values():
            if timer is not None:
                timer.cancel()
        self._refusals.clear()
