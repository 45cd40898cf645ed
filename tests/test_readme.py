"""The README keeps its promises: its example runs, what it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_trains_a_network(capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```", README, re.S | re.M)
    assert len([line for line in example.splitlines() if line]) <= 15
    exec(compile(example, "README.md", "exec"), {})
    accuracy = float(capsys.readouterr().out.rsplit("accuracy:", 1)[1])
    assert accuracy > 0.8


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)|`([A-Z]\w+(?:/|\.py))`", README), ids=str)
def test_what_it_names_exists(target):
    assert (ROOT / "".join(target)).exists()


#: What classes are derived from and what they share, and files whose classes have names of their own.
BASES = """
    __init__ Activations Base Constraints Gates Loss LossBase Optimizers Packing Parameter Pass Readout Recurrent
    Windows
""".split()


@pytest.mark.parametrize("package", ["Layers", "Optimization", "Models"])
def test_its_table_names_every_class(package):
    row = next(line for line in README.splitlines() if line.startswith(f"| `{package}/`"))
    for file in (ROOT / package).glob("*.py"):
        if file.stem not in BASES:
            assert f"`{file.stem}`" in row, f"{file.name} is missing from the README's table"
