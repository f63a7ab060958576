"""The upper layers of an answer network; the lower ones stay as they are, in the digit network or in Whisper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from bench.answers.lessons import HEARD, PEOPLE, SYNTHETIC, Lesson
from bench.digits.training import DROPPED, HIDDEN, RATE, REACH, rate_at
from voicebot.grammar.heard import ANSWERS
from voicebot.speech.products import Array


@dataclass(frozen=True, slots=True)
class Size:
    """How much is learned.

    Attributes:
        hidden: channels of the layers.
        reach: frames that each of them sees at a time.
        steps: of training.
    """

    hidden: int
    reach: int
    steps: int


ON_NETWORK, ON_SECOND = Size(HIDDEN, REACH, 600), Size(64, 3, 300)
"""Whisper's encoder has seen the whole answer in each of its frames; of the digit network's each sees 0.8 s."""

DRAWN = {SYNTHETIC: 12, PEOPLE: 14, HEARD: 8}
"""Of each answer at each step, and of other words twice as many."""

LATE_SHARE = 0.3
NOWHERE = -30.0


class _Head(nn.Module):  # type: ignore[misc]
    """Three layers over time; what each frame says for an answer and against all else is added up."""

    def __init__(self, features: int, size: Size) -> None:
        super().__init__()
        self.dropout = nn.Dropout1d(DROPPED)
        self.layers = nn.ModuleList(
            [
                nn.Conv1d(features, size.hidden, size.reach, padding=size.reach // 2),
                nn.Conv1d(size.hidden, size.hidden, size.reach, padding=size.reach // 2),
                nn.Conv1d(size.hidden, len(ANSWERS) + 1, 1),
            ]
        )

    def forward(self, seen: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        first, second, last = self.layers
        row = torch.relu(first(self.dropout(seen))) * there[:, None]
        scores = last(torch.relu(second(self.dropout(row))))
        evidence = (scores[:, :-1] - scores[:, -1:]).masked_fill(~there[:, None], NOWHERE)
        found = torch.logsumexp(evidence, 2)
        return torch.cat([found, torch.zeros_like(found[:, :1])], 1)


def _batch(rows: Sequence[Array], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of one length, some of them without their first frames, and where they are filled up."""
    cut = [row[int(rng.integers(0, 4)) :] if rng.random() < LATE_SHARE else row for row in rows]
    longest = max(len(row) for row in cut) + 2
    seen, there = np.zeros((len(cut), cut[0].shape[1], longest), np.float32), np.zeros((len(cut), longest), bool)
    for number, row in enumerate(cut):
        seen[number, :, : len(row)] = row.T
        there[number, : len(row)] = True
    return torch.tensor(seen), torch.tensor(there)


def learn(lessons: Sequence[Lesson], size: Size, *, seed: int) -> dict[str, Array]:
    """The weights of the upper layers, as `AnswerHead` reads them."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    frames = np.concatenate([lesson.seen for lesson in lessons])
    mean, scale = frames.mean(0), 1 / np.sqrt(frames.var(0) + 1e-3)
    seen = [(lesson.seen - mean) * scale for lesson in lessons]
    classes = {answer: number for number, answer in enumerate((*ANSWERS, "other"))}
    wanted = np.array([classes[lesson.answer] for lesson in lessons])
    sorts = np.array([lesson.sort for lesson in lessons])
    piles = [
        (pile, times * (1 if number < len(ANSWERS) else 2))
        for number in classes.values()
        for sort, times in DRAWN.items()
        if (pile := np.flatnonzero((wanted == number) & (sorts == sort))).size
    ]
    head = _Head(frames.shape[1], size)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.05)
    for step in range(size.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, size.steps)
        drawn = np.concatenate([rng.choice(pile, times) for pile, times in piles])
        scores = head(*_batch([seen[number] for number in drawn], rng))
        loss = functional.cross_entropy(scores, torch.tensor(wanted[drawn]), label_smoothing=0.01)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = {"mean": mean, "scale": scale}
    for number, layer in enumerate(head.layers):
        found[f"head{number}.weight"] = layer.weight[:, :, :, None].detach().numpy()
        found[f"head{number}.bias"] = layer.bias.detach().numpy()
    return {name: np.asarray(array, np.float32) for name, array in found.items()}
