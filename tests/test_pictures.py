"""What the pictures show, read from Matplotlib's own objects: lines, texts, images. And that they leave no trace."""

import copy
import io
import pickle
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from Foundation.Preparation import Classification, Preparation
from Generator.preparation import ArrayPreparation, PicturePreparation
from Layers import (
    BatchNormalization,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    Initializers,
    Pooling,
    ReLU,
    Sigmoid,
    SoftMax,
    TanH,
)
from Network import inspection
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
from Training import pictures
from Training.history import History

HISTORY = {
    "loss": [2.0, 1.0, 0.5],
    "validation_loss": [2.5, 1.5, 1.75],
    "accuracy": [0.25, 0.5, 0.75],
    "validation_accuracy": [0.25, 0.5, 0.5],
    "learning_rate": [0.1, 0.1, 0.01],
}
IMAGE = np.random.default_rng(1).random((2, 8, 8))
NAMES = ["$5_bill_$10", "b\udcff", "tab\tand\nline", "a name of many more letters than there is room for in a picture"]


def network(*, testing=False, channels=2):
    """A small network for images, some steps into its training, with everything that has a state."""
    np.random.seed(0)  # noqa: NPY002 - Dropout draws from it
    net = NeuralNetwork(Adam(0.01), Initializers.He(rng=0), Initializers.Constant(0.1))
    for layer in (
        Conv.Conv(1, (channels, 3, 3), 4),
        BatchNormalization.BatchNormalization(4),
        ReLU.ReLU(),
        Pooling.Pooling(2, 2),
        Flatten.Flatten(),
        Dropout.Dropout(0.5),
        FullyConnected.FullyConnected(64, 8),
        TanH.TanH(),
        FullyConnected.FullyConnected(8, 3),
        SoftMax.SoftMax(),
    ):
        net.append_layer(layer)
    net.loss_layer, net.data_layer = CrossEntropyLoss(), Batches(channels)
    net.train(2)
    net.phase = testing
    return net


class Batches:
    def __init__(self, channels):
        self.rng, self.channels = np.random.default_rng(0), channels

    def next(self):
        return self.rng.random((6, self.channels, 8, 8)), np.eye(3)[self.rng.integers(0, 3, 6)]


def words(axes):
    return [text.get_text() for text in axes.texts]


def size_of(png):
    """The pixels of a PNG, in bytes or a file."""
    with Image.open(io.BytesIO(png) if isinstance(png, bytes) else png) as image:
        assert image.format == "PNG"
        return image.size


#: Every picture, drawn on given axes or its own.
ALL = {
    "batch_losses": lambda **options: pictures.batch_losses([3.0, 2.0, 1.0], **options),
    "curve": lambda **options: pictures.curve(HISTORY, **options),
    "curves": lambda **options: pictures.curves({"loss": [1.0]}, **options)[0],
    "learning_rate": lambda **options: pictures.learning_rate(0.1, 3, **options),
    "confusion_matrix": lambda **options: pictures.confusion_matrix([0, 1], [1, 1], **options),
    "predictions": lambda **options: pictures.predictions(np.ones((2, 3, 4, 4)), [0, 1], [1, 1], **options),
    "gallery": lambda **options: pictures.gallery(np.ones((2, 3, 4, 4)), **options),
    "kernels": lambda **options: pictures.kernels(network(), **options),
    "feature_maps": lambda **options: pictures.feature_maps(network(), IMAGE, **options),
    "saliency": lambda **options: pictures.saliency(network(), IMAGE, **options),
    "parameter_sizes": lambda **options: pictures.parameter_sizes(network(), **options),
    "diagram": lambda **options: pictures.diagram(network(), **options),
}
every = pytest.mark.parametrize("picture", ALL)


def test_every_picture_is_here():
    assert set(ALL) == {name for name in vars(pictures) if callable(getattr(pictures, name))}


def test_help_lists_every_picture():
    assert all(f"`{name}(" in pictures.__doc__ for name in ALL)


@every
def test_axes_that_are_given_are_drawn_on_and_returned(picture):
    axes = Figure().add_subplot()
    assert ALL[picture](axes=axes) is axes
    assert axes.lines or axes.images or axes.patches


