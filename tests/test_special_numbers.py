"""What every layer, loss, optimizer and regularizer does with 0, denormal, 1e±30, 1e±300, infinity and NaN.

One number of the columns stands among ordinary ones. In the tables, `=` is the value that an oracle has, to rounding
errors, and `!` an error that names who complains, before anything has changed.

In float32, 1e-300 is 0 and 1e300 infinite. Layers with parameters refuse what isn't finite, since it would spoil them
for good; batch normalization also what has no finite variance. A loss says what an infinite or undefined prediction
costs, and a network stops there.
"""

import numpy as np
import pytest

from Foundation.Checks import NonFiniteError
from Layers.Composite import CompositeLayer
from Network import steps
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import (
    BinaryCrossEntropy,
    CrossEntropyLoss,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
)
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, RMSprop, Sgd, SgdWithMomentum
from tests.layer_cases import CASES
from tests.special_numbers import NUMBERS, number, outcome_of_layer

#                                  0  den 1e-30 1e30 1e-300 1e300 inf nan
LAYERS = """
    float64  input  AveragePooling      =   =   =    =    =     =     =   =
    float64  input  BatchNormalization  =   =   =    =    =     !     !   !
    float64  input  Conv                =   =   =    =    =     =     !   !
    float64  input  Dropout             =   =   =    =    =     =     =   =
    float64  input  Flatten             =   =   =    =    =     =     =   =
    float64  input  ELU                =   =   =    =    =     =     =   =
    float64  input  GELU               =   =   =    =    =     =     =   =
    float64  input  LeakyReLU          =   =   =    =    =     =     =   =
    float64  input  SiLU               =   =   =    =    =     =     =   =
    float64  input  Softplus           =   =   =    =    =     =     =   =
    float64  input  LayerNormalization  =   =   =    =    =     !     !   !
    float64  input  FullyConnected      =   =   =    =    =     =     !   !
    float64  input  GlobalAveragePooling =   =   =    =    =     =     =   =
    float64  input  GRU                 =   =   =    =    =     =     !   !
    float64  input  LastStep            =   =   =    =    =     =     =   =
    float64  input  LSTM                =   =   =    =    =     =     !   !
    float64  input  Pooling             =   =   =    =    =     =     =   =
    float64  input  ReLU                =   =   =    =    =     =     =   =
    float64  input  RNN                 =   =   =    =    =     =     !   !
    float64  input  Sigmoid             =   =   =    =    =     =     =   =
    float64  input  SoftMax             =   =   =    =    =     =     =   =
    float64  input  TanH                =   =   =    =    =     =     =   =
    float64  input  TransposedConv      =   =   =    =    =     =     !   !
    float64  input  Upsampling          =   =   =    =    =     =     =   =
    float64  error  AveragePooling      =   =   =    =    =     =     =   =
    float64  error  BatchNormalization  =   =   =    =    =     =     !   !
    float64  error  Conv                =   =   =    =    =     =     !   !
    float64  error  Dropout             =   =   =    =    =     =     =   =
    float64  error  Flatten             =   =   =    =    =     =     =   =
    float64  error  ELU                =   =   =    =    =     =     =   =
    float64  error  GELU               =   =   =    =    =     =     =   =
    float64  error  LeakyReLU          =   =   =    =    =     =     =   =
    float64  error  SiLU               =   =   =    =    =     =     =   =
    float64  error  Softplus           =   =   =    =    =     =     =   =
    float64  error  LayerNormalization  =   =   =    =    =     =     !   !
    float64  error  Embedding           =   =   =    =    =     =     !   !
    float64  error  FullyConnected      =   =   =    =    =     =     !   !
    float64  error  GlobalAveragePooling =   =   =    =    =     =     =   =
    float64  error  GRU                 =   =   =    =    =     =     !   !
    float64  error  LastStep            =   =   =    =    =     =     =   =
    float64  error  LSTM                =   =   =    =    =     =     !   !
    float64  error  Pooling             =   =   =    =    =     =     =   =
    float64  error  ReLU                =   =   =    =    =     =     =   =
    float64  error  RNN                 =   =   =    =    =     =     !   !
    float64  error  Sigmoid             =   =   =    =    =     =     =   =
    float64  error  SoftMax             =   =   =    =    =     =     =   =
    float64  error  TanH                =   =   =    =    =     =     =   =
    float64  error  TransposedConv      =   =   =    =    =     =     !   !
    float64  error  Upsampling          =   =   =    =    =     =     =   =
    float64  weight BatchNormalization  =   =   =    =    =     =     !   !
    float64  weight Conv                =   =   =    =    =     =     !   !
    float64  weight LayerNormalization  =   =   =    =    =     =     !   !
    float64  weight Embedding           =   =   =    =    =     =     !   !
    float64  weight FullyConnected      =   =   =    =    =     =     !   !
    float64  weight GRU                 =   =   =    =    =     =     !   !
    float64  weight LSTM                =   =   =    =    =     =     !   !
    float64  weight RNN                 =   =   =    =    =     =     !   !
    float64  weight TransposedConv      =   =   =    =    =     =     !   !

    float32  input  AveragePooling      =   =   =    =    =     =     =   =
    float32  input  BatchNormalization  =   =   =    !    =     !     !   !
    float32  input  Conv                =   =   =    =    =     !     !   !
    float32  input  Dropout             =   =   =    =    =     =     =   =
    float32  input  Flatten             =   =   =    =    =     =     =   =
    float32  input  ELU                =   =   =    =    =     =     =   =
    float32  input  GELU               =   =   =    =    =     =     =   =
    float32  input  LeakyReLU          =   =   =    =    =     =     =   =
    float32  input  SiLU               =   =   =    =    =     =     =   =
    float32  input  Softplus           =   =   =    =    =     =     =   =
    float32  input  LayerNormalization  =   =   =    !    =     !     !   !
    float32  input  FullyConnected      =   =   =    =    =     !     !   !
    float32  input  GlobalAveragePooling =   =   =    =    =     =     =   =
    float32  input  GRU                 =   =   =    =    =     !     !   !
    float32  input  LastStep            =   =   =    =    =     =     =   =
    float32  input  LSTM                =   =   =    =    =     !     !   !
    float32  input  Pooling             =   =   =    =    =     =     =   =
    float32  input  ReLU                =   =   =    =    =     =     =   =
    float32  input  RNN                 =   =   =    =    =     !     !   !
    float32  input  Sigmoid             =   =   =    =    =     =     =   =
    float32  input  SoftMax             =   =   =    =    =     =     =   =
    float32  input  TanH                =   =   =    =    =     =     =   =
    float32  input  TransposedConv      =   =   =    =    =     !     !   !
    float32  input  Upsampling          =   =   =    =    =     =     =   =
    float32  error  AveragePooling      =   =   =    =    =     =     =   =
    float32  error  BatchNormalization  =   =   =    =    =     !     !   !
    float32  error  Conv                =   =   =    =    =     !     !   !
    float32  error  Dropout             =   =   =    =    =     =     =   =
    float32  error  Flatten             =   =   =    =    =     =     =   =
    float32  error  ELU                =   =   =    =    =     =     =   =
    float32  error  GELU               =   =   =    =    =     =     =   =
    float32  error  LeakyReLU          =   =   =    =    =     =     =   =
    float32  error  SiLU               =   =   =    =    =     =     =   =
    float32  error  Softplus           =   =   =    =    =     =     =   =
    float32  error  LayerNormalization  =   =   =    =    =     !     !   !
    float32  error  Embedding           =   =   =    =    =     !     !   !
    float32  error  FullyConnected      =   =   =    =    =     !     !   !
    float32  error  GlobalAveragePooling =   =   =    =    =     =     =   =
    float32  error  GRU                 =   =   =    =    =     !     !   !
    float32  error  LastStep            =   =   =    =    =     =     =   =
    float32  error  LSTM                =   =   =    =    =     !     !   !
    float32  error  Pooling             =   =   =    =    =     =     =   =
    float32  error  ReLU                =   =   =    =    =     =     =   =
    float32  error  RNN                 =   =   =    =    =     !     !   !
    float32  error  Sigmoid             =   =   =    =    =     =     =   =
    float32  error  SoftMax             =   =   =    =    =     =     =   =
    float32  error  TanH                =   =   =    =    =     =     =   =
    float32  error  TransposedConv      =   =   =    =    =     !     !   !
    float32  error  Upsampling          =   =   =    =    =     =     =   =
    float32  weight BatchNormalization  =   =   =    =    =     !     !   !
    float32  weight Conv                =   =   =    =    =     !     !   !
    float32  weight LayerNormalization  =   =   =    =    =     !     !   !
    float32  weight Embedding           =   =   =    =    =     !     !   !
    float32  weight FullyConnected      =   =   =    =    =     !     !   !
    float32  weight GRU                 =   =   =    =    =     !     !   !
    float32  weight LSTM                =   =   =    =    =     !     !   !
    float32  weight RNN                 =   =   =    =    =     !     !   !
    float32  weight TransposedConv      =   =   =    =    =     !     !   !
"""

