"""The table's own rules, as its docstring states them."""

import re
from pathlib import Path

import pytest

from voicebot.ledger import Fact, State
from voicebot.ledger.states import FIRST, IN_DOUBT, TABLE, UNSETTLED, diagram, moves

DOCS = Path(__file__).parents[2] / "docs" / "ledger.md"


def reachable(first: State) -> set[State]:
    found: set[State] = set()
    ahead = [first]
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead += TABLE[state].values()
    return found


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(TABLE) == set(State) == reachable(FIRST)


def test_tender_leaves_in_paying_only() -> None:
    """Rule 2: whatever has not been `paying` cannot have been charged."""
    before_paying = {before for before, after in moves() if after is State.PAYING}
    assert before_paying == {State.CREATED, State.DECLINED, State.NOT_PAID}
    assert {before for before, after in moves() if after is State.PAID} == {
        State.PAYING,
        State.UNKNOWN,
        State.NOT_PAID,
    }


def test_nothing_is_sent_again_from_unknown() -> None:
    """Rule 4."""
    assert Fact.PAYING not in TABLE[State.UNKNOWN]
    assert Fact.ABANDONED not in TABLE[State.UNKNOWN]
    assert Fact.NOT_SENT not in TABLE[State.UNKNOWN]


@pytest.mark.parametrize("state", [State.PAID, State.REFUSED, State.ABANDONED])
def test_what_is_final_stays(state: State) -> None:
    """Rule 7."""
    assert TABLE[state] == {}


@pytest.mark.parametrize("state", sorted(UNSETTLED))
def test_every_unsettled_state_has_a_way_to_rest(state: State) -> None:
    assert reachable(state) - UNSETTLED


def test_doubt_is_unsettled() -> None:
    assert IN_DOUBT < UNSETTLED


def test_the_docs_show_the_table() -> None:
    assert diagram() in DOCS.read_text(encoding="utf-8"), "paste what `diagram()` gives"


def test_the_example_of_the_docs_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(DOCS), "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == "paid ['recorded', 'created', 'paying', 'paid']\n"