@every
def test_a_file_is_written_where_one_is_asked_for(picture, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, format: written.append((figure, format)))
    axes = ALL[picture](filename=tmp_path / "new folder" / "picture.pdf")
    assert written == [(axes.figure, "pdf")]
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == ["picture.pdf"]


def test_the_suffix_says_in_which_format(tmp_path):
    pictures.diagram(network(), filename=tmp_path / "net.png")
    pictures.diagram(network(), filename=tmp_path / "net.svg")
    assert min(size_of(tmp_path / "net.png")) > 100
    assert "<svg" in (tmp_path / "net.svg").read_text(encoding="utf-8")


@every
def test_no_file_is_written_where_none_is_asked_for(picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ALL[picture]()
    assert not list(tmp_path.iterdir())


@every
def test_a_notebook_shows_the_axes_that_come_back(picture):
    axes = ALL[picture]()
    assert callable(axes._repr_png_) and callable(axes.figure._repr_png_)


def test_what_a_notebook_shows_is_the_whole_figure():
    axes = pictures.diagram(network())
    assert size_of(axes._repr_png_()) == size_of(axes.figure._repr_png_()) == tuple(axes.figure.bbox.size.astype(int))


@every
def test_its_figure_can_be_copied(picture):
    figure = ALL[picture]().figure
    assert len(pickle.loads(pickle.dumps(figure)).axes) == len(figure.axes)


@every
@pytest.mark.parametrize("name", ["h.png", Path("h.png")])
def test_a_file_s_name_that_is_handed_over_as_axes_is_told_where_it_belongs(picture, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match=r"^axes: expected matplotlib axes or None, got .*; write filename='h\.png'$"):
        ALL[picture](axes=name)
    assert not list(tmp_path.iterdir())


@every
def test_a_file_s_name_that_is_none_is_refused_before_anything_is_drawn(picture):
    axes = Figure().add_subplot()
    with pytest.raises(TypeError, match="expected filename to be a path, got 7"):
        ALL[picture](axes=axes, filename=7)
    assert not (axes.lines or axes.images or axes.patches or axes.get_title())


def test_the_history_s_own_picture_says_where_a_file_s_name_belongs():
    with pytest.raises(TypeError, match=r"write filename='h\.png'"):
        History(loss=[1.0]).draw("h.png")


def test_a_figure_in_place_of_axes_is_told_what_to_write():
    with pytest.raises(TypeError, match=r"got <Figure .*; write axes=figure\.add_subplot\(\)"):
        pictures.batch_losses([1.0], axes=Figure())


def test_many_axes_in_place_of_one_are_refused():
    with pytest.raises(TypeError, match="expected matplotlib axes or None, got array"):
        pictures.batch_losses([1.0], axes=Figure().subplots(1, 2))


def test_pictures_need_no_window_and_none_of_pyplot_s_state():
    code = (
        "import sys\nfrom Training import pictures\nprint('matplotlib' in sys.modules)\n"
        "pictures.batch_losses([2.0, 1.0])._repr_png_()\nprint('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# Curves


def test_the_losses_and_their_running_median():
    losses = np.random.default_rng(0).random(200) + 1
    data, trend = pictures.batch_losses(losses).lines
    np.testing.assert_array_equal(data.get_xdata(), np.arange(1, 201))
    np.testing.assert_array_equal(data.get_ydata(), losses)
    middle = list(trend.get_xdata()).index(100)
    assert trend.get_ydata()[middle] == np.median(losses[97:101])


@pytest.mark.parametrize(("losses", "scale"), [([2.0, 1.0], "log"), ([2.0, 0.0], "linear"), ([2.0, -1.0], "linear")])
def test_losses_that_have_no_logarithm_are_drawn_on_a_plain_scale(losses, scale):
    assert pictures.batch_losses(losses).get_yscale() == scale


def test_a_curve_shows_training_and_validation():
    training, validation = pictures.curve(HISTORY, "accuracy").lines
    assert list(training.get_ydata()) == HISTORY["accuracy"]
    assert list(validation.get_ydata()) == HISTORY["validation_accuracy"]
    assert list(validation.get_xdata()) == [1, 2, 3]


def test_training_and_validation_differ_without_colours_too():
    training, validation = pictures.curve(HISTORY, "loss").lines
    assert training.get_linestyle() != validation.get_linestyle()


def test_a_history_has_axes_for_each_of_its_numbers():
    panels = pictures.curves(HISTORY)
    assert [axes.get_ylabel() for axes in panels] == ["loss", "accuracy", "learning rate"]
    assert [len(axes.lines) for axes in panels] == [2, 2, 1]


def test_a_key_that_is_not_there_is_told_which_are():
    with pytest.raises(ValueError, match=r"expected key to be one of 'loss', .* got 'f1'"):
        pictures.curve(HISTORY, "f1")


def test_too_few_axes_are_refused():
    with pytest.raises(ValueError, match="expected 3 axes"):
        pictures.curves(HISTORY, axes=[Figure().add_subplot()])


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="got an empty one"):
        pictures.curves({})


def test_the_learning_rate_of_each_step():
    (line,) = pictures.learning_rate(lambda step: 0.5**step, 4).lines
    assert list(line.get_ydata()) == [1, 0.5, 0.25, 0.125]


# What a classifier gets right and wrong


def test_the_confusion_matrix_counts_what_scikit_learn_counts():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    predicted, true = rng.integers(0, 5, (2, 100))
    axes = pictures.confusion_matrix(true, predicted)
    counts = metrics.confusion_matrix(true, predicted)
    np.testing.assert_allclose(axes.images[0].get_array() ** 2, counts)
    assert words(axes) == [str(count) for count in counts.ravel() if count]


#: The same classes, cat and dog, in all forms that people have them in.
FORMS = {
    "numbers": [0, 1, 1, 1],
    "an array of numbers": np.array([0, 1, 1, 1], np.uint8),
    "truths": [False, True, True, True],
    "names": ["cat", "dog", "dog", "dog"],
    "an array of names": np.array(["cat", "dog", "dog", "dog"], dtype=object),
    "one-hot rows": np.eye(2, dtype=int)[[0, 1, 1, 1]],
    "probabilities": [[0.75, 0.25], [0.375, 0.625], [0.0, 1.0], [0.25, 0.75]],
    "probabilities of the second": [[0.25], [0.625], [1.0], [0.75]],
    "answers of classify": [
        Classification(name, 0.75, {"cat": 0.5, "dog": 0.5}) for name in ("cat", "dog", "dog", "dog")
    ],
}


def counted(axes):
    """Row, column and number of each cell that has one."""
    return {tuple(reversed(text.get_position())): int(text.get_text()) for text in axes.texts}


@pytest.mark.parametrize("form", FORMS)
def test_true_classes_may_have_any_form(form):
    axes = pictures.confusion_matrix(FORMS[form], ["dog", "dog", "dog", "cat"], ["cat", "dog"])
    assert counted(axes) == {(0, 1): 1, (1, 1): 2, (1, 0): 1}


@pytest.mark.parametrize("form", FORMS)
def test_predicted_classes_may_have_any_form(form):
    axes = pictures.predictions(np.zeros((4, 1, 4, 4)), [1, 1, 1, 0], FORMS[form], ["cat", "dog"])
    assert words(axes) == ["dog", "taken for cat", "cat", "taken for dog", "dog", "dog"]


def test_both_may_be_given_by_their_names():
    assert counted(pictures.confusion_matrix(predicted=[1, 0], true=[1, 1])) == {(1, 1): 1, (1, 0): 1}


def test_one_answer_of_classify_alone_will_do():
    answer = Classification("dog", 0.75, {"cat": 0.25, "dog": 0.75})
    assert counted(pictures.confusion_matrix([0], answer)) == {(0, 1): 1}


@pytest.mark.parametrize(
    ("true", "predicted", "names"),
    [
        (["dog", "ant"], ["dog", "cat"], ["ant", "cat", "dog"]),
        ([1, 0], [Classification(name, 0.5, {"dog": 0.5, "cat": 0.5}) for name in ("cat", "dog")], ["dog", "cat"]),
        ([1, 0], [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], ["0", "1", "2"]),
        ([0, 3], [1, 1], ["0", "1", "2", "3"]),
    ],
)
def test_without_names_classes_are_called_as_the_labels_tell(true, predicted, names):
    axes = pictures.confusion_matrix(true, predicted)
    assert [label.get_text() for label in axes.get_xticklabels()] == names


def test_names_stand_beside_rows_and_columns_as_they_are_written():
    axes = pictures.confusion_matrix([0, 3], [1, 2], NAMES)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:3] == [
        "$5_bill_$10",
        "b\\xff",
        "tab\N{REPLACEMENT CHARACTER}and\N{REPLACEMENT CHARACTER}line",
    ]
    assert labels[3].startswith("a name of many") and "…" in labels[3]
    assert [label.get_text() for label in axes.get_xticklabels()] == labels
    axes.figure.draw_without_rendering()


