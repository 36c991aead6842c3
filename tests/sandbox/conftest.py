"""Invoice files in the layout of "Online Retail", and what a database holds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

HEADER = "InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country"
# Every run of the reconciliation notes itself.
RUN_LOG = "oscar_crm.operation"

WriteFile = Callable[..., Path]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write lines, below the usual header, to a new file."""

    def write(*lines: str, header: str = HEADER, name: str = "retail.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def load(capsys: Any) -> Callable[..., str]:
    """Run load_retail_csv and return what it printed."""

    def run(path: Path, *options: str) -> str:
        capsys.readouterr()
        call_command("load_retail_csv", str(path), *options)
        return str(capsys.readouterr().out)

    return run


def dump(apps_: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables (of some apps), but for the CRM's log of its runs."""
    return {
        model._meta.label_lower: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model._meta.managed
        and model._meta.label_lower != RUN_LOG
        and (not apps_ or model._meta.app_label in apps_)
    }


@pytest.fixture
def rows() -> Callable[..., dict[str, list[tuple[Any, ...]]]]:
    return dump
