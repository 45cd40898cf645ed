"""CIFAR's pickles from strangers: small programs that would take the memory, the time, or the program itself."""

import functools
import pickle
import pickletools
import struct
import tracemalloc

import numpy as np
import pytest

from Generator import unpickling
from Generator.cifar import read_python_batch
from tests import refusals
from tests.written_files import cifar_arrays, python_2_batch, python_3_batch, rows

ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R"
BYTES = b"cnumpy\ndtype\nU\x02u1K\0K\x01\x87R"


def refusal(content, mebibytes=8):
    call = functools.partial(read_python_batch, content, "data_batch_1")
    return refusals.refusal(call, "CIFAR-10 file 'data_batch_1': expected", mebibytes)


def doubled(times, start=b"K\x01\x85"):
    """A tuple of two that are the same tuple, so many times: 2 ** times numbers for who goes through it."""
    steps = b"".join(b"q" + bytes([number]) + b"h" + bytes([number]) + b"\x86" for number in range(times))
    return start + steps


@pytest.mark.parametrize("place", [2**27, 2**31, 2**32 - 1])
@pytest.mark.parametrize("value", [b"]", b"}", b"K\x01"])
def test_memory_is_not_set_aside_for_a_number_to_remember_by(place, value):
    assert "expected" in refusal(b"\x80\x02" + value + b"r" + struct.pack("<I", place) + b".")


@pytest.mark.parametrize("times", [5, 27, 200])
def test_a_shape_that_is_nested_is_not_written_out(times):
    shape = doubled(times)
    array = ARRAY + b"(K\x01" + shape + BYTES + b"\x89U\x01atb"
    assert "shape 'something else'" in refusal(b"\x80\x02}(U\x04data" + array + b"U\x06labels]K\x01au.")
    for content in (
        b"}(U\x04data" + shape + b"U\x06labels]K\x01au.",
        b"}(U\x04data" + array + b"U\x06labels" + shape + b"u.",
    ):
        assert "expected" in refusal(b"\x80\x02" + content)


@pytest.mark.parametrize(
    "steps",
    [
        b"}(U\x04dataK\x01U\x04dataK\x02u.",
        b"}U\x04dataK\x01sU\x04dataK\x02s.",
        b"}(U\x04dataK\x01X\x04\0\0\0dataK\x02u.",
        b"}q\x00h\x00U\x01ah\x00sh\x00U\x01ah\x00s.",
    ],
)
def test_a_name_may_stand_once(steps):
    assert "a second time" in refusal(b"\x80\x02" + steps)


@pytest.mark.parametrize("key", [b"K\x01", b"N", b"]", b"}", b")", doubled(100), b"T\xe8\x03\0\0" + bytes(1000), ARRAY])
def test_names_are_short_texts(key):
    assert "expected a short text" in refusal(b"\x80\x02}" + key + b"K\x01s.")


@pytest.mark.parametrize(
    "name", ["numpy.core.multiarray\n_reconstruct", "numpy\nndarray", "numpy\ndtype", "_codecs\nencode"]
)
@pytest.mark.parametrize(
    "state", [b"}U\x08__code__Ns", b"}U\x04textU\x04evils", b"N}U\x04textU\x04evils\x86", b"K\x01"]
)
def test_a_state_is_set_of_nothing_but_an_array(name, state):
    before = {key: vars(value).copy() for key, value in vars(unpickling).items() if hasattr(value, "__dict__")}
    assert "opcode BUILD" in refusal(b"\x80\x02c" + name.encode() + b"\n" + state + b"b.")
    after = {key: vars(value).copy() for key, value in vars(unpickling).items() if hasattr(value, "__dict__")}
    assert all(after[key] == before[key] for key in before)


@pytest.mark.parametrize("target", [b"]", b"}", b"K\x01", b")", BYTES + b"K\x03U\x01>K\x01\x87"])
def test_a_state_of_something_else_is_refused(target):
    assert "opcode BUILD" in refusal(b"\x80\x02" + target + b"(K\x01)" + BYTES + b"\x89U\x01atb.")


@pytest.mark.parametrize(
    "announced",
    [
        b"U\xff",
        b"T\xff\xff\xff\x7f",
        b"T\xff\xff\xff\xff",
        b"X\xff\xff\xff\xff",
        b"B\xff\xff\xff\xff",
        b"C\xff",
        b"\x8c\xff",
        b"\x8d" + b"\xff" * 8,
        b"\x8e" + b"\0" * 7 + b"\x7f",
        b"\x96" + b"\0\0\0\0\1\0\0\0",
        b"\x95" + b"\xff" * 8,
        b"\x8a\xff",
        b"\x8a\x05",
    ],
)
def test_bytes_that_are_announced_have_to_be_there(announced):
    assert "are left" in refusal(b"\x80\x04" + announced + b"123.") or announced == b"\x8a\xff"


