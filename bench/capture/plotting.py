"""One picture: cards right on the first try, over each line, beside plain Vosk."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt


def plot(rows: list[dict[str, Any]], to: Path) -> Path:
    """Draw the rows of spoken cards as bars, and give the file's path."""
    cards = [row for row in rows if row["task"] == "card_number" and row.get("who") == "all speakers"]
    lines = list(dict.fromkeys(row["line"] for row in cards))
    systems = list(dict.fromkeys(row["system"] for row in cards))
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    width = 0.8 / max(1, len(systems))
    for place, system in enumerate(systems):
        shares = [
            next(100 * row["right_first"] for row in cards if row["system"] == system and row["line"] == line)
            for line in lines
        ]
        axes.bar([at + place * width for at in range(len(lines))], shares, width, label=system)
    axes.set_xticks([at + 0.4 - width / 2 for at in range(len(lines))], lines)
    axes.set_ylabel("cards right on the first try, %")
    axes.set_ylim(0, 100)
    if systems:
        axes.legend(loc="upper right")
    axes.set_title("Spoken card numbers, human digits")
    figure.savefig(to, dpi=120)
    plt.close(figure)
    return to
