"""`consents`: what a paying caller agreed to is there whole, and a changed byte is found."""

import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import CALLERS, Run


def test_a_payment_leaves_its_consent(run: Run) -> None:
    report = run("call", "--caller", CALLERS / "declined.yaml", "--as-text", "--json").json
    listed = run("consents", "list", "--json").json
    assert [(consent["tender"], consent["attempt"]) for consent in listed] == [("card", 1), ("echeck", 2)]
    total = report["totals"]["echeck"]["total"]
    consent = listed[1]
    assert (consent["reference"], consent["total"], consent["answer"]) == (report["reference"], total, "yes")
    for fact in ("you authorize", f"${float(total):,.2f} once", "savings account ending in 6789", "revoke"):
        assert fact in consent["text"]
    assert {"today", "total", "fee", "last_four", "phone", "agency"} <= {name for name, _ in consent["facts"]}
    assert report["reference"] in run("consents", "list").words
    verified = run("consents", "verify")
    assert (verified.exit_code, verified.words) == (0, "2 consents, none not as written")


def test_a_caller_who_hangs_up_before_the_yes_leaves_no_consent_and_no_payment(run: Run, folder: Path) -> None:
    script = folder / "hangs_up.yaml"
    told = (CALLERS / "card.yaml").read_text(encoding="utf-8")
    script.write_text(told.partition("  - when: confirm_payment")[0] + "  - when: confirm_payment\n    hang_up: true\n")
    report = run("call", "--caller", script, "--as-text", "--json").json
    assert report["outcome"] == "abandoned"
    (cart,) = run("carts", "list", "--all", "--json").json
    assert (cart["state"], cart["attempts"]) == ("abandoned", [])
    assert run("consents", "list").words == "no consents yet"


def test_a_changed_byte_is_found(run: Run, folder: Path) -> None:
    run("call", "--caller", CALLERS / "card.yaml", "--as-text", "--json")
    with sqlite3.connect(folder / "data" / "voicebot.sqlite3") as database:
        database.execute("DROP TRIGGER ledger_consents_update_guard")
        database.execute("UPDATE ledger_consents SET text = replace(text, 'pay', 'Pay')")
    verified = run("consents", "verify")
    assert verified.exit_code == 4
    assert "consent 1: its content is not what was written" in verified.words
    (broken,) = run("consents", "verify", "--json").json["broken"]
    assert broken["number"] == 1


def test_a_recording_that_is_missing_or_changed_is_found(run: Run, folder: Path) -> None:
    run("call", "--caller", CALLERS / "card.yaml", "--record", folder / "call.wav", "--json")
    assert run("consents", "verify", "--recordings", folder).exit_code == 0
    piece = folder / "call.consent-1.wav"
    sound = bytearray(piece.read_bytes())
    sound[-1] ^= 1
    piece.write_bytes(sound)
    changed = run("consents", "verify", "--recordings", folder)
    assert (changed.exit_code, "is not what was recorded" in changed.words) == (4, True)
    piece.unlink()
    missing = run("consents", "verify", "--recordings", folder)
    assert (missing.exit_code, "is missing" in missing.words) == (4, True)
    assert run("consents", "verify", "--recordings", folder / "nowhere").exit_code == 2


def test_the_export_is_whole_and_can_be_checked_by_anybody(run: Run, folder: Path) -> None:
    """The hash is made here from the exported columns alone, as the command's help describes it."""
    import hashlib  # noqa: PLC0415 - to show all that is needed

    run("call", "--caller", CALLERS / "declined.yaml", "--as-text", "--json")
    out = folder / "consents.json"
    assert run("consents", "export", "--out", out).exit_code == 0
    exported = json.loads(out.read_text(encoding="utf-8"))
    assert run("consents", "export").json == exported
    before = ["previous", "number", "at", "cart", "attempt", "tender", "total", "last_four"]
    after = ["language", "text", "facts", "answer", "recording", "recording_sha256"]
    previous = "0" * 64
    for consent in exported:
        assert consent["previous"] == previous
        columns = json.dumps([consent[name] for name in before + after], ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(columns.encode()).hexdigest()
        assert consent["hash"] == previous
