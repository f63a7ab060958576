"""The rules of the house that no other tool checks.

What import-linter, ruff and mypy can hold, they hold (`pyproject.toml`). Here stands the rest: what may be in a file
that we publish, how large it may be, and that each room's front door is what it says.
"""

import ast
import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from stdnum import luhn

HOME = Path(__file__).resolve().parent.parent
ROOMS = sorted(front.parent.name for front in HOME.glob("voicebot/*/__init__.py"))
PURE_ROOMS = ("grammar", "capture", "dialog")
LONGEST_FILE = 400

PUBLISHED_TEST_NUMBERS = frozenset(
    re.findall(r"^[0-9]+$", (HOME / "tests/published_test_numbers.txt").read_text(encoding="ascii"), re.MULTILINE)
)
BRAND = re.compile(r"^(?:3[0-9]|4|5[0-9]|2[2-7]|6[0-9])")
DIGITS = re.compile(r"(?<![0-9A-Za-z.+-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
MARKDOWN_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPOKEN = {word: str(digit) for digit, word in enumerate(DIGIT_WORDS)} | {"oh": "0"}

# Written in pieces, so that this file does not find itself.
MUST_NOT_STAND = {
    "a package registry's host": r"pyp[i]\.org|pythonhoste[d]\.org|registry\.npmj[s]|deb\.debia[n]\.org",
    "a path of somebody's machine": r"/wor[k]/|/roo[t]/|/hom[e]/[a-z]|/User[s]/[a-z]|\.pyen[v]",
    "a private key": r"-----BEGI[N] [A-Z ]*PRIVATE KEY-----",
}


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Path and text of every tracked file that is text, locks aside (they hold nothing but names and hashes)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\0"):
        path = HOME / name
        if not name or not path.is_file() or re.fullmatch(r"requirements(-\w+)?\.txt", name):
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # sound, a picture


def card_numbers(text: str) -> Iterator[str]:
    """Everything in a text that could be a card's number, in digits or in digit words."""
    yield from (re.sub(r"[ -]", "", found) for found in DIGITS.findall(text))
    run = ""
    for word in re.findall(r"[a-z0-9]+", text.lower()):
        if word in SPOKEN:
            run += SPOKEN[word]
            continue
        yield run
        run = ""
    yield run


def is_somebodys_card(number: str) -> bool:
    return (
        13 <= len(number) <= 19
        and BRAND.match(number) is not None
        and len(set(number)) > 1
        and luhn.is_valid(number)
        and number not in PUBLISHED_TEST_NUMBERS
    )


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return dict(tracked_texts())


def test_only_published_test_numbers_are_committed(texts: dict[str, str]) -> None:
    found = [f"{name}: …{n[-4:]}" for name, text in texts.items() for n in card_numbers(text) if is_somebodys_card(n)]
    assert found == [], "use a number of tests/published_test_numbers.txt"


@pytest.mark.parametrize("written", ["{}", "pan={},", "four {}", "'{}'"])
def test_a_card_number_would_be_found(written: str) -> None:
    invented = next(n for n in (f"4539{tail:012}" for tail in range(7_000_000, 7_000_010)) if luhn.is_valid(n))
    spaced = " ".join(invented[i : i + 4] for i in range(0, 16, 4))
    spoken = " ".join(DIGIT_WORDS[int(digit)] for digit in invented)
    for form in (invented, spaced, spaced.replace(" ", "-")):
        assert any(is_somebodys_card(n) for n in card_numbers(written.format(form)))
    assert any(is_somebodys_card(n) for n in card_numbers(f"say: {spoken}."))


@pytest.mark.parametrize("what", MUST_NOT_STAND)
def test_no_file_names(what: str, texts: dict[str, str]) -> None:
    pattern = re.compile(MUST_NOT_STAND[what])
    lines = ((name, number, line) for name, text in texts.items() for number, line in enumerate(text.splitlines(), 1))
    assert [f"{name}:{number}: {line[:100]}" for name, number, line in lines if pattern.search(line)] == []


def test_locks_name_no_host() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-sip.txt"):
        assert "://" not in (HOME / lock).read_text(encoding="utf-8"), f"{lock}: write it with make lock"


def test_files_hold_one_idea(texts: dict[str, str]) -> None:
    long = {
        name: text.count("\n")
        for name, text in texts.items()
        if name.endswith(".py") and text.count("\n") > LONGEST_FILE
    }
    assert long == {}, f"no Python file has more than {LONGEST_FILE} lines; give the second idea its own file"


def test_links_between_pages_lead_somewhere(texts: dict[str, str]) -> None:
    links = ((n, link) for n, text in texts.items() if n.endswith(".md") for link in MARKDOWN_LINK.findall(text))
    assert [f"{name}: {link}" for name, link in links if not (HOME / name).parent.joinpath(link).exists()] == []


def test_every_page_is_reached_from_the_first(texts: dict[str, str]) -> None:
    linked = {f"docs/{link}" for link in MARKDOWN_LINK.findall(texts["docs/index.md"])}
    pages = {name for name in texts if name.startswith("docs/") and name.endswith(".md")}
    assert pages - linked - {"docs/index.md"} == set()


@pytest.mark.parametrize(
    ("folder", "locks"),
    [
        ("voicebot", ["requirements.in", "requirements-sip.in"]),
        ("tests", ["requirements.in", "requirements-dev.in", "requirements-sip.in"]),
    ],
)
def test_what_is_imported_is_required_by_name(folder: str, locks: list[str]) -> None:
    """Not only because another package happens to bring it along."""
    required = {
        re.split(r"[\[ #=]", line.lower())[0]
        for lock in locks
        for line in (HOME / lock).read_text(encoding="utf-8").splitlines()
    }
    providers = dict(importlib.metadata.packages_distributions())
    providers["pydantic_core"] = ["pydantic"]  # its other half, pinned by it
    missing = {
        f"{path.relative_to(HOME)}: {package}"
        for path in HOME.glob(f"{folder}/**/*.py")
        for package in imported_by(path) - sys.stdlib_module_names - {"voicebot", "tests", "bench"}
        if not {name.lower() for name in providers.get(package, [package])} & required
    }
    assert missing == set()


def imported_by(path: Path) -> set[str]:
    """The top names of everything that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_front_door_is_true(room: str) -> None:
    """`__all__` names what is there, each once; everything that the room's front imports from within is named."""
    module = importlib.import_module(f"voicebot.{room}")
    assert module.__doc__, "a room says what lives in it"
    names: list[str] = list(getattr(module, "__all__", []))
    assert names, "a room says what it offers, in __all__"
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(module, name)] == []
    assert {name for name in vars(module) if is_offered(module, name)} - used_in(module) <= set(names)


def used_in(module: ModuleType) -> set[str]:
    """What a room's front needs itself, where it does more than offer."""
    tree = ast.parse(inspect.getsource(module))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def is_offered(module: ModuleType, name: str) -> bool:
    """Whether a name in a room's front was brought there from one of the room's own files."""
    value = getattr(module, name)
    if name.startswith("_") or inspect.ismodule(value):
        return False
    return str(getattr(value, "__module__", "")).startswith(module.__name__ + ".")


def pure_files() -> list[str]:
    return sorted(str(f.relative_to(HOME)) for room in PURE_ROOMS for f in HOME.glob(f"voicebot/{room}/**/*.py"))


@pytest.mark.parametrize("name", pure_files())
def test_pure_rooms_ask_no_clock(name: str) -> None:
    """import-linter keeps out whole modules; `datetime` is allowed, its clock is not, nor are imports by name."""
    forbidden = {"now", "utcnow", "today", "__import__", "import_module"}
    asked = {
        f"{name}:{node.lineno}"
        for node in ast.walk(ast.parse((HOME / name).read_text(encoding="utf-8")))
        if (isinstance(node, ast.Call) and called(node) in forbidden)
    }
    assert asked == set()


def called(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
