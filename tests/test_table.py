"""The table of a network: what each layer gives, holds and costs, as text and in a notebook."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from Layers.Base import BaseLayer, TrainableLayer
from Layers.BatchNormalization import BatchNormalization
from Layers.Conv import Conv
from Layers.FullyConnected import FullyConnected
from Layers.GRU import GRU
from Layers.LSTM import LSTM
from Layers.RNN import RNN
from Layers.SoftMax import SoftMax
from Models import LeNet
from Network.table import multiplications
from NeuralNetwork import NeuralNetwork


class Doubled(BaseLayer):
    """A layer of somebody's own, with a name that HTML would take for something else."""

    def forward(self, input_tensor):
        return 2 * input_tensor

    def backward(self, error_tensor):
        return 2 * error_tensor

    def __repr__(self):
        return "Doubled('<b> & \"co\"')"


class Undeclared(TrainableLayer):
    """A layer that gives the names of its parameters alone."""

    parameter_names = ("weights",)

    def __init__(self):
        super().__init__()
        self.weights = np.ones(3)

    def initialize(self, weights_initializer, bias_initializer):
        pass

    def forward(self, input_tensor):
        return input_tensor * self.weights

    def backward(self, error_tensor):
        return error_tensor * self.weights


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def network(*layers):
    net = NeuralNetwork()
    for layer in layers:
        net.append_layer(layer)
    return net


def counted_by_pytorch(module, *shape):
    """The multiplications of a module for one sample."""
    torch = pytest.importorskip("torch")
    flop_counter = pytest.importorskip("torch.utils.flop_counter")
    with flop_counter.FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, *shape))
    return counter.get_total_flops() // 2  # one of the two is an addition


@pytest.mark.parametrize("size", [(28, 28), (7, 5)])
def test_a_convolution_multiplies_as_often_as_pytorch_s(size):
    nn = pytest.importorskip("torch.nn")
    layer = Conv(1, (3, 5, 5), 6)
    expected = counted_by_pytorch(nn.Conv2d(3, 6, 5, padding="same"), 3, *size)
    assert multiplications(layer, layer.forward(np.zeros((2, 3, *size))).shape) == expected


def test_a_convolution_with_a_stride_multiplies_less_often():
    nn = pytest.importorskip("torch.nn")
    layer = Conv((2, 3), (3, 5, 5), 6)
    expected = counted_by_pytorch(nn.Conv2d(3, 6, 5, stride=(2, 3), padding=2), 3, 9, 10)
    assert multiplications(layer, layer.forward(np.zeros((2, 3, 9, 10))).shape) == expected


def test_a_convolution_of_signals():
    nn = pytest.importorskip("torch.nn")
    layer = Conv(1, (3, 5), 6)
    assert multiplications(layer, (2, 6, 20)) == counted_by_pytorch(nn.Conv1d(3, 6, 5, padding="same"), 3, 20)


def test_a_fully_connected_layer_multiplies_as_often_as_pytorch_s():
    nn = pytest.importorskip("torch.nn")
    assert multiplications(FullyConnected(7, 4), (2, 4)) == counted_by_pytorch(nn.Linear(7, 4), 7)


@pytest.mark.parametrize(("kind", "gates"), [(RNN, 1), (GRU, 3), (LSTM, 4)])
def test_recurrent_layers_multiply_in_each_time_step(kind, gates):
    layer = kind(3, 5, 2)
    shape = layer.forward(np.zeros((6, 10, 3))).shape
    assert multiplications(layer, shape) == 10 * ((3 + 5) * gates * 5 + 5 * 2)
    assert multiplications(kind(3, 5), (6, 10, 5)) == 10 * (3 + 5) * gates * 5


@pytest.mark.parametrize(("shape", "expected"), [((2, 3), 3), ((2, 3, 4, 5), 60)])
def test_batch_normalization_multiplies_each_number_once(shape, expected):
    assert multiplications(BatchNormalization(3), shape) == expected


def test_what_has_no_parameters_multiplies_by_none():
    assert multiplications(SoftMax(), (2, 3)) == 0


@pytest.mark.parametrize(
    ("layer", "shape"), [(Undeclared(), (2, 3)), (FullyConnected(3, 2), None), (FullyConnected(3, 2), (2, 3))]
)
def test_what_is_not_known_is_not_guessed(layer, shape):
    assert multiplications(layer, shape) is None


def test_both_tables_have_the_same_cells():
    net = LeNet.build(rng=0)
    net.test(np.zeros((1, 1, 28, 28)))
    text = [re.split(r" {2,}", line.strip()) for line in str(net).splitlines() if not line.startswith("---")]
    cells = [[cell for cell in row if cell] for row in Cells(net._repr_html_()).rows]
    assert cells == text
    assert cells[1][-3:] == ["(batch, 6, 28, 28)", "156", "117,600"]


def test_the_total_is_the_sum_of_what_stands_above_it():
    net = LeNet.build(rng=0)
    net.test(np.zeros((1, 1, 28, 28)))
    rows = [row[-1].replace(",", "") for row in Cells(net._repr_html_()).rows[1:]]
    assert int(rows[-1]) == sum(map(int, rows[:-1]))


def test_before_a_batch_the_cost_is_not_known():
    rows = Cells(network(FullyConnected(4, 3))._repr_html_()).rows
    assert [row[-1] for row in rows] == ["multiplications", "?", "?"]


def test_what_a_layer_calls_itself_is_text_in_a_notebook():
    html = network(Doubled())._repr_html_()
    assert Cells(html).rows[1][1] == repr(Doubled())
    assert "<b>" not in html


def test_a_frozen_layer_is_marked():
    net = network(FullyConnected(4, 3))
    net.layers[0].trainable = False
    assert Cells(net._repr_html_()).rows[1][3] == "15 frozen"