LOSSES = """
    float64  CrossEntropyLoss   =   =   =    !    =     !     !   =
    float64  BinaryCrossEntropy =   =   =    !    =     !     !   =
    float64  MeanSquaredError   =   =   =    =    =     =     =   =
    float64  MeanAbsoluteError  =   =   =    =    =     =     =   =
    float64  Huber              =   =   =    =    =     =     =   =
    float64  QuantileLoss       =   =   =    =    =     =     =   =

    float32  CrossEntropyLoss   =   =   =    !    =     !     !   =
    float32  BinaryCrossEntropy =   =   =    !    =     !     !   =
    float32  MeanSquaredError   =   =   =    =    =     =     =   =
    float32  MeanAbsoluteError  =   =   =    =    =     =     =   =
    float32  Huber              =   =   =    =    =     =     =   =
    float32  QuantileLoss       =   =   =    =    =     =     =   =
"""

#: Of a gradient: a sum or mean of squares would be infinite for good.
OPTIMIZERS = """
    float64  Sgd                =   =   =    =    =     =     !   !
    float64  SgdWithMomentum    =   =   =    =    =     =     !   !
    float64  Adam               =   =   =    =    =     !     !   !
    float64  AdamW              =   =   =    =    =     !     !   !
    float64  Nesterov           =   =   =    =    =     =     !   !
    float64  AdaGrad            =   =   =    =    =     !     !   !
    float64  RMSprop            =   =   =    =    =     !     !   !

    float32  Sgd                =   =   =    =    =     !     !   !
    float32  SgdWithMomentum    =   =   =    =    =     !     !   !
    float32  Adam               =   =   =    !    =     !     !   !
    float32  AdamW              =   =   =    !    =     !     !   !
    float32  Nesterov           =   =   =    =    =     !     !   !
    float32  AdaGrad            =   =   =    !    =     !     !   !
    float32  RMSprop            =   =   =    !    =     !     !   !
"""

