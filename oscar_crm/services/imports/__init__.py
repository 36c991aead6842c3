"""Bringing contacts and accounts in from CSV and XLSX files: check, import, take back."""

from .engine import run, step, work
from .files import open_table
from .lifecycle import (
    cancel_import,
    create_import,
    erase_file,
    erase_old_files,
    forget_person,
    pause_import,
    resume_import,
    set_columns,
    start_import,
    start_undo,
)
from .options import Options
from .rejected import rejected_rows

__all__ = [
    "Options",
    "cancel_import",
    "create_import",
    "erase_file",
    "erase_old_files",
    "forget_person",
    "open_table",
    "pause_import",
    "rejected_rows",
    "resume_import",
    "run",
    "set_columns",
    "start_import",
    "start_undo",
    "step",
    "work",
]
