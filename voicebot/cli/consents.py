"""`consents`: what callers said yes to before money moved."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from voicebot.cli.errors import BadInput, ExitCode, explained
from voicebot.cli.furnish import open_ledger
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.ledger import Broken, ConsentRecord

WHEN = "%Y-%m-%d %H:%M:%S"

app = typer.Typer(no_args_is_help=True, help="Consents: what callers agreed to, and whether the records are untouched.")

ReferenceOption = Annotated[
    str, typer.Option("--reference", help="Only this caller's: the eight digits that they were told.")
]


@app.command("list")
def list_consents(reference: ReferenceOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the consents: when, to what amount, from which tender, and the answer."""
    with explained():
        found = open_ledger(begin(config)).consents(reference)
        if as_json:
            print_json([_as_json(consent) for consent in found])
            return
        table = Table(
            *(Column(name, overflow="fold") for name in ("no", "when", "reference", "tender", "total", "yes"))
        )
        for consent in found:
            tender = f"{consent.tender} {consent.last_four}"
            when = f"{consent.at:{WHEN}}"
            table.add_row(
                str(consent.number), when, consent.reference, tender, consent.total, repr(consent.given.answer)
            )
        console.print(table if found else "no consents yet")


@app.command("export")
def export(
    reference: ReferenceOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write into this file instead of standard output.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the consents whole, one JSON array: the text as it was spoken, its facts, the answer, and the hashes.

    Each hash is the SHA-256 of a JSON array without spaces, in UTF-8: previous, number, at, cart, attempt, tender,
    total, last_four, language, text, facts, answer, recording, recording_sha256. So anybody can check the chain.
    """
    with explained():
        found = [_as_json(consent) for consent in open_ledger(begin(config)).consents(reference)]
        if out is None:
            print_json(found)
            return
        try:
            out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInput(f"cannot write {out}: {error.strerror}; choose another place") from None
        if as_json:
            print_json({"consents": len(found), "file": str(out)})
        else:
            console.print(f"{len(found)} consents in {out}")


@app.command("verify")
def verify(
    recordings: Annotated[
        Path | None,
        typer.Option("--recordings", help="Folder of the consents' recordings: check those too.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that no consent was changed, put in or taken out, and that no payment was sent without one.

    Exit code 4 when something is not as it was written.
    """
    with explained():
        if recordings is not None and not recordings.is_dir():
            raise BadInput(f"{recordings} is no folder; give the one that the calls were recorded into")
        ledger = open_ledger(begin(config))
        found = ledger.consents()
        broken = [*ledger.broken_consents(), *(_recordings(found, recordings) if recordings else ())]
        if as_json:
            print_json(
                {"consents": len(found), "broken": [{"number": each.number, "what": each.what} for each in broken]}
            )
        else:
            for each in broken:
                console.print(f"consent {each.number}: {each.what}" if each.number else each.what, style="red")
            console.print(f"{len(found)} consents, {'none' if not broken else len(broken)} not as written")
        if broken:
            raise typer.Exit(ExitCode.ATTENTION)


def _recordings(consents: tuple[ConsentRecord, ...], folder: Path) -> tuple[Broken, ...]:
    """Recordings that are missing or changed."""
    broken: list[Broken] = []
    for consent in consents:
        name, wanted = consent.given.recording, consent.given.recording_sha256
        if not name:
            continue
        path = folder / Path(name).name
        if not path.is_file():
            broken.append(Broken(consent.number, f"its recording {path} is missing"))
        elif hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            broken.append(Broken(consent.number, f"its recording {path} is not what was recorded"))
    return tuple(broken)


def _as_json(consent: ConsentRecord) -> dict[str, Any]:
    given = consent.given
    return {
        "number": consent.number,
        "at": consent.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cart": consent.cart,
        "attempt": consent.attempt,
        "reference": consent.reference,
        "tender": consent.tender,
        "total": consent.total,
        "last_four": consent.last_four,
        "language": given.language,
        "text": given.text,
        "facts": [list(fact) for fact in given.facts],
        "answer": given.answer,
        "recording": given.recording,
        "recording_sha256": given.recording_sha256,
        "previous": consent.previous,
        "hash": consent.hash,
    }
