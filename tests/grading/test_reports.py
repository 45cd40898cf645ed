"""What a teacher and a student get to read: shares of points, reports, and what Gradescope demands of a file."""

import json
from html.parser import HTMLParser

import pytest

from NeuralNetworkTests import TASKS
from Protocols.grading.command import main
from Protocols.grading.reports import where_to_read
from tests.grading.places import EMPTY, RIGHT, hostile, marks, write
from tests.grading.test_attacks import FORGED, in_tests

pytestmark = pytest.mark.newest

WRONG = RIGHT["Layers/ReLU.py"].replace("> 0", ">= 0")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Points and reports of a right, a half right, an empty and a forged solution, each with its share."""
    place = tmp_path_factory.mktemp("reports")
    forged = FORGED.replace('"passed", "message"', '"passed" if name != "test_forward" else "failed", "message"')
    everybody = [
        write(place / "right", RIGHT),
        write(place / "wrong", {**RIGHT, "Layers/ReLU.py": WRONG}),
        write(place / "loud<b>", {**RIGHT, "Layers/ReLU.py": "raise ValueError('<script>&\\033[2J')"}),
        hostile(place / "forged", forged + in_tests("forge(record); os._exit(0)"), EMPTY),
    ]
    asked = ["TestReLU", "TestFlatten", "TestDropout", "--partial", "--csv", str(place / "marks.csv")]
    asked += ["--reports", str(place / "reports"), "--json", str(place / "json")]
    assert main([*map(str, everybody), *asked]) == 1
    return place, marks(place / "marks.csv")


def test_a_share_of_the_tests_earns_a_share_of_the_points(graded):
    _, rows = graded
    assert (rows["right"]["TestReLU"], rows["right"]["TestFlatten"], rows["right"]["TestDropout"]) == ("10", "5", "0")
    assert 0 < float(rows["wrong"]["TestReLU"]) < 10
    assert rows["wrong"]["TestFlatten"] == "5"


def test_a_forged_share_earns_nothing(graded):
    _, rows = graded
    assert rows["forged"]["TestReLU"] == "0"
    assert "no share of the points: a fresh question says after" in rows["forged"]["remark"] or (
        "no share of the points: a fresh question says ReLU.forward" in rows["forged"]["remark"]
    )


def test_a_task_earns_all_or_nothing_if_nothing_is_said(tmp_path):
    folder = write(tmp_path / "wrong", {**RIGHT, "Layers/ReLU.py": WRONG})
    assert main([str(folder), "TestReLU", "--csv", str(tmp_path / "marks.csv")]) == 1
    assert marks(tmp_path / "marks.csv")["wrong"]["TestReLU"] == "0"


def test_a_report_says_what_failed_and_where_to_read(graded):
    place, _ = graded
    for ending in ("txt", "html"):
        report = (place / "reports" / f"wrong.{ending}").read_text(encoding="utf-8")
        assert "Protocols/part1.md, Task 1.3: ReLU" in report
        assert "TestReLU.test_backward_zero" in report
        assert "TestFlatten." not in report
        assert "not yet written: Layers/Dropout.py" in report


def test_a_report_in_html_is_nothing_but_a_report(graded):
    place, _ = graded
    (report,) = (place / "reports").glob("loud*.html")
    tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append(tag)

    text = report.read_text(encoding="utf-8")
    Reader().feed(text)
    assert not {"script", "b", "img", "iframe"} & set(tags)
    assert "&lt;script&gt;" in text
    assert "\033" not in text


@pytest.mark.parametrize("entry", TASKS, ids=lambda entry: entry.test)
def test_every_task_has_a_section_to_read(entry):
    assert ", Task " in where_to_read(entry)


#: What Gradescope's page about results.json knows (gradescope-autograders.readthedocs.io, "Output format").
OF_RESULTS = {
    **{"score": (int, float), "execution_time": int, "output": str, "visibility": str, "stdout_visibility": str},
    **{"extra_data": dict, "tests": list},
}
OF_A_TEST = {
    **{"score": (int, float), "max_score": (int, float), "status": str, "name": str, "number": str, "output": str},
    "extra_data": dict,
}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


@pytest.mark.parametrize("name", ["right", "wrong", "forged", "loud"])
def test_the_results_are_what_gradescope_reads(graded, name):
    (path,) = (graded[0] / "json").glob(f"{name}*.json")
    results = json.loads(path.read_text(encoding="utf-8"))
    assert set(results) <= set(OF_RESULTS)
    assert all(isinstance(value, OF_RESULTS[key]) for key, value in results.items())
    assert {results["visibility"], results["stdout_visibility"]} <= VISIBILITIES
    assert results["score"] >= 0
    for test in results["tests"]:
        assert set(test) <= set(OF_A_TEST)
        assert all(isinstance(value, OF_A_TEST[key]) for key, value in test.items())
        assert test["status"] in {"passed", "failed"}
        assert 0 <= test["score"] <= test["max_score"]
    assert results["score"] == pytest.approx(sum(test["score"] for test in results["tests"]), abs=0.01)
