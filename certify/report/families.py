"""Which certificates share a page: those of one folder, or of one folder of single certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from certify.report.facts import Facts


@dataclass(frozen=True)
class Family:
    """A page.  name: the folder, relative to the collection; members in order of size and loss."""

    name: str
    page: str  # file name
    members: tuple[Facts, ...]

    @property
    def saddles(self) -> int:
        """How many members have a negative direction."""
        return sum(bool(member.index) for member in self.members)

    @property
    def sizes(self) -> tuple[int, int] | None:
        """Fewest and most teachers."""
        known = [member.teachers for member in self.members if member.teachers is not None]
        return (min(known), max(known)) if known else None

    @property
    def command(self) -> str:
        """Arguments of a shell that name the members' files in the site."""
        folders = sorted({str(PurePosixPath("certificates", member.file).parent) for member in self.members})
        if len(folders) > 1:
            folders = [str(PurePosixPath("certificates", self.name, "*"))]
        return " ".join(f"{_quoted(folder)}/*.cert.json" for folder in folders)


def _quoted(folder: str) -> str:
    """Quoted where the shell needs it, but for the star."""
    return "/".join(part if part == "*" else quote(part) for part in folder.split("/"))


def families(found: Sequence[Facts]) -> list[Family]:
    """All pages, by name.  A folder whose folders hold one certificate each is one page."""
    by_folder: dict[PurePosixPath, list[Facts]] = {}
    for item in found:
        by_folder.setdefault(PurePosixPath(item.file).parent, []).append(item)
    shelves: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in by_folder:
        shelves.setdefault(folder.parent, []).append(folder)
    groups: dict[str, list[Facts]] = {}
    for folder, members in by_folder.items():
        single = folder.parts and all(len(by_folder[other]) == 1 for other in shelves[folder.parent])
        name = str(folder.parent if single and str(folder.parent) != "." else folder)
        groups.setdefault("all" if name == "." else name, []).extend(members)
    return [
        Family(name, f"{place:04d}.html", tuple(sorted(members, key=_order)))
        for place, (name, members) in enumerate(sorted(groups.items()))
    ]


def _order(item: Facts) -> tuple[int, int, float, str]:
    return item.teachers or 0, item.students or 0, item.middle or 0.0, item.file