FORMULAS = {
    "CrossEntropyLoss": lambda p, y: -y * np.log(p + np.finfo(float).eps),
    "BinaryCrossEntropy": lambda p, y: -(y * _log(p) + (1 - y) * _log(1 - p)),
    "MeanSquaredError": lambda p, y: (p - y) ** 2 / p.shape[1],
    "MeanAbsoluteError": lambda p, y: np.abs(p - y) / p.shape[1],
    "Huber": lambda p, y: np.where(np.abs(p - y) <= 1, (p - y) ** 2 / 2, np.abs(p - y) - 0.5) / p.shape[1],
    "QuantileLoss": lambda p, y: np.maximum(0.3 * (y - p), -0.7 * (y - p)) / p.shape[1],
}


def _log(p):
    return np.log(np.maximum(p, np.finfo(float).eps))


def rows(table):
    """The lines of a table: what stands before the cells, and the cells by the number's name."""
    lines = [line.split() for line in table.strip().splitlines() if line.strip()]
    count = len(NUMBERS)
    return [pytest.param(*line[:-count], line[-count:], id=" ".join(line[:-count])) for line in lines]


def assert_equal(found, expected, dtype, what):
    """To rounding errors, infinity and NaN included; what is too large for the type is infinite in it."""
    with np.errstate(all="ignore"):
        rounded = np.asarray(expected).astype(dtype).astype(float)
    relative, absolute = {"float32": (1e-5, 3e-6), "float64": (1e-9, 1e-13)}[np.dtype(dtype).name]
    np.testing.assert_allclose(np.asarray(found, float), rounded, relative, absolute, err_msg=what)