@pytest.mark.parametrize("classes", [2, 10, 61, 300])
@pytest.mark.parametrize("name", ["{}", "class number {}", "$_{}$"])
def test_names_do_not_run_into_each_other(classes, name):
    labels = np.arange(classes)
    axes = pictures.confusion_matrix(labels, labels, [name.format(each) for each in labels])
    axes.figure.draw_without_rendering()
    for axis in (axes.get_xticklabels(), axes.get_yticklabels()):
        boxes = [label.get_window_extent() for label in axis]
        assert not any(one.overlaps(other) for one, other in pairwise(boxes))


def test_hundreds_of_classes_fit_a_page():
    labels = np.arange(300)
    assert max(pictures.confusion_matrix(labels, labels).figure.bbox.size) < 2500


def test_a_mistake_says_what_it_is_and_then_what_it_was_taken_for():
    axes = pictures.predictions(np.zeros((2, 1, 4, 4)), [5, 3], [6, 3])
    assert words(axes) == ["5", "taken for 6", "3"]


def test_mistakes_come_first_and_differ_in_colour():
    axes = pictures.predictions(np.zeros((3, 1, 4, 4)), [0, 1, 1], [0, 1, 2])
    assert words(axes) == ["1", "taken for 2", "0", "1"]
    right, wrong = axes.texts[2].get_color(), axes.texts[1].get_color()
    assert right != wrong


