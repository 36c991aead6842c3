"""The check that every wheel passes before it is published."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tools.check_wheel import VENDOR_PREFIX, expected_files, problems

LICENCE = "django_oscar_crm-1.0.dist-info/licenses/LICENSE"


@pytest.fixture
def complete() -> set[str]:
    """The names of a wheel that lacks nothing."""
    return expected_files() | {LICENCE}


def wheel(folder: Path, names: Iterable[str]) -> Path:
    path = folder / "django_oscar_crm-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return path


def test_a_complete_wheel_passes(tmp_path: Path, complete: set[str]) -> None:
    assert problems(wheel(tmp_path, complete)) == []


def test_a_wheel_without_the_fetched_libraries_fails(tmp_path: Path, complete: set[str]) -> None:
    without = {name for name in complete if not name.startswith(VENDOR_PREFIX)}
    found = problems(wheel(tmp_path, without))
    assert f"missing: {VENDOR_PREFIX}htmx.min.js" in found
    assert len(found) == len(complete) - len(without)


@pytest.mark.parametrize(
    "lost",
    ["oscar_crm/py.typed", "oscar_crm/conf.py", LICENCE],
)
def test_a_wheel_that_lacks_one_file_fails(tmp_path: Path, complete: set[str], lost: str) -> None:
    assert len(problems(wheel(tmp_path, complete - {lost}))) == 1


def test_a_wheel_without_templates_fails(tmp_path: Path, complete: set[str]) -> None:
    without = {name for name in complete if not name.startswith("oscar_crm/templates/")}
    assert "missing: oscar_crm/templates/…" in problems(wheel(tmp_path, without))


@pytest.mark.parametrize("intruder", ["sandbox/settings.py", "tests/conftest.py", "tools/a.py"])
def test_a_wheel_with_more_than_the_package_fails(
    tmp_path: Path, complete: set[str], intruder: str
) -> None:
    found = problems(wheel(tmp_path, complete | {intruder}))
    assert found == [f"does not belong: {intruder}"]
