"""Check that a built wheel holds all of the package and nothing else.

Usage: python -m tools.check_wheel WHEEL
"""

import sys
import zipfile
from pathlib import Path

from tools.assets import ASSETS, ROOT

PACKAGE = ROOT / "oscar_crm"
VENDOR_PREFIX = "oscar_crm/static/oscar_crm/vendor/"
REQUIRED = {"oscar_crm/py.typed"} | {VENDOR_PREFIX + name for name in ASSETS}
NEEDED_PARTS = ("oscar_crm/templates/", "oscar_crm/static/", "oscar_crm/migrations/0001_")
SHIPPED_SUFFIXES = {".py", ".html", ".txt", ".css", ".js", ".svg", ".png", ".mo", ".po"}


def expected_files() -> set[str]:
    """Every code, template, static, locale and migration file of the source tree."""
    return REQUIRED | {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix in SHIPPED_SUFFIXES and "__pycache__" not in path.parts
    }


def problems(wheel: Path) -> list[str]:
    """What is wrong with the wheel, one line each; empty when nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    found = [f"missing: {name}" for name in sorted(expected_files() - sizes.keys())]
    for name in sorted(sizes):
        top = name.partition("/")[0]
        if top != "oscar_crm" and not top.endswith(".dist-info"):
            found.append(f"does not belong: {name}")
        elif name.startswith(VENDOR_PREFIX) and not sizes[name]:
            found.append(f"empty: {name}")
    found += [
        f"missing: {part}…"
        for part in NEEDED_PARTS
        if not any(name.startswith(part) for name in sizes)
    ]
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in sizes):
        found.append("missing: the licence")
    return found


def main() -> int:
    """Print the problems of the wheel named on the command line; 1 if there are any."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    wheel = Path(sys.argv[1])
    found = problems(wheel)
    print("\n".join(found) if found else f"{wheel.name}: complete, {wheel.stat().st_size:,} bytes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
