"""What a constructor refuses, setting the attribute later refuses too: the constructor itself is asked."""

import copy
import pickle

import numpy as np
import pytest

from Foundation.Attributes import Argument
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Optimization.Loss import CrossEntropyLoss, forward_pass
from Optimization.Optimizers import Sgd


def refused(work):
    with pytest.raises((TypeError, ValueError)) as error:
        work()
    return str(error.value)


def test_an_argument_and_its_attribute_are_refused_in_the_same_words():
    layer = Dropout(0.5)
    later = refused(lambda: setattr(layer, "probability", 2))
    assert later == refused(lambda: Dropout(2))
    assert layer.probability == 0.5


def test_an_attribute_is_converted_as_the_argument_is():
    layer, other = Dropout(0.5), Conv(1, (1, 3, 3), 2)
    layer.rng, other.stride_shape = 7, 2
    assert isinstance(layer.rng, np.random.Generator)
    assert other.stride_shape == (2, 2)


def test_the_other_arguments_are_those_that_the_object_has():
    layer = Conv(1, (1, 3), 2)
    assert "one number or 1" in refused(lambda: setattr(layer, "stride_shape", (2, 2)))


def test_looking_at_an_argument_draws_nothing_and_makes_no_parameters():
    layer = FullyConnected(2, 3)
    weights, state = layer.weights, str(np.random.get_state())
    layer.input_size = 10**9
    assert layer.weights is weights
    assert str(np.random.get_state()) == state


def test_a_constructor_of_somebodys_own_is_not_called_again():
    class Counted(Dropout):
        made = 0

        def __init__(self, probability):
            super().__init__(probability)
            Counted.made += 1

    layer = Counted(0.5)
    layer.probability = 0.25
    assert (layer.probability, Counted.made) == (0.25, 1)
    refused(lambda: setattr(layer, "probability", 2))


def test_arguments_that_no_constructor_has_set_count_as_missing():
    class Half(CrossEntropyLoss):
        def __init__(self):
            pass  # as some write it

        @forward_pass
        def forward(self, prediction_tensor, label_tensor):
            return super().forward(prediction_tensor, label_tensor) / 2

    loss = Half()
    assert isinstance(loss.class_weights, Argument) and not loss.class_weights
    assert loss.forward([[0.5, 0.5]], [[1, 0]]) == CrossEntropyLoss().forward([[0.5, 0.5]], [[1, 0]]) / 2


def test_a_method_of_an_arguments_name_is_not_the_argument():
    class Half(Dropout):
        def __init__(self, forget):
            super().__init__(0.5)

    assert repr(Half(3)) == "Half(forget=?)"
    with pytest.raises(AttributeError, match=r"does not keep its argument 'forget'"):
        Half(3).configuration()


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_copies_refuse_it_too(again):
    optimizer = again(Sgd(0.1))
    assert refused(lambda: setattr(optimizer, "regularizer", "l2")).startswith("Sgd(learning_rate=0.1")
