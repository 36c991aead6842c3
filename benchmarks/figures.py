"""A measured figure, and how figures are shown."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """``target`` is the most the value may be, None for what is only told."""

    name: str
    value: float
    unit: str
    target: float | None

    @property
    def holds(self) -> bool:
        return self.target is None or self.value <= self.target


def show(figure: Figure) -> None:
    """A line of the table, as soon as it is known."""
    target = "" if figure.target is None else f"≤ {figure.target:g}"
    verdict = "" if figure.target is None else ("holds" if figure.holds else "MISSED")
    value = f"{figure.value:,.2f} {figure.unit}"
    print(f"{figure.name:<80} {value:>16} {target:>9} {verdict}", flush=True)


def write(figures: Iterable[Figure], file: Path, *, size: str) -> None:
    """A list of name, value, unit, target, holds, size."""
    rows = [
        {
            "name": figure.name,
            "value": round(figure.value, 4),
            "unit": figure.unit,
            "target": figure.target,
            "holds": figure.holds,
            "size": size,
        }
        for figure in figures
    ]
    file.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
