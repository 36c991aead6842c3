"""What the property tests of imports put into cells."""

from hypothesis import strategies as st

from oscar_crm.models import Tag

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30).map(
    str.strip
)
TAGS = st.lists(st.sampled_from(["VIP", "a,b", "c;d", 'say "x"', "=1"]), unique=True, max_size=3)


def tags_named(*names: str) -> list[Tag]:
    """Tags, made where they are missing."""
    usual = {"colour": "#1f77b4"}
    return [
        Tag.objects.get_or_create(key=name.casefold(), defaults={"name": name, **usual})[0]
        for name in names
    ]
