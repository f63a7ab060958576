"""Faults: what may go wrong at a request, how often, and which one strikes next.

Choosing is kept apart from striking (`wire.py`): this file knows nothing of sockets, so its order can be tested by
itself. With the same seed and the same order of requests the same faults strike.
"""

import random
from collections.abc import Iterable
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicebot.sandbox.paths import RequestKind


class FaultKind(StrEnum):
    """What goes wrong, as the client sees it on the wire."""

    REFUSE = "refuse"
    SILENT = "silent"
    LATE = "late"
    CLOSE = "close"
    RESET = "reset"
    HALF_BODY = "half_body"
    INVALID_JSON = "invalid_json"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    STATUS = "status"
    HTML = "html"
    NO_DISPLAY_MESSAGE = "no_display_message"
    NO_ID = "no_id"
    DUPLICATE = "duplicate"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 - the name of a fault, not a secret


MEANING: Final[dict[FaultKind, str]] = {
    FaultKind.REFUSE: "nobody listens on the request's host for `for_s` seconds (`times=0`: until removed)",
    FaultKind.SILENT: "the connection is accepted and the request read, but never answered",
    FaultKind.LATE: "the answer comes after `for_s` seconds; not carried out: so does the charge",
    FaultKind.CLOSE: "the connection is closed without an answer",
    FaultKind.RESET: "the connection is reset (RST) without an answer",
    FaultKind.HALF_BODY: "the connection is closed in the middle of the answer's body",
    FaultKind.INVALID_JSON: "the answer's JSON lacks its last character",
    FaultKind.WRONG_CONTENT_TYPE: "the answer calls itself text/plain",
    FaultKind.STATUS: "`status` with an error body, and `Retry-After` if `retry_after_s` is given",
    FaultKind.HTML: "`status` with an HTML page, as from a proxy",
    FaultKind.NO_DISPLAY_MESSAGE: "a payment-level failure (other requests: 400) without `displayMessage`",
    FaultKind.NO_ID: "a success without what was asked for: `paymentId`, `cartId` or `access_token`",
    FaultKind.DUPLICATE: "the answer is sent twice on one connection",
    FaultKind.EXPIRE_TOKEN: "every token issued so far has expired when the request arrives",
}

_NEVER_CARRIED_OUT: Final = {FaultKind.REFUSE, FaultKind.NO_DISPLAY_MESSAGE, FaultKind.EXPIRE_TOKEN}
_ALWAYS_CARRIED_OUT: Final = {
    FaultKind.HALF_BODY,
    FaultKind.INVALID_JSON,
    FaultKind.WRONG_CONTENT_TYPE,
    FaultKind.NO_ID,
    FaultKind.DUPLICATE,
}
_STATUSES: Final = frozenset(status.value for status in HTTPStatus)


