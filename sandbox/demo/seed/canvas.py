"""What the product pictures are drawn with: a canvas in percent and colours that go together."""

import colorsys
import random
from dataclasses import dataclass

from PIL import ImageDraw

SIZE = 720
# Drawn larger and scaled down, which smooths every edge.
SCALE = 2
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Palette:
    """Colours that go together: backdrop from top to bottom, object, its shade, an accent."""

    top: Colour
    bottom: Colour
    main: Colour
    shade: Colour
    accent: Colour


class Canvas:
    """Drawing in units of a hundredth of the picture's width."""

    def __init__(self, draw: ImageDraw.ImageDraw, palette: Palette, rng: random.Random) -> None:
        self.draw, self.palette, self.rng = draw, palette, rng
        self.unit = SIZE * SCALE / 100

    def _scaled(self, values: tuple[float, ...]) -> list[float]:
        return [value * self.unit for value in values]

    def ellipse(self, box: Box, fill: Colour) -> None:
        self.draw.ellipse(self._scaled(box), fill=fill)

    def half_disc(self, box: Box, fill: Colour) -> None:
        self.draw.pieslice(self._scaled(box), 0, 180, fill=fill)

    def rounded(self, box: Box, radius: float, fill: Colour) -> None:
        self.draw.rounded_rectangle(self._scaled(box), radius=radius * self.unit, fill=fill)

    def polygon(self, points: tuple[float, ...], fill: Colour) -> None:
        self.draw.polygon(self._scaled(points), fill=fill)

    def line(self, points: tuple[float, ...], width: float, fill: Colour) -> None:
        self.draw.line(self._scaled(points), fill=fill, width=int(width * self.unit), joint="curve")

    def arc(self, box: Box, start: float, end: float, width: float, fill: Colour) -> None:
        self.draw.arc(self._scaled(box), start, end, fill=fill, width=int(width * self.unit))


def rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def mix(colour: Colour, white: float) -> Colour:
    red, green, blue = (int(part + (255 - part) * white) for part in colour)
    return red, green, blue