def test_the_number_of_mistakes_is_that_of_all_images():
    axes = pictures.predictions(np.zeros((5, 1, 4, 4)), [0, 1, 1, 1, 0], [0] * 5, limit=2)
    assert axes.get_title() == "3 of 5 images are taken for something else"
    assert len(axes.images) == 2


def test_images_are_shown_as_they_are():
    images = np.random.default_rng(0).random((2, 3, 4, 5))
    axes = pictures.predictions(images, [0, 0], [0, 0])
    np.testing.assert_array_equal(axes.images[1].get_array(), images[1].transpose(1, 2, 0))


def test_images_that_are_normalised_are_stretched_alike():
    axes = pictures.predictions(np.array([[[[-2.0, 0.0]]], [[[1.0, 2.0]]]]), [0, 0], [0, 0])
    assert [image.get_array().tolist() for image in axes.images] == [[[0, 0.5]], [[0.75, 1]]]


def test_titles_fit_above_their_images():
    axes = pictures.predictions(np.zeros((8, 1, 4, 4)), [0, 1, 2, 3] * 2, [1, 2, 3, 0] * 2, NAMES)
    axes.figure.draw_without_rendering()
    titles = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for place, one in enumerate(titles) for other in titles[place + 2 :])
    assert all(0 <= box.x0 and box.x1 <= axes.figure.bbox.x1 for box in titles)