def assert_layer_gives_what_pytorch_gives(case, dtype, place, name):
    layer, inputs, errors = case.build(dtype), case.inputs(dtype), case.errors(dtype)
    if place != "weight":
        array = {"input": inputs, "error": errors}[place]
        array.flat[min(1, array.size - 1)] = number(name, dtype)
    parameters = {parameter: getattr(layer, parameter).copy() for parameter in layer.parameter_names}
    if place == "weight":
        parameters["weights"].flat[0] = number(name, dtype)
        layer.weights = parameters["weights"].copy()
    with np.errstate(all="ignore"):
        output = layer.forward(inputs)
        expected, expected_error, gradients = outcome_of_layer(layer, inputs, errors, parameters)
        assert_equal(output, expected, dtype, f"{case}: output")
        if (place, name) == ("input", "nan"):  # which way an error goes from there nobody can say
            return
        error = layer.backward(errors)
        if case.vocabulary is None:
            assert_equal(error, expected_error, dtype, f"{case}: error of the input")
    for parameter, gradient in gradients.items():
        assert_equal(getattr(layer, f"gradient_{parameter}"), gradient, dtype, f"{case}: gradient of {parameter}")


@pytest.mark.parametrize(("dtype", "place", "layer", "cells"), rows(LAYERS))
def test_layers_give_the_value_or_name_the_error(dtype, place, layer, cells):
    pytest.importorskip("torch")
    for case in CASES:
        if type(case.make()).__name__ != layer:
            continue
        for name, cell in zip(NUMBERS, cells, strict=True):
            if cell == "=":
                assert_layer_gives_what_pytorch_gives(case, dtype, place, name)
            else:
                with pytest.raises(NonFiniteError, match=rf"^{layer}\(.*expected .* (nan|inf)"):
                    assert_layer_gives_what_pytorch_gives(case, dtype, place, name)


def test_every_layer_is_in_the_table():
    layers = [layer for case in CASES if not isinstance(layer := case.make(), CompositeLayer)]  # which do as theirs do
    assert {type(layer).__name__ for layer in layers} == {row.values[2] for row in rows(LAYERS)}


def loss_case(name):
    make = {
        "CrossEntropyLoss": CrossEntropyLoss,
        "BinaryCrossEntropy": BinaryCrossEntropy,
        "MeanSquaredError": MeanSquaredError,
        "MeanAbsoluteError": MeanAbsoluteError,
        "Huber": Huber,
        "QuantileLoss": lambda: QuantileLoss([0.3]),
    }[name]
    return make(), np.array([[1.0, 0.0], [0.0, 1.0]] if name != "QuantileLoss" else [[1.0], [0.0]])


@pytest.mark.parametrize(("dtype", "loss", "cells"), rows(LOSSES))
def test_losses_give_the_value_or_name_the_error(dtype, loss, cells):
    for name, cell in zip(NUMBERS, cells, strict=True):
        layer, label = loss_case(loss)
        label = label.astype(dtype)
        prediction = np.full_like(label, 0.25)
        prediction.flat[0] = number(name, dtype)
        if cell == "!":
            with pytest.raises(ValueError, match=rf"^{loss}\(.*expected predictions to be probabilities"):
                layer.forward(prediction, label)
            continue
        with np.errstate(all="ignore"):
            terms = FORMULAS[loss](prediction.astype(np.longdouble), label.astype(np.longdouble))
            expected = float(np.where((label == 0) & (loss == "CrossEntropyLoss"), 0, terms).sum())
        found = layer.forward(prediction, label)
        assert found == pytest.approx(expected, rel=2e-6 if dtype == "float32" else 1e-12, nan_ok=True), (loss, name)


