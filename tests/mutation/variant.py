"""A right solution: what differs from the library or from the reference, and which tests it has to pass."""

from dataclasses import dataclass, field

from tests.mutation.workplace import changed, sources


@dataclass(frozen=True)
class Variant:
    """A right solution.

    Attributes:
        name: what is different.
        edits: file to pieces of its text and what stands there instead.
        program: "reference" or "library".
        tests: the tests that have to pass; empty for all.
        files: the only files that are there already; empty for all.
        added: file to the whole of its text, where it is new or written anew.
    """

    name: str
    edits: dict[str, dict[str, str]] = field(default_factory=dict)
    program: str = "reference"
    tests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    added: dict[str, str] = field(default_factory=dict)

    def changes(self) -> tuple[tuple[str, str | None], ...]:
        """The changed files, those that are new, and those that are missing."""
        missing = [file for file in sources(self.program) if self.files and file not in self.files]
        edited = [changed(self.program, file, replace) for file, replace in self.edits.items()]
        return (*edited, *self.added.items(), *((file, None) for file in missing))