@pytest.mark.parametrize(
    "draw", [pictures.confusion_matrix, lambda *classes: pictures.predictions(np.zeros((2, 1, 4, 4)), *classes)]
)
@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        (([0], [0, 1]), ValueError, "class of each sample, got 1 true and 2 predicted"),
        (([], []), ValueError, "got 0 true and 0 predicted"),
        (([0, 1], [0.0, 1.0]), TypeError, "expected predicted classes to be whole numbers"),
        (([0, 2], [0, 1], ["a", "b"]), ValueError, "true classes from 0 to 1, got classes from 0 to 2"),
        (([0, -1], [0, 1]), ValueError, "got classes from -1"),
        ((["a", "c"], [0, 1], ["a", "b"]), ValueError, "true classes to be of 'a', 'b', got 'c'"),
        ((["a", "b"], [0, 1]), ValueError, r"numbers and names; pass names=\["),
        ((np.eye(2), [0, 1], ["a", "b", "c"]), ValueError, "a column for each of 'a', 'b', 'c', got 2 columns"),
        ((np.eye(2), np.eye(3)[:2]), ValueError, "expected true classes with a column for each of '0', '1', '2'"),
        (([0, 1], [[1, 1], [0, 1]]), ValueError, "one class of each sample, got rows of several predicted ones"),
        (([0, 1], [[0.5, np.nan], [0, 1]]), ValueError, "finite"),
        (([0, 1], [[-2.0], [3.0]]), ValueError, "probability of the second class, from 0 to 1, got -2 to 3"),
        (([0, 1], np.zeros((2, 2, 2))), ValueError, r"got \(2, 2, 2\)"),
        (([0, 1], [0, 1], "cm.png"), TypeError, "names to be a list with a name for each class, got 'cm.png'"),
        (([0, 1], [0, 1], {0: "a", 1: "b"}), TypeError, "names to be a list"),
        (([0, 1], [0, 1], ["a", "a"]), ValueError, "'a' twice"),
    ],
)
def test_what_are_no_classes_is_refused(draw, classes, error, message):
    with pytest.raises(error, match=message):
        draw(*classes)


# What a network has learnt


def test_kernels_stand_in_rows_with_a_column_for_each_channel():
    net = network()
    whole = pictures.kernels(net).images[0].get_array()
    assert whole.shape == (4 * 4 - 1, 2 * 4 - 1)
    np.testing.assert_array_equal(whole[4:7, 4:7], net.layers[0].weights[1, 1])
    assert whole.mask[3].all()


def test_zero_is_in_the_middle_of_the_colours():
    (drawn,) = pictures.kernels(network()).images
    assert drawn.norm.vmin == -drawn.norm.vmax


def test_kernels_of_coloured_images_are_coloured():
    net = network(channels=3)
    whole = pictures.kernels(net).images[0].get_array()
    largest = np.abs(net.layers[0].weights).max()
    np.testing.assert_allclose(whole[:3, :3], net.layers[0].weights[0].transpose(1, 2, 0) / (2 * largest) + 0.5)


def test_kernels_of_signals():
    net = NeuralNetwork()
    net.append_layer(Conv.Conv(1, (2, 5), 3))
    assert pictures.kernels(net).images[0].get_array().shape == (5, 11)


@pytest.mark.parametrize("layer", [1, -10])
def test_a_layer_has_the_number_that_the_table_shows(layer):
    net = network()
    assert "\n1  Conv" in re.sub(" *(\\d+  )", r"\1", str(net))
    assert pictures.kernels(net, layer).get_title() == "4 kernels of layer 1"


@pytest.mark.parametrize(
    ("layer", "got"),
    [(0, "0"), (11, "11"), (-11, "-11"), (3, r"layer 3 of 10, ReLU\(\)"), (-1, "layer 10 of 10, SoftMax")],
)
def test_a_layer_without_kernels_is_refused(layer, got):
    with pytest.raises(ValueError, match=rf"number of a convolution, as print\(net\) shows it: 1, got {got}"):
        pictures.kernels(network(), layer)


def test_a_layer_that_there_isn_t_has_no_feature_maps():
    with pytest.raises(ValueError, match=r"number of a layer, as print\(net\) shows it: from 1 to 10, got 0"):
        pictures.feature_maps(network(), IMAGE, 0)


