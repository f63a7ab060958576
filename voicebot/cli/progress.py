"""A progress bar on standard error for what takes long: fetching and checking models."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from voicebot.speech.models import OnProgress
from voicebot.speech.models import Progress as ModelProgress


@contextlib.contextmanager
def fetching(name: str) -> Iterator[OnProgress]:
    """A bar that shows itself once there is something to show."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, visible=False)

        def show(progress: ModelProgress) -> None:
            bar.update(
                task,
                description=f"{name}: {progress.step}",
                completed=progress.done_bytes,
                total=progress.total_bytes,
                visible=True,
            )

        yield show
