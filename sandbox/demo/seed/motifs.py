"""The sixteen things the demo shop can draw, each with proportions and pattern left to chance."""

import math
from collections.abc import Callable

from sandbox.demo.seed.canvas import Box, Canvas, Colour, mix, rgb


def _pattern(c: Canvas, box: Box, colour: Colour) -> None:
    """Stripes, dots or waves inside a box."""
    left, top, right, bottom = box
    step = c.rng.choice((4.5, 6, 8))
    kind = c.rng.choice(("stripes", "dots", "waves", "band"))
    y = top + step / 2
    if kind == "band":
        c.rounded((left, top + step, right, top + 2 * step), 0, colour)
        return
    while y < bottom:
        if kind == "stripes":
            c.line((left, y, right, y), 1.3, colour)
        elif kind == "dots":
            for x in range(int(left + 2), int(right - 1), int(step)):
                c.ellipse((x - 0.9, y - 0.9, x + 0.9, y + 0.9), colour)
        else:
            wave = [(x, y + math.sin(x / step * 2) * 1.4) for x in range(int(left), int(right) + 1)]
            c.line(tuple(value for point in wave for value in point), 0.9, colour)
        y += step


def _lamp(c: Canvas) -> None:
    p, width = c.palette, c.rng.uniform(15, 22)
    c.rounded((36, 79, 64, 83), 2, p.shade)
    c.line((50, 80, 50, 44), 2.4, p.shade)
    top = width * c.rng.uniform(0.35, 0.7)
    c.polygon((50 - top, 22, 50 + top, 22, 50 + width, 48, 50 - width, 48), p.main)
    c.polygon(
        (50 - width, 48, 50 + width, 48, 50 + width + 7, 78, 50 - width - 7, 78),
        mix(p.accent, 0.75),
    )
    c.line((50, 80, 50, 46), 2.4, p.shade)
    _pattern(c, (50 - top, 27, 50 + top, 45), mix(p.main, 0.35))


def _lantern(c: Canvas) -> None:
    p, half = c.palette, c.rng.uniform(13, 18)
    c.arc((40, 16, 60, 38), 180, 360, 1.8, p.shade)
    c.polygon((50 - half, 36, 50, 24, 50 + half, 36), p.shade)
    c.rounded((50 - half, 36, 50 + half, 80), 3, p.main)
    c.rounded((50 - half + 4, 41, 50 + half - 4, 75), 2, p.accent)
    c.ellipse((45, 50, 55, 68), mix(p.accent, 0.8))
    c.line((50, 41, 50, 75), 1, p.main)
    c.rounded((50 - half - 2, 79, 50 + half + 2, 84), 1.5, p.shade)


def _candle(c: Canvas) -> None:
    p = c.palette
    for x in c.rng.choice(((50,), (40, 60), (34, 50, 66))):
        top, half = c.rng.uniform(34, 52), c.rng.uniform(5, 7.5)
        c.rounded((x - half, top, x + half, 83), 2.5, p.main)
        _pattern(c, (x - half + 1.5, top + 8, x + half - 1.5, 80), mix(p.main, 0.3))
        c.line((x, top, x, top - 4), 0.9, p.shade)
        c.ellipse((x - 3, top - 13, x + 3, top - 2), p.accent)
        c.ellipse((x - 1.5, top - 9, x + 1.5, top - 3), mix(p.accent, 0.7))


def _mug(c: Canvas) -> None:
    p, half, top = c.palette, c.rng.uniform(15, 19), c.rng.uniform(42, 52)
    c.arc((50 + half - 7, top + 5, 50 + half + 13, 76), 270, 450, 3.6, p.shade)
    c.rounded((50 - half, top, 50 + half, 83), 5, p.main)
    _pattern(c, (50 - half + 2, top + 8, 50 + half - 2, 80), mix(p.main, 0.35))
    c.ellipse((50 - half, top - 4, 50 + half, top + 5), mix(p.main, 0.3))
    c.ellipse((50 - half + 2, top - 2.5, 50 + half - 2, top + 3.5), p.shade)
    for x in (44, 53):
        c.arc((x, top - 20, x + 6, top - 10), 90, 270, 0.9, mix(p.shade, 0.6))
        c.arc((x - 5, top - 12, x + 3, top - 4), 270, 450, 0.9, mix(p.shade, 0.6))


def _bowl(c: Canvas) -> None:
    p = c.palette
    for index in range(c.rng.choice((1, 1, 2, 3))):
        half, top = 27 - index * 5, 54 - index * 9
        outer = (50 - half, top - 28, 50 + half, top + 29)
        c.half_disc(outer, p.main if index % 2 == 0 else p.accent)
        c.ellipse((50 - half, top - 4, 50 + half, top + 5), mix(p.main, 0.35))
        c.ellipse((50 - half + 2, top - 2.5, 50 + half - 2, top + 3.5), p.shade)
    c.rounded((40, 80, 60, 84), 1.5, p.shade)


