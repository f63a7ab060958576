"""Settings: defaults, one TOML file, environment variables; the later wins.

`voicebot.toml` in the working directory, or the file that `VOICEBOT_CONFIG` names. An environment variable is the path
of a setting in capitals with `VOICEBOT_` before it and `__` between its parts: `VOICEBOT_PAYMENTS__CLIENT_SECRET`.
`docs/configuration.md` lists them all. Secrets are never printed.
"""

import os
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from voicebot.audio import WebSocketOptions
from voicebot.audio.sip import SipOptions
from voicebot.dialog import QUESTIONS
from voicebot.ledger import checked_url
from voicebot.payments import ApiSettings, Environment, Paths
from voicebot.speech.prompts import CAREFUL_PACE

ROOT = Path(__file__).resolve().parents[1]
"""The project's own folder: grammars, models and the demo's files are beside the package."""

PREFIX = "VOICEBOT_"
NESTED = "__"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"
CONFIG_FILE = Path("voicebot.toml")


MaybePath: TypeAlias = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
"""A path, or an empty text for none: as a path that would be the working directory."""


class SettingsError(Exception):
    """A setting cannot be used; the text names it and says what it may be."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AgencySettings(_Section):
    """Who is being paid.

    Attributes:
        name: as callers know it.
        phone: where a person answers; spoken to callers, and part of the eCheck authorization.
        operator: where calls are transferred to (a SIP address or number); empty: no transfers.
    """

    name: Annotated[str, Field(min_length=2)] = "Example County"
    phone: Annotated[str, Field(min_length=3)] = "555 0100"
    operator: str = ""


class PaymentSettings(_Section):
    """How PaymentExpress is reached, and what every cart says.

    Attributes:
        environment: `sandbox` (built in, the default), `beta`, `demo`, `production`, or `custom` with two URLs.
            Real money moves in `production` only, and only by that name.
        general_url: for `custom`.
        vault_url: for `custom`.
        client_id: given by the vendor.
        client_secret: given by the vendor.
        scopes: given by the vendor.
        location: configured by the vendor for this line.
        item_type: for items that billing gives no type for.
        fund_category: likewise.
        payment_budget_s: how long a caller waits for a payment's answer.
        paths: of the requests, where the vendor gave others.
    """

    environment: Literal["sandbox", "beta", "demo", "production", "custom"] = "sandbox"
    general_url: str = ""
    vault_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    scopes: tuple[str, ...] = ()
    location: Annotated[str, Field(min_length=1)] = "IVR"
    item_type: Annotated[str, Field(min_length=1)] = "Bill"
    fund_category: Annotated[str, Field(min_length=3)] = "General"
    payment_budget_s: Annotated[float, Field(ge=5, le=120)] = 40.0
    paths: Paths = Paths()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.environment == "custom" and not (self.general_url and self.vault_url):
            raise ValueError("the custom environment needs general_url and vault_url")
        if self.environment != "custom" and (self.general_url or self.vault_url):
            raise ValueError('general_url and vault_url are for environment = "custom"')
        if self.environment != "sandbox" and not (self.client_id and self.client_secret.get_secret_value()):
            raise ValueError(f"the {self.environment} environment needs client_id and client_secret")
        if self.environment != "sandbox":
            self._check_api()
        return self

    def _check_api(self) -> None:
        """Refuse at start what the client would refuse, without its values, one of which is the secret."""
        try:
            self.api()
        except ValidationError as error:
            raise ValueError(_problems(error)[0]) from None

    def api(self) -> ApiSettings:
        """What the client wants to know, for every environment but the sandbox, which brings its own."""
        environment = (
            Environment.custom(general=self.general_url, vault=self.vault_url)
            if self.environment == "custom"
            else Environment.named(self.environment)
        )
        return ApiSettings(
            environment=environment,
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=self.scopes,
            paths=self.paths,
            payment_budget_s=self.payment_budget_s,
        )


class SpeechSettings(_Section):
    """The recogniser and the voice.

    Attributes:
        model: a name of `models/manifest.toml`.
        second_model: another, which hears card, routing and account numbers, security codes, yes and no again that were
            not understood for certain, and each saying of a bank account number; English only. Empty: none.
        models_folder: where models lie.
        voice: `pyttsx3`, or another of `voicebot.speech.voices`, and its words a minute.
        careful_pace: share of the voice's rate for what callers write down or agree to, or want repeated.
        prompt_cache: where prompts without any caller's words are kept; empty: nowhere.
    """

    model: str = "vosk-model-small-en-us-0.15"
    second_model: str = "whisper-tiny.en"
    models_folder: Path = ROOT / "models"
    voice: str = "pyttsx3@200"
    """198 words a minute of the bot's prompts, digits and sums counted as words; espeak's own 175 comes to 172. People
    speak 180 to 220 (Apple's manual of `NSSpeechSynthesizer`)."""
    careful_pace: Annotated[float, Field(ge=0.5, le=1)] = CAREFUL_PACE
    prompt_cache: MaybePath = Path("data/prompts")


class LanguageSettings(_Section):
    """What hears and speaks another language that callers can choose at the greeting.

    Attributes:
        model: a name of `models/manifest.toml`; a model of this language.
        voice: of `voicebot.speech.voices`; a voice of this language.
    """

    model: Annotated[str, Field(min_length=1)]
    voice: Annotated[str, Field(min_length=1)]


Locale: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")]


class MicrophoneSettings(_Section):
    """The desktop's sound.

    Attributes:
        input: name or number of the microphone; empty: the system's own choice.
        output: of the loudspeaker, likewise.
        headphones: the microphone stays open while the bot speaks; only where it cannot hear the loudspeaker.
    """

    input: str = ""
    output: str = ""
    headphones: bool = False


class MannerSettings(_Section):
    """How patient the bot is.

    Attributes:
        failures: unanswered or misunderstood questions in one call after which it gives up.
        patience_s: seconds of waiting for others after which it says that it is still there.
        keys_only: questions that take the keypad only, by name.
        ahead: answers are understood before they are asked for, several at once.
        barge_in: callers may speak over prompts; keys interrupt them in any case.
    """

    failures: Annotated[int, Field(ge=2, le=50)] = 16
    patience_s: Annotated[float, Field(ge=2, le=60)] = 8.0
    keys_only: frozenset[str] = frozenset()
    ahead: bool = True
    barge_in: bool = False

    @model_validator(mode="after")
    def _known(self) -> Self:
        if unknown := self.keys_only - set(QUESTIONS):
            raise ValueError(f"no question {', '.join(sorted(unknown))}; there are {', '.join(sorted(QUESTIONS))}")
        return self


class SettlingSettings(_Section):
    """How payments with an unknown outcome are followed up.

    Attributes:
        quiet_s: "not paid" is believed when the payment request is at least this old; longer than `payment_budget_s`,
            which is demanded where the vendor's own hosts are used.
        every_s: seconds between rounds while the bot runs.
        attention_after_s: an outcome that is unknown for so long is a matter for people.
    """

    quiet_s: Annotated[float, Field(ge=0, le=3600)] = 60.0
    every_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    attention_after_s: Annotated[float, Field(ge=60, le=86400)] = 3600.0


class HealthSettings(_Section):
    """Where commands that run for long tell how they are, over HTTP.

    Attributes:
        host: address to listen on; who reaches it sees how many calls there are, and nothing of them.
        port: port to listen on; 0: nowhere. Workers take the ports after it, one each.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_000)] = 0


def _ledger_url(url: str) -> str:
    checked_url(url)
    return url


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes:
        language: a wording file and a grammar folder have this name.
        languages: other languages that callers can choose at the greeting, by locale, in the order of their keys.
        database: the ledger's and billing's database, as a SQLAlchemy URL.
        accounts: a CSV of what is owed, loaded into the database at start; empty: the database as it is.
        log_level: of the log on standard error.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )
    config_file: ClassVar[Path | None] = None

    language: Locale = "en-US"
    languages: Annotated[dict[Locale, LanguageSettings], Field(max_length=8)] = {}
    database: Annotated[str, AfterValidator(_ledger_url)] = "sqlite:///data/voicebot.sqlite3"
    accounts: MaybePath = ROOT / "demo" / "accounts.csv"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    agency: AgencySettings = AgencySettings()
    payments: PaymentSettings = PaymentSettings()
    speech: SpeechSettings = SpeechSettings()
    microphone: MicrophoneSettings = MicrophoneSettings()
    manners: MannerSettings = MannerSettings()
    settling: SettlingSettings = SettlingSettings()
    sip: SipOptions = SipOptions()
    websocket: WebSocketOptions = WebSocketOptions()
    health: HealthSettings = HealthSettings()

    @model_validator(mode="after")
    def _patient(self) -> Self:
        tried_out = self.payments.environment in {"sandbox", "custom"}
        if not tried_out and self.settling.quiet_s <= self.payments.payment_budget_s:
            raise ValueError(
                "settling.quiet_s must be longer than payments.payment_budget_s: not paid is not believed of"
                " a payment that may still be under way"
            )
        return self

    @model_validator(mode="after")
    def _no_language_twice(self) -> Self:
        if self.language in self.languages:
            raise ValueError(f"{self.language} is the line's own language; `languages` names the others")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings calls it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, cls.config_file))


def read_settings(config: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        config: the TOML file; `VOICEBOT_CONFIG`, else `voicebot.toml` if there is one, when not given.

    Raises:
        SettingsError: a setting is unknown or out of range, or the file is missing or no TOML.
    """
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is not None and not named.is_file():
        raise SettingsError(f"there is no settings file {named}")
    file = named or (CONFIG_FILE if CONFIG_FILE.is_file() else None)
    _refuse_unknown_variables()

    class _FromFile(Settings):
        config_file = file

    try:
        return _FromFile()
    except ValidationError as error:
        raise SettingsError(_explain(error, file)) from None
    except SourceError as error:
        raise SettingsError(f'the environment: {error}; lists and tables are JSON there: \'["a","b"]\'') from None
    except ValueError as error:  # tomllib's own
        raise SettingsError(f"{file}: {error}") from None


def _refuse_unknown_variables() -> None:
    """Pydantic looks for the names that it knows; one that is misspelt would be passed over in silence."""
    known = {name.upper() for name in Settings.model_fields}
    unknown = [
        name
        for name in sorted(os.environ)
        if name.startswith(PREFIX)
        and name != CONFIG_VARIABLE
        and name.removeprefix(PREFIX).partition(NESTED)[0].upper() not in known
    ]
    if unknown:
        raise SettingsError(
            "\n".join(f"{name}: there is no such setting" for name in unknown)
            + f"\na setting is {PREFIX}, its name in capitals, and {NESTED} for each dot; see docs/configuration.md"
        )


def _explain(error: ValidationError, file: Path | None) -> str:
    """One line for each wrong setting, without its value, which may be a secret."""
    where = f"{file} and the environment" if file else "the environment"
    return f"settings ({where}):\n  " + "\n  ".join(_problems(error)) + "\nsee docs/configuration.md"


def _problems(error: ValidationError) -> list[str]:
    """Where and what, for each wrong value."""
    found = [
        (".".join(str(part) for part in problem["loc"]), problem["msg"].removeprefix("Value error, "))
        for problem in error.errors()
    ]
    return [f"{where}: {what}" if where else what for where, what in found]
