"""Scripts behind the Makefile and the checks; not part of the package."""