@pytest.mark.parametrize(
    "steps",
    [b"(" * 10**6, b")" + b"\x85" * 10**6, b"]" * 10**6, b"}" * 10**6, b"(" * 10**5 + b"t" * 10**6, b"]\x94" * 10**6],
)
def test_deep_and_long_programs_end_in_time(steps):
    assert "more than 131,072 steps" in refusal(b"\x80\x04" + steps + b".", 32)


def test_lists_that_contain_themselves_are_no_batch():
    inside = b"]q\x00h\x00a"
    for content in (b"}(U\x04data" + ARRAY + b"U\x06labels" + inside + b"u.", inside + b"."):
        assert "expected" in refusal(b"\x80\x02" + content)


def test_lists_of_lists_many_times_over_take_no_memory():
    steps = b"]q\x00" + b"".join(b"](h" + bytes([n]) + b"h" + bytes([n]) + b"eq" + bytes([n + 1]) for n in range(200))
    assert "expected a dictionary" in refusal(b"\x80\x02(" + steps + b"t.")
    labels = b"(" + steps + b"tU\x06labels](h\xc8h\xc7e"
    assert "expected labels from 0 to 9" in refusal(b"\x80\x02}(U\x04data" + ARRAY + b"U\x04more" + labels + b"u.")


def test_a_long_text_is_encoded_once_however_often_that_is_asked_for():
    text = b"c_codecs\nencode\nq\x00X" + struct.pack("<I", 10**6) + b"a" * 10**6 + b"q\x01X\6\0\0\0latin1q\x02\x86R"
    steps = b"\x80\x02" + text + b"h\x00h\x01h\x02\x86R" * 10_000 + b"."
    assert "result" in refusal(steps, 16)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[None] * 3072] * 2), "type 'O8'"),
        (np.zeros((2, 3072), ">u2"), "type 'u2'"),
        (np.zeros((2, 3072), "i1"), "type 'i1'"),
        (np.asfortranarray(np.ones((2, 3072), np.uint8)), "column by column"),
        (np.zeros((3072, 2), np.uint8), r"shape (3072, 2)"),
        (np.zeros((2, 3, 1024), np.uint8), r"shape (2, 3, 1024)"),
        (np.zeros((2, 3072), [("a", "u1")]), "opcode"),
    ],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_arrays_of_other_kinds_are_named(array, message, protocol):
    assert message in refusal(pickle.dumps({"data": array, "labels": [1, 2]}, protocol))


@pytest.mark.parametrize(
    "shape",
    [
        b"J\xff\xff\xff\xffM\0\x0c\x86",
        b"K\x01\x8a\x08" + b"\xff" * 7 + b"\x7f\x86",
        b"\x8a\x05\0\0\0\0\x01M\0\x0c\x86",
        b"K\x01\x85",
        b")",
        b"N",
        b"]",
        b"K\x01NK\x01\x87",
        b"(" + b"K\x01" * 70 + b"t",
        b"K\x00M\0\x0c\x86",
        b"\x88M\0\x0c\x86",
    ],
)
@pytest.mark.parametrize("pixels", [0, 1, 3072])
def test_a_shape_has_to_be_that_of_the_bytes_that_are_there(shape, pixels):
    content = b"T" + struct.pack("<i", pixels) + bytes(pixels)
    array = ARRAY + b"(K\x01" + shape + BYTES + b"\x89" + content + b"tb"
    program = b"\x80\x02}(U\x04data" + array + b"U\x06labels]K\x01au."
    if shape.startswith(b"\x88") and pixels == 3072:
        assert read_python_batch(program, "data_batch_1")[0].shape == (1, 32, 32, 3)  # True is 1, in Python
    else:
        assert "expected bytes of shape (1, 3072)" in refusal(program) or "bytes of pixels" in refusal(program)


KNOWN = {code for code in range(256) if code in unpickling._STEPS} | {ord(".")}


@pytest.mark.parametrize(
    "opcode", [opcode for opcode in pickletools.opcodes if ord(opcode.code) not in KNOWN], ids=lambda o: o.name
)
def test_an_opcode_that_no_batch_needs_is_refused_by_name_and_place(opcode):
    assert f"opcode {opcode.name} at byte 3, which no batch needs" in refusal(
        b"\x80\x02}" + opcode.code.encode("latin1") + b"1\n1\n."
    )


