"""The network: a chain of layers with a loss, fed by a data layer.

    net = NeuralNetwork(Optimizers.Sgd(0.01), Initializers.He(), Initializers.Constant(0.1))
    net.data_layer = data                   # anything whose next() gives (input_tensor, label_tensor)
    net.loss_layer = Loss.CrossEntropyLoss()
    net.append_layer(FullyConnected.FullyConnected(4, 3))
    net.append_layer(SoftMax.SoftMax())
    net.train(1000)
    probabilities = net.test(images)

`python NeuralNetwork.py --help` tells how to train a model on real data from the command line.
"""

import copy
import math
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from threading import get_ident
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from Foundation import Checks
from Foundation.Attributes import declare_arguments
from Foundation.Batches import weights_of_steps
from Foundation.Forks import compute_undivided
from Foundation.MatrixLibrary import on_the_calling_thread
from Foundation.Memory import keep_freed_memory
from Foundation.Phases import is_testing
from Foundation.Settings import pass_on, settings
from Foundation.SparseRows import numbers_in
from Foundation.Supervision import APART, INSIDE, supervised
from Foundation.Underflow import ignoring_underflow, leaving_errors_to_the_loss, underflow_is_ignored
from Layers import Rows, Steps
from Layers.Base import TrainableLayer
from Layers.Composite import can_learn, leaves, optimizers_of, receive_settings
from Network import divergence, expectations, parts, preparation, steps, turns
from Network.table import html_table, table


