"""Rare classes: weights that balance them in one word, and divisions that leave them something to learn from."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from Foundation.Labels import balanced
from Generator.arrays import ArrayData
from Generator.data_layer import ImageData
from Generator.generator import ImageGenerator
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import He
from Layers.SoftMax import SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization.Loss import BinaryCrossEntropy, CrossEntropyLoss, MeanSquaredError
from Optimization.Optimizers import Adam, Sgd
from Training.trainer import Trainer

RARE = np.array([0] * 95 + [1] * 5)


def network(loss, optimizer=None):
    net = NeuralNetwork(Sgd(0.0) if optimizer is None else optimizer, He(rng=0), He(rng=1))
    net.loss_layer = loss
    net.append_layer(FullyConnected(2, 2))
    net.append_layer(SoftMax())
    return net


def points(labels, rng=0):
    """Two clouds that overlap."""
    return np.random.default_rng(rng).normal(np.asarray(labels)[:, np.newaxis] * 1.5, 1.0, (len(labels), 2))


@pytest.mark.parametrize("labels", [RARE, [0, 1, 2, 2, 2, 2, 1], [3, 0, 0]])
def test_balanced_weights_are_scikit_learn_s(labels):
    present = np.unique(labels)
    expected = compute_class_weight("balanced", classes=present, y=np.asarray(labels))
    np.testing.assert_allclose(balanced(np.bincount(labels), "test")[present], expected, rtol=1e-15)


def test_a_class_without_samples_counts_as_much_as_a_sample_on_average():
    assert balanced([4, 0, 4], "test")[1] == 1.0


@pytest.mark.parametrize("how", ["data layer", "arrays", "trainer", "fit", "images"])
def test_the_word_becomes_numbers_when_the_network_meets_its_data(how):
    loss = CrossEntropyLoss(class_weights="balanced")
    net, X = network(loss), points(RARE)
    if how == "data layer":
        net.data_layer = ArrayData(X, RARE)
        net.train(1)
    elif how == "arrays":
        net.data_layer = (X, RARE)
        net.train(1)
    elif how == "trainer":
        Trainer(net, (X, RARE)).fit(1)
    elif how == "fit":
        net.fit(X, RARE, validation_split=0.2)  # 76 and 4 of them are trained on
    else:
        net.layers.insert(0, Flat())
        net.data_layer = ImageData(ImageGenerator.from_arrays(np.zeros((100, 2, 1)), RARE, 10))
        net.train(1)
    np.testing.assert_allclose(loss.class_weights, [100 / (2 * 95), 100 / (2 * 5)], rtol=1e-15)


class Flat:
    """Images as rows."""

    trainable = testing_phase = False

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        return input_tensor.reshape(len(input_tensor), -1)

    def backward(self, error_tensor):
        return error_tensor.reshape(self.shape)


def test_the_network_s_file_has_the_numbers(tmp_path):
    net = network(CrossEntropyLoss(class_weights="balanced"))
    net.fit(points(RARE), RARE)
    NeuralNetwork.save(tmp_path / "net", net)
    assert NeuralNetwork.load(tmp_path / "net", None).loss_layer.class_weights == net.loss_layer.class_weights


def test_balanced_weights_find_the_rare_class():
    X, seen = points(RARE), {}
    for weights in (None, "balanced"):
        net = network(CrossEntropyLoss(class_weights=weights), Adam(0.05))
        net.fit(X, RARE, epochs=40, rng=0)
        answers = net.predict(points([1] * 500, rng=1)).argmax(axis=1)
        seen[weights] = answers.mean()
    assert seen["balanced"] > 0.8 > 0.5 > seen[None]


def test_what_the_loss_does_to_classes_sample_weights_do_too():
    X = points(RARE)
    losses = [
        network(CrossEntropyLoss(class_weights="balanced")).fit(X, RARE, batch_size=100)["loss"],
        network(CrossEntropyLoss()).fit(X, RARE, sample_weights="balanced", batch_size=100)["loss"],
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


@pytest.mark.parametrize("labels", [RARE, np.array(["no", "yes"])[RARE], np.eye(2)[RARE]])
def test_samples_of_a_rare_class_weigh_more_whatever_form_labels_have(labels):
    weights = ArrayData(points(RARE), labels, 100, shuffle=False, weights="balanced").next()[2]
    np.testing.assert_allclose(weights, np.where(RARE, 10.0, 100 / 190), rtol=1e-15)


def test_a_yes_that_is_rare_can_be_balanced_too():
    data = ArrayData(points(RARE), RARE, 100, shuffle=False, weights="balanced")
    data.bind(BinaryCrossEntropy())
    assert data.next()[2][-1] == 10.0


def test_weights_for_classes_that_there_are_none_of_are_refused():
    with pytest.raises(ValueError, match=r"ArrayData: expected samples with classes to balance, got targets of a reg"):
        ArrayData([[1.0], [2.0]], [0.5, 1.5], weights="balanced")


def test_a_loss_without_data_says_what_is_missing():
    loss = CrossEntropyLoss(class_weights="balanced")
    with pytest.raises(RuntimeError, match=r"class_weights='balanced'\): expected to have met the data"):
        loss.forward([[0.5, 0.5]], [[1, 0]])
    assert loss.class_weights == "balanced"


def test_data_that_count_no_classes_are_refused():
    class Endless:
        def next(self):
            return np.zeros((1, 2)), np.array([[1.0, 0.0]])

    net = network(CrossEntropyLoss(class_weights="balanced"))
    net.data_layer = Endless()
    with pytest.raises(ValueError, match=r"expected data that tells the class_counts .* got .*Endless"):
        net.train(1)
    assert net.loss_layer.class_weights == "balanced"


def test_other_losses_are_left_alone():
    net = network(MeanSquaredError())
    net.fit(points(RARE), RARE.astype(float).reshape(-1, 1) * np.ones(2))
    assert not hasattr(net.loss_layer, "class_weights")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_a_class_s_only_picture_is_learnt_from(share):
    labels = [0] * 10 + [1] + [2] * 2
    whole = ImageGenerator.from_arrays(np.zeros((13, 2, 2)), labels, 2)
    training, test = whole.split(share, rng=0)
    assert set(training.labels.tolist()) == {0, 1, 2}
    assert 1 not in test.labels


def test_a_share_is_kept_back_of_each_class():
    whole = ImageGenerator.from_arrays(np.zeros((100, 2, 2)), RARE, 2)
    training, test = whole.split(0.2, rng=0)
    assert np.bincount(training.labels).tolist() == [76, 4]
    assert np.bincount(test.labels).tolist() == [19, 1]
