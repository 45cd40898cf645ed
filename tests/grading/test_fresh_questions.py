"""Fresh questions: every right answer is accepted, no other, and nobody waits for an answer that never ends."""

import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from Protocols.grading.examination import QUESTIONS
from Protocols.grading.questions.asking import Answer, ask
from Protocols.grading.student import Student
from tests.grading.asked import write_program, wrong_answers
from tests.grading.places import each_box
from tests.mutation.workplace import sources

pytestmark = pytest.mark.newest


@each_box()
@pytest.mark.parametrize("program", ["library", "reference"])
def test_right_answers_are_accepted(tmp_path, program, box):
    assert wrong_answers(write_program(tmp_path, program), 2, sandbox=box) == []


@pytest.mark.parametrize("pair", ["[images, labels]", "[list(images), list(labels)]", "(images, tuple(labels))"])
def test_a_pair_is_one_in_whatever_it_is_handed_over(tmp_path, pair):
    file = "Generator/generator.py"
    code = f"""
        plain = ImageGenerator.next
        def next(self):
            images, labels = plain(self)
            return {pair}
        ImageGenerator.next = next"""
    changed = f"{sources('reference')[file]}\n{textwrap.dedent(code)}\n"
    assert wrong_answers(write_program(tmp_path, "reference", [(file, changed)]), 1, ["TestGen"]) == []


#: Solutions that do as little as they can, and the questions that find out.
LAZY = {
    "a fully connected layer of zeros": (
        "Layers/FullyConnected.py",
        """
        def forward(self, x): self.x = x; return np.zeros((len(x), self.outputs))
        def backward(self, e): return np.zeros((len(e), self.inputs))
        FullyConnected.forward, FullyConnected.backward = forward, backward
        created = FullyConnected.__init__
        def __init__(self, inputs, outputs):
            created(self, inputs, outputs)
            self.inputs, self.outputs = inputs, outputs
        FullyConnected.__init__ = __init__""",
        ("TestFullyConnected", "TestNeuralNetwork2", "TestLeNet", "TestNeuralNetwork3"),
    ),
    "a network without backward": (
        "NeuralNetwork.py",
        "NeuralNetwork.backward = lambda self: None",
        ("TestNeuralNetwork", "TestNeuralNetwork2"),
    ),
    "a network that tests without its layers": (
        "NeuralNetwork.py",
        "NeuralNetwork.test = lambda self, x: np.full((len(x), 10), 0.1)",
        ("TestNeuralNetwork", "TestNeuralNetwork2", "TestLeNet", "TestNeuralNetwork3"),
    ),
    "initializers of two numbers": (
        "Layers/Initializers.py",
        """
        def initialize(self, shape, fan_in, fan_out):
            return np.where(np.arange(np.prod(shape)) % 2, 1.0, -1.0).reshape(shape) * np.sqrt(2 / (fan_in + fan_out))
        Xavier.initialize = initialize""",
        ("TestInitializers",),
    ),
    "answers that are no numbers": (
        "Layers/FullyConnected.py",
        "FullyConnected.forward = FullyConnected.backward = lambda self, x: x * np.nan",
        ("TestFullyConnected", "TestNeuralNetwork2", "TestLeNet", "TestNeuralNetwork3"),
    ),
    "dropout that drops nothing": (
        "Layers/Dropout.py",
        "Dropout.forward = Dropout.backward = lambda self, x: x",
        ("TestDropout",),
    ),
    "a generator that never shuffles": (
        "Generator/generator.py",
        """
        created = ImageGenerator.__init__
        def __init__(self, *arguments): created(self, *arguments[:-3], False, False, False)
        ImageGenerator.__init__ = __init__""",
        ("TestGen",),
    ),
}


@pytest.mark.parametrize("lazy", LAZY)
def test_a_lazy_solution_answers_wrongly(tmp_path, lazy):
    file, code, questions = LAZY[lazy]
    changed = f"{sources('reference')[file]}\nimport numpy as np\n{textwrap.dedent(code)}\n"
    folder = write_program(tmp_path, "reference", [(file, changed)])
    said = wrong_answers(folder, 1, questions)
    assert [line.partition(":")[0] for line in said] == list(questions)


def test_numbers_that_are_not_finite_are_no_answer():
    def question(student, rng):
        yield Answer("a number", np.array([np.nan]), np.array([np.nan]))

    assert "finite" in ask(None, question).wrong


#: What a process sends in place of answers; `say` sends a header, `flood` sends for ever.
STREAMS = {
    "answers that come before the question": "flood(header({'value': {'object': 0}, 'arrays': []}))",
    "bytes for ever": "flood(bytes(10**5))",
    "nothing": "wait()",
    "its end": "pass",
    "a list": "say([]); wait()",
    "a very long header": "out(b'\\xff\\xff\\xff\\xff'); wait()",
    "an array without end": "say({'value': {'array': 0}, 'arrays': [['<f8', [10**18]]]}); wait()",
    "an array of no length": "say({'value': {'array': 0}, 'arrays': [['<f8', [0, 10**30]]]}); wait()",
    "an array of infinite length": "say({'value': {'array': 0}, 'arrays': [['<f8', [float('inf')]]]}); wait()",
    "an array of negative length": "say({'value': {'array': 0}, 'arrays': [['<f8', [-1, -1]]]}); out(bytes(8)); wait()",
    "an array of 100 dimensions": "say({'value': {'array': 0}, 'arrays': [['<f8', [1] * 100]]}); out(bytes(8)); wait()",
    "an array of objects": "say({'value': {'array': 0}, 'arrays': [['|O', [1]]]}); out(bytes(8)); wait()",
    "an array that isn't there": "say({'value': {'array': 7}, 'arrays': []}); wait()",
    "a deep answer": "out(header(None)[:0] + (50000).to_bytes(4, 'big') + b'[' * 50000); wait()",
    "one byte each second": "flood(b'\\0', 0.3)",
}
STREAM = """
import json, os, sys, time
def out(content): os.write(1, content)
def header(value):
    words = json.dumps(value).encode()
    return len(words).to_bytes(4, "big") + words
def say(value): out(header(value))
def wait(): time.sleep(60)
def flood(content, pause=0):
    while True:
        out(content)
        time.sleep(pause)
"""


@pytest.mark.parametrize("stream", STREAMS)
def test_nobody_waits_for_what_is_no_answer(stream):
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", STREAM + STREAMS[stream]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        student = Student(process, subprocess.Popen.kill)
        student.begin(1.0)
        began = time.monotonic()
        said = ask(student, QUESTIONS["TestNeuralNetwork2"])
        assert said.wrong
        assert said.right == 0
        assert time.monotonic() - began < 10
    finally:
        process.kill()
        process.wait()
        student.close()
