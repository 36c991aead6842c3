"""Product pictures: simple drawings, a different one for every product, the same every time."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

from sandbox.demo.seed.canvas import SCALE, SIZE, Canvas, Palette, mix, rgb
from sandbox.demo.seed.motifs import MOTIFS


def product_picture(key: str, motif: str) -> bytes:
    """A JPEG of the motif; `key` decides colours, proportions and pattern."""
    rng = random.Random(key)
    palette = _palette(rng)
    image = _backdrop(palette, rng)
    _shadow(image, palette)
    MOTIFS[motif](Canvas(ImageDraw.Draw(image), palette, rng))
    buffer = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=86)
    return buffer.getvalue()


def _palette(rng: random.Random) -> Palette:
    hue = rng.random()
    other = (hue + rng.choice((0.08, 0.42, 0.5, 0.58, 0.92))) % 1
    return Palette(
        top=rgb(other, 0.10, 0.97),
        bottom=rgb(other, 0.26, 0.86),
        main=rgb(hue, rng.uniform(0.34, 0.56), rng.uniform(0.62, 0.84)),
        shade=rgb(hue, 0.62, 0.46),
        accent=rgb((other + 0.06) % 1, rng.uniform(0.22, 0.5), 0.96),
    )


def _backdrop(palette: Palette, rng: random.Random) -> Image.Image:
    """A soft gradient, a wide disc behind the object and the table it stands on."""
    pixels = SIZE * SCALE
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), palette.top)
    strip.putpixel((0, 1), palette.bottom)
    image = strip.resize((pixels, pixels), Image.Resampling.BICUBIC)
    canvas = Canvas(ImageDraw.Draw(image), palette, rng)
    x, y, radius = rng.uniform(38, 62), rng.uniform(34, 46), rng.uniform(26, 34)
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), mix(palette.accent, 0.55))
    canvas.polygon((0, 78, 100, 78, 100, 100, 0, 100), mix(palette.shade, 0.62))
    return image


def _shadow(image: Image.Image, palette: Palette) -> None:
    mask = Image.new("L", image.size, 0)
    unit = SIZE * SCALE / 100
    ImageDraw.Draw(mask).ellipse([24 * unit, 79 * unit, 80 * unit, 88 * unit], fill=150)
    mask = mask.resize((180, 180)).filter(ImageFilter.GaussianBlur(4)).resize(image.size)
    image.paste(palette.shade, mask=mask)
