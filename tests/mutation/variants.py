"""Right solutions that differ from ours; the suite has to accept every one."""

from dataclasses import dataclass, field

from tests.mutation.workplace import changed


@dataclass(frozen=True)
class Variant:
    """A right solution.

    Attributes:
        name: what is different.
        edits: file to pieces of its text and what stands there instead.
        program: "reference" or "library".
        tests: the tests that have to pass; empty for all.
    """

    name: str
    edits: dict[str, dict[str, str]] = field(default_factory=dict)
    program: str = "reference"
    tests: tuple[str, ...] = ()

    def changes(self) -> tuple[tuple[str, str], ...]:
        """The changed files."""
        return tuple(changed(self.program, file, replace) for file, replace in self.edits.items())


VARIANTS: list[Variant] = [
    Variant("the library as it is", program="library"),
    Variant("loops, transposed weights with the bias first, the last of several maxima"),
]