class NeuralNetwork:
    """Layers in a row, trained by back-propagation.

    Args:
        optimizer: copied for every trainable layer that is appended. None appends layers that don't learn.
        weights_initializer: draws the weights of every trainable layer that is appended;
            None leaves a layer the values that it was made with.
        bias_initializer: the same for the biases.
        dtype: "float64" (default) or "float32": what appended layers compute in, and what the data is cast to.
        clip_norm: the largest norm of all gradients together; longer ones are shortened before a step (None).
        clip_value: the largest absolute value of an element of a gradient (None).
        accumulate: the number of batches whose gradients add up to one step (1).

    Attributes:
        layers: the layers from input to output; a list that may be changed directly.
        loss: the loss of every training iteration so far, as `forward` returned it.
        data_layer: anything with `next()` that returns `(input_tensor, label_tensor)`. Arrays `(X, y)` or
            `(X, y, weights)` become a `Generator.arrays.ArrayData`.
        loss_layer: `forward(prediction, label)` gives the loss, `backward(label)` the error tensor.
        label_tensor: the labels of the current batch.
        prediction_tensor: what the last layer made of it.
        preparation: what data goes through before it meets the first layer, and the names of the classes, a
            `Foundation.Preparation`; that of the data layer that the network learns from. It is saved with the network,
            and `classify` uses it (None).
        progress: where a trainer stands, a dictionary that is saved with the network (None).

    Errors that a layer raises get its place in the network in front: "layer 2 of 5, …".

    >>> from Layers import FullyConnected, Initializers, SoftMax
    >>> from NeuralNetwork import NeuralNetwork
    >>> from Optimization import Optimizers
    >>> net = NeuralNetwork(Optimizers.Sgd(0.1), Initializers.He(rng=0), Initializers.Constant(0))
    >>> net.append_layer(FullyConnected.FullyConnected(4, 3))
    >>> net.append_layer(SoftMax.SoftMax())
    >>> net.test([[1, 2, 3, 4]]).shape
    (1, 3)
    """

    _known_settings: Mapping[str, Any]
    _without_loss = False  # whether the last batch is on its way to its loss, or has never come there
    _turn: AbstractContextManager[Any]
    _asking: Collection[None]
    _processes: Any = None  # those that have the rest of each batch, see `Training.processes`

    def __init__(
        self,
        optimizer: Any = None,
        weights_initializer: Any = None,
        bias_initializer: Any = None,
        dtype: DTypeLike = "float64",
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        accumulate: int = 1,
    ) -> None:
        expectations.check_initializers(weights_initializer, bias_initializer)
        turns.begin(self)
        self.layers: list[Any] = []
        self.optimizer = optimizer
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.dtype = expectations.network_dtype(dtype)
        self.clip_norm, self.clip_value = expectations.clipping(clip_norm, clip_value)
        self.accumulate = Checks.positive_integer(accumulate, "NeuralNetwork", "accumulate")
        self.loss: list[float] = []
        self._data_layer: Any = None
        self._bound_to: Any = None  # the loss whose labels the data layer gives
        self._fetch: Any = None  # gives its next batch
        self.loss_layer: Any = None
        self.label_tensor: Any = None
        self.prediction_tensor: Any = None
        self.preparation: Any = None
        self.progress: dict[str, Any] | None = None
        self._input_tensor: Any = None
        self._lengths: Any = None
        self._output_shapes: list[tuple[int, ...]] = []
        self._steps_due: dict[int, bool] = {}
        self._with_step: Any = None  # a call that belongs to the next step: see `Foundation.Moves`
        self._can_be_saved = False  # or somebody has been told that it can't
        #: How many batches have been since the last step, and the sum of their gradients where they accumulate.
        self.accumulated: tuple[int, list[steps.Gradient]] = 0, []

    @property
    def data_layer(self) -> Any:
        """Where batches come from; arrays that are set become a data layer of their own.

        The network keeps its `preparation`, and warns of one that isn't that of the data it has learnt from.
        """
        return self._data_layer

    @data_layer.setter
    def data_layer(self, data_layer: Any) -> None:
        self._data_layer = expectations.data_layer_of(data_layer)
        self._bound_to = None
        preparation.meet(self, self._data_layer)

    @property
    def optimizer(self) -> Any:
        """The optimizer of which every trainable layer has copies.

        What is changed in its settings (learning rate, regularizer, …) holds for the copies from the next step on;
        another optimizer that is set takes the place of all copies, with nothing remembered yet.
        """
        return vars(self)["optimizer"]

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        expectations.check_optimizer(optimizer)
        known = settings(optimizer)
        # One that holds what can't be copied, a lock say, changes nothing.
        copies = [(layer, copy.deepcopy(optimizer)) for layer in self.layers if can_learn(layer)]
        vars(self)["optimizer"], self._known_settings = optimizer, known
        for layer, copied in copies:
            layer.optimizer = copied

    def optimizers(self) -> list[Any]:
        """The optimizers of all layers: one for each parameter, in the order of the layers."""
        self._known_settings = pass_on(vars(self)["optimizer"], self._copies, self._known_settings)
        receive_settings(self.layers)
        return optimizers_of(self.layers)

    def _copies(self) -> list[Any]:
        return optimizers_of(self.layers, models=True)

    @property
    def learning_rate(self) -> Any:
        """The learning rate, a number or a schedule, of all optimizers; setting it sets that of each.

        Raises ValueError where they have different ones: `optimizers()` lists them.
        """
        optimizers = expectations.with_learning_rate(self.optimizers() or [self.optimizer])
        rates = [optimizer.learning_rate for optimizer in optimizers]
        if all(rate is rates[0] for rate in rates):  # nearly always
            return rates[0]
        known = [{"": rate} if isinstance(rate, FunctionType) else settings(rate) for rate in rates]
        if any(rate != known[0] for rate in known):
            raise ValueError(f"learning_rate: expected the same for all optimizers, got {rates}; see net.optimizers()")
        return rates[0]

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.optimizers()  # have all that was set before
        for optimizer in expectations.with_learning_rate([*self._copies(), self.optimizer]):
            optimizer.learning_rate = copy.deepcopy(learning_rate)
        receive_settings(self.layers)
        self._known_settings = settings(self.optimizer)

    def append_layer(self, layer: Any) -> None:
        """Add a layer behind the last one.

        A trainable layer gets a copy of the network's optimizer, new parameters from the initializers and
        the network's dtype; one that is frozen keeps its parameters. Raises TypeError for anything without
        `forward` and `backward`, ValueError for a layer that is in the network already.
        """
        expectations.check_layer(layer, self.layers)
        trainable = getattr(layer, "trainable", False)
        if can_learn(layer):
            if self.optimizer is not None:
                layer.optimizer = copy.deepcopy(self.optimizer)
            if trainable and self.weights_initializer is not None:
                layer.initialize(self.weights_initializer, self.bias_initializer)
            if hasattr(layer, "astype"):
                layer.astype(self.dtype)
        self.layers.append(layer)

    def append_trainable_layer(self, layer: Any) -> None:
        """The name of `append_layer` in older scripts."""
        self.append_layer(layer)

    def forward(self, *, batch: Any = None) -> float:
        """Take a batch from the data layer through all layers and return its loss.

        The loss is a sum over the batch, and includes the norms of regularized parameters. A batch may be given in
        place of the data layer's next: `(input_tensor, label_tensor)`, or more, see `Foundation.Batches.Batch`. Where
        sequences have lengths, and outputs are of each time step, padding costs nothing.
        """
        if not underflow_is_ignored():
            return ignoring_underflow(NeuralNetwork.forward, self, batch=batch)
        if not hasattr(self.loss_layer, "forward") or isinstance(self.loss_layer, type):
            expectations.refuse_loss_layer(self.loss_layer, "forward(prediction_tensor, label_tensor)")
        if batch is None:
            batch = self._next_batch()
        if type(batch) is tuple and len(batch) == 2:
            (input_tensor, label_tensor), sample_weights, lengths = batch, None, None
        else:
            input_tensor, label_tensor, sample_weights, lengths = expectations.parts_of(batch, "forward", "be given")
        if lengths is not None:
            expectations.check_that_lengths_are_taken(self.layers)
        self._input_tensor, self.label_tensor = self._cast(input_tensor, "the data layer"), label_tensor
        self._lengths, self._without_loss = lengths, True
        processes = self._processes
        steps_due = {} if processes is None else processes.steps([])
        # The input is finite, and the loss tells whether everything between was.
        prediction, self._output_shapes = supervised(
            steps_due, Rows.forward, self.layers, self._input_tensor, True, lengths
        )
        self.prediction_tensor = prediction
        if lengths is not None:
            sample_weights = weights_of_steps(prediction, self._input_tensor.shape[1], sample_weights, lengths)
        if sample_weights is None:
            loss = self.loss_layer.forward(prediction, label_tensor)
        else:
            expectations.check_that_it_weighs(self.loss_layer)
            loss = self.loss_layer.forward(prediction, label_tensor, sample_weights=sample_weights)
        if type(loss) is not float:
            loss = Checks.one_number(loss, self.loss_layer, "the loss that forward gives")
        if processes is not None:
            loss = processes.total_loss(loss)
        for layer in self.layers:
            if hasattr(layer, "calculate_regularization_loss"):
                loss += float(layer.calculate_regularization_loss())
        self._without_loss = False
        return loss

    def backward(self, *, step: bool = True) -> None:
        """Take the error of the current batch back through all layers, each of which takes its step.

        No parameter moves before all gradients are there. With `step=False` none moves at all: `gradients()` gives what
        there is, and `step()` takes the step.
        """
        if not underflow_is_ignored():
            return ignoring_underflow(NeuralNetwork.backward, self, step=step)
        if not hasattr(self.loss_layer, "backward") or isinstance(self.loss_layer, type):
            expectations.refuse_loss_layer(self.loss_layer, "backward(label_tensor)")
        if self._without_loss:
            expectations.refuse_batch_without_loss()
        if step is not True:
            step = Checks.truth(step, "backward", "step")
        processes = self._processes
        apart = not step or self.accumulate > 1 or self.clip_norm is not None or self.clip_value is not None
        apart = apart or processes is not None
        due = dict.fromkeys(map(id, self.layers), False) if processes is None else processes.steps(self.layers)
        if apart:
            steps.refuse_layers_that_step_by_themselves(self.layers)
            due[APART] = True
        for layer in self.layers:
            if getattr(layer, "trainable", False) and (not hasattr(layer, "step") or hasattr(layer, "parts")):
                self.optimizers()  # have all that was set before one of them steps by itself
                break
        supervised(due, Rows.backward, self.layers, self.loss_layer.backward(self.label_tensor), due)
        if apart:
            steps.refuse_layers_that_have_not_asked(self.layers, due)
        if processes is not None:
            due = processes.summed(due)
        self._steps_due = due
        batches, earlier = self.accumulated
        if self.accumulate > 1 or earlier:
            steps.add(earlier)
            earlier = steps.gradients(self.layers)
        self.accumulated = batches + 1, earlier
        if step and batches + 1 >= self.accumulate:
            self.step()

    def gradients(self) -> list[steps.Gradient]:
        """The layer, the parameter's name and the gradient, for each parameter that learns.

        With `accumulate`, the sum over the batches since the last step.
        """
        return steps.gradients(self.layers)

    def step(self) -> None:
        """Let every layer that learns take the step for which `backward(step=False)` has left the gradients.

        All parameters move, with all that their optimizers remember, or none does: an error, of a regularizer say,
        comes before anything has moved, and so does Ctrl-C, or else when everything has. Only layers that write `step`
        themselves go ahead of the others, one by one. Where an error stops it, the gradients count as used: none of
        them moves a layer a second time.
        """
        if not self._steps_due:
            raise RuntimeError("step: expected gradients that no step has used; call backward(step=False) first")
        if not underflow_is_ignored():
            return ignoring_underflow(NeuralNetwork.step, self)
        self._known_settings = pass_on(vars(self)["optimizer"], self._copies, self._known_settings)
        with self._turn:
            due, self._steps_due, self.accumulated = self._steps_due, {}, (0, [])
            layers = self.layers
            if INSIDE in due:
                receive_settings(layers)
                layers = leaves(layers)
            if self.clip_norm is not None or self.clip_value is not None:
                steps.clip(self.layers, self.clip_norm, self.clip_value)
            stepping: list[Any] = []
            for layer in layers:
                if due.pop(id(layer), False):
                    stepping.append(layer)
                    for parameter in layer.declared:
                        gradient = getattr(layer, parameter.gradient_name)
                        few = type(gradient) is np.ndarray and gradient.size <= Checks.ON_ONE_THREAD
                        if few and math.isfinite(Checks.vdot(gradient, gradient)):  # without a further call
                            continue
                        gradient = numbers_in(gradient)
                        if not Checks.are_numbers(gradient) or not Checks.squares_are_finite(gradient):
                            steps.refuse_gradients_that_are_not_finite(self.layers, layer)
            waiting = []
            for layer in stepping:
                if type(layer).step is TrainableLayer.step:
                    if len(layer.declared) > 1:
                        layer.receive_settings()
                    waiting.append(layer)
                else:
                    steps.let_step(layer, self.layers)
            Steps.take(waiting, partial(steps.tell, self.layers), self._with_step)

    def train(self, iterations: int, *, after_each: Callable[[], object] | None = None) -> None:
        """Train on as many batches as there are iterations, appending each loss to `loss`.

        `after_each` is called, without arguments, after each of them; where it tests, the next one trains again.

        Raises TypeError or ValueError for a number of iterations that is no whole number of at least 0,
        RuntimeError where the loss or a gradient is not finite: before the step, with the layer in which it began.
        """
        iterations = Checks.integer(iterations, "train", "iterations")
        if iterations < 0:
            raise ValueError(f"train: expected iterations of at least 0, got {iterations}")
        expectations.check_layers(self.layers)
        expectations.check_function(after_each, "train", "after_each")
        if vars(self)["optimizer"] is None:
            expectations.check_that_something_is_learnt(self.layers)
        if not self._can_be_saved:
            self._say_whether_it_can_be_saved()
        for layer in self.layers:
            layer.testing_phase = False
        keep_freed_memory()
        self.on_cores(leaving_errors_to_the_loss, self._repeat, iterations, after_each)

    def _repeat(self, iterations: int, after_each: Callable[[], object] | None) -> None:
        for _ in range(iterations):
            self.iteration()
            if after_each is not None:
                after_each()
                self.phase = False

    def iteration(self, *, batch: Any = None) -> float:
        """Learn from one batch, the data layer's next or one that is given, and give its loss: what `train` repeats.

        Other threads that test, save or copy the network meanwhile wait for the end of it. Ctrl-C comes before the step
        or after it, see `step`.

        Raises RuntimeError as `train` does; the phase is that of the layers.
        """
        if self._asking:
            turns.stand_back(self)
        if batch is None and hasattr(self.loss_layer, "forward") and type(self).forward is NeuralNetwork.forward:
            batch = self._next_batch()  # whose thread may ask the network itself
        with self._turn:
            self._trained_by = get_ident()
            try:
                loss = self.forward() if batch is None else self.forward(batch=batch)
            except Checks.NonFiniteError:
                loss = math.nan
            if not math.isfinite(loss):
                raise divergence.error(len(self.loss) + 1, self.layers, self._input_tensor, self._lengths)
            losses = len(self.loss)
            self._with_step = (self.loss.append, loss)
            try:
                self.backward()
            finally:
                self._with_step = None
            if len(self.loss) == losses:  # no step has been taken: gradients accumulate
                self.loss.append(loss)
        return loss

    def test(self, input_tensor: ArrayLike, *, lengths: Any = None) -> np.ndarray:
        """The output of the last layer for an input.

        The layers are in the testing phase, which stays on. Nothing is kept for a `backward`: that takes a
        `forward` of its own. Several threads may ask; one waits for the other. While another thread trains the network
        the answer is that between two of its iterations, and the training phase stays on.

        Lengths `(batch,)` are the time steps of each sequence of this batch alone, of which the rest is padding (None).
        """
        return self._tested(input_tensor, lengths)

    def predict(self, input_tensor: Any, batch_size: int = 500, *, lengths: Any = None) -> Any:
        """What `test` gives, computed for some samples at a time: many need no more memory than a few.

        For layers that take a batch; one sequence alone, `(time, features)`, is for `test`.

        Args:
            input_tensor: samples, of which only so many at a time are converted, or read from the file that an array
                is mapped from. Or a list of sequences `(time, features)` of different lengths, for which a list of
                outputs comes back, each as long as its sequence where outputs have time steps.
            batch_size: how many samples at a time (500).
            lengths: `(samples,)`, the time steps of each sequence of an array, where the rest is padding (None).
        """
        size = Checks.positive_integer(batch_size, "predict", "batch_size")
        return turns.between_iterations(self, parts.predict, self._tested, input_tensor, size, lengths, self)

    def _tested(self, input_tensor: ArrayLike, lengths: Any) -> np.ndarray:
        if lengths is not None:
            expectations.check_that_lengths_are_taken(self.layers)
        test = compute_undivided, self.on_cores, parts.tested, self, input_tensor, lengths
        return turns.between_iterations(self, *test)

    def classify(self, samples: Any, batch_size: int = 500) -> Any:
        """What the network takes new data for, as it comes: pictures of any size, rows of a table.

        The data goes through what the training data went through, `preparation`, also in another program after
        `load`. The layers are in the testing phase, which stays on.

        Args:
            samples: one sample, or many in a list or an array. For a network trained on pictures: the path of a `.jpg`,
                `.png` or `.npy` file; an array (height, width) or (height, width, channels) of uint8, uint16, bool or
                floats in [0, 1]; a picture of Pillow's; a list of any of these, or an array with one more axis.
            batch_size: number of samples in a part, which bounds the memory (500).

        Returns:
            A `Foundation.Preparation.Classification` with `name`, `probability`, and the `probabilities` of all classes
            by their names; for many samples a list.

        Raises RuntimeError where the network doesn't know how its data was prepared; FileNotFoundError, ValueError or
        TypeError, naming the file, for what is no such data.

        >>> from Generator.datasets import sample_pictures
        >>> from Models import MultilayerPerceptron
        >>> net = MultilayerPerceptron.build((3, 8, 8), rng=0)
        >>> net.data_layer = sample_pictures(test_images=10).data_layer(50, [8, 8, 3], shuffle=True, rng=0)
        >>> net.train(100)
        >>> answer = net.classify("Generator/Sample_data/3.npy")
        >>> answer.name, list(answer.probabilities) == list(net.preparation.class_names)
        ('cat', True)
        """
        classify = preparation.of_network(self).classify
        return turns.between_iterations(self, classify, samples, self.predict, batch_size)

    def fit(
        self,
        X: Any,
        y: Any = None,
        epochs: int = 1,
        *,
        validation_split: float = 0.0,
        validation_data: Any = None,
        batch_size: int = 32,
        callbacks: Iterable[Any] = (),
        metrics: Any = None,
        sample_weights: Any = None,
        shuffle: bool = True,
        rng: int | np.random.Generator | None = None,
        resume: str | os.PathLike | None = None,
    ) -> Any:
        """Train for a number of epochs; gives the history, a dictionary of lists with a number for each epoch.

        The short form of `Training.trainer.Trainer` for arrays.

        Args:
            X: the samples, `(samples, …)`; or a data set, which needs no more.
            y: their labels: class numbers, names, one-hot rows, or numbers to be predicted (None: X has them).
            epochs: how often all samples are trained on (1).
            validation_split: the share of them that is kept back for validation (0).
            validation_data: `(X, y)` or a data set instead (None).
            batch_size: samples in a batch (32).
            callbacks: see `Training.callbacks`.
            metrics: names or objects, see `Training.metrics` (None: the accuracy, where there are classes).
            sample_weights: how much each sample counts, `(samples,)` (None: all alike); or "balanced", so that classes
                count alike, as `CrossEntropyLoss(class_weights="balanced")` has it for every kind of data.
            shuffle: whether each epoch has an order of its own (True).
            rng: a seed or generator for what is kept back and for the order (None: NumPy's global state).
            resume: a file that `Checkpoint` has written, to go on from; `epochs` are altogether then (None).

        Raises:
            TypeError, ValueError: before anything is trained, for data that don't fit and callbacks that can't work.
            RuntimeError: where the loss is not finite.

        >>> from Layers import FullyConnected, Initializers, SoftMax
        >>> from Optimization import Loss, Optimizers
        >>> net = NeuralNetwork(Optimizers.Adam(0.1), Initializers.He(rng=0), Initializers.Constant(0))
        >>> net.loss_layer = Loss.CrossEntropyLoss()
        >>> net.append_layer(FullyConnected.FullyConnected(1, 2))
        >>> net.append_layer(SoftMax.SoftMax())
        >>> history = net.fit([[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1], epochs=30)
        >>> history["accuracy"][-1]
        1.0
        """
        from Training.short_form import fit

        validation = validation_split, validation_data
        return fit(
            self, X, y, epochs, *validation, batch_size, callbacks, metrics, sample_weights, shuffle, rng, resume
        )

    def evaluate(
        self, X: Any, y: Any = None, *, metrics: Any = None, sample_weights: Any = None, batch_size: int = 500
    ) -> dict[str, float]:
        """The mean loss and the metrics on data, batch by batch in the testing phase; afterwards all is as it was.

        The loss is that of the predictions alone: the sum divided by the number of samples, or by the sum of weights.

        Args:
            X: the samples, `(samples, …)`; or `(X, y)`, `(X, y, sample_weights)`, or a data set with `batches()`.
            y: their labels (None: X has them).
            sample_weights: how much each sample counts, `(samples,)` (None: all alike).
            metrics: names or objects, see `Training.metrics` (None: the accuracy, where there are classes).
            batch_size: how many samples of arrays are computed at a time (500).

        Raises TypeError or ValueError for data that are none, or empty.

        >>> from Layers import FullyConnected, Initializers, SoftMax
        >>> from Optimization import Loss
        >>> net = NeuralNetwork(None, Initializers.Constant(0), Initializers.Constant(0))
        >>> net.loss_layer = Loss.CrossEntropyLoss()
        >>> net.append_layer(FullyConnected.FullyConnected(1, 2))
        >>> net.append_layer(SoftMax.SoftMax())
        >>> result = net.evaluate([[1.0], [2.0], [3.0]], [0, 0, 1])
        >>> {name: round(value, 4) for name, value in result.items()}
        {'loss': 0.6931, 'accuracy': 0.6667}
        """
        from Training.short_form import evaluate

        return turns.between_iterations(self, evaluate, self, X, y, metrics, sample_weights, batch_size)

    def weights(self) -> dict[str, np.ndarray]:
        """Copies of all that the layers have learnt and measured, by name, in their order: `3.Conv.weights`.

        The number is that of the layer in the table that `print(net)` shows, and `moving_mean` and `moving_variance` of
        a batch normalization are there once it has met a batch. While another thread trains the network, they are what
        they were between two iterations. `numpy.savez(file, **net.weights())` writes them for other programs.

        >>> from Layers import FullyConnected, ReLU
        >>> net = NeuralNetwork()
        >>> net.layers = [ReLU.ReLU(), FullyConnected.FullyConnected(4, 3)]
        >>> {name: array.shape for name, array in net.weights().items()}
        {'2.FullyConnected.weights': (5, 3)}
        """
        from Network import weights

        return turns.between_iterations(self, weights.weights, self)

    def load_weights(self, mapping: Mapping[str, ArrayLike], strict: bool = True) -> Any:
        """Give the layers what `weights` of a network of the same layers gave; what optimizers remember stays.

        Args:
            mapping: arrays by name; they are copied, and become the type of what the layer has.
            strict: whether each name has to be there and no other (True); False takes those that both sides have.

        Returns:
            `(missing, unexpected)`, the names that only the network has, and those that only the mapping has.

        Raises TypeError or ValueError, and nothing changes, for other names, for arrays of another shape, and for
        numbers that are not finite.

        >>> from Layers import FullyConnected
        >>> net = NeuralNetwork()
        >>> net.layers = [FullyConnected.FullyConnected(1, 1)]
        >>> net.load_weights({"1.FullyConnected.weights": [[2.0], [0.5]]})
        Leftovers(missing=[], unexpected=[])
        >>> net.test([[3.0]])
        array([[6.5]])
        """
        from Network import weights

        return weights.load(self, mapping, Checks.truth(strict, "load_weights", "strict"))

    @property
    def phase(self) -> bool:
        """Whether the layers are in the testing phase; setting it sets `testing_phase` of all of them.

        False and "train" mean training, True and "test" testing.
        """
        return bool(self.layers) and all(getattr(layer, "testing_phase", False) for layer in self.layers)

    @phase.setter
    def phase(self, phase: bool | str) -> None:
        testing = phase if isinstance(phase, bool) else is_testing(phase)
        for layer in self.layers:
            layer.testing_phase = testing

    def __str__(self) -> str:
        return table(self.layers, self._output_shapes, self.dtype)

    def _repr_html_(self) -> str:
        """The table as a notebook shows it."""
        return html_table(self.layers, self._output_shapes, self.dtype)

    def __repr__(self) -> str:
        return f"NeuralNetwork({len(self.layers)} layers, {self.dtype})"

    def __getstate__(self) -> dict[str, Any]:
        """What is copied and pickled: neither the data layer nor the current batch.

        While another thread trains the network, it is what it was between two iterations.
        """
        return turns.between_iterations(self, self._state)

    def _state(self) -> dict[str, Any]:
        batch = ("label_tensor", "prediction_tensor", "_input_tensor", "_lengths")
        nothing = dict.fromkeys(("_data_layer", "_bound_to", "_fetch", *batch))
        state = {**vars(self), **nothing, "_steps_due": {}, "_with_step": None}
        state.pop("_processes", None)
        state.pop("_without_loss", None)
        for name in ("_turn", "_asking", "_trained_by"):
            del state[name]
        return copy.deepcopy(state) if turns.is_trained_elsewhere(self) else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        turns.begin(self)
        vars(self).update(state)

    def _next_batch(self) -> Any:
        """The data layer's next, as it gives it where that is an input and its labels."""
        if self._bound_to is not self.loss_layer:
            self._bind()
        try:
            batch = self._fetch()
        except StopIteration:
            expectations.refuse_the_end(self._data_layer)
        if type(batch) is tuple and len(batch) == 2:
            return batch
        return expectations.parts_of(batch, "the data layer", "return")

    def _bind(self) -> None:
        """Let a data layer that can do so give labels as the loss takes them, whichever of both was set first.

        From now on the network learns from this data: it keeps what the data goes through.
        """
        self._fetch = expectations.fetcher(self._data_layer)
        if hasattr(self._data_layer, "bind"):
            self._data_layer.bind(self.loss_layer)
            if self._bound_to is None:  # else it is the same data, of which another loss wants other labels
                preparation.meet(self, self._data_layer, bound=True)
        expectations.balance(self.loss_layer, self._data_layer)
        preparation.adopt(self, self._data_layer)
        self._bound_to = self.loss_layer

    def _say_whether_it_can_be_saved(self) -> None:
        """Warn, once and before anything is learnt that could be lost, where `save` would refuse the network."""
        from Network.files import cannot_be_saved

        self._can_be_saved, reason = True, cannot_be_saved(self)
        if reason is not None:
            warnings.warn(f"train: this network can't be saved as it is; {reason}", stacklevel=3)

    def _cast(self, input_tensor: ArrayLike, source: str) -> np.ndarray:
        """The input in the network's dtype, once it is known to be finite; whole numbers where they may stay so."""
        what = f"the input of {source}"
        if self.layers and getattr(self.layers[0], "takes_integers", False):
            array = Checks.number_array(input_tensor, self, what)
            if array.dtype.kind in "iu":
                return Checks.tensor(array, self, what, dtype=array.dtype)
        tensor = Checks.tensor(input_tensor, self, what, dtype=self.dtype)
        if not Checks.is_finite(tensor):
            try:
                Checks.require_finite(tensor, self, what)
            except Checks.NonFiniteError as error:
                raise ValueError(f"{error}; mend the data before the network sees it") from None
        return tensor

    def on_cores(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that runs the layers, and settle for whom the processor's cores are meanwhile.

        For layers that divide the batch among threads of their own, or else for the matrix library: both at once would
        take them from each other.
        """
        for layer in self.layers:
            if getattr(layer, "divides_the_batch", False):
                return on_the_calling_thread(function, *arguments)
        return function(*arguments)

    @staticmethod
    def save(filename: str | os.PathLike, net: "NeuralNetwork", *, loss_layer: bool = True) -> None:
        """Write a network to one file, without its data layer.

        Layers with their parameters and moving averages, optimizers with their state, initializers, the
        loss layer, the history of the loss and the state of every random generator are in it, so that
        training goes on after `load` as if it had never stopped. While another thread trains the network, the file
        holds it as it was between two iterations. Folders are made where they are missing. An earlier file of that name
        is replaced at the end, all at once: whatever happens meanwhile, the old file or the new one is there.

        Args:
            filename: the file's name, first; the network is the second.
            net: the network.
            loss_layer: False leaves the loss layer out, which is None after `load` then.

        Raises TypeError, before anything is written, where a layer, an optimizer or a loss isn't derived from
        this library's base classes or holds what `load` would refuse; OSError where the file is read-only or a device.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     NeuralNetwork.save(folder + "/empty", NeuralNetwork(dtype="float32"))
        ...     NeuralNetwork.load(folder + "/empty", None)
        NeuralNetwork(0 layers, float32)
        """
        from Network import files

        if not isinstance(filename, str | os.PathLike) or not isinstance(net, NeuralNetwork):
            raise TypeError(
                "save: expected a file's name and then a network, save(filename, net); "
                f"got {type(filename).__name__} and {type(net).__name__}"
            )
        loss_layer = Checks.truth(loss_layer, "save", "loss_layer")
        files.save(filename, net, loss_layer)

    @staticmethod
    def load(filename: str | os.PathLike, data_layer: Any) -> "NeuralNetwork":
        """The network that `save` wrote, with `data_layer` as its data layer.

        Nothing in the file is executed: classes are looked up by module and name among those of this library
        and those that the program has imported, a layer of your own among them. Where a layer draws from
        NumPy's global random state, that state is set to what it was when the network was saved.

        Raises ValueError, naming the file, where it is damaged, no network, of a newer version, or needs a
        class that isn't imported; OSError where it can't be read.
        """
        from Network import files

        if not isinstance(filename, str | os.PathLike):
            raise TypeError(
                "load: expected a file's name and then a data layer, load(filename, data_layer); "
                f"got {type(filename).__name__} and {type(data_layer).__name__}"
            )
        net = files.load(filename, NeuralNetwork)
        net.data_layer = data_layer
        return net


declare_arguments(NeuralNetwork, "dtype", "clip_norm", "clip_value", "accumulate")

#: As the course has them: functions of this module.
save, load = NeuralNetwork.save, NeuralNetwork.load


if __name__ == "__main__":
    from Training.command_line import main

    sys.exit(main())
