"""Puts a house together from settings: what every call-making command needs, checked before the first call."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog
import yaml
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from voicebot.billing import AccountTable
from voicebot.call import CartTerms, House, Tongue
from voicebot.cli.chosen_models import loaded, model_of, primary, second_for
from voicebot.cli.errors import BadInput
from voicebot.cli.progress import fetching
from voicebot.dialog import (
    AHEAD,
    COMMANDS,
    HEARD_AT,
    LISTENED,
    NUMBERS,
    QUESTIONS,
    SPELLED,
    Agency,
    Manners,
    Script,
    Wording,
    WordingError,
    read_wording,
    spelled,
    with_others,
)
from voicebot.grammar import Grammar, load_grammars, phrases_for, unknown_words
from voicebot.ledger import Ledger, LedgerError, SettleReport, SettleRules, keep_settling
from voicebot.payments import ApiSettings, Environment, PaymentExpress
from voicebot.sandbox import API_ROOT, Sandbox
from voicebot.settings import ROOT, Settings, SettingsError
from voicebot.speech import Recognizer, SecondRecognizer, Voice, VoiceProcess, give_way
from voicebot.speech.fetch import ensure
from voicebot.speech.models import Model

log = structlog.get_logger(__name__)


def grammars_for(settings: Settings, language: str = "") -> Mapping[str, Grammar]:
    """The grammars of a language, one for each kind of question and one for the commands.

    Args:
        settings: the line's own language stands there.
        language: another one.

    Raises:
        GrammarError: one cannot be read.
        SettingsError: the language has none, or lacks some.
    """
    if not (ROOT / "grammars").is_dir():
        raise SettingsError(
            f"{ROOT} has no grammars: the bot needs its project's folder, where they and the models lie; "
            "install it with pip install -e and the folder of the clone"
        )
    folder = ROOT / "grammars" / (language or settings.language)
    if not folder.is_dir():
        raise SettingsError(f"there are no grammars for {folder.name} in {folder}")
    grammars = _grammars_of(folder)
    wanted = {question.grammar_name for question in QUESTIONS.values()} | {COMMANDS, NUMBERS, AHEAD}
    if missing := sorted(wanted - set(grammars)):
        raise SettingsError(f"{folder} lacks the grammars {', '.join(missing)}")
    return grammars


@cache
def _grammars_of(folder: Path) -> Mapping[str, Grammar]:
    """Read once a process: a grammar keeps what it was compiled to, which takes longer than the rest of a start."""
    return load_grammars(folder)


def wording_for(settings: Settings, language: str = "") -> Wording:
    """The wording of the line's own language, or of another, checked.

    Raises:
        WordingError: it is missing, no YAML, or incomplete.
    """
    path = Path(__file__).parents[1] / "wording" / f"{language or settings.language}.yaml"
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise WordingError(f"there is no wording for {path.stem}: {path} is missing") from None
    except yaml.YAMLError as problem:
        raise WordingError(f"{path}: {problem}") from None
    return read_wording(data if isinstance(data, Mapping) else {}, path.name)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What understands the line's own language: slow to make, the same for every call, and shared by forked workers."""

    grammars: Mapping[str, Grammar]
    recognizer: Recognizer
    second: SecondRecognizer | None = None


def hearing_for(settings: Settings) -> Hearing:
    """Grammars, each compiled, and the recogniser; raises as `grammars_for` and `recognizer_for`."""
    grammars = grammars_for(settings)
    compile_all(grammars)
    return Hearing(grammars, recognizer_for(settings, grammars), second_for(settings))


def compile_all(grammars: Mapping[str, Grammar]) -> None:
    """Compile every rule now: the first call that needs one would wait half a second for the largest."""
    for grammar in grammars.values():
        for rule in grammar.rules:
            grammar.network(rule)


def recognizer_for(settings: Settings, grammars: Mapping[str, Grammar], language: str = "") -> Recognizer:
    """The recogniser with its model, fetched if need be, and every grammar's words checked against it.

    Raises:
        ModelError: the model cannot be had.
        SettingsError: it is the model of another language.
        BadInput: a grammar uses words that the model does not know; each with file, line and a hint.
    """
    model = model_for(settings, language)
    with fetching(model.name) as on_progress:
        folder = ensure(model, settings.speech.models_folder, on_progress)
    return recognizer_of(folder, grammars)


def recognizer_of(folder: Path, grammars: Mapping[str, Grammar]) -> Recognizer:
    """The recogniser of a model that is there; raises as `recognizer_for`."""
    recognizer = Recognizer(folder)
    if unknown := unknown_words(grammars.values(), recognizer.knows):
        raise BadInput("\n".join(str(word) for word in unknown))
    return recognizer


