"""Options that many commands share, and what they all begin with."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import structlog
import typer
from rich.console import Console

from voicebot.cli.masking import mask_tender
from voicebot.settings import Settings, read_settings


def _named_anywhere(context: typer.Context, config: Path | None) -> Path | None:
    """The file named behind the command, else the one named before it: `run_bot.py --config FILE carts list`."""
    return config or context.find_root().params.get("config")


ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file (TOML) instead of voicebot.toml.",
        show_default=False,
        callback=_named_anywhere,
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
RecordOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--record",
        help="Write the call as stereo WAV: caller left, bot right; silent while a sensitive answer is given.",
        show_default=False,
    ),
]

console = Console(highlight=False)


def begin(config: Path | None) -> Settings:
    """Read the settings and start the log."""
    settings = read_settings(config)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            mask_tender,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return settings


def print_json(data: Any, *, indent: int | None = 2) -> None:
    """The one object of `--json`, on standard output; without `indent` on a single line."""
    console.print_json(data=data, indent=indent)
