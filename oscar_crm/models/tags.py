"""Coloured labels on contacts."""

import re

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
HEX_COLOUR = RegexValidator(_COLOUR.pattern + r"\Z", _("Give the colour as # and six digits."))


def is_colour(text: str) -> bool:
    """Whether a text is a colour as a browser and ``Tag`` understand it: ``#1f77b4``."""
    return bool(_COLOUR.fullmatch(text))


class Tag(models.Model):
    """A name with a colour. Names that fold alike ("VIP", "vip") are one tag."""

    name = models.CharField(_("name"), max_length=50)
    key = models.CharField(max_length=200, unique=True, editable=False)
    colour = models.CharField(_("colour"), max_length=7, validators=[HEX_COLOUR])

    class Meta:
        ordering = ["key"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name

    @property
    def text_colour(self) -> str:
        """Black or white, whichever is easier to read on this tag (WCAG relative luminance)."""
        if not is_colour(self.colour):
            return "#000000"
        channels = [int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return "#000000" if luminance > 0.179 else "#ffffff"
