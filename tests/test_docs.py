"""The reference pages and the code say the same: nothing is missing, nothing is made up.

Nothing is listed here: what there is comes from the code, what is said of it from the pages.
"""

import ast
import re
from argparse import Action
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import BaseCommand, load_command_class
from django.dispatch import Signal

from oscar_crm import conf, groups, signals
from oscar_crm.dashboard.urls import PERMISSIONS, urlpatterns
from oscar_crm.management import commands as commands_package
from oscar_crm.test import factories

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """Headings of a page, at any depth, and what stands below each."""
    parts = re.split(r"^#+ (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of all tables of a page, headers and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [n for n, row in enumerate(cells) if set("".join(row)) <= set("-:")]
    return [row for n, row in enumerate(cells) if n not in rules and n + 1 not in rules]


def codes(text: str) -> list[str]:
    """Everything in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def everywhere(pattern: str) -> set[str]:
    """What a pattern finds in all pages, the decisions and the change log included."""
    return {
        found for page in PAGES for found in re.findall(pattern, page.read_text(encoding="utf-8"))
    }


def setting_names() -> set[str]:
    found = vars(conf.Settings).items()
    return {conf.PREFIX + name for name, value in found if isinstance(value, property)}


def test_every_setting_has_a_section_and_no_other_has():
    documented = {name for name in sections(read("settings")) if name.startswith(conf.PREFIX)}

    assert documented == setting_names()


def test_no_page_names_a_setting_that_does_not_exist():
    assert everywhere(rf"\b{conf.PREFIX}[A-Z_]+[A-Z]\b") <= setting_names()


@pytest.mark.parametrize("name", sorted(setting_names()))
def test_the_documented_default_is_the_default(settings, name):
    if hasattr(settings, name):
        delattr(settings, name)
    text = sections(read("settings"))[name]
    (documented,) = re.findall(r"Default:\s+`([^`]+)`", text)

    assert value_of(documented) == getattr(conf.crm_settings, name.removeprefix(conf.PREFIX))


def value_of(documented: str) -> Any:
    """A default as the page writes it: a literal, a setting of Oscar's, or a name of ours."""
    if documented.isupper():
        return getattr(django_settings, documented)
    if documented.startswith("oscar_crm."):
        module, _, name = documented.rpartition(".")
        return getattr(import_module(module), name)
    return ast.literal_eval(documented)


def signal_names() -> set[str]:
    return {name for name, value in vars(signals).items() if isinstance(value, Signal)}


def test_every_signal_has_a_section_and_no_other_has():
    documented = {name for name in sections(read("signals")) if "_" in name}

    assert documented == signal_names()


def sent_arguments() -> Iterator[tuple[str, str]]:
    """Each signal and each argument it is sent with, read from the calls in the services."""
    for module in (ROOT / "oscar_crm" / "services").glob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "send_on_commit":
                for keyword in call.keywords:
                    yield ast.unparse(call.args[0]), str(keyword.arg)


def test_every_argument_of_a_signal_is_documented():
    sent = set(sent_arguments())

    assert {name for name, _ in sent} == signal_names()
    for name, argument in sent:
        assert f"`{argument}`" in sections(read("signals"))[name].split("Not sent")[0]


def command_names() -> set[str]:
    return {module.name for module in iter_modules(commands_package.__path__)}


def options_of(command: str) -> list[Action]:
    """A command's own options, without those of every Django command."""
    parser = load_command_class("oscar_crm", command).create_parser("manage.py", command)
    plain = BaseCommand().create_parser("manage.py", command)
    inherited = {name for action in plain._actions for name in action.option_strings}
    return [a for a in parser._actions if not inherited & set(a.option_strings)]


def test_every_command_has_a_section_and_no_other_has():
    documented = {name for name in sections(read("commands")) if name.startswith("crm_")}

    assert documented == command_names()


@pytest.mark.parametrize("command", sorted(command_names()))
def test_every_option_of_a_command_is_documented_and_no_other_is(command):
    terms = re.findall(r"^`([^`]+)`\n: ", sections(read("commands"))[command], re.MULTILINE)
    documented = {term.split()[0].split("=")[0] for term in terms}
    names = {(action.option_strings or [action.dest])[-1] for action in options_of(command)}

    assert documented == names


def test_no_page_shows_a_command_or_an_option_that_does_not_exist():
    for command, rest in everywhere(r"\b(?:manage\.py|run) `?(crm_\w+)([^\n`#>|]*)"):
        assert command in command_names()
        known = {name for action in options_of(command) for name in action.option_strings}
        given = set(re.findall(r"--[a-z-]+", rest))
        assert given <= known | {"--verbosity", "--settings"}, command


def permission_names() -> set[str]:
    return {
        codename
        for model in apps.get_app_config("oscar_crm").get_models()
        for codename in (
            *(f"{action}_{model._meta.model_name}" for action in model._meta.default_permissions),
            *(codename for codename, _ in model._meta.permissions),
        )
    }


def test_every_permission_is_documented_and_no_other_is():
    own, unused = read("permissions").split("## Permissions no page asks for")
    asked = [codes(row[0])[0] for row in rows(own)]
    others = [code for row in rows(unused) for code in codes(row[1])]

    assert sorted([*asked, *others]) == sorted(permission_names())
    wanted = {name for names in PERMISSIONS.values() for name in names if "." in name}
    assert {name.split(".")[1] for name in wanted} <= set(asked)


def test_no_page_names_a_permission_that_does_not_exist():
    named = everywhere(r"\boscar_crm\.((?:add|change|delete|view|sync)_\w+)\b")

    assert named - {"sync_order"} <= permission_names()  # a task has that name


def test_the_table_of_groups_is_what_migrate_makes():
    text = read("permissions")
    (header,) = re.findall(r"^\| Permission \| What it allows \|(.+)\|$", text, re.MULTILINE)
    names = [name.strip() for name in header.split("|")]
    ticked: dict[str, set[str]] = {name: set() for name in names}
    for permission, _, *ticks in [row for row in rows(text) if len(row) == len(names) + 2]:
        for name, tick in zip(names, ticks, strict=True):
            if tick:
                ticked[name].add(codes(permission)[0])

    assert ticked == {name: set(wanted) for name, wanted in groups.PERMISSIONS.items()}


def test_no_page_names_a_group_that_does_not_exist():
    assert everywhere(r"\*(CRM [a-z ]+)\*|\"(CRM [a-z ]+)\"") <= {
        pair for name in groups.PERMISSIONS for pair in ((name, ""), ("", name))
    }


def test_the_table_of_urls_is_what_the_dashboard_serves():
    documented = {
        codes(name)[0]: (codes(path)[0], {f"oscar_crm.{code}" for code in codes(wanted)})
        for name, path, wanted, _ in rows(read("urls"))
    }

    assert documented == {
        url.name: (f"crm/{url.pattern}", set(PERMISSIONS[url.name]) - {"is_staff"})
        for url in urlpatterns
    }


def test_no_page_names_a_url_that_does_not_exist():
    assert everywhere(r"\bdashboard:(crm-[a-z-]+)") <= {url.name for url in urlpatterns}


def check_ids() -> set[str]:
    found = re.compile(r"\boscar_crm\.[EW]\d{3}\b")
    sources = (ROOT / "oscar_crm").rglob("*.py")
    return {i for path in sources for i in found.findall(path.read_text(encoding="utf-8"))}


def test_every_system_check_is_documented_and_no_other_is():
    assert {codes(row[0])[0] for row in rows(read("checks"))} == check_ids()
    assert everywhere(r"\boscar_crm\.[EW]\d{3}\b") == check_ids()


def test_every_task_is_documented_and_no_other_is():
    tasks = pytest.importorskip("oscar_crm.tasks")
    found = {name for name in tasks.sync_order.app.tasks if name.startswith("oscar_crm.")}
    documented = {name for name in sections(read("tasks")) if name.startswith("oscar_crm.")}

    assert documented == found


def test_every_model_is_documented_and_no_other_is():
    found = {model.__name__ for model in apps.get_app_config("oscar_crm").get_models()}
    text = read("models")

    assert set(sections(text)) - {"Models"} == found
    assert {re.sub(r"[^\w].*", "", codes(row[0])[0]) for row in rows(text)} == found


def test_every_public_factory_is_documented_and_no_other_is():
    assert {codes(row[0])[0] for row in rows(read("factories"))} == set(factories.__all__)


def named_tests() -> set[tuple[str, str]]:
    return everywhere(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_fault_names_a_test_that_exists():
    assert named_tests()
    for path, name in named_tests():
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{path}::{name}"


def test_every_page_is_in_the_table_of_contents_and_every_picture_there():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        assert name in index or name == "index" or name.startswith("decisions/0"), name
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
