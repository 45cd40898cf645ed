"""What a prediction needs travels with the network: sizes, normalisation and names, in one file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from Foundation.Preparation import Classification
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.datasets import picture_folder
from Generator.generator import ImageGenerator
from Generator.preparation import ArrayPreparation, PicturePreparation
from Layers.Base import BaseLayer
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, He
from Layers.LSTM import LSTM
from Layers.ReLU import ReLU
from Layers.Sigmoid import Sigmoid
from Layers.SoftMax import SoftMax
from Models import MultilayerPerceptron
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Adam
from Training.trainer import Trainer

ROOT = Path(__file__).parent.parent
SIZE = (6, 5, 3)


def day_and_night(count=40):
    """Noise, brighter for every other picture: nothing without the mean."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    return (rng.random((count, *SIZE)) * 0.3 + 0.4 * labels[:, None, None, None]).astype(np.float32), labels


def data(**options):
    images, labels = day_and_night()
    options = {"class_names": ["night", "day"], "dtype": "float32"} | options
    return ImageData(ImageGenerator.from_arrays(images, labels, 10, **options))


@pytest.fixture(scope="module")
def trained():
    net = MultilayerPerceptron.build((3, 6, 5), 2, (8,), learning_rate=0.01, dtype="float32", rng=0)
    net.data_layer = data()
    net.train(60)
    return net


@pytest.fixture
def photographs(tmp_path):
    """Two photographs, much larger than what the network was trained on."""
    paths = []
    for name, brightness in (("day.png", 230), ("night.jpg", 40)):
        Image.fromarray(np.full((90, 120, 3), brightness, np.uint8)).save(tmp_path / name)
        paths.append(tmp_path / name)
    return paths


def test_a_file_is_classified(trained, photographs):
    answer = trained.classify(photographs[0])
    assert isinstance(answer, Classification)
    assert answer.name == "day" and answer.probability == answer.probabilities["day"] > 0.9
    assert list(answer.probabilities) == ["night", "day"]
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert str(answer).startswith("day (") and str(answer).endswith(" %)")


def test_many_are_classified_in_parts(trained, photographs):
    pictures = [*photographs, np.full((3, 3), 255, np.uint8), str(photographs[1])]
    answers = trained.classify(pictures, batch_size=3)
    assert [answer.name for answer in answers] == ["day", "night", "day", "night"]
    assert trained.classify([]) == []


def test_an_array_is_one_picture_or_with_one_more_axis_many(trained):
    images, labels = day_and_night(6)
    assert trained.classify(images[1]).name == "day"
    assert [answer.name for answer in trained.classify(images)] == [["night", "day"][label] for label in labels]


def test_a_picture_of_pillow_is_classified_by_its_colours(trained, photographs):
    picture = Image.open(photographs[0]).quantize(4)
    assert picture.mode == "P"
    assert trained.classify(picture).name == "day"


