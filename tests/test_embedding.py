"""An embedding costs what its batch costs, and steps as if its gradient were a whole matrix."""

import copy
import importlib.util
import re
from functools import partial

import numpy as np
import pytest

from Foundation.SparseRows import SparseRows
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant, UniformRandom
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L2_Regularizer
from Optimization.Loss import MeanSquaredError
from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum

VOCABULARY, SIZE = 9, 3
OPTIMIZERS = [
    lambda: Sgd(0.1),
    lambda: SgdWithMomentum(0.1),
    lambda: Adam(0.1),
    lambda: Sgd(0.1, regularizer=L2_Regularizer(0.1)),
    lambda: Adam(0.1, regularizer=L2_Regularizer(0.1)),
]
every_optimizer = pytest.mark.parametrize("make", OPTIMIZERS)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def batches(rng, count=6):
    """Few words in each, some of them several times, and in each batch others."""
    return [(rng.integers(0, VOCABULARY, (2, 3)), rng.standard_normal((2, 3, SIZE))) for _ in range(count)]


def passed(layer, words, errors):
    layer.forward(words)
    assert layer.backward(errors) is None


def whole_gradient(words, errors, padding=None):
    gradient = np.zeros((VOCABULARY, SIZE))
    for word, error in zip(words.ravel(), errors.reshape(-1, SIZE), strict=True):
        if word != padding:
            gradient[word] += error
    return gradient


@every_optimizer
@pytest.mark.parametrize("padding", [None, 4])
def test_steps_are_those_along_the_whole_matrix(make, padding, rng):
    layer, optimizer = Embedding(VOCABULARY, SIZE, padding), make()
    layer.optimizer, expected = optimizer, layer.weights
    for words, errors in batches(rng):
        passed(layer, words, errors)
        expected = optimizer.calculate_update(expected, whole_gradient(words, errors, padding))
        np.testing.assert_allclose(layer.weights, expected, rtol=1e-13)


@pytest.mark.parametrize("make", OPTIMIZERS[:3])
def test_lazy_steps_are_those_of_each_row_for_itself(make, rng):
    layer = Embedding(VOCABULARY, SIZE, lazy=True)
    layer.optimizer, start = make(), layer.weights
    rows = [[make(), row] for row in start]
    for words, errors in batches(rng):
        passed(layer, words, errors)
        gradient = whole_gradient(words, errors)
        for number, (optimizer, row) in enumerate(rows):
            if number in words:
                rows[number][1] = optimizer.calculate_update(row, gradient[number])
            else:
                optimizer._steps += 1  # steps are counted together
        np.testing.assert_allclose(layer.weights, [row for _, row in rows], rtol=1e-13)


@pytest.mark.parametrize("options", [{"clip_norm": 0.5}, {"clip_value": 0.1}, {"accumulate": 2}])
@pytest.mark.parametrize("lazy", [False, True])
def test_what_concerns_all_gradients_keeps_the_rows_apart(options, lazy, rng):
    """Clipped and accumulated, a gradient moves what it moves without; of others the lazy rule knows nothing."""
    nets = [NeuralNetwork(Adam(0.1), UniformRandom(rng=0), Constant(0), **options) for _ in range(2)]
    for net, layer in zip(nets, (Embedding(VOCABULARY, SIZE, lazy=lazy), Looked(VOCABULARY, SIZE)), strict=True):
        net.append_layer(layer)
        net.loss_layer = MeanSquaredError()
    for words, labels in [(rng.integers(0, VOCABULARY, (2, 3)), rng.standard_normal((2, 3, SIZE))) for _ in range(6)]:
        before = nets[0].layers[0].weights.copy()
        for net in nets:
            net.iteration(batch=(words, labels))
        moved = nets[0].layers[0].weights
        if not lazy:
            np.testing.assert_allclose(moved, nets[1].layers[0].weights, rtol=1e-12)
        elif "accumulate" not in options:
            others = np.setdiff1d(np.arange(VOCABULARY), words)
            np.testing.assert_array_equal(moved[others], before[others])
            assert np.all(moved[words] != before[words])


class Looked(Embedding):
    """The same with a gradient that is a whole matrix."""

    def backward(self, error_tensor):
        super().backward(error_tensor)
        self.gradient_weights = np.asarray(self.gradient_weights)