def _bottle(c: Canvas) -> None:
    p, half, shoulder = c.palette, c.rng.uniform(10, 14), c.rng.uniform(40, 50)
    c.rounded((50 - half, shoulder, 50 + half, 84), 5, p.main)
    c.polygon((50 - half, shoulder + 5, 46, 30, 54, 30, 50 + half, shoulder + 5), p.main)
    c.rounded((45.5, 20, 54.5, 32), 1.5, p.shade)
    c.rounded((50 - half + 2, 56, 50 + half - 2, 74), 1, mix(p.accent, 0.4))
    _pattern(c, (50 - half + 4, 58, 50 + half - 4, 72), p.shade)
    c.line((50 - half + 3.5, shoulder + 6, 50 - half + 3.5, 53), 1.2, mix(p.main, 0.6))


def _cushion(c: Canvas) -> None:
    p, half = c.palette, c.rng.uniform(22, 26)
    left, top, right, bottom = 50 - half, 36, 50 + half, 82
    c.rounded((left, top, right, bottom), 10, p.main)
    for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
        c.ellipse((x - 3, y - 3, x + 3, y + 3), p.accent)
    _pattern(c, (left + 6, top + 6, right - 6, bottom - 6), mix(p.main, 0.35))
    c.ellipse((48, 57, 52, 61), p.shade)


def _blanket(c: Canvas) -> None:
    p, half = c.palette, c.rng.uniform(25, 29)
    for index in range(c.rng.choice((3, 4))):
        top = 74 - index * 12
        c.rounded((50 - half, top - 3, 50 + half, top + 10), 5, (p.main, p.accent)[index % 2])
        c.line((50 - half + 4, top + 7, 50 + half - 4, top + 7), 0.8, p.shade)
        _pattern(c, (50 - half + 4, top - 1, 50 + half - 4, top + 5), mix(p.main, 0.4))
    for x in range(int(50 - half + 4), int(50 + half - 3), 3):
        c.line((x, 83, x, 87), 0.6, p.shade)


def _book(c: Canvas) -> None:
    p, half, top = c.palette, c.rng.uniform(17, 21), c.rng.uniform(24, 34)
    c.rounded((50 - half + 2, top + 2, 50 + half + 3, 84), 1.5, mix(p.accent, 0.75))
    c.rounded((50 - half, top, 50 + half, 82), 2, p.main)
    c.polygon((50 - half, top, 50 - half + 5, top, 50 - half + 5, 82, 50 - half, 82), p.shade)
    _pattern(c, (50 - half + 8, 58, 50 + half - 3, 79), mix(p.main, 0.3))
    c.rounded((50 - half + 9, top + 8, 50 + half - 5, top + 20), 1, mix(p.accent, 0.5))
    c.line((50 + half - 6, 80, 50 + half - 6, 90), 1.5, p.accent)


def _pencil(c: Canvas) -> None:
    p = c.palette
    colours = (p.main, p.accent, p.shade, mix(p.main, 0.4), mix(p.shade, 0.4))
    for index, x in enumerate((30, 40, 50, 60, 70)):
        top, colour = c.rng.uniform(28, 44), colours[index]
        c.polygon((x - 3.4, top + 10, x, top, x + 3.4, top + 10), (236, 211, 172))
        c.polygon((x - 1.2, top + 3.5, x, top, x + 1.2, top + 3.5), colour)
        c.polygon((x - 3.4, top + 10, x + 3.4, top + 10, x + 3.4, 84, x - 3.4, 84), colour)
        c.line((x, top + 11, x, 84), 0.6, mix(colour, 0.35))
    c.rounded((22, 66, 78, 85), 2, mix(p.bottom, 0.2))
    _pattern(c, (25, 68, 75, 83), p.shade)


def _plant(c: Canvas) -> None:
    p = c.palette
    leaf = rgb(c.rng.uniform(0.26, 0.42), 0.55, c.rng.uniform(0.42, 0.62))
    for index in range(c.rng.choice((5, 7, 9))):
        angle = math.radians(205 + index * 130 / 8)
        length = c.rng.uniform(20, 34)
        x, y = 50 + math.cos(angle) * length, 58 + math.sin(angle) * length
        c.line((50, 60, x, y), 1, leaf)
        c.ellipse((x - 4.5, y - 6.5, x + 4.5, y + 6.5), mix(leaf, index % 3 * 0.14))
    c.polygon((35, 58, 65, 58, 60, 84, 40, 84), p.main)
    c.rounded((33, 55, 67, 61), 1.5, p.shade)
    _pattern(c, (41, 64, 59, 82), mix(p.main, 0.35))