def model_for(settings: Settings, language: str = "") -> Model:
    """The model that hears the line's own language, or another one that callers can choose.

    Raises:
        ModelMissing: the manifest has none of the configured name.
        SettingsError: it is the model of another language.
    """
    own = language in {"", settings.language}
    if not own and language not in settings.languages:
        raise SettingsError(f"languages.{language} is not set; it names the model and the voice of {language}")
    where = "speech.model" if own else f"languages.{language}.model"
    model = model_of(settings, "" if own else settings.languages[language].model)
    spoken = settings.language if own else language
    if primary(model.language) != primary(spoken):
        raise SettingsError(
            f"{where}: {model.name} hears {model.language}, and is to hear {spoken}; `models list` shows what there is"
        )
    return model


def voice_for(settings: Settings, language: str = "") -> Voice:
    """The voice of the line's own language, or of another, in a process of its own."""
    name = settings.languages[language].voice if language else settings.speech.voice
    speech = settings.speech
    return Voice(VoiceProcess(name), cache_folder=speech.prompt_cache, careful_pace=speech.careful_pace)


def phrases_by_grammar(grammars: Mapping[str, Grammar], *, ahead: bool = False) -> dict[str, tuple[str, ...]]:
    """What the recogniser listens for with each grammar, the words that always work included.

    Args:
        grammars: of one language.
        ahead: also, by `with_others`, the same with the answers to other questions, and with the words that name them.
    """
    commands = grammars[COMMANDS]
    answers = [grammar for name, grammar in grammars.items() if name not in {COMMANDS, AHEAD}]
    own = {grammar.name: phrases_for(grammar, commands) for grammar in answers}
    one_by_one = {
        spelled(grammar.name): phrases_for(grammar, commands, rule=SPELLED)
        for grammar in answers
        if SPELLED in grammar.rules
    }
    others: dict[str, tuple[str, ...]] = {}
    if ahead:
        later = tuple(dict.fromkeys(grammars[AHEAD].phrases(rule=LISTENED)))
        names = {QUESTIONS[state.value].grammar_name for state in HEARD_AT}
        others = {with_others(name): own[name] + later for name in names}
    return own | one_by_one | others


def script_for(settings: Settings, grammars: Mapping[str, Grammar], accounts: AccountTable | None) -> Script:
    """What is said and understood in every call, in every language that a caller can choose."""
    script = _script_for(settings, grammars, accounts)
    others = [
        replace(script, wording=wording_for(settings, language), grammars=grammars_for(settings, language))
        for language in settings.languages
    ]
    return replace(script, others=tuple(others))


def _script_for(settings: Settings, grammars: Mapping[str, Grammar], accounts: AccountTable | None) -> Script:
    known = accounts.account_numbers() if accounts else None
    if accounts is not None and not known:
        log.warning("billing knows no account", advice="load bills: the setting `accounts`, or billing's tables")
    return Script(
        wording_for(settings),
        grammars,
        Agency(settings.agency.name, settings.agency.phone),
        known or None,
        Manners(
            failures=settings.manners.failures,
            patience_s=settings.manners.patience_s,
            keys_only=settings.manners.keys_only,
            ahead=settings.manners.ahead,
            barge_in=settings.manners.barge_in,
        ),
    )


def open_ledger(settings: Settings) -> Ledger:
    """The ledger, its folder made if need be."""
    _make_folder(settings.database)
    return Ledger.open(settings.database)


def open_accounts(settings: Settings) -> AccountTable:
    """Billing's tables, filled from the configured file."""
    _make_folder(settings.database)
    accounts = AccountTable.open(settings.database)
    if settings.accounts is not None:
        accounts.load(settings.accounts)
    return accounts


@contextlib.asynccontextmanager
async def open_payments(
    settings: Settings, *, sandbox_state: Path | None = None
) -> AsyncIterator[tuple[PaymentExpress, Sandbox | None]]:
    """A client for the configured environment; for `sandbox`, with the sandbox itself, on free ports.

    Args:
        settings: where PaymentExpress is.
        sandbox_state: where an embedded sandbox keeps its books, so that it outlives this process.
    """
    async with contextlib.AsyncExitStack() as stack:
        sandbox = None
        api = None
        if settings.payments.environment == "sandbox":
            sandbox = await stack.enter_async_context(Sandbox(state=sandbox_state))
            api = sandbox_api(settings, sandbox)
        client = PaymentExpress(api or settings.payments.api())
        stack.push_async_callback(client.aclose)
        yield client, sandbox