@pytest.mark.parametrize(
    ("lazy", "make"), [(False, partial(Sgd, 0.1)), (True, partial(SgdWithMomentum, 0.1)), (True, partial(Adam, 0.1))]
)
def test_a_training_step_touches_nothing_but_the_rows_of_the_batch(lazy, make, monkeypatch):
    """Counted in numbers that are asked for or put back, so that it doesn't depend on how busy the machine is."""
    seen = []
    net = NeuralNetwork(make(), UniformRandom(rng=0), Constant(0), dtype="float32")
    net.append_layer(Embedding(50_000, 4, lazy=lazy))
    net.loss_layer = MeanSquaredError()
    batch = np.array([[1, 2], [3, 2]]), np.ones((2, 2, 4), "float32")
    net.iteration(batch=batch)
    array, plan = vars(net.layers[0])["weights"], type(net.optimizer).moves

    def noted(self, weights, gradient, *others):
        seen.append((weights.shape, gradient.shape))
        return plan(self, weights, gradient, *others)

    monkeypatch.setattr(type(net.optimizer), "moves", noted)
    monkeypatch.setattr(SparseRows, "__array__", None)  # the whole matrix can't be made
    net.iteration(batch=batch)
    assert seen == [((3, 4), (3, 4))]
    assert vars(net.layers[0])["weights"] is array


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([[0, 9]], "from 0 to 8, got 9 at (0, 1)"),
        ([[-1, 0]], "got -1 at (0, 0)"),
        ([[0.0, 1.5]], "got 1.5 at (0, 1)"),
        (np.array([[2**63]], np.uint64), "got 9.22337e+18 at (0, 0)"),
    ],
)
def test_an_index_outside_the_vocabulary_is_named_before_anything_changes(words, named):
    net = NeuralNetwork(Sgd(0.1), UniformRandom(rng=0), Constant(0))
    net.append_layer(Embedding(VOCABULARY, SIZE))
    net.loss_layer = MeanSquaredError()
    before = net.layers[0].weights.copy()
    with pytest.raises(ValueError, match=re.escape("layer 1 of 1, Embedding(") + ".*" + re.escape(named)):
        net.iteration(batch=(words, np.zeros((*np.shape(words), SIZE))))
    np.testing.assert_array_equal(net.layers[0].weights, before)
    assert not net.loss


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float32", "float64"])
def test_whole_numbers_of_every_type_are_words(dtype, rng):
    layer, words = Embedding(VOCABULARY, SIZE), rng.integers(0, VOCABULARY, (2, 3))
    np.testing.assert_array_equal(layer.forward(words.astype(dtype)), layer.weights[words])


def test_float32_is_refused_where_it_can_t_tell_words_apart():
    layer = Embedding(2**24 + 1, 1).astype("float32")
    with pytest.raises(ValueError, match="expected input of an integer type, got float32"):
        layer.forward(np.zeros((1, 1)))
    assert layer.forward(np.array([[2**24]])).shape == (1, 1, 1)


def test_a_batch_of_padding_alone_moves_nothing(rng):
    layer = Embedding(VOCABULARY, SIZE, padding=2)
    layer.optimizer, before = Sgd(0.1), layer.weights.copy()
    np.testing.assert_array_equal(layer.forward(np.full((2, 3), 2)), 0)
    layer.backward(np.ones((2, 3, SIZE)))
    np.testing.assert_array_equal(layer.weights, before)


def test_an_embedding_that_was_copied_or_saved_after_backward_goes_on(tmp_path, rng):
    net = NeuralNetwork(Adam(0.1), UniformRandom(rng=0), Constant(0.1))
    for layer in (Embedding(VOCABULARY, SIZE), Flatten(), FullyConnected(3 * SIZE, 2)):
        net.append_layer(layer)
    net.loss_layer = MeanSquaredError()
    batch = rng.integers(0, VOCABULARY, (4, 3)), rng.standard_normal((4, 2))
    net.iteration(batch=batch)
    NeuralNetwork.save(tmp_path / "net", net)
    others = [copy.deepcopy(net), NeuralNetwork.load(tmp_path / "net", None)]
    expected = net.iteration(batch=batch)
    assert [other.iteration(batch=batch) for other in others] == [expected, expected]


def test_between_two_batches_of_one_step_a_saved_network_knows_which_rows_wait(tmp_path, rng):
    net = NeuralNetwork(SgdWithMomentum(0.1), UniformRandom(rng=0), Constant(0.1), accumulate=2)
    net.append_layer(Embedding(VOCABULARY, SIZE, lazy=True))
    net.loss_layer = MeanSquaredError()
    several = [(rng.integers(0, VOCABULARY, (2, 1)), rng.standard_normal((2, 1, SIZE))) for _ in range(8)]
    for batch in several[:3]:
        net.iteration(batch=batch)
    NeuralNetwork.save(tmp_path / "net", net)
    other = NeuralNetwork.load(tmp_path / "net", None)
    for batch in several[3:]:
        net.iteration(batch=batch)
        other.iteration(batch=batch)
    np.testing.assert_array_equal(other.layers[0].weights, net.layers[0].weights)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [np.array([0]), np.ones((1, 2)), 1],
        [np.array([0.0]), np.ones((1, 2)), True],
        [np.array([0]), np.ones((1, 3)), True],
        [np.array([-1]), np.ones((1, 2)), True],
        [np.array([4]), np.ones((1, 2)), True],
        [np.array([1, 1]), np.ones((2, 2)), True],
        [np.array([2, 1]), np.ones((2, 2)), True],
    ],
)
def test_rows_from_a_file_that_no_gradient_has_are_refused(parts):
    with pytest.raises(ValueError, match="damaged: expected"):
        SparseRows.of_parts((4, 2), parts)


if importlib.util.find_spec("torch"):
    import torch

    @pytest.mark.parametrize("lazy", [False, True])
    def test_trajectories_are_those_of_pytorch(lazy, rng):
        layer = Embedding(VOCABULARY, SIZE, lazy=lazy)
        layer.optimizer = Adam(0.1)
        twin = torch.nn.Embedding(VOCABULARY, SIZE, sparse=lazy, dtype=torch.float64)
        with torch.no_grad():
            twin.weight.copy_(torch.from_numpy(layer.weights))
        optimizer = (torch.optim.SparseAdam if lazy else torch.optim.Adam)(twin.parameters(), 0.1)
        for words, errors in batches(rng, 50):
            errors *= 1e6  # as SparseAdam adds ε elsewhere
            passed(layer, words, errors)
            optimizer.zero_grad()
            twin(torch.from_numpy(words)).backward(torch.from_numpy(errors))
            optimizer.step()
            np.testing.assert_allclose(layer.weights, twin.weight.detach().numpy(), rtol=1e-9, atol=1e-12)
