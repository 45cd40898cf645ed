"""What somebody's own objects give a training is looked at before anything moves, and named where it is no number."""

import copy
import threading

import numpy as np
import pytest

from Layers.Conv import Conv
from Layers.Initializers import Constant
from Optimization.Constraints import Regularizer
from Optimization.Loss import CrossEntropyLoss
from Optimization.Optimizers import Optimizer, Sgd
from tests.training_cases import arrays, bits, network
from Training.callbacks import Callback
from Training.history import History
from Training.trainer import Trainer

WRONG = [None, "much", [1.0, 2.0], 1j, 10**400]  # of which the last is no float


class Gives:
    """Gives the same, whatever it is asked; where that is a function, what it makes of its arguments."""

    def __init__(self, given=None, **options):
        super().__init__(**options)
        self.given = given

    def give(self, *arguments, **options):
        return self.given(*arguments) if callable(self.given) else self.given


class Price(Gives, Regularizer):
    calculate_gradient = Gives.give

    def __init__(self, given, price=0.0):
        super().__init__(given, alpha=1.0)
        self.price = price

    def norm(self, weights):
        return self.price


class Steps(Gives, Optimizer):
    calculate_update = Gives.give


class Rule(Optimizer):
    remembered = ("mean",)

    def __init__(self):
        super().__init__(0.1)

    def rule(self, weights, gradient, learning_rate, mean):
        mean += gradient
        weights /= 0 * weights


class Loss(Gives, CrossEntropyLoss):
    forward = Gives.give


def refused(net, error, words):
    net.data_layer = arrays()
    before = bits(net)
    with np.errstate(all="ignore"), pytest.raises(error, match=words):
        net.train(1)
    assert bits(net) == before


def like(change):
    return lambda weights, *_: change(np.array(weights))


NO_NUMBERS = [
    (like(lambda weights: weights * np.nan), ValueError, "of finite numbers, got nan at"),
    (like(lambda weights: weights + np.inf), ValueError, "of finite numbers, got inf at"),
    (like(lambda weights: weights[:1]), ValueError, "got \\(1, "),
    (like(lambda weights: weights * 1j), TypeError, "to hold real numbers"),
    (like(lambda weights: weights.astype(object)), TypeError, "to hold real numbers"),
    (like(np.ma.array), TypeError, "without masked elements"),
    (None, TypeError, "to hold real numbers"),
]


@pytest.mark.parametrize(("given", "error", "words"), NO_NUMBERS)
def test_a_regularizer(given, error, words):
    net = network(optimizer=Sgd(0.1, regularizer=Price(given)))
    refused(net, error, f"layer 1 of 4.*a regularizer's gradient.*{words}")


class Careless:
    """Computes in what it is handed."""

    def calculate_gradient(self, weights):
        weights *= 0.5
        return weights

    def norm(self, weights):
        weights **= 2
        return float(weights.sum())


def test_a_regularizer_that_writes_into_what_it_is_handed_writes_into_a_copy():
    weights, optimizer = np.ones(3), Sgd(0.1, regularizer=Careless())
    assert optimizer.calculate_update(weights, np.ones(3)).tolist() == [0.85] * 3
    assert weights.tolist() == [1.0] * 3
    layer = network(optimizer=optimizer).layers[0]
    before = layer.weights.copy()
    assert layer.calculate_regularization_loss() == pytest.approx(float((before**2).sum()))
    assert (layer.weights == before).all()


@pytest.mark.parametrize(("given", "error", "words"), NO_NUMBERS)
def test_an_optimizer(given, error, words):
    net = network(optimizer=Steps(given, learning_rate=0.1))
    refused(net, error, f"layer 1 of 4.*new weights from calculate_update.*{words}")


def test_an_optimizer_that_cannot_be_copied_takes_no_ones_place():
    net = network()
    held = net.optimizer, [layer.optimizer for layer in net.layers if layer.trainable]
    price = Price(None)
    price.lock = threading.Lock()
    with pytest.raises(TypeError, match="lock"):
        net.optimizer = Sgd(0.1, regularizer=price)
    assert held == (net.optimizer, [layer.optimizer for layer in net.layers if layer.trainable])


def test_an_update_too_large_for_the_parameters_type():
    net = network(optimizer=Steps(like(lambda weights: weights + 1e300), learning_rate=0.1), dtype="float32")
    refused(net, ValueError, "new weights from calculate_update of finite numbers, got inf")


def test_the_rule_of_an_optimizer():
    refused(network(optimizer=Rule()), ValueError, "layer 1 of 4.*rule to leave weights of finite numbers")


@pytest.mark.parametrize("wrong", WRONG, ids=["none", "text", "several", "complex", "too large"])
def test_a_loss_and_the_price_of_weights(wrong):
    net = network()
    net.loss_layer = Loss(wrong)
    refused(net, TypeError, "the loss that forward gives to be a number")
    refused(network(optimizer=Sgd(0.1, regularizer=Price(None, wrong))), TypeError, r"norm\(weights\) to be a number")


@pytest.mark.parametrize("wrong", WRONG, ids=["none", "text", "several", "complex", "too large"])
def test_what_a_callback_adds_to_the_logs(wrong):
    class Adds(Callback):
        def on_epoch_end(self, epoch, logs):
            logs["mine"] = wrong

    trainer = Trainer(network(), arrays(), callbacks=[Adds()])
    with pytest.raises(TypeError, match=r"history: expected logs\['mine'\] to be a number"):
        trainer.fit(1)
    assert list(trainer.history) == ["loss", "accuracy", "learning_rate"]


def test_names_in_logs_are_text():
    history = History(loss=[1.0])
    with pytest.raises(TypeError, match="expected names in logs to be text, got 3"):
        history.amend({"loss": 2.0, 3: 1.0})
    assert history == {"loss": [1.0]}


@pytest.mark.parametrize("wrong", WRONG, ids=["none", "text", "several", "complex", "too large"])
def test_a_metric(wrong):
    def mine(predictions, labels):
        return wrong

    with pytest.raises(TypeError, match="expected the function's result to be a number"):
        Trainer(network(), arrays(), metrics=[mine]).fit(1)


@pytest.mark.parametrize("biases", [Constant(1e300), Gives()], ids=["too large", "no initializer"])
def test_an_initializer_of_biases_changes_weights_neither(biases):
    layer = Conv(1, (1, 3, 3), 2).astype("float32")
    before = copy.deepcopy(layer.parameters())
    with pytest.raises((TypeError, ValueError), match="initializer"):
        layer.initialize(Constant(1), biases)
    np.testing.assert_equal(layer.parameters(), before)


def test_numbers_too_large_for_a_type_are_not_converted():
    layer = Conv(1, (1, 3, 3), 2)
    layer.bias = np.full(2, 1e300)
    with pytest.raises(ValueError, match="expected bias in float32 of finite numbers, got inf"):
        layer.astype("float32")
    assert layer.weights.dtype == layer.bias.dtype == np.float64
