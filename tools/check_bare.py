"""Install a wheel into a clean environment of a bare Oscar project, use it, take it out again.

Usage: python -m tools.check_bare WHEEL
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from tools import bare_project

PROBE = Path(__file__).with_name("bare_probe.py")


def run(command: list[str], folder: Path) -> None:
    """Run a command in that folder, saying what and how long; CalledProcessError if it fails."""
    started = time.monotonic()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")
    }
    subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=True)
    arguments = " ".join(Path(part).name for part in command[1:])
    print(f"-- {arguments}: {time.monotonic() - started:.1f} s", flush=True)


def check(wheel: Path, folder: Path) -> None:
    """All steps, in an empty folder."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, str(wheel), "django-oscar[sorl-thumbnail]"], folder)
    project = folder / "project"
    project.mkdir()
    bare_project.create(project, python)
    shutil.copy(PROBE, project)
    run([str(python), "manage.py", "migrate", "--verbosity=0"], project)
    run([str(python), "manage.py", "check"], project)
    run([str(python), PROBE.name, "with"], project)
    bare_project.take_crm_out(project)
    run([str(python), "manage.py", "check"], project)
    run([str(python), PROBE.name, "without"], project)


def main() -> int:
    """Check the wheel named on the command line; 1 when a step fails."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    wheel = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="crm-bare-") as folder:
        try:
            check(wheel, Path(folder))
        except subprocess.CalledProcessError as error:
            print(f"FAILED: {' '.join(map(str, error.cmd))}", flush=True)
            return 1
    print(f"{wheel.name} works in a bare Oscar project, and the project without it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