def test_pictures_go_through_what_those_in_training_went_through(trained, tmp_path):
    rng = np.random.default_rng(1)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            picture = rng.integers(0, 256, (40, 70, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / name / f"{number}.jpg")
    training, test = picture_folder(tmp_path, 2, SIZE, test_share=0.4, rng=0, dtype="float32")
    layer = ImageData(training, test)
    again = layer.preparation.prepare([tmp_path / name / f"{number}.jpg" for name in "ab" for number in range(3)])
    both = np.concatenate([layer.prepare(training.read()[0]), layer.get_test_set()[0]])
    assert again.dtype == both.dtype == np.float32
    np.testing.assert_array_equal(np.sort(again.reshape(6, -1), axis=0), np.sort(both.reshape(6, -1), axis=0))


def test_another_program_classifies_with_the_file_alone(trained, photographs, tmp_path):
    NeuralNetwork.save(tmp_path / "network", trained)
    program = (
        "import sys; from NeuralNetwork import NeuralNetwork; net = NeuralNetwork.load(sys.argv[1], None); "
        "print([answer.probabilities for answer in net.classify(sys.argv[2:])])"
    )
    command = [sys.executable, "-c", program, tmp_path / "network", *photographs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([answer.probabilities for answer in trained.classify(photographs)])


def test_a_preparation_comes_back_from_a_file_as_it_was(trained, tmp_path):
    NeuralNetwork.save(tmp_path / "network", trained)
    loaded = NeuralNetwork.load(tmp_path / "network", None)
    assert loaded.preparation.configuration() == data().preparation.configuration()


def test_training_on_other_data_changes_what_the_network_keeps():
    net = MultilayerPerceptron.build((3, 6, 5), 2, (8,), rng=0)
    net.data_layer = data()
    with pytest.warns(UserWarning, match=r"prepared in another way.*class_names \('dark', 'light'\), not \('night'"):
        net.data_layer = data(class_names=["dark", "light"])
    assert net.preparation.class_names == ("night", "day")
    net.train(1)
    assert net.preparation.class_names == ("dark", "light")


def test_a_data_layer_without_preparation_leaves_it_alone(trained):
    kept = trained.preparation
    trained.data_layer = None
    assert trained.preparation is kept


def test_data_takes_the_preparation_of_a_trained_network(trained):
    images, labels = day_and_night()
    darker = ImageGenerator.from_arrays(images / 2, labels, 10, class_names=["night", "day"])
    layer = ImageData(darker, preparation=trained.preparation)
    trained.data_layer = layer  # without a warning
    assert layer.mean.tolist() == list(trained.preparation.mean)
    darker = ImageGenerator.from_arrays(images, labels, 10, class_names=["day", "night"])
    with pytest.raises(ValueError, match=r"class_names \('day', 'night'\), not \('night', 'day'\)"):
        ImageData(darker, preparation=trained.preparation)
    with pytest.raises(ValueError, match="got two of them"):
        ImageData(darker, mean=[0, 0, 0], deviation=[1, 1, 1], preparation=trained.preparation)


def test_classes_without_names_of_their_own_are_numbers():
    images, _ = day_and_night()
    assert data(class_names=None).preparation.class_names == ("0", "1")
    ten = ImageGenerator.from_arrays(images, np.arange(40) % 10, 10)
    assert ImageData(ten).preparation.class_names[3] == "3"


def test_a_single_sigmoid_tells_two_classes_apart(photographs):
    net = NeuralNetwork()
    for layer in (ReLU(), Sigmoid()):
        net.append_layer(layer)
    net.preparation = PicturePreparation([1, 1, 1], [0.5], [0.5], ["night", "day"])
    net.predict = lambda images, *_: images.reshape(len(images), 1).clip(0, 1)
    assert [answer.name for answer in net.classify(photographs)] == ["day", "night"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("nowhere.png", FileNotFoundError, "picture 'nowhere.png': expected a file"),
        ("Generator", ValueError, "'Generator': expected a file, got a folder; list"),
        ("README.md", ValueError, "picture 'README.md': expected a picture, got a text file"),
        (["pictures/predictions.png", "nowhere.png"], FileNotFoundError, "nowhere.png"),
        (np.zeros((3, 32, 32)), ValueError, r"got \(3, 32, 32\); many pictures are a list"),
        (np.full((4, 4, 3), 300.0), ValueError, "divide by 255"),
        (3, ValueError, "a path, or an array"),
    ],
)
def test_what_is_no_picture_is_named(trained, given, error, message):
    with pytest.raises(error, match=message):
        trained.classify(given)


def test_a_damaged_picture_is_named(trained, tmp_path):
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ValueError, match=r"cat\.png': expected an intact \.png file"):
        trained.classify(tmp_path / "cat.png")


def test_a_network_without_preparation_says_what_to_do():
    with pytest.raises(RuntimeError, match="train it on ImageData"):
        MultilayerPerceptron.build(rng=0).classify("cat.png")