class Fault(BaseModel):
    """One fault to strike.

    Attributes:
        kind: what goes wrong.
        request: at which request; None: at any.
        carried_out: whether the request does its work (creates the cart, makes the charge) although the client never
            gets a proper answer. Free for silent, late, close, reset, status and html; fixed for the others.
        status: HTTP status of `status` and `html`.
        retry_after_s: `Retry-After` in whole seconds.
        for_s: how long `late` and `refuse` last, in seconds.
        times: how often it strikes; 0: always.
        skip: how many matching requests pass before the first strike.
        wakes_after: sleeps until a request of this kind has been answered.
        chance: the share of matching requests that it strikes, 0 to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    request: RequestKind | None = None
    carried_out: bool = False
    status: int = Field(default=500, ge=400, le=599)
    retry_after_s: int | None = Field(default=None, ge=0)
    for_s: float = Field(default=1.0, ge=0, le=3600)
    times: int = Field(default=1, ge=0)
    skip: int = Field(default=0, ge=0)
    wakes_after: RequestKind | None = None
    chance: float = Field(default=1.0, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_what_the_kind_fixes(cls, data: object) -> object:
        if isinstance(data, dict) and "carried_out" not in data and data.get("kind") in _ALWAYS_CARRIED_OUT:
            return {**data, "carried_out": True}
        return data

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.carried_out and self.kind in _NEVER_CARRIED_OUT:
            raise ValueError(f"{self.kind} cannot be carried out: leave carried_out away")
        if not self.carried_out and self.kind in _ALWAYS_CARRIED_OUT:
            raise ValueError(f"{self.kind} damages a real answer, so the request is always carried out")
        if self.status not in _STATUSES:
            raise ValueError(f"HTTP has no status {self.status}")
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a fault from a setting: `REQUEST:KIND[:NAME=VALUE,…]`, for example `card:close:carried_out=yes`.

        `any` as REQUEST means every request; a status may stand for its kind (`cart:503:retry_after_s=2`).

        Raises:
            ValueError: the text is not a fault; says what is wrong and shows an example.
        """
        request, _, rest = text.partition(":")
        kind, _, options = rest.partition(":")
        pairs = [option.partition("=") for option in options.split(",") if option]
        data: dict[str, object] = {name.strip(): value.strip() for name, _, value in pairs}
        data["kind"] = kind
        if kind.isdecimal():
            data |= {"kind": FaultKind.STATUS.value, "status": kind}
        if request != "any":
            data["request"] = request
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the fault"
            raise ValueError(
                f"'{text}' is not a fault: {where}: {first['msg']}. Write REQUEST:KIND or "
                "REQUEST:KIND:NAME=VALUE,… such as card:close:carried_out=yes,times=2"
            ) from None

    def describe(self) -> str:
        """The fault in a few words, for records."""
        detail = {
            FaultKind.STATUS: f" {self.status}",
            FaultKind.HTML: f" {self.status}",
            FaultKind.LATE: f" by {self.for_s:g} s",
        }.get(self.kind, "")
        return f"{self.kind}{detail}{', carried out' if self.carried_out else ''}"

    def matches(self, request: RequestKind) -> bool:
        """Whether it strikes at this kind of request."""
        return self.request in {None, request}


class ArmedFault(BaseModel):
    """A fault that waits for its request.

    Attributes:
        id: its number in this sandbox, for removing it.
        fault: what it is.
        struck: how often it has struck.
        passed: how many matching requests it has let pass.
        awake: whether it may strike yet (see `Fault.wakes_after`).
    """

    id: int
    fault: Fault
    struck: int = 0
    passed: int = 0
    awake: bool = True


class FaultBox:
    """The faults of a sandbox, in the order they were added; the first that matches strikes."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int | None = None) -> None:
        """Faults from the settings, and the seed of `chance`."""
        # Not for secrets: a seeded generator is what makes a run repeatable.
        self._random = random.Random(seed)  # noqa: S311
        self._next_id = 1
        self._armed: dict[int, ArmedFault] = {}
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> ArmedFault:
        """Arm a fault."""
        armed = ArmedFault(id=self._next_id, fault=fault, awake=fault.wakes_after is None)
        self._next_id += 1
        self._armed[armed.id] = armed
        return armed

    def remove(self, fault_id: int) -> bool:
        """Take a fault away; False if there is none of this number."""
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Take every fault away."""
        self._armed.clear()

    def armed(self) -> tuple[ArmedFault, ...]:
        """Every fault that may still strike."""
        return tuple(armed.model_copy() for armed in self._armed.values())

    def refusing(self) -> tuple[ArmedFault, ...]:
        """The awake faults of kind `refuse`: they strike at the host, before there is a request to choose for."""
        return tuple(a for a in self._armed.values() if a.awake and a.fault.kind is FaultKind.REFUSE)

    def strike(self, request: RequestKind) -> Fault | None:
        """The fault for a request that has just arrived, counted as struck; None: it is served properly."""
        for armed in self._armed.values():
            fault = armed.fault
            if fault.kind is FaultKind.REFUSE or not armed.awake or not fault.matches(request):
                continue
            if armed.passed < fault.skip:
                armed.passed += 1
                continue
            if fault.chance < 1 and self._random.random() >= fault.chance:
                continue
            armed.struck += 1
            if fault.times and armed.struck >= fault.times:
                del self._armed[armed.id]
            return fault
        return None

    def answered(self, request: RequestKind) -> bool:
        """Wake the faults that waited for this request to be answered; True if any woke."""
        woken = [a for a in self._armed.values() if not a.awake and a.fault.wakes_after is request]
        for armed in woken:
            armed.awake = True
        return bool(woken)
