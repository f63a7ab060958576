"""Progress on standard error for what takes long, fetching and checking models: a bar, or lines where none can be."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from voicebot.speech.models import OnProgress
from voicebot.speech.models import Progress as ModelProgress

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    DownloadColumn(),
    TransferSpeedColumn(),
    TimeRemainingColumn(),
)


@contextlib.contextmanager
def fetching(name: str) -> Iterator[OnProgress]:
    """Shows nothing before there is something to show; in a pipe, one line for each step."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _Lines(console)
        return
    bar = Progress(*COLUMNS, console=console, transient=True)
    task = bar.add_task(name, total=None)

    def show(progress: ModelProgress) -> None:
        bar.start()
        bar.update(task, description=progress.step, completed=progress.done_bytes, total=progress.total_bytes)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


class _Lines:
    """Names each step once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = ""

    def __call__(self, progress: ModelProgress) -> None:
        if progress.step != self._step:
            self._step = progress.step
            self._console.print(progress.step)