def test_a_network_without_convolutions_has_no_kernels():
    net = NeuralNetwork()
    net.append_layer(TanH.TanH())
    with pytest.raises(ValueError, match="expected a network with a convolution, got none in 1 layers"):
        pictures.kernels(net)


def test_feature_maps_are_what_the_layer_gives_in_the_testing_phase():
    net = network(testing=True)
    axes = pictures.feature_maps(net, IMAGE, layer=2)
    whole = axes.images[0].get_array()
    output = net.layers[1].forward(net.layers[0].forward(IMAGE[np.newaxis]))
    np.testing.assert_array_equal(whole[9:17, :8], output[0, 2])
    assert axes.get_title() == "4 feature maps of layer 2, BatchNormalization"


def test_what_gives_no_images_has_no_feature_maps():
    with pytest.raises(ValueError, match=r"gives images, got layer 5 of 10, Flatten\(\), which gives \(1, 64\)"):
        pictures.feature_maps(network(), IMAGE, layer=5)


@pytest.mark.parametrize("draw", [pictures.feature_maps, pictures.saliency])
def test_an_error_inside_names_the_layer_among_all(draw):
    with pytest.raises(ValueError, match=r"^layer 1 of 10, Conv"):
        draw(network(), np.ones((1, 3, 8, 8)))


CLASSES = ("cat", "dog", "$_ant")
PIXELS = np.random.default_rng(2).integers(0, 256, (12, 9, 3), dtype=np.uint8)


@pytest.fixture(params=[pictures.feature_maps, pictures.saliency], ids=lambda draw: draw.__name__)
def drawn_of(request):
    """The numbers that are drawn of an image, by a network that has learnt from coloured pictures."""

    def drawn(image, **options):
        return request.param(of_pictures(), image, **options).images[-1].get_array()

    return drawn


def of_pictures():
    net = network(channels=3, testing=True)
    net.preparation = PicturePreparation([8, 8, 3], [0.5, 0.25, 0.5], [0.25, 0.5, 1.0], CLASSES)
    return net


def test_an_image_may_be_whatever_classify_takes(drawn_of, tmp_path):
    file = tmp_path / "new.png"
    Image.fromarray(PIXELS).save(file)
    expected = drawn_of(of_pictures().preparation.prepare([PIXELS]))  # taken as it is
    for image in (file, str(file), Image.fromarray(PIXELS), PIXELS, [file], PIXELS[np.newaxis]):
        np.testing.assert_array_equal(drawn_of(image), expected)


def test_an_array_in_the_network_s_input_shape_is_taken_as_it_is(drawn_of):
    image = np.random.default_rng(0).standard_normal((3, 8, 8))
    np.testing.assert_array_equal(drawn_of(image), drawn_of(image[np.newaxis]))
    assert not np.array_equal(drawn_of(image), drawn_of(image + 1))


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        ([PIXELS, PIXELS], ValueError, "^{}: expected one image, got 2"),
        (np.ones((3, 12, 9)), ValueError, r"^{}: expected a picture to be a path, .* got \(3, 12, 9\)"),
        (PIXELS.astype(int), TypeError, "^{}: expected pixels as uint8"),
        ("missing.png", FileNotFoundError, "missing.png"),
    ],
)
@pytest.mark.parametrize("draw", [pictures.feature_maps, pictures.saliency])
def test_what_is_no_image_is_refused_by_the_name_of_the_picture(draw, image, error, message):
    with pytest.raises(error, match=message.format(draw.__name__)):
        draw(of_pictures(), image)


@pytest.mark.parametrize("image", ["new.png", Image.fromarray(PIXELS)])
@pytest.mark.parametrize("preparation", [None, ArrayPreparation([2, 8, 8], CLASSES)])
def test_a_network_that_has_seen_no_pictures_takes_arrays_alone(image, preparation):
    net = network()
    net.preparation = preparation
    with pytest.raises(TypeError, match=r"saliency: expected an image as an array \(channels, y, x\)"):
        pictures.saliency(net, image)
    assert pictures.saliency(net, IMAGE).images


