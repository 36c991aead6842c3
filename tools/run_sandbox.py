"""Bring the sandbox shop up to date and serve it.

Usage: python -m tools.run_sandbox [--port 8000] [--seed "ARGUMENTS OF seed_demo"]
"""

import argparse
import os
import shlex
import subprocess
import sys
import time

from tools.assets import ROOT

MANAGE = [sys.executable, str(ROOT / "sandbox" / "manage.py")]


def manage(*arguments: str) -> None:
    """Run a management command, saying how long it took; stops everything when it fails."""
    print(f"-- manage.py {shlex.join(arguments)}", flush=True)
    started = time.monotonic()
    done = subprocess.run([*MANAGE, *arguments], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    print(f"-- {arguments[0]}: {time.monotonic() - started:.1f} s", flush=True)


def prepare(seed: list[str]) -> None:
    """Migrate and fill the database.

    Both do nothing, in about a second each, where that was done before, so an interrupted first
    start is simply repeated.
    """
    manage("migrate", "--verbosity=0", "--no-input")
    manage("seed_demo", *seed)


def serve(port: int) -> None:
    """Print where to look and become the development server."""
    address = f"http://127.0.0.1:{port}"
    print(f"\n  Shop       {address}/", f"  CRM        {address}/dashboard/crm/", sep="\n")
    print("  Stop with Ctrl+C\n", flush=True)
    server = [*MANAGE, "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}"]
    os.execv(server[0], server)


def main() -> None:
    """Prepare, then serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--seed", default="", help="arguments for seed_demo, e.g. '--orders 20'")
    options = parser.parse_args()
    prepare(shlex.split(options.seed))
    serve(options.port)


if __name__ == "__main__":
    main()