def sandbox_api(settings: Settings, sandbox: Sandbox) -> ApiSettings:
    """How the client reaches a sandbox of ours."""
    return ApiSettings(
        environment=Environment.custom(
            general=f"{sandbox.general_url}{API_ROOT}", vault=f"{sandbox.vault_url}{API_ROOT}"
        ),
        client_id=sandbox.client_id,
        client_secret=SecretStr(sandbox.client_secret),
        scopes=sandbox.scopes,
        payment_budget_s=settings.payments.payment_budget_s,
    )


@contextlib.asynccontextmanager
async def furnished(
    settings: Settings,
    *,
    sound: bool = True,
    hearing: Hearing | None = None,
    today: Callable[[], datetime] = datetime.now,
) -> AsyncIterator[tuple[House, Sandbox | None]]:
    """A whole house for calls, taken apart afterwards.

    Args:
        settings: everything that can be set.
        sound: False for calls that are text only, which need neither model nor voice.
        hearing: of the line's own language, where it is loaded already, with these settings.
        today: the local time.
    """
    grammars = hearing.grammars if hearing else grammars_for(settings)
    async with contextlib.AsyncExitStack() as stack:
        accounts = open_accounts(settings)
        stack.callback(accounts.close)
        second = hearing.second if hearing else second_for(settings) if sound else None
        recognizer = hearing.recognizer if hearing else recognizer_for(settings, grammars) if sound else None
        ledger = open_ledger(settings)
        stack.callback(ledger.close)
        payments, sandbox = await stack.enter_async_context(
            open_payments(settings, sandbox_state=sandbox_state(settings))
        )
        settling = asyncio.create_task(
            keep_settling(
                ledger, payments, settle_rules(settings), report=_log_round, every_s=settings.settling.every_s
            )
        )
        stack.push_async_callback(_stopped, settling)
        decoding = stack.enter_context(
            ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="decode", initializer=give_way)
        )
        second = await loaded(second, decoding)
        script = script_for(settings, grammars, accounts)
        heard = tuple(replace(other, sound=sound) for other in script.others)
        script = replace(script, sound=sound, second=second is not None, others=heard)
        house = House(
            script=script,
            phrases=phrases_by_grammar(grammars, ahead=settings.manners.ahead),
            ledger=ledger,
            billing=accounts,
            payments=payments,
            terms=CartTerms(settings.payments.location, settings.payments.item_type, settings.payments.fund_category),
            decoding=decoding,
            today=lambda: today().date(),
            recognizer=recognizer,
            operator=settings.agency.operator,
            second=second,
        )
        if sound:
            voice = voice_for(settings)
            stack.push_async_callback(voice.aclose)
            others = {script.language: _tongue(settings, script, stack) for script in script.others}
            house = replace(house, voice=voice, others=others)
        yield house, sandbox


def _tongue(settings: Settings, script: Script, stack: contextlib.AsyncExitStack) -> Tongue:
    """What hears and speaks a language that callers can choose."""
    recognizer = recognizer_for(settings, script.grammars, script.language)
    voice = voice_for(settings, script.language)
    stack.push_async_callback(voice.aclose)
    return Tongue(phrases_by_grammar(script.grammars, ahead=script.manners.ahead), recognizer, voice)


def settle_rules(settings: Settings) -> SettleRules:
    """How patient settling is."""
    return SettleRules(quiet_s=settings.settling.quiet_s, attention_after_s=settings.settling.attention_after_s)


def _log_round(report: SettleReport | Exception) -> None:
    if isinstance(report, Exception):
        problem = str(report) if isinstance(report, LedgerError) else type(report).__name__
        log.error("settling failed", problem=problem)
        return
    for problem in report.problems:
        log.error("cart not settled", problem=problem)
    if report.settled or report.attention:
        log.warning(
            "carts settled", settled=len(report.settled), waiting=len(report.waiting), attention=report.attention
        )


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})


def _make_folder(database: str) -> None:
    if file := _sqlite_file(database):
        with contextlib.suppress(OSError):  # opening the database says better what is wrong
            file.parent.mkdir(parents=True, exist_ok=True)


def sandbox_state(settings: Settings) -> Path | None:
    """Where the embedded sandbox keeps its books: beside the SQLite database; in memory for other databases."""
    file = _sqlite_file(settings.database)
    return file.with_name("sandbox.sqlite3") if file else None


def _sqlite_file(database: str) -> Path | None:
    """The file of a SQLite database; None for any other."""
    where = make_url(database)
    return Path(where.database) if where.get_backend_name() == "sqlite" and where.database else None