def test_an_own_preparation_is_asked():
    class Doubled(Preparation):
        def separated(self, given):
            return [given], True

        def prepare(self, samples):
            return 2 * np.stack(samples)

    net = network(testing=True)
    expected = pictures.feature_maps(net, 2 * IMAGE).images[0].get_array()
    net.preparation = Doubled()
    np.testing.assert_array_equal(pictures.feature_maps(net, IMAGE).images[0].get_array(), expected)


def score(net, image, k):
    for layer in net.layers[:-1]:
        image = layer.forward(image)
    return image[0, k]


def test_saliency_is_the_derivative_of_the_class_s_score():
    net = network(testing=True)
    image, step, k = IMAGE[np.newaxis].copy(), 1e-6, 2
    expected = np.zeros(IMAGE.shape)
    for place in np.ndindex(IMAGE.shape):
        moved = np.zeros(IMAGE.shape)
        moved[place] = step
        expected[place] = (score(net, image + moved, k) - score(net, image - moved, k)) / (2 * step)
    influence = pictures.saliency(net, IMAGE, k).images[1].get_array()
    np.testing.assert_allclose(influence, np.abs(expected).max(axis=0), rtol=1e-5, atol=1e-8)


def test_saliency_asks_for_the_class_that_the_network_gives():
    net = network(testing=True)
    k = int(net.test(IMAGE[np.newaxis])[0].argmax())
    own, asked = pictures.saliency(net, IMAGE), pictures.saliency(net, IMAGE, k)
    np.testing.assert_array_equal(own.images[1].get_array(), asked.images[1].get_array())
    assert own.get_title() == f"what matters to {k}"


def test_a_class_may_be_asked_for_by_its_name_which_the_title_shows():
    by_number, by_name = (pictures.saliency(of_pictures(), PIXELS, asked) for asked in (2, "$_ant"))
    np.testing.assert_array_equal(by_name.images[1].get_array(), by_number.images[1].get_array())
    assert by_name.get_title() == by_number.get_title() == "what matters to $_ant"


def test_the_class_that_the_network_gives_is_called_by_its_name():
    net = of_pictures()
    assert pictures.saliency(net, PIXELS).get_title() == f"what matters to {net.classify(PIXELS).name}"


def test_a_name_that_is_given_stands_in_the_title():
    assert pictures.saliency(of_pictures(), PIXELS, 1, name="hound").get_title() == "what matters to hound"


@pytest.mark.parametrize(
    ("net", "message"),
    [(of_pictures, r"one of 'cat', 'dog', '\$_ant', got 'cow'"), (network, "the network knows no names")],
)
def test_a_class_s_name_that_is_none_is_refused(net, message):
    with pytest.raises(ValueError, match=f"expected class_number to be .*{message}"):
        pictures.saliency(net(), np.zeros((3, 8, 8)) if net is of_pictures else IMAGE, "cow")


@pytest.mark.parametrize(("asked", "name"), [(0, "no"), ("yes", "yes"), (None, "yes")])
def test_a_single_column_tells_two_classes(asked, name):
    net = NeuralNetwork(None, Initializers.Constant(1), Initializers.Constant(0))
    for layer in (Flatten.Flatten(), FullyConnected.FullyConnected(4, 1), Sigmoid.Sigmoid()):
        net.append_layer(layer)
    net.preparation = ArrayPreparation([1, 2, 2], ["no", "yes"])
    axes = pictures.saliency(net, np.ones((1, 2, 2)), asked)
    assert axes.get_title() == f"what matters to {name}"
    assert (axes.images[1].get_array() > 0).all()


def test_a_certain_network_has_a_saliency_too():
    net = network(testing=True)
    net.layers[8].weights = net.layers[8].weights * 1e4
    assert pictures.saliency(net, IMAGE).images[1].get_array().max() > 0


@pytest.mark.parametrize(
    ("image", "class_number", "message"),
    [(IMAGE, 3, "below 3, got 3"), (IMAGE, -1, "at least 0"), (IMAGE[0], 0, r"one image \(channels, y, x\)")],
)
def test_a_saliency_of_nothing_is_refused(image, class_number, message):
    with pytest.raises(ValueError, match=message):
        pictures.saliency(network(), image, class_number)


