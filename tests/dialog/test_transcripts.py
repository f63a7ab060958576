"""The page of transcripts tells calls as they go now; `python -m tests.dialog.transcripts PAGE` writes them anew."""

import re

from tests.dialog.talk import ROOT
from tests.dialog.transcripts import drawn

PAGE = (ROOT / "docs" / "transcripts.md").read_text("utf-8")


def test_the_calls_go_as_the_page_tells() -> None:
    assert drawn(PAGE) == PAGE, "run: python -m tests.dialog.transcripts docs/transcripts.md"


def test_it_tells_three_calls_that_end() -> None:
    calls = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert [call.rstrip().splitlines()[-1].split(maxsplit=1)[1] for call in calls] == [
        "Thank you. Goodbye.",
        "Thank you. Goodbye.",
        "Gracias. Adiós.",
    ]
