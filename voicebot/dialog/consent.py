"""What a caller agrees to before money moves: one template for each way of paying, and the record of the yes to it.

The template names the sentence of the wording file that is spoken, and the facts that must be in it. The same line is
spoken, recorded and kept, so that the three can't differ; a wording file that leaves a fact out is refused at start.
What an eCheck's sentence must say is in Nacha's TEL rules and Regulation E (12 CFR 1005.10), as `docs/security.md` has
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Template:
    """What must be agreed to.

    Attributes:
        sentence: its name in the wording file.
        facts: the values that the sentence names, each and no other; all of them go into the record.
    """

    sentence: str
    facts: frozenset[str]


CONSENTS: Mapping[str, Template] = MappingProxyType(
    {
        "card": Template("card_authorization", frozenset({"fee", "total", "last_four"})),
        "echeck": Template(
            "echeck_authorization",
            frozenset({"to_name", "today", "agency", "fee", "total", "withdrawal_type", "last_four", "phone"}),
        ),
    }
)
"""By tender."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A caller's yes, and what it was said to.

    Attributes:
        tender: card or echeck.
        language: of the text, such as `en-US`.
        text: the sentence, as it was spoken and is shown.
        facts: (name, as shown) of everything that the template wants.
        answer: the caller's word, or key.
    """

    tender: str
    language: str
    text: str
    facts: tuple[tuple[str, str], ...]
    answer: str
