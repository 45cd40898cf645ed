"""The laws of ImageGenerator: epochs, wrap-around, randomness, workers, state. Bad input has a file of its
own."""

# ruff: noqa: NPY002 - NumPy's global state is what the course seeds, so it is what is tested here.

import copy
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from Generator.generator import ImageGenerator
from Generator.workers import WorkAhead

ROOT = Path(__file__).parent.parent
SAMPLE = (ROOT / "Generator" / "Sample_data", ROOT / "Generator" / "Labels.json")


def numbered(count, batch_size, **options):
    """A set in which image i has the label i, and the brightness i / 65535: each can be told from all
    others."""
    images = np.broadcast_to(np.arange(count, dtype=np.uint16).reshape(-1, 1, 1, 1), (count, 2, 2, 1))
    return ImageGenerator.from_arrays(images, np.arange(count), batch_size, **options)


def pairs_of_sizes():
    exhaustive = [(count, batch) for count in range(1, 13) for batch in range(1, 15)]
    rng = np.random.default_rng(5)
    return exhaustive + [(int(rng.integers(1, 400)), int(rng.integers(1, 500))) for _ in range(150)]


@pytest.mark.parametrize("shuffle", [False, True])
def test_every_epoch_is_a_permutation_and_wraps_around_to_its_own_beginning(shuffle):
    for count, batch_size in pairs_of_sizes():
        generator = numbered(count, batch_size, shuffle=shuffle, rng=count)
        per_epoch = -(-count // batch_size)
        assert generator.batches_per_epoch == per_epoch
        assert generator.current_epoch() == 0
        for epoch in range(3):
            delivered = []
            for _ in range(per_epoch):
                images, labels = generator.next()
                assert images.shape == (batch_size, 2, 2, 1) and labels.shape == (batch_size,)
                assert generator.current_epoch() == epoch, (count, batch_size)
                np.testing.assert_allclose(images[:, 0, 0, 0] * 65535, labels)
                delivered.extend(labels.tolist())
            once, surplus = delivered[:count], delivered[count:]
            assert sorted(once) == list(range(count)), (count, batch_size)
            assert surplus == [once[place % count] for place in range(len(surplus))], (count, batch_size)
            if not shuffle:
                assert once == list(range(count))


def test_epochs_have_orders_of_their_own():
    generator = numbered(50, 50, shuffle=True, rng=1)
    orders = {tuple(generator.next()[1].tolist()) for _ in range(20)}
    assert len(orders) == 20


def test_every_order_is_equally_likely():
    generator = numbered(3, 3, shuffle=True, rng=0)
    orders = [tuple(generator.next()[1].tolist()) for _ in range(6000)]
    counts = np.array([orders.count(order) for order in sorted(set(orders))])
    assert len(counts) == 6
    # Chi-squared with 5 degrees of freedom: beyond 20.5 in one of a thousand seeds.
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5


def test_course_numbers_three_batches_of_fifty():
    generator = ImageGenerator(*SAMPLE, 50, [32, 32, 3])
    epochs = [generator.current_epoch()]
    for _ in range(3):
        generator.next()
        epochs.append(generator.current_epoch())
    assert epochs == [0, 0, 0, 1]


def test_course_example_of_the_completed_batch():
    generator = ImageGenerator(*SAMPLE, 83, [32, 32, 3])
    first, second = generator.next()[0], generator.next()[0]
    np.testing.assert_array_equal(first[:66], second[17:])


def test_unshuffled_generators_agree():
    first, second = (ImageGenerator(*SAMPLE, 12, [32, 32, 3]) for _ in range(2))
    for _ in range(10):
        for one, other in zip(first.next(), second.next(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_pixels_and_labels_are_those_of_the_files():
    import json

    table = json.loads(SAMPLE[1].read_text())
    images, labels = ImageGenerator(*SAMPLE, 100, [32, 32, 3]).next()
    assert labels.dtype.kind == "i" and images.dtype == np.float64
    for image, label, (stem, expected) in zip(images, labels, table.items(), strict=True):
        np.testing.assert_array_equal(image, np.load(SAMPLE[0] / f"{stem}.npy") / 255)
        assert label == expected


@pytest.mark.parametrize("size", [[16, 16, 3], [50, 40, 3], [28, 28, 1], [32, 32, 4]])
def test_images_come_in_the_size_that_was_asked_for(size):
    images, _ = ImageGenerator(*SAMPLE, 9, size).next()
    assert images.shape == (9, *size)
    assert 0 <= images.min() < 0.3 and 0.7 < images.max() <= 1


def test_numpy_integers_are_sizes():
    generator = ImageGenerator(*SAMPLE, np.int64(7), np.array([16, 20, 3]))
    assert generator.next()[0].shape == (7, 16, 20, 3)


def test_nothing_delivered_aliases_storage_or_another_batch():
    stored = np.random.default_rng(0).random((10, 4, 4, 3))
    untouched = stored.copy()
    labels = np.arange(10)
    for options in (
        {},
        {"mirroring": True},
        {"rotation": True, "shuffle": True},
        {"angle": 5},
        {"workers": 2},
    ):
        with ImageGenerator.from_arrays(stored, labels, 25, rng=0, **options) as generator:
            first, first_labels = generator.next()
            kept = first.copy()
            second, _ = generator.next()
            assert not np.shares_memory(first, stored) and not np.shares_memory(first, second)
            second[:] = 7
            np.testing.assert_array_equal(first, kept)
            # Also the copies that complete a batch are images of their own.
            first[0] = 9
            assert (first[10] != 9).all()
            first_labels[:] = -1
            assert (generator.next()[1] >= 0).all()
        np.testing.assert_array_equal(stored, untouched)
        np.testing.assert_array_equal(labels, np.arange(10))


def test_what_files_hold_is_not_changed_by_changing_a_batch():
    generator = ImageGenerator(*SAMPLE, 100, [32, 32, 3])
    first = generator.next()[0]
    kept = first.copy()
    first[:] = 5
    np.testing.assert_array_equal(generator.next()[0], kept)


EVERYTHING = {
    "rotation": True, "mirroring": True, "shuffle": True, "angle": 20, "shift": 0.1, "zoom": 0.1, "crop": 0.2,
    "brightness": 0.1, "contrast": 0.1, "noise": 0.05,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", [{"shuffle": True}, {"rotation": True, "mirroring": True}, EVERYTHING])
def test_any_number_of_workers_gives_the_same_batches(options, dtype):
    def batches(workers):
        with ImageGenerator(*SAMPLE, 17, [20, 20, 3], rng=3, workers=workers, dtype=dtype, **options) as generator:
            return [(*generator.next(), generator.current_epoch()) for _ in range(15)]

    expected = batches(0)
    assert expected[0][0].dtype == np.dtype(dtype)
    for workers in (1, 2, 4):
        for (images, labels, epoch), (images_0, labels_0, epoch_0) in zip(batches(workers), expected, strict=True):
            np.testing.assert_array_equal(images, images_0)
            np.testing.assert_array_equal(labels, labels_0)
            assert epoch == epoch_0


def test_workers_do_not_move_the_global_state_of_numpy():
    def run(workers):
        np.random.seed(4)
        with numbered(20, 3, shuffle=True, workers=workers) as generator:
            # The program draws between batches, as dropout does.
            return [(generator.next()[1].tolist(), np.random.rand()) for _ in range(12)]

    assert run(0) == run(1) == run(4)


@pytest.mark.parametrize("seed_before_construction", [True, False])
def test_the_global_seed_repeats_everything(seed_before_construction):
    def run():
        if seed_before_construction:
            np.random.seed(11)
        generator = ImageGenerator(*SAMPLE, 10, [32, 32, 3], True, True, True)
        if not seed_before_construction:
            np.random.seed(11)
        return generator.next(), generator.augment(np.arange(12).reshape(2, 2, 3))

    (batch, single), (batch_again, single_again) = run(), run()
    np.testing.assert_array_equal(batch[0], batch_again[0])
    np.testing.assert_array_equal(batch[1], batch_again[1])
    np.testing.assert_array_equal(single, single_again)


def test_without_chance_the_global_state_is_left_alone():
    np.random.seed(2)
    expected = np.random.rand()
    np.random.seed(2)
    generator = ImageGenerator(*SAMPLE, 10, [32, 32, 3])
    generator.next()
    generator.augment(np.zeros((3, 3)))
    assert generator.state["seed"] is None
    assert np.random.rand() == expected


def test_a_generator_passed_as_rng_is_used_and_a_seed_repeats():
    rng = np.random.default_rng(8)
    first = numbered(30, 30, shuffle=True, rng=rng).next()[1]
    second = numbered(30, 30, shuffle=True, rng=rng).next()[1]
    again = numbered(30, 30, shuffle=True, rng=8).next()[1]
    assert (first != second).any()
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("rng", [None, 5])
@pytest.mark.parametrize("workers", [0, 2])
def test_state_brings_back_the_place_and_everything_random(rng, workers):
    import json

    np.random.seed(1)
    with ImageGenerator(*SAMPLE, 13, [32, 32, 3], rng=rng, workers=workers, **EVERYTHING) as generator:
        for _ in range(11):
            generator.next()
        state = json.loads(json.dumps(generator.state))
        expected = [generator.next() for _ in range(9)]
        single = generator.augment(np.full((6, 6), 0.5)) if rng is not None else None
    with ImageGenerator(*SAMPLE, 13, [32, 32, 3], rng=rng, workers=workers, **EVERYTHING) as other:
        other.next()
        other.state = state
        assert other.current_epoch() == 1
        for images, labels in expected:
            images_again, labels_again = other.next()
            np.testing.assert_array_equal(images, images_again)
            np.testing.assert_array_equal(labels, labels_again)
        if single is not None:
            np.testing.assert_array_equal(other.augment(np.full((6, 6), 0.5)), single)


def test_a_wrong_state_is_refused_and_changes_nothing():
    generator = numbered(9, 2, shuffle=True, rng=0)
    generator.next()
    before = generator.state
    good = generator.state
    for wrong, error in [
        (3, TypeError),
        ({"delivered": 1}, TypeError),
        ({**good, "delivered": -1}, ValueError),
        ({**good, "delivered": 1.5}, TypeError),
        ({**good, "seed": ["a"]}, TypeError),
        ({**good, "seed": 7}, TypeError),
        ({**good, "rng": None}, ValueError),
        ({**good, "rng": {"bit_generator": "Dice"}}, ValueError),
    ]:
        with pytest.raises(error, match=r"ImageGenerator\.state: expected"):
            generator.state = wrong
        assert generator.state == before


def test_copies_and_pickles_go_on_by_themselves():
    with ImageGenerator(*SAMPLE, 13, [32, 32, 3], shuffle=True, mirroring=True, rng=2, workers=2) as generator:
        generator.next()
        clones = [copy.deepcopy(generator), pickle.loads(pickle.dumps(generator))]
        expected = generator.next()
        for clone in clones:
            with clone:
                images, labels = clone.next()
            np.testing.assert_array_equal(images, expected[0])
            np.testing.assert_array_equal(labels, expected[1])


def test_reading_leaves_the_epochs_alone():
    generator = ImageGenerator(*SAMPLE, 10, [32, 32, 3], True, True, True, rng=0)
    images, labels = generator.read()
    assert images.shape == (100, 32, 32, 3) and generator.current_epoch() == 0
    np.testing.assert_array_equal(generator.read([7])[0][0], np.load(SAMPLE[0] / "7.npy") / 255)
    assert generator.read(np.array([5, 5]))[1].tolist() == [labels[5]] * 2
    assert generator.state["delivered"] == 0
    with pytest.raises(TypeError, match=r"read: expected a list of whole numbers"):
        generator.read([0.5])


def test_split_keeps_classes_apart_and_balanced():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 7, 300)
    images = np.broadcast_to(np.arange(300, dtype=np.uint16).reshape(-1, 1, 1, 1), (300, 1, 1, 1))
    whole = ImageGenerator.from_arrays(images, labels, 8, rotation=True, shuffle=True, noise=0.1, rng=1)
    for share in (0.1, 0.25, 0.5, 0.9):
        training, test = whole.split(share, rng=4)
        seen = [np.rint(part.read()[0].ravel() * 65535).astype(int) for part in (training, test)]
        assert sorted([*seen[0], *seen[1]]) == list(range(300))
        np.testing.assert_array_equal(np.bincount(test.labels, minlength=7), np.rint(np.bincount(labels) * share))
        np.testing.assert_array_equal(labels[seen[1]], test.labels)
        assert training.shuffle and training.rotation and not test.shuffle and not test.augmentation.is_random
        again = whole.split(share, rng=4)[1]
        np.testing.assert_array_equal(again.read()[0], test.read()[0])
    assert (whole.split(0.5, rng=5)[1].read()[0] != whole.split(0.5, rng=6)[1].read()[0]).any()
    for share in (0.0, 0.001, 1.0):
        with pytest.raises(ValueError, match=r"split: expected"):
            whole.split(share)


def test_the_parts_of_a_split_know_every_class():
    whole = ImageGenerator.from_arrays(np.zeros((11, 2, 2)), [0] * 10 + [4], 2)
    training, test = whole.split(0.4, rng=0)
    assert test.labels.max() == 0
    assert training.number_of_classes == test.number_of_classes == whole.number_of_classes == 5


def test_a_million_labels():
    count = 1_000_000
    images = np.broadcast_to(np.uint8(0), (count, 1, 1, 1))
    start = time.perf_counter()
    generator = ImageGenerator.from_arrays(images, np.arange(count), 1000, shuffle=True, rng=0)
    seen = np.zeros(count, dtype=np.int64)
    for _ in range(generator.batches_per_epoch):
        np.add.at(seen, generator.next()[1], 1)
    assert (seen == 1).all()
    # A tenth of it on an idle machine: an order that is drawn for every batch takes a hundred times as long.
    assert time.perf_counter() - start < 10


def test_class_names():
    generator = ImageGenerator(*SAMPLE, 2, [8, 8, 3])
    names = "airplane automobile bird cat deer dog frog horse ship truck".split()
    assert [generator.class_name(label) for label in range(10)] == names
    assert generator.class_name(np.int64(9)) == "truck"
    with pytest.raises(ValueError, match=r"class_name: expected a label from 0 to 9, got 10"):
        generator.class_name(10)
    with pytest.raises(TypeError, match=r"class_name: expected the label to be a whole number"):
        generator.class_name("cat")
    many = ImageGenerator.from_arrays(np.zeros((2, 2, 2)), [0, 10**9], 1)
    assert many.class_name(10**9) == "1000000000" and many.number_of_classes == 10**9 + 1
    own = ImageGenerator.from_arrays(np.zeros((2, 2, 2)), [0, 1], 1, class_names=["ant", "bee", "fly"])
    assert own.class_name(2) == "fly" and own.number_of_classes == 3


def test_show_draws_one_batch_and_uses_it_up(tmp_path, monkeypatch):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    generator = ImageGenerator(*SAMPLE, 4, [32, 32, 3])
    generator.show(tmp_path / "batch.png")
    assert plt.imread(tmp_path / "batch.png").ndim == 3
    assert generator.next()[1].tolist() == [4, 5, 6, 7]

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append([axes.get_title() for axes in plt.gcf().axes]))
    generator.show(most=3)
    assert shown == [["ship", "truck", "airplane"]]
    grey = ImageGenerator(*SAMPLE, 4, [32, 32, 1])
    grey.show()
    assert len(shown[1]) == 4
    plt.close("all")


def test_each_picture_is_shown_beside_its_augmented_forms(monkeypatch):
    drawn = []
    monkeypatch.setattr("Generator.generator.draw_grid", lambda *given, **options: drawn.append((given, options)))
    generator = ImageGenerator(*SAMPLE, 4, [32, 32, 3], rotation=True, mirroring=True, shuffle=True, rng=0)
    following = ImageGenerator(*SAMPLE, 4, [32, 32, 3], rotation=True, mirroring=True, shuffle=True, rng=0).next()
    generator.show("forms.png", augmented=5)
    (images, titles, filename), options = drawn[0]
    assert (len(images), filename, options) == (24, "forms.png", {"columns": 6})
    stored, labels = generator.read()
    for place, label in enumerate(following[1]):
        row = images[6 * place : 6 * place + 6]
        assert (stored[labels == label] == row[0]).all(axis=(1, 2, 3)).any()  # the first one is as it is stored
        ways = [np.rot90(turned, k) for turned in (row[0], row[0][:, ::-1]) for k in range(4)]
        assert all(any(np.array_equal(form, way) for way in ways) for form in row[1:])
        assert titles[6 * place : 6 * place + 6] == [generator.class_name(label), "", "", "", "", ""]
    np.testing.assert_array_equal(generator.next()[0], following[0])  # nothing was used up


def test_forms_are_as_many_as_there_is_room_for(tmp_path):
    generator = ImageGenerator(*SAMPLE, 50, [8, 8, 3], mirroring=True)
    generator.show(tmp_path / "forms.png", most=12, augmented=3)
    assert (tmp_path / "forms.png").exists()
    with pytest.raises(ValueError, match=r"show: expected augmentation to show forms of, got none"):
        ImageGenerator(*SAMPLE, 4, [8, 8, 3], shuffle=True).show(tmp_path / "none.png", augmented=2)
    with pytest.raises(TypeError, match=r"show: expected augmented to be a whole number"):
        generator.show(tmp_path / "none.png", augmented="two")


def test_it_is_importable_as_the_course_imports_it(tmp_path):
    script = """
        import sys
        sys.path.insert(0, "Generator")
        from generator import ImageGenerator
        import pattern
        images, labels = ImageGenerator("Generator/Sample_data/", "Generator/Labels.json", 12, [32, 32, 3],
                                        rotation=True, mirroring=True, shuffle=True).next()
        print(images.shape, labels.shape, pattern.Checker(4, 1).draw().shape, ImageGenerator.__module__)
    """
    lines = _run(script).stdout.split("\n")
    assert lines[0] == "(12, 32, 32, 3) (12,) (4, 4) generator"


def test_it_is_importable_where_nothing_but_its_folder_is_on_the_path(tmp_path):
    script = f"""
        import sys
        sys.path.insert(0, {str(ROOT / "Generator")!r})
        before = list(sys.path)
        from generator import ImageGenerator
        import pattern
        from generator.data_layer import ImageData
        data = ImageData(ImageGenerator.from_arrays([[[0.0]], [[1.0]]], [0, 1], 2))
        print(data.next()[1].tolist(), sys.path == before)
    """
    assert _run(script, tmp_path).stdout == "[[1.0, 0.0], [0.0, 1.0]] True\n"


def test_importing_is_light_and_leaves_no_trace():
    script = """
        import sys, warnings, numpy as np
        def settings():
            return np.random.get_state()[1].tolist(), list(sys.path), list(warnings.filters), np.geterr()
        before = settings()
        import Generator.generator, Generator.pattern
        from Generator import *
        heavy = {"scipy", "matplotlib", "PIL", "tqdm", "sklearn", "torch"}
        others = {"Layers", "Optimization", "NeuralNetwork"}
        print(before == settings(), sorted((heavy | others) & set(sys.modules)))
    """
    assert _run(script).stdout == "True []\n"


SLOW_FILES = """
    import time, threading, numpy as np
    import Generator.generator as module
    class Slow:
        labels = np.arange(10)
        def read(self, indices):
            time.sleep(DELAY)
            return np.zeros((len(indices), 2, 2, 1))
    generator = module.ImageGenerator.from_arrays(np.zeros((10, 2, 2)), np.arange(10), 2, workers=2)
    generator._source = Slow()
    def working():
        return [thread for thread in threading.enumerate() if thread.name.startswith("image-worker")]
"""


def test_ctrl_c_while_waiting_ends_the_workers_and_leaves_the_generator_usable():
    script = """
        DELAY = 0.5
        print("ready", flush=True)
        try:
            for _ in range(100):
                generator.next()
        except KeyboardInterrupt:
            deadline = time.monotonic() + 5
            while working() and time.monotonic() < deadline:
                time.sleep(0.01)
            delivered = generator.state["delivered"]
            generator.next()
            print(len(working()) - generator.workers, generator.state["delivered"] - delivered)
    """
    assert _interrupted(textwrap.dedent(SLOW_FILES) + textwrap.dedent(script)) == (0, "0 1\n")


def test_ctrl_c_anywhere_ends_the_program_although_workers_are_busy():
    script = """
        DELAY = 0.05
        generator.next()
        DELAY = 60
        generator.next()
        print("ready", flush=True)
        time.sleep(60)
    """
    code, output = _interrupted(textwrap.dedent(SLOW_FILES) + textwrap.dedent(script))
    assert code != 0 and output == ""


def test_a_worker_that_raises_delivers_its_error_and_the_batch_can_be_tried_again(tmp_path):
    for number in range(6):
        np.save(tmp_path / f"{number}.npy", np.full((2, 2), number, dtype=np.uint8))
    (tmp_path / "labels.json").write_text("{" + ", ".join(f'"{number}": {number}' for number in range(6)) + "}")
    whole = (tmp_path / "3.npy").read_bytes()
    (tmp_path / "3.npy").write_bytes(whole[:-1])
    for workers in (0, 1, 2, 4):
        with ImageGenerator(tmp_path, tmp_path / "labels.json", 2, [2, 2, 1], workers=workers) as generator:
            assert generator.next()[1].tolist() == [0, 1]
            for _ in range(2):
                with pytest.raises(ValueError, match=r"3\.npy.*expected an intact"):
                    generator.next()
            assert generator.state["delivered"] == 1
            (tmp_path / "3.npy").write_bytes(whole)
            assert generator.next()[1].tolist() == [2, 3]
            (tmp_path / "3.npy").write_bytes(whole[:-1])


def test_a_batch_that_was_prepared_but_not_counted_is_prepared_again():
    # What Ctrl-C leaves behind when it falls between the two.
    ahead = WorkAhead(workers=2)
    asked = [0, 1, 1, 2, 7, 3, 4]
    assert [ahead.take(number, plan=lambda number: (number, 10), work=max) for number in asked] == [10] * 7
    assert [ahead.take(number, plan=lambda number: (number,), work=abs) for number in asked] == asked
    ahead.stop(wait=True)
    assert not _wait_for_no_workers()


def test_labels_cannot_be_changed_behind_the_generators_back():
    given = np.arange(4)
    generator = ImageGenerator.from_arrays(np.zeros((4, 2, 2)), given, 4)
    given[:] = 9
    assert generator.next()[1].tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="read-only"):
        generator.labels[0] = 5


def _workers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("image-worker")]


