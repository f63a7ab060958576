"""The upper layers of a network learned from lines of digits; the lower ones stay as they came (see `network`)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from voicebot.speech.digits.network import NOTHING
from voicebot.speech.products import Array

HIDDEN = 96
REACH = 5
"""Frames of 40 ms that a layer sees: the two together 0.36 s, beside what the lower layers see."""

DROPPED = 0.25
BATCH = 32
RATE = 2e-3
WARM_UP = 30
LEAST_RATE = 0.02


@dataclass(frozen=True, slots=True)
class Lesson:
    """Lines as the lower layers see them (lines by frames by features), and the digits of each."""

    seen: Array
    digits: list[str]


def rate_at(step: int, steps: int) -> float:
    """The learning rate: it rises for `WARM_UP` steps, and falls along a cosine to a `LEAST_RATE` of `RATE`."""
    falling = max(LEAST_RATE, 0.5 + 0.5 * np.cos(np.pi * step / steps))
    return float(RATE * min(1.0, (step + 1) / WARM_UP) * falling)


def _head(features: int, reach: int) -> nn.Sequential:
    """Three layers over time: lines by features by frames to log-probabilities of ten digits and of nothing."""
    return nn.Sequential(
        nn.BatchNorm1d(features, affine=False),
        nn.Dropout1d(DROPPED),
        nn.Conv1d(features, HIDDEN, reach, padding=reach // 2),
        nn.ReLU(),
        nn.Dropout1d(DROPPED),
        nn.Conv1d(HIDDEN, HIDDEN, REACH, padding=REACH // 2),
        nn.ReLU(),
        nn.Conv1d(HIDDEN, NOTHING + 1, 1),
        nn.LogSoftmax(1),
    )


def _arrays(head: nn.Sequential) -> dict[str, Array]:
    """The weights as `Head` reads them."""
    norm = head[0]
    found = {"mean": norm.running_mean, "scale": (norm.running_var + norm.eps).rsqrt()}
    for number, layer in enumerate(layer for layer in head if isinstance(layer, nn.Conv1d)):
        found[f"head{number}.weight"] = layer.weight[:, :, :, None]
        found[f"head{number}.bias"] = layer.bias
    return {key: value.detach().numpy().astype(np.float32) for key, value in found.items()}


def learn(lessons: Sequence[Lesson], *, steps: int, seed: int, reach: int = REACH) -> dict[str, Array]:
    """The weights of a head that was taught by all lessons, some lines of them at each step.

    Args:
        lessons: what it is taught.
        steps: how often its weights change.
        seed: of all chance.
        reach: frames that its first layer sees.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    seen = np.concatenate([lesson.seen for lesson in lessons])
    digits = [text for lesson in lessons for text in lesson.digits]
    head = _head(seen.shape[2], reach)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.02)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps)
        drawn = rng.integers(0, len(digits), BATCH)
        scores = head(torch.tensor(seen[drawn].astype(np.float32)).transpose(1, 2)).permute(2, 0, 1)
        wanted = [torch.tensor([int(digit) for digit in digits[line]], dtype=torch.long) for line in drawn]
        loss = functional.ctc_loss(
            scores,
            torch.cat(wanted),
            torch.full((BATCH,), len(scores)),
            torch.tensor([len(line) for line in wanted]),
            blank=NOTHING,
            zero_infinity=True,
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimizer.step()
    return _arrays(head)
