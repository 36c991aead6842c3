"""Coloured labels on contacts."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

HEX_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Give the colour as # and six digits."))


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
        channels = [int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return "#000000" if luminance > 0.179 else "#ffffff"
