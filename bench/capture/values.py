"""Random values of every kind, and how people group them when they say them."""

import numpy as np
from stdnum import luhn

_BRANDS = (("4",), ("51", "52", "53", "54", "55", "2221", "2720"), ("34", "37"), ("6011", "65", "644"))
_AMEX = 2
_GROUPS = {15: (4, 6, 5), 16: (4, 4, 4, 4), 9: (3, 3, 3), 10: (3, 3, 4), 7: (3, 4), 3: (3,), 4: (4,)}


def digits(rng: np.random.Generator, count: int) -> str:
    """Digits at random."""
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def card(rng: np.random.Generator) -> str:
    """A number of one of four brands that passes Luhn. Made up: it never leaves the benchmark."""
    brand = int(rng.integers(len(_BRANDS)))
    prefix = str(rng.choice(_BRANDS[brand]))
    body = prefix + digits(rng, (14 if brand == _AMEX else 15) - len(prefix))
    return body + luhn.calc_check_digit(body)


def routing(rng: np.random.Generator) -> str:
    """Nine digits with a district and a checksum."""
    body = f"{rng.choice([*range(1, 13), *range(21, 33)]):02}" + digits(rng, 6)
    total = sum(weight * int(digit) for weight, digit in zip((3, 7, 1) * 3, body, strict=False))
    return body + str(-total % 10)


def accounts(rng: np.random.Generator, count: int, length: int) -> list[str]:
    """Different account numbers."""
    lowest = 10 ** (length - 1)
    numbers = rng.choice(9 * lowest, count, replace=False) if length < 9 else rng.integers(0, 9 * lowest, count)
    return sorted({str(lowest + int(number)) for number in numbers})


def grouped(value: str, rng: np.random.Generator) -> list[str]:
    """The value as its groups are usually said; sometimes in one go."""
    sizes = _GROUPS[len(value)]
    if rng.random() < 0.2:
        return [value]
    ends = np.cumsum(sizes)
    return [value[end - size : end] for size, end in zip(sizes, ends, strict=True)]
