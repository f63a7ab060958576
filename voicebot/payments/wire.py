"""How messages are written and read: camelCase names, exact requests, tolerant answers."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class RequestMessage(BaseModel):
    """What we send: the vendor's fields and no others, no conversions, input never shown in an error."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )


class AnswerMessage(BaseModel):
    """What we are told: the fields that we rely on are checked strictly, others may come and go."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )
