"""The front-end libraries are locked, and copied with their licences."""

import json

from tools.assets import ASSETS, ROOT

PACKAGE = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
LOCKED = {name: entry for name, entry in LOCK["packages"].items() if name}
SHIPPED = {name for name, entry in LOCKED.items() if not entry.get("dev")}


def test_every_library_is_pinned_to_one_version() -> None:
    wanted = [*PACKAGE["dependencies"].values(), *PACKAGE["devDependencies"].values()]
    ranges = [version for version in wanted if not version[0].isdigit()]
    assert ranges == []


def test_lock_file_records_hashes_and_no_download_addresses() -> None:
    assert all(entry["integrity"].startswith("sha512-") for entry in LOCKED.values())
    assert "://" not in json.dumps(LOCKED)


def test_every_library_that_ships_comes_with_its_licence() -> None:
    licensed = {
        source.rpartition("/")[0] for name, source in ASSETS.items() if name.startswith("LICENSE")
    }
    assert licensed == {name.removeprefix("node_modules/") for name in SHIPPED}
