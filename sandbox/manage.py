#!/usr/bin/env python
"""Run a management command of the sandbox shop."""

import os
import sys
from pathlib import Path


def main() -> None:
    # The repository root replaces this folder, so that "sandbox" is importable from anywhere.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