@pytest.mark.parametrize(
    ("outputs", "message"),
    [(3, r"expected the network's output to be \(batch, 2\), .*night, day, got \(1, 3\)"), (2, "append a SoftMax")],
)
def test_outputs_that_are_no_probabilities_are_refused(outputs, message):
    net = NeuralNetwork()
    net.append_layer(FullyConnected(3, outputs))
    net.layers[0].weights = np.full((4, outputs), 5.0)
    net.preparation = PicturePreparation([1, 1, 3], [0] * 3, [1] * 3, ["night", "day"])
    net.predict = lambda images, *_: net.layers[0].forward(images.reshape(1, 3))
    with pytest.raises(ValueError, match=message):
        net.classify(np.ones((1, 1, 3)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": (10**5, 10**5, 3)}, "at most 64,000,000 pixels"),
        ({"image_size": (0, 5, 3)}, "height to be at least 1"),
        ({"mean": (0, 0)}, r"shape \(3,\)"),
        ({"deviation": (1, 0, 1)}, "above 0"),
        ({"class_names": ("cat", "cat")}, "'cat' twice"),
        ({"class_names": "cat"}, "list of names"),
        ({"dtype": "int8"}, "float32 or float64"),
    ],
)
def test_a_wrong_argument_is_refused_also_from_a_file(arguments, message, trained, tmp_path):
    with pytest.raises((ValueError, TypeError), match=message):
        PicturePreparation(**trained.preparation.configuration() | arguments)
    damaged = trained.preparation.clone()
    vars(damaged).update(arguments)
    kept, trained.preparation = trained.preparation, damaged
    NeuralNetwork.save(tmp_path / "network", trained)
    trained.preparation = kept
    with pytest.raises(ValueError, match=f"network: no PicturePreparation can be made.*{message}"):
        NeuralNetwork.load(tmp_path / "network", None)


def test_what_is_no_preparation_is_not_saved(trained, tmp_path):
    kept, trained.preparation = trained.preparation, ReLU()
    with pytest.raises(TypeError, match=r"preparation is .*ReLU, .*derived from Foundation\.Preparation\.Preparation"):
        NeuralNetwork.save(tmp_path / "network", trained)
    trained.preparation = kept


