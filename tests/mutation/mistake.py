"""A well-known mistake: where it is planted, and what the suite's message has to say about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A mistake that students make.

    Attributes:
        name: what is done wrong.
        file: in which file.
        replace: pieces of the file's text and what stands there instead.
        says: words that the message has to contain.
        program: "reference" or "library".
    """

    name: str
    file: str
    replace: dict[str, str]
    says: str
    program: str = "reference"