def _wait_for_no_workers():
    deadline = time.monotonic() + 5
    while _workers() and time.monotonic() < deadline:
        time.sleep(0.005)
    return _workers()


def test_workers_are_daemons_and_end_with_the_block_or_when_forgotten():
    with numbered(10, 2, workers=3) as generator:
        generator.next()
        assert len(_workers()) == 3 and all(thread.daemon for thread in _workers())
    assert not _workers()
    generator.next()
    assert len(_workers()) == 3
    generator.close()
    assert not _workers()
    generator.next()
    del generator
    assert not _wait_for_no_workers()


def test_an_error_in_the_block_does_not_wait_and_still_ends_the_workers():
    with pytest.raises(ZeroDivisionError), numbered(10, 2, workers=2) as generator:
        generator.next()
        raise ZeroDivisionError
    assert not _wait_for_no_workers()


def test_augment_changes_one_image_and_not_its_argument():
    generator = numbered(4, 2, rotation=True, mirroring=True, rng=0)
    image = np.arange(48).reshape(4, 4, 3)
    untouched = image.copy()
    seen = {generator.augment(image).tobytes() for _ in range(200)}
    np.testing.assert_array_equal(image, untouched)
    assert len(seen) == 8
    still = numbered(4, 2)
    same = still.augment(image)
    np.testing.assert_array_equal(same, image)
    assert not np.shares_memory(same, image)
    for kind, largest in (("uint8", 255), ("uint16", 65535), ("float32", 1), ("bool", 1)):
        noisy = numbered(4, 2, noise=0.2, angle=30, rng=0).augment(np.full((5, 7), largest, dtype=kind))
        assert noisy.dtype == kind and noisy.shape == (5, 7) and noisy.max() <= largest
    for wrong in (np.zeros(3), np.zeros((2, 2, 2, 2)), np.zeros((0, 4))):
        with pytest.raises(ValueError, match=r"augment: expected one image"):
            still.augment(wrong)
    with pytest.raises(ValueError, match=r"augment: expected floats in \[0, 1\]"):
        numbered(4, 2, noise=0.1).augment(np.full((2, 2), 200.0))


def test_repr_says_what_it_is():
    generator = ImageGenerator(*SAMPLE, 12, [32, 32, 3])
    assert repr(generator) == "ImageGenerator(100 images of 10 classes, batch_size=12, image_size=[32, 32, 3])"


def _run(script, folder=ROOT):
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)


def _interrupted(script):
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    return process.returncode, output
