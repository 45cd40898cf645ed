"""Underflow: numbers too small for their type are 0, whatever NumPy is set to do about them, and whenever it is set."""

from contextvars import Context, copy_context

import numpy as np
import pytest

from Foundation import Underflow
from Foundation.Pieces import in_pieces
from Layers import FullyConnected, Sigmoid, SoftMax, TanH
from Optimization import Constraints, Loss, Optimizers

TINY = np.full((2, 3), 1e-300)
MODES = ["ignore", "warn", "raise", "call", "print", "log"]


class Told(list):
    """What NumPy says, for its modes "call" and "log"."""

    def __call__(self, *words):
        self.append(words)

    write = append = list.append


def layers():
    layer = FullyConnected.FullyConnected(3, 3)
    layer.weights, layer.optimizer = np.full((4, 3), 1e-300), Optimizers.Adam(1e-300)
    return [layer, TanH.TanH(), Sigmoid.Sigmoid(), SoftMax.SoftMax()]


def passes():
    """Everything in a layer, an optimizer, a regularizer and a loss that underflows."""
    found = []
    for layer in layers():
        found += [layer.forward(TINY), layer.backward(TINY)]
    for optimizer in (Optimizers.Sgd(1e-300), Optimizers.SgdWithMomentum(1e-300), Optimizers.Adam(1e-300)):
        found.append(optimizer.calculate_update(TINY, TINY))
    for regularizer in (Constraints.L1_Regularizer(1e-300), Constraints.L2_Regularizer(1e-300)):
        found += [regularizer.calculate_gradient(TINY), regularizer.norm(TINY)]
    loss = Loss.MeanSquaredError()
    return [*found, loss.forward(TINY, 2 * TINY), loss.backward(2 * TINY)]


@pytest.fixture(params=["NumPy's own settings", "setting them each time"])
def _known(request, monkeypatch):
    """With and without the object that NumPy doesn't promise to have."""
    if request.param == "setting them each time":
        monkeypatch.setattr(Underflow, "_settings", object)


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("mode", MODES)
def test_what_numpy_does_about_underflow_does_not_concern_a_pass(mode, capsys):
    told, expected = Told(), passes()
    with np.errstate(all=mode, call=told):
        found = passes()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not told
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("_known")
def test_settings_are_those_of_now():
    expected = passes()[0]

    def change_them():
        for mode in [*MODES, *MODES[::-1]]:
            np.seterr(under=mode)
            np.testing.assert_array_equal(passes()[0], expected)
            assert np.geterr()["under"] == mode

    copy_context().run(change_them)


def test_the_settings_that_numpy_begins_with_stay_as_they_are():
    def look():
        now = Underflow._settings()
        assert np.geterr()["under"] == "ignore"
        assert Underflow.without_underflow(Underflow._settings) is now
        assert Underflow.ignoring_underflow(Underflow._settings) is now
        in_pieces(lambda part: None, np.zeros((2**9, 2**10)), long_rows=True)
        assert Underflow._settings() is now

    Context().run(look)


def test_others_are_set():
    with np.errstate(under="raise"):
        assert Underflow.without_underflow(np.geterr)["under"] == "ignore"
        assert Underflow.ignoring_underflow(np.geterr)["under"] == "ignore"
        assert np.geterr()["under"] == "raise"
