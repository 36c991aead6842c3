"""CSV on its way to a browser: written row by row, sent some hundred rows at a time."""


class Lines:
    """What the csv module writes to; it is taken away before it grows."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    def take(self) -> str:
        found = "".join(self.lines)
        self.lines.clear()
        return found
