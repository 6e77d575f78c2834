"""The three ways in which a certificate is not accepted."""


class Malformed(Exception):
    """The file does not follow the format; nothing was checked."""


class ResourceLimit(Exception):
    """Checking would need more than the stated limits; nothing is said about the claim."""


class Rejected(Exception):
    """A step of the theorem could not be confirmed from this certificate; the claim may still be true."""

    def __init__(self, step: str, detail: str) -> None:
        """Name the step that refused and the numbers it saw."""
        super().__init__(f"{step}: {detail}")
        self.step = step
        self.detail = detail