def test_a_generator_imported_from_inside_its_folder_is_saved_alike(tmp_path):
    program = (
        "import sys; sys.path.insert(0, 'Generator'); import numpy as np\n"
        "from generator import ImageGenerator\n"
        "from generator.data_layer import ImageData\n"
        "from NeuralNetwork import NeuralNetwork\n"
        "net = NeuralNetwork()\n"
        "net.data_layer = ImageData(ImageGenerator.from_arrays(np.eye(4).reshape(4, 2, 2), [0, 1, 0, 1], 2))\n"
        "NeuralNetwork.save(sys.argv[1], net)\n"
        "NeuralNetwork.load(sys.argv[1], net.data_layer)\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, tmp_path / "network"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert NeuralNetwork.load(tmp_path / "network", None).preparation.class_names == ("0", "1")


TABLE = [[5.1, 3.5], [4.9, 3.0], [6.2, 2.9], [6.7, 3.1]]
SPECIES = ["setosa", "setosa", "virginica", "virginica"]


def of_a_table():
    net = MultilayerPerceptron.build((2,), 2, (), learning_rate=0.1, rng=0)
    net.data_layer = ArrayData(TABLE, SPECIES, rng=0)
    net.train(300)
    return net


def test_rows_of_a_table_are_classified_by_the_names_of_their_classes(tmp_path):
    NeuralNetwork.save(tmp_path / "network", of_a_table())
    net = NeuralNetwork.load(tmp_path / "network", None)
    assert net.classify(TABLE[0]).name == "setosa"
    assert [answer.name for answer in net.classify(TABLE)] == SPECIES
    assert [answer.name for answer in net.classify(np.array(TABLE))] == SPECIES
    assert net.classify([]) == []


def test_two_classes_of_a_single_output_have_their_names():
    assert ArrayData(TABLE, SPECIES, targets="binary").preparation.class_names == ("setosa", "virginica")
    assert ArrayData(TABLE, [0, 1, 0, 1], targets="binary").preparation.class_names == ("0", "1")


class Sum(BaseLayer):
    """The sum over all time steps."""

    def forward(self, input_tensor):
        self.steps = input_tensor.shape[1]
        return input_tensor.sum(axis=1)

    def backward(self, error_tensor):
        return np.repeat(error_tensor[:, np.newaxis], self.steps, axis=1)


def test_sequences_of_different_lengths_are_classified():
    rng = np.random.default_rng(0)
    signs = np.tile([1, -1], 10)
    sequences = [sign * rng.random((length, 1)) for sign, length in zip(signs, rng.integers(2, 6, 20), strict=True)]
    names = ["up" if sign > 0 else "down" for sign in signs]
    net = NeuralNetwork(Adam(0.05), He(rng=0), Constant(0))
    for layer in (LSTM(1, 4, 2), Sum(), SoftMax()):
        net.append_layer(layer)
    net.loss_layer = CrossEntropyLoss()
    net.data_layer = ArrayData(sequences, names, rng=0)
    net.train(100)
    assert [answer.name for answer in net.classify(sequences)] == names
    assert net.classify(sequences[0]).name == "up"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([[1.0, 2.0, 3.0]], ValueError, r"shape \(2,\), as those in training, got \(3,\) for number 0"),
        ("iris.csv", TypeError, r"samples \(2,\) to hold real numbers, got str"),
        (np.zeros((1, 1, 2)), ValueError, r"got \(1, 1, 2\)"),
    ],
)
def test_what_is_no_row_is_refused(given, error, message):
    net = NeuralNetwork()
    net.preparation = ArrayPreparation([2], ["a", "b"])
    with pytest.raises(error, match=message):
        net.classify(given)


def test_a_regression_has_no_classes():
    net = NeuralNetwork()
    net.preparation = ArrayPreparation([2])
    with pytest.raises(ValueError, match=r"net\.predict gives its output"):
        net.classify(TABLE)


def test_a_trainer_leaves_its_data_s_preparation_with_the_network():
    net = MultilayerPerceptron.build((3, 6, 5), 2, (8,), rng=0)
    Trainer(net, data()).fit(1)
    assert net.preparation.class_names == ("night", "day")
    table = MultilayerPerceptron.build((2,), 2, (8,), rng=0)
    table.fit(np.array(TABLE), SPECIES, batch_size=4)
    assert table.preparation.class_names == ("setosa", "virginica")


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    trainers = []
    for names in (["night", "day"], ["dark", "light"]):
        net = MultilayerPerceptron.build((3, 6, 5), 2, (8,), rng=0)
        trainers.append(Trainer(net, data(class_names=names)))
    trainers[0].save(tmp_path / "checkpoint")
    with pytest.raises(ValueError, match=r"its data has class_names \('night', 'day'\), not \('dark', 'light'\)"):
        trainers[1].restore(tmp_path / "checkpoint")


def test_labels_by_name_are_those_of_the_classes_in_training():
    net = MultilayerPerceptron.build((2,), 2, (), learning_rate=0.1, rng=0)
    Trainer(net, ArrayData(TABLE, SPECIES, classes=["virginica", "setosa"], rng=0)).fit(300)
    assert net.evaluate((TABLE, SPECIES))["accuracy"] == 1
    assert net.evaluate((TABLE[2:], SPECIES[2:]))["accuracy"] == 1


def test_validation_data_prepared_otherwise_are_warned_of():
    net = MultilayerPerceptron.build((3, 6, 5), 2, (8,), rng=0)
    images, labels = day_and_night()
    darker = ImageData(ImageGenerator.from_arrays(images / 2, labels, 10, class_names=["night", "day"]))
    with pytest.warns(UserWarning, match=r"prepared in another way.*mean .* not .*preparation=net\.preparation"):
        Trainer(net, data(), darker)
