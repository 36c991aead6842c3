"""Prove that the CRM works in other people's shops, each in processes of its own.

Usage: python -m tests.hosts.run [--workers N] [NAME...]
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
HOSTS = sorted(settings.parent.name for settings in HERE.glob("*/settings.py"))


def commands(host: str) -> list[list[str]]:
    """Install it as a shop would, with migrations; then the suite, and the host's own tests."""
    suites = [HERE / "suite.py", HERE / host / "suite.py"]
    files = [str(suite.relative_to(ROOT)) for suite in suites if suite.exists()]
    return [
        [sys.executable, "-m", "tests.hosts.install"],
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
    ]


def prove(host: str) -> bool:
    """Run the commands of one host; what they print is shown in one piece."""
    started = time.monotonic()
    unwanted = ("DATABASE_URL", "PYTEST_ADDOPTS")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    environment["DJANGO_SETTINGS_MODULE"] = f"tests.hosts.{host}.settings"
    output, passed = "", True
    for command in commands(host):
        done = subprocess.run(
            command, cwd=ROOT, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        output += done.stdout
        passed = passed and done.returncode == 0
    verdict = "passed" if passed else "FAILED"
    seconds = time.monotonic() - started
    sys.stdout.write(f"\n== {host}\n{output}== {host} {verdict} in {seconds:.0f} s\n")
    sys.stdout.flush()
    return passed


def main() -> int:
    """Prove the hosts named, or all; 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(HOSTS))
    parser.add_argument("--workers", type=int, default=2, help="hosts at a time")
    options = parser.parse_args()
    if unknown := set(options.names) - set(HOSTS):
        parser.error(f"no such host: {', '.join(sorted(unknown))}")
    with ThreadPoolExecutor(options.workers) as pool:
        results = list(pool.map(prove, options.names or HOSTS))
    sys.stdout.write(f"\n{results.count(True)} of {len(results)} hosts passed\n")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