MADE = {
    **{kind.__name__: kind for kind in (Sgd, SgdWithMomentum, Adam, Nesterov, AdaGrad)},
    "AdamW": lambda rate: AdamW(rate, decay=0),
    "RMSprop": lambda rate: RMSprop(rate, rho=0.75),
}
#: The first step, divided by the learning rate.
FIRST_STEPS = {
    "Sgd": lambda g: g,
    "SgdWithMomentum": lambda g: g,
    "Nesterov": lambda g: 1.9 * g,
    "Adam": lambda g: g / (np.abs(g) + 1e-8),
    "AdamW": lambda g: g / (np.abs(g) + 1e-8),
    "AdaGrad": lambda g: g / (np.abs(g) + 1e-10),
    "RMSprop": lambda g: g / (np.abs(g) / 2 + 1e-8),
}


@pytest.mark.parametrize(("dtype", "optimizer", "cells"), rows(OPTIMIZERS))
def test_optimizers_step_or_name_the_error_and_nothing_has_moved(dtype, optimizer, cells):
    for name, cell in zip(NUMBERS, cells, strict=True):
        layer = MADE[optimizer](0.1)
        weights = np.array([0.0, 0.5], dtype)
        gradient = np.array([number(name, dtype), 1], dtype)
        if cell == "!":
            with pytest.raises(NonFiniteError, match=rf"^{optimizer}\(.*expected a gradient"):
                layer.calculate_update(weights, gradient)
            assert layer.steps_taken == 0
            assert all(getattr(layer, remembered) is None for remembered in layer.remembered)
            continue
        g = gradient.astype(np.longdouble)
        step = 0.1 * FIRST_STEPS[optimizer](g)
        found = layer.calculate_update(weights, gradient)
        assert found[1] == pytest.approx(float(0.5 - step[1]), rel=1e-6), name
        assert found[0] == pytest.approx(float(-step[0]), rel=1e-5, abs=1e-36 if dtype == "float32" else 1e-305), name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "nan"])
def test_regularizers_give_the_number_that_there_is(name, dtype):
    weights = np.array([number(name, dtype), 0, 0.5, -2], dtype)
    wide = weights.astype(np.longdouble)
    with np.errstate(over="ignore"):
        expected = float(0.5 * (wide**2).sum())
    assert L2_Regularizer(0.5).norm(weights) == pytest.approx(expected, rel=1e-12)
    assert L1_Regularizer(0.5).norm(weights) == pytest.approx(float(0.5 * np.abs(wide).sum()), rel=1e-12)
    np.testing.assert_array_equal(L2_Regularizer(0.5).calculate_gradient(weights), weights / 2)
    np.testing.assert_array_equal(L1_Regularizer(0.5).calculate_gradient(weights), np.sign(weights) / 2)


@pytest.mark.parametrize("scale", [1e-310, 1e-300, 1e-170, 1e-30, 1e30, 1e153, 1e170, 1e300])
def test_a_norm_neither_overflows_nor_vanishes_on_the_way(scale):
    weights = np.array([3, -4, 0, 12]) * scale
    exact = np.array([3, -4, 0, 12], np.longdouble) * np.longdouble(scale)
    found = steps.norm([steps.Gradient(None, "weights", weights)])
    assert found == pytest.approx(13 * scale, rel=1e-12)
    for alpha in (1e-250, 1.0, 1e250):
        with np.errstate(over="ignore", under="ignore"):
            expected = float(np.longdouble(alpha) * (exact**2).sum()), float(np.longdouble(alpha) * np.abs(exact).sum())
        assert L2_Regularizer(alpha).norm(weights) == pytest.approx(expected[0], rel=1e-10, abs=0)
        assert L1_Regularizer(alpha).norm(weights) == pytest.approx(expected[1], rel=1e-10, abs=0)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_a_norm_of_float32_is_that_of_its_numbers(scale):
    weights = np.full(1000, scale, "float32")
    assert L2_Regularizer(1).norm(weights) == pytest.approx(1000 * float(weights[0]) ** 2, rel=1e-12)
    assert L1_Regularizer(1).norm(weights) == pytest.approx(1000 * float(weights[0]), rel=1e-12)


def test_absolute_values_may_have_a_sum_that_is_no_number_as_long_as_the_price_is_one():
    weights = np.full(100, 1.7e308)
    assert L1_Regularizer(1e-3).norm(weights) == pytest.approx(1.7e307, rel=1e-12)
    assert L1_Regularizer(1).norm(weights) == np.inf