def test_bytes_that_are_no_opcode_are_refused():
    for code in set(range(256)) - {ord(opcode.code) for opcode in pickletools.opcodes}:
        assert f"opcode {code:#x} at byte 2" in refusal(b"\x80\x02" + bytes([code]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "doesn't begin with PROTO"),
        (b"}.", "doesn't begin with PROTO"),
        (b"\x80\x02}", "it ends too early"),
        (b"\x80\x01}.", "says version 1"),
        (b"\x80\x06}.", "says version 6"),
        (b"\x80\x02}\x80\x02.", "says version 2"),
        (b"\x80\x02.", "more or less than one result"),
        (b"\x80\x02}}.", "more or less than one result"),
        (b"\x80\x02}(}.", "more or less than one result"),
        (b"\x80\x02}.}", "1 bytes follow"),
        (b"\x80\x02a.", "opcode APPEND at byte 2"),
        (b"\x80\x02u.", "opcode SETITEMS at byte 2"),
        (b"\x80\x02t.", "opcode TUPLE at byte 2"),
        (b"\x80\x02K\x01\x86.", "opcode TUPLE2"),
        (b"\x80\x02h\x07.", "never stored, at 7"),
        (b"\x80\x02}(K\x01e.", "no list"),
        (b"\x80\x02](K\x01u.", "no dictionary"),
        (b"\x80\x02}(U\x01au.", "names without values"),
        (b"\x80\x02K\x01K\x02s.", "opcode SETITEM"),
        (b"\x80\x02X\x01\0\0\0\xff.", "no text"),
        (b"\x80\x04K\x01K\x02\x93.", "names what is no text"),
        (b"\x80\x02cnumpy", "no name behind it"),
        (b"\x80\x02K\x01)R.", "opcode REDUCE"),
        (b"\x80\x02cnumpy\nndarray\n)R.", "opcode REDUCE"),
        (b"\x80\x02" + BYTES + b"]R.", "opcode REDUCE"),
        (b"\x80\x02cos\nsystem\n.", "a call of os.system"),
        (b"\x80\x02c" + b"a" * 255 + b"\n" + b"b" * 200 + b"\n.", "a call of aaa"),
        (b"\x80\x02" + b"N" * 2**18, "more than 131,072 steps"),
        (b"\x80\x02c_codecs\nencode\nX\x02\0\0\0\xc4\x80X\6\0\0\0latin1\x86R.", "other letters"),
        (b"\x80\x02c_codecs\nencode\nX\x02\2\0\0" + b"\xc4\x80" * 257 + b"X\6\0\0\0latin1\x86R.", "other letters"),
        (b"\x80\x02c_codecs\nencode\nX\x01\2\0\0" + b"\x80" * 513 + b"X\6\0\0\0latin1\x86R.", "no text"),
    ],
)
def test_what_is_wrong_with_a_program_is_said(content, message):
    assert message in refusal(content, 32)


@pytest.mark.parametrize("remembering", [False, True])
def test_a_batch_as_python_2_wrote_it(remembering):
    images, labels = cifar_arrays(300, 0)
    content = python_2_batch(images, labels, remembering)
    table = pickle.loads(content, encoding="bytes")
    np.testing.assert_array_equal(table[b"data"], rows(images))
    found = read_python_batch(content, "data_batch_1")
    np.testing.assert_array_equal(found[0], images)
    np.testing.assert_array_equal(found[1], labels)


@pytest.mark.parametrize("module", [b"numpy.core", b"numpy._core"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_batch_that_python_3_pickled_again(module, protocol):
    images, labels = cifar_arrays(3, 0)
    content = python_3_batch(images, labels, protocol)
    if protocol < 4:  # in later ones, the lengths of names stand in front of them
        content = content.replace(b"numpy._core", module).replace(b"numpy.core", module)
    found = read_python_batch(content, "data_batch_1")
    np.testing.assert_array_equal(found[0], images)
    np.testing.assert_array_equal(found[1], labels)


def test_a_whole_batch_takes_no_more_than_its_pictures():
    content = python_2_batch(np.zeros((10_000, 32, 32, 3), np.uint8), np.zeros(10_000, int), remembering=True)
    tracemalloc.start()
    images, _ = read_python_batch(content, "data_batch_1")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < images.nbytes + 16 * 2**20
