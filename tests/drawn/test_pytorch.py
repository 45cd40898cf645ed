"""Drawn layers and losses give what PyTorch gives, and so do their gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn.arrays import seeds
from tests.drawn.configurations import LOSSES
from tests.drawn.layers import LAYERS
from tests.layer_cases import gradients, parameters
from tests.oracles.make_trainings import layer_of, loss_of
from tests.test_layer_laws import errors_there_are

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("kind", LAYERS)
@given(data=st.data())
def test_outputs_errors_and_gradients_are_those_of_pytorch(kind, data):
    case = data.draw(LAYERS[kind])
    layer, inputs, errors = case.build(), case.inputs(seed=data.draw(seeds)), case.errors(seed=data.draw(seeds))
    weights = {name: torch.tensor(array, requires_grad=True) for name, array in parameters(layer).items()}
    tensor, function = torch.tensor(inputs, requires_grad=True), layer_of(layer, weights)
    np.random.seed(9)  # noqa: NPY002 - a layer may draw from the global state
    output = function(tensor)
    output.backward(torch.from_numpy(errors))
    theirs = [output.detach(), *errors_there_are(tensor.grad), *(weights[name].grad for name in parameters(layer))]
    np.random.seed(9)  # noqa: NPY002
    ours = [layer.forward(inputs), *errors_there_are(layer.backward(errors)), *gradients(layer).values()]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in LOSSES if kind.__name__ != "CrossEntropyLoss"])  # theirs has scores
@given(data=st.data())
def test_losses_and_their_errors_are_those_of_pytorch(kind, data):
    case = data.draw(LOSSES[kind])
    loss, (prediction, label) = case.make(), case.tensors(seed=data.draw(seeds))
    tensor = torch.tensor(prediction, requires_grad=True)
    repeated = torch.tensor(np.repeat(label, prediction.shape[1] // label.shape[1], axis=1))
    theirs = loss_of(loss, tensor, repeated, None).sum()
    theirs.backward()
    assert loss.forward(prediction, label) == pytest.approx(theirs.item(), rel=1e-10)
    np.testing.assert_allclose(loss.backward(label), tensor.grad.numpy(), rtol=1e-9, atol=1e-14)