def test_the_input_gradient_is_pytorch_s():
    torch = pytest.importorskip("torch")
    net = network(testing=True)
    layers, weights = net.layers[6:9], [net.layers[position].weights for position in (6, 8)]
    rng = np.random.default_rng(0)
    inputs, error = rng.standard_normal((5, 64)), rng.standard_normal((5, 3))
    x = torch.tensor(inputs, requires_grad=True)
    first, second = (torch.tensor(array) for array in weights)
    output = torch.tanh(x @ first[:-1] + first[-1]) @ second[:-1] + second[-1]
    output.backward(torch.tensor(error))
    np.testing.assert_allclose(inspection.input_gradient(layers, inputs, error), x.grad.numpy(), rtol=1e-10)


def test_an_error_on_a_look_names_the_layer():
    with pytest.raises(ValueError, match="layer 1 of 10, Conv"):
        inspection.outputs(network().layers, np.ones((1, 3, 8, 8)))


# A network as a whole


def test_sizes_are_root_mean_squares():
    net = network()
    weights, gradients = pictures.parameter_sizes(net).lines
    found = [layer.gradient_weights for layer in net.layers if hasattr(layer, "gradient_weights")]
    np.testing.assert_allclose(gradients.get_xdata()[[0, 2, 4, 5]], [np.sqrt(np.mean(array**2)) for array in found])
    np.testing.assert_allclose(weights.get_xdata()[5], np.sqrt(np.mean(net.layers[8].weights ** 2)))


def test_sizes_have_the_names_of_layers_and_parameters():
    labels = [label.get_text() for label in pictures.parameter_sizes(network()).get_yticklabels()]
    assert labels[:3] == ["1 Conv, weights", "1 Conv, bias", "2 BatchNormalization, weights"]


def test_a_network_without_parameters_has_no_sizes():
    net = NeuralNetwork()
    net.append_layer(TanH.TanH())
    with pytest.raises(ValueError, match="with parameters"):
        pictures.parameter_sizes(net)


def test_the_diagram_has_a_box_for_each_layer_and_its_output():
    net = network()
    axes = pictures.diagram(net)
    assert [word for word in words(axes) if word.endswith(")")][:2] == [repr(net.layers[0]), repr(net.layers[1])]
    assert "(batch, 4, 8, 8)\n76 parameters" in words(axes)
    assert len(axes.patches) == len(net.layers)


def test_the_diagram_marks_what_is_frozen():
    net = network()
    net.layers[0].trainable = False
    edges = [patch.get_linestyle() for patch in pictures.diagram(net).patches]
    assert edges[0] != edges[8]


# No trace


@every
@pytest.mark.parametrize("testing", [False, True])
def test_no_picture_leaves_a_trace_in_the_network(picture, testing, monkeypatch):
    """Two networks train alike, also where one of them is looked at in the middle of it."""
    net, twin = network(testing=testing), network(testing=testing)
    monkeypatch.setitem(globals(), "network", lambda **_: net)
    random_state = np.random.get_state()  # noqa: NPY002
    before = [copy.deepcopy(gradient.array) for gradient in net.gradients()]
    ALL[picture]()
    assert net.phase is testing
    for gradient, earlier in zip(net.gradients(), before, strict=True):
        np.testing.assert_array_equal(gradient.array, earlier)
    net.train(2)
    np.random.set_state(random_state)  # noqa: NPY002
    twin.train(2)
    assert net.loss[2:] == twin.loss[2:]
    for layer, other in zip(net.layers, twin.layers, strict=True):
        if hasattr(layer, "parameters"):
            for name, array in layer.parameters().items():
                np.testing.assert_array_equal(array, other.parameters()[name])


def test_a_look_between_forward_and_backward_leaves_the_way_back_as_it_was():
    net, twin = network(), network()
    np.random.seed(0)  # noqa: NPY002
    net.forward()
    pictures.saliency(net, IMAGE)
    net.backward()
    np.random.seed(0)  # noqa: NPY002
    twin.forward()
    twin.backward()
    np.testing.assert_array_equal(net.layers[0].weights, twin.layers[0].weights)