def _can(c: Canvas) -> None:
    p, top = c.palette, c.rng.uniform(44, 54)
    c.line((56, 74, 79, top - 6), 3.4, p.shade)
    c.ellipse((75, top - 12, 84, top - 3), p.main)
    c.arc((20, top - 8, 42, 76), 90, 270, 3, p.shade)
    c.arc((34, top - 16, 58, top + 16), 180, 360, 3, p.shade)
    c.polygon((33, top, 59, top, 63, 84, 29, 84), p.main)
    _pattern(c, (35, top + 6, 57, 80), mix(p.main, 0.35))
    for x in (80, 84, 88):
        c.ellipse((x - 1, top + 4 + (x - 80), x + 1, top + 8 + (x - 80)), mix(p.accent, 0.3))


def _box(c: Canvas) -> None:
    p, half, top = c.palette, c.rng.uniform(20, 26), c.rng.uniform(46, 56)
    c.rounded((50 - half, top, 50 + half, 84), 1.5, p.main)
    _pattern(c, (50 - half + 3, top + 10, 50 + half - 3, 82), mix(p.main, 0.3))
    c.rounded((50 - half - 2, top - 3, 50 + half + 2, top + 8), 1.5, p.shade)
    c.polygon((46, top - 3, 54, top - 3, 54, 84, 46, 84), p.accent)
    c.ellipse((34, top - 17, 50, top - 2), p.accent)
    c.ellipse((50, top - 17, 66, top - 2), p.accent)
    c.ellipse((38, top - 13, 47, top - 5), p.shade)
    c.ellipse((53, top - 13, 62, top - 5), p.shade)
    c.ellipse((47, top - 8, 53, top - 1), mix(p.accent, 0.4))


def _vase(c: Canvas) -> None:
    p, half, flower = c.palette, c.rng.uniform(13, 19), c.rng.uniform(3.5, 5)
    for x, y in ((42, 20), (51, 13), (60, 22)):
        c.line((50, 46, x, y), 0.9, (92, 128, 86))
        for step in range(6):
            angle = math.radians(step * 60)
            dx, dy = math.cos(angle) * flower, math.sin(angle) * flower
            c.ellipse((x + dx - 2.4, y + dy - 2.4, x + dx + 2.4, y + dy + 2.4), p.accent)
        c.ellipse((x - 2, y - 2, x + 2, y + 2), p.shade)
    c.ellipse((50 - half, 50, 50 + half, 85), p.main)
    c.polygon((45, 42, 55, 42, 58, 58, 42, 58), p.main)
    c.rounded((43.5, 39, 56.5, 43), 1.2, p.shade)
    _pattern(c, (50 - half * 0.7, 58, 50 + half * 0.7, 78), mix(p.main, 0.35))


def _house(c: Canvas) -> None:
    p, half, eaves = c.palette, c.rng.uniform(17, 22), c.rng.uniform(48, 54)
    c.rounded((50 + half - 11, 26, 50 + half - 5, eaves), 0.8, p.shade)
    c.rounded((50 - half, eaves - 2, 50 + half, 84), 1, p.main)
    c.polygon((50 - half - 5, eaves, 50, 24, 50 + half + 5, eaves), p.shade)
    _pattern(c, (50 - half + 2, eaves + 3, 50 + half - 2, 82), mix(p.main, 0.3))
    c.ellipse((45, eaves - 14, 55, eaves - 4), p.accent)
    c.rounded((45, 67, 55, 84), 4, p.accent)
    for x in (50 - half + 3, 50 + half - 9):
        c.rounded((x, eaves + 6, x + 6, eaves + 13), 1, mix(p.accent, 0.4))


def _tree(c: Canvas) -> None:
    p = c.palette
    green = rgb(c.rng.uniform(0.3, 0.5), 0.5, 0.5)
    for x, scale in c.rng.choice((((50, 1.0),), ((34, 0.62), (52, 1.0), (70, 0.72)))):
        foot = 84 - 5 * scale
        c.rounded((x - 2 * scale, foot, x + 2 * scale, 84), 0.5, p.shade)
        for tier in range(4):
            base = foot - tier * 13 * scale
            half = (22 - tier * 4.6) * scale
            colour = mix(green, tier * 0.1)
            c.polygon((x - half, base, x + half, base, x, base - 22 * scale), colour)
            c.ellipse((x - half - 1, base - 1.6, x - half + 2, base + 1.4), p.accent)
            c.ellipse((x + half - 2, base - 1.6, x + half + 1, base + 1.4), p.main)
        c.ellipse((x - 2.4, foot - 64 * scale, x + 2.4, foot - 59 * scale), p.accent)


MOTIFS: dict[str, Callable[[Canvas], None]] = {
    "lamp": _lamp,
    "lantern": _lantern,
    "candle": _candle,
    "mug": _mug,
    "bowl": _bowl,
    "bottle": _bottle,
    "cushion": _cushion,
    "blanket": _blanket,
    "book": _book,
    "pencil": _pencil,
    "plant": _plant,
    "can": _can,
    "box": _box,
    "vase": _vase,
    "house": _house,
    "tree": _tree,
}
