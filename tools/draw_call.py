"""Draw the console of the demo's call as a picture for the docs.

.venv/bin/python -m tools.draw_call docs/images/call.svg

The call is held as `make demo` holds it; the picture needs no font and nothing else from another host.
"""

import asyncio
import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from voicebot.audio import ScriptedPlace, Sound
from voicebot.call import Call
from voicebot.cli.caller_script import read_caller
from voicebot.cli.furnish import furnished
from voicebot.cli.transcript import Transcript
from voicebot.settings import ROOT, Settings

CALLER = ROOT / "demo" / "card.yaml"
WIDTH = 96
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def hold_call(transcript: Transcript) -> None:
    """Hold the demo's call with everything that it leaves behind in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        speech = Settings().speech.model_copy(update={"prompt_cache": None})
        settings = Settings(database=f"sqlite:///{folder}/voicebot.sqlite3", speech=speech)
        async with furnished(settings) as (house, _):
            place = ScriptedPlace(read_caller(CALLER).turns(CALLER.parent, not_spoken))
            transcript.ended(await Call(house, place, watcher=transcript).run())


def not_spoken(words: str) -> Sound:
    """The demo's caller is recorded; only what it leaves unforeseen would be synthesized."""
    return Sound.silence(len(words) / 10, 16_000)


def main() -> None:
    """Write the picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    asyncio.run(hold_call(Transcript(console)))
    picture = console.export_svg(title=f"run_bot.py call --caller {CALLER.relative_to(ROOT)}", unique_id="call")
    Path(sys.argv[1]).write_text(FONT_FACE.sub("", picture), "utf-8")


if __name__ == "__main__":
    main()
