"""Measurements. Nothing here is part of the product.

Whoever starts one before all that it needs is there is told what to do, in one sentence, with exit code 2. That is seen
to here, for all of them: what is missing is mostly noticed at their imports, before anything of theirs runs.
"""

import sys
from types import TracebackType

EXIT_CODE = 2

FOR_TRAINING = ("torch", "onnxruntime")
"""No set-up brings them: they are large, and only who trains a network needs them."""


def _tell(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """What Python calls with an exception that nobody caught."""
    explained = _explained(problem)
    if explained is None:
        sys.__excepthook__(kind, problem, trace)
        return
    print(explained, file=sys.stderr)
    raise SystemExit(EXIT_CODE)


def _explained(problem: BaseException) -> str | None:
    """The sentence, or None where it is a mistake of ours."""
    if isinstance(problem, ModuleNotFoundError):
        package = (problem.name or "").partition(".")[0]
        if package in {"", "voicebot", "bench", "tests"}:
            return None
        if package in FOR_TRAINING:
            return f"the package {package} is missing: .venv/bin/python -m pip install {package}"
        return (
            f"the package {package} is missing: python3 tools/set_up.py --tests installs what the benchmarks need; "
            "then start them with .venv/bin/python"
        )
    from voicebot.cli.errors import BAD_INPUT, UNAVAILABLE  # noqa: PLC0415 - here all packages are known to be there

    return str(problem) if isinstance(problem, (*BAD_INPUT, *UNAVAILABLE)) else None


sys.excepthook = _tell
