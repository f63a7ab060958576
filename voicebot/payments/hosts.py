"""The two hosts, as two types: one takes carts and questions, the other takes tender, and neither can be mistaken.

`GeneralHost` has no method that takes a tender, and what it encodes it encodes masked, after refusing tender messages
outright. `VaultHost` is the only one that shows the key (`FOR_THE_VAULT`) with which a tender's message is unwrapped.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from voicebot.payments.connection import Answer, Connection, Exchange
from voicebot.payments.errors import PaymentExpressError, RateLimited, ServerFault, Unreachable
from voicebot.payments.messages import Payment
from voicebot.payments.reading import failure, read, read_payment
from voicebot.payments.retry import Deadline, Sleep, repeat
from voicebot.payments.tender import FOR_THE_VAULT, CardPayment, ECheckPayment, Tender, TenderMessage
from voicebot.payments.token import TokenSource
from voicebot.payments.wire import AnswerMessage, RequestMessage

M = TypeVar("M", bound=AnswerMessage)


class _Host:
    """What both have in common: a token on every request, and one fresh token when it is turned away."""

    def __init__(self, connection: Connection, tokens: TokenSource, *, sleep: Sleep) -> None:
        self._connection = connection
        self._tokens = tokens
        self._sleep = sleep

    async def _authorized(
        self,
        *,
        method: str,
        template: str,
        ids: Mapping[str, str],
        encode: Callable[[], bytes] | None,
        deadline: Deadline,
        try_s: float,
    ) -> Exchange | PaymentExpressError:
        """One try. A 401 says that nobody has looked at the request, so it is sent again, once, payments included."""
        refused = None
        for _ in range(2):
            token = await self._tokens.get(deadline, refused=refused)
            if isinstance(token, PaymentExpressError):
                return token
            headers = {"Authorization": f"Bearer {token.value}"}
            if encode:
                headers["Content-Type"] = "application/json"
            limit_s = min(try_s, deadline.left_s())
            end = await self._connection.exchange(
                method, template, ids=ids, headers=headers, encode=encode, limit_s=limit_s
            )
            if not isinstance(end, Answer) or end.status != HTTPStatus.UNAUTHORIZED:
                break
            refused = token
        return end

    async def _repeat(
        self,
        once: Callable[[], Awaitable[M | PaymentExpressError]],
        when: tuple[type[PaymentExpressError], ...],
        deadline: Deadline,
    ) -> M | PaymentExpressError:
        """Try until the budget is spent. Without a token there is no first try: getting one has tries of its own."""
        token = await self._tokens.get(deadline)
        if isinstance(token, PaymentExpressError):
            return token
        return await repeat(once, when=when, deadline=deadline, sleep=self._sleep)


class GeneralHost(_Host):
    """Carts, their status, payment lookups."""

    async def create(
        self, template: str, message: RequestMessage, answer: type[M], deadline: Deadline, try_s: float
    ) -> M | PaymentExpressError:
        """POST a message that carries no tender. Repeated only while nobody has looked at it: not sent, or 429."""
        if isinstance(message, TenderMessage):
            raise TypeError("tender goes to the vault host, never to the general one")

        def encode() -> bytes:
            return message.model_dump_json(by_alias=True, exclude_none=True).encode()

        async def once() -> M | PaymentExpressError:
            end = await self._authorized(
                method="POST", template=template, ids={}, encode=encode, deadline=deadline, try_s=try_s
            )
            return end if isinstance(end, PaymentExpressError) else read(end, answer)

        return await self._repeat(once, (Unreachable, RateLimited), deadline)

    async def ask(
        self, template: str, ids: Mapping[str, str], answer: type[M], deadline: Deadline, try_s: float
    ) -> M | PaymentExpressError:
        """GET something. Repeated for as long as the budget lasts, as asking changes nothing."""

        async def once() -> M | PaymentExpressError:
            end = await self._authorized(
                method="GET", template=template, ids=ids, encode=None, deadline=deadline, try_s=try_s
            )
            return end if isinstance(end, PaymentExpressError) else read(end, answer)

        return await self._repeat(once, (Unreachable, ServerFault, RateLimited), deadline)


def _unwrapped(message: TenderMessage) -> bytes:
    return message.model_dump_json(by_alias=True, context=FOR_THE_VAULT).encode()


class VaultHost(_Host):
    """Payments: every request that carries tender."""

    async def answers(self, deadline: Deadline, try_s: float) -> bool:
        """Ask for nothing in particular, to see whether anybody is there; without token or tender."""

        async def once() -> Answer | PaymentExpressError:
            limit_s = min(try_s, deadline.left_s())
            end = await self._connection.exchange("HEAD", "/", ids={}, headers={}, encode=None, limit_s=limit_s)
            return end if isinstance(end, Answer) and not end.is_server_fault else failure(end)

        found = await repeat(once, when=(Unreachable, ServerFault), deadline=deadline, sleep=self._sleep)
        return isinstance(found, Answer)

    async def pay(
        self, template: str, ids: Mapping[str, str], message: TenderMessage, tender: Tender, deadline: Deadline
    ) -> Payment | PaymentExpressError:
        """POST a payment. Repeated only while nothing has been sent; whatever comes after that is its outcome."""
        if not isinstance(message, CardPayment | ECheckPayment):
            raise TypeError("the vault host takes payments only")

        async def once() -> Payment | PaymentExpressError:
            end = await self._authorized(
                method="POST",
                template=template,
                ids=ids,
                encode=partial(_unwrapped, message),
                deadline=deadline,
                try_s=deadline.left_s(),
            )
            return end if isinstance(end, PaymentExpressError) else read_payment(end, tender)

        return await self._repeat(once, (Unreachable,), deadline)
