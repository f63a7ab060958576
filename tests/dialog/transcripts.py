"""`python -m tests.dialog.transcripts docs/transcripts.md`: what the bot answers, in the calls that the page tells.

A call is a block of text behind a line `<!-- call: OPTIONS -->`. In it the lines of `caller` are what is said and done;
those of `bot` are written anew, as they are spoken. Words are said, `(keys) 123#` pressed, `(silence)` and `(hangs up)`
done. OPTIONS are YAML: `languages`, the line's own first, and `world`, as the tests' conversations have them.
"""

import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

from tests.dialog.talk import Talk, World, script_in

CALL = re.compile(r"(?<=<!-- call: )(?P<options>.*?)(?P<between> -->\n\n```text\n)(?P<told>.*?)(?=```)", re.DOTALL)
WIDTH = 116
NAMES = ("bot", "caller")


def main() -> None:
    """Write the page given as the argument anew."""
    page = Path(sys.argv[1])
    page.write_text(drawn(page.read_text("utf-8")), "utf-8")


def drawn(page: str) -> str:
    """The page with the bot's lines as they are now."""
    return CALL.sub(lambda call: f"{call['options']}{call['between']}{_held(call['options'], call['told'])}", page)


def _held(options: str, told: str) -> str:
    """One call, held again with the same caller."""
    given: dict[str, Any] = yaml.safe_load(options)
    talk = Talk(World(**given.get("world", {})), script_in(*given.get("languages", ["en-US"])))
    lines = [("bot", spoken) for spoken in talk.spoken]
    for deed in _deeds(told):
        lines.append(("caller", deed))
        before = len(talk.spoken)
        _do(talk, deed)
        lines += [("bot", spoken) for spoken in talk.spoken[before:]]
    return "".join(f"{_wrapped(name, text)}\n" for name, text in lines)


def _deeds(told: str) -> list[str]:
    """What the caller says and does, each on one line however it was wrapped."""
    whole = re.sub(r"\n {8}", " ", told)
    return [line.removeprefix("caller").strip() for line in whole.splitlines() if line.startswith("caller")]


def _do(talk: Talk, deed: str) -> None:
    if deed == "(silence)":
        talk.silence()
    elif deed == "(hangs up)":
        talk.hang_up()
    elif deed.startswith("(keys) "):
        talk.press(deed.removeprefix("(keys) "))
    else:
        talk.hear(" ".join(re.findall(r"[\w']+", deed.lower())))


def _wrapped(name: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=f"{name:8}", subsequent_indent=" " * 8, break_on_hyphens=False)


if __name__ == "__main__":
    main()
