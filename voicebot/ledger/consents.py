"""Consents: what callers said yes to before money moved, one row for each payment request, chained by their hashes.

Each row has the hash (SHA-256) of everything in it and of the row before it, so that a row that was changed, put in
or taken out of the middle is found by `verify`. The database refuses to change or delete one in the first place; the
chain is for those who can get past the database. Rows missing at the end leave a payment request without its consent.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from voicebot.ledger.models import Attempt, Cart, ConsentRow

FIRST = "0" * 64
"""What the first row has for the hash of the row before it."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A caller's yes, for the ledger.

    Attributes:
        language: of the text.
        text: what was spoken to the caller.
        facts: (name, as spoken) of what the text has to name.
        answer: the caller's word, or key.
        recording: name of the sound file that holds the text and the yes; empty where none was made.
        recording_sha256: of that file.
    """

    language: str
    text: str
    facts: tuple[tuple[str, str], ...]
    answer: str
    recording: str = ""
    recording_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One row of the chain.

    Attributes:
        number: in the order in which they were given.
        cart: our id of the cart.
        attempt: number of the payment request that it allowed.
        reference: the cart's, which callers know.
        previous: hash of the row before.
        hash: of this one.
    """

    number: int
    at: datetime
    cart: str
    attempt: int
    reference: str
    tender: str
    total: str
    last_four: str
    given: ConsentGiven
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that is not as it was written. `number` is that of the first row concerned; 0: none is left."""

    number: int
    what: str


def append(session: Session, cart: Cart, given: ConsentGiven, now: datetime) -> None:
    """Add the consent to the cart's newest attempt; the caller of this holds the chain's lock."""
    missing = [name for name, value in given.facts if value and value not in given.text]
    if missing or not given.answer:
        raise ValueError(
            f"a consent names its facts and has an answer; {', '.join(missing) or 'the answer'} is missing"
        )
    attempt = cart.attempts[-1]
    last = session.scalars(select(ConsentRow).order_by(ConsentRow.number.desc()).limit(1)).first()
    row = ConsentRow(
        number=last.number + 1 if last else 1,
        at=now.replace(microsecond=0),
        cart=cart.id,
        attempt=attempt.number,
        tender=attempt.tender,
        total=attempt.total,
        last_four=attempt.last_four,
        language=given.language,
        text=given.text,
        facts=[list(fact) for fact in given.facts],
        answer=given.answer,
        recording=given.recording,
        recording_sha256=given.recording_sha256,
        previous=last.hash if last else FIRST,
        hash="",
    )
    row.hash = digest(row)
    session.add(row)


def digest(row: ConsentRow) -> str:
    """The hash of a row: of a JSON array of its columns in this order, in UTF-8, without spaces."""
    columns = [
        row.previous,
        row.number,
        row.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        row.cart,
        row.attempt,
        row.tender,
        row.total,
        row.last_four,
        row.language,
        row.text,
        [list(fact) for fact in row.facts],
        row.answer,
        row.recording,
        row.recording_sha256,
    ]
    return hashlib.sha256(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def record(row: ConsentRow, reference: str) -> ConsentRecord:
    """A row as it is given out."""
    facts = tuple((str(name), str(value)) for name, value in row.facts)
    given = ConsentGiven(row.language, row.text, facts, row.answer, row.recording, row.recording_sha256)
    return ConsentRecord(
        row.number,
        row.at,
        row.cart,
        row.attempt,
        reference,
        row.tender,
        row.total,
        row.last_four,
        given,
        row.previous,
        row.hash,
    )


def rows_of(reference: str = "") -> Select[ConsentRow, str]:
    """All rows in order, or one cart's by the reference that its caller knows; each with that reference."""
    query = select(ConsentRow, Cart.reference).join(Cart, Cart.id == ConsentRow.cart).order_by(ConsentRow.number)
    return query.where(Cart.reference == reference) if reference else query


def broken(session: Session) -> Iterator[Broken]:
    """Everything that is not as it was written, in the order of the chain; nothing when all is well."""
    previous, number, begun = FIRST, 0, None
    allowed: set[tuple[str, int]] = set()
    for row in session.scalars(select(ConsentRow).order_by(ConsentRow.number)):
        begun = begun or row.at
        if row.number != number + 1:
            yield Broken(row.number, f"the row before it is missing: {number} is followed by {row.number}")
        elif row.previous != previous:
            yield Broken(row.number, "it does not follow the row before it")
        if digest(row) != row.hash:
            yield Broken(row.number, "its content is not what was written")
        previous, number = row.hash, row.number
        allowed.add((row.cart, row.attempt))
    for attempt in session.scalars(select(Attempt).order_by(Attempt.started_at)):
        later = begun is None or attempt.started_at >= begun
        if later and (attempt.cart, attempt.number) not in allowed:
            yield Broken(0, f"payment request {attempt.number} of cart {attempt.cart} has no consent")
