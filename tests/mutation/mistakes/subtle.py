"""Mistakes of people who followed the pages: easily let pass, or easily explained by another cause."""

from tests.mutation.mistake import Mistake

BASE = "Layers/Base.py"
FULLY_CONNECTED = "Layers/FullyConnected.py"
SOFTMAX = "Layers/SoftMax.py"
CONV = "Layers/Conv.py"
BATCH_NORMALIZATION = "Layers/BatchNormalization.py"
RNN = "Layers/RNN.py"
LSTM = "Layers/LSTM.py"
LOSS = "Optimization/Loss.py"
NETWORK = "NeuralNetwork.py"

SUM_OF_W_Y = "            gradient_out += self.out.gradient_weights\n"
ZERO_STATE_ERROR = {RNN: "np.zeros((1, self.hidden_size))", LSTM: "np.zeros(self.hidden_size)"}
STEP = "        if self.optimizer is not None:\n            self.hidden.weights"


def _w_y(file: str) -> list[Mistake]:
    """Wrong gradients of the output layer's matrix, while that of its bias is right."""
    layer = file.removeprefix("Layers/").removesuffix(".py")
    bias = "            gradient_out[:, :1] += self.out.gradient_weights[:, :1]\n"
    before = "(error_tensor[t : t + 1] * y * (1 - y)).T @ self.hidden.input[:, 1 + self.input_size :]"
    return [
        Mistake(f"left out, {layer}", file, {SUM_OF_W_Y: bias}, "W_y takes no step"),
        Mistake(
            f"of the wrong sign, {layer}",
            file,
            {SUM_OF_W_Y: bias + "            gradient_out[:, 1:] -= self.out.gradient_weights[:, 1:]\n"},
            "wrong sign",
        ),
        Mistake(
            f"overwritten, {layer}",
            file,
            {SUM_OF_W_Y: bias + "            gradient_out[:, 1:] = self.out.gradient_weights[:, 1:]\n"},
            "overwrite each other",
        ),
        Mistake(
            f"with the state of the step before, {layer}",
            file,
            {SUM_OF_W_Y: f"{bias}            gradient_out[:, 1:] += {before}\n"},
            "the hidden state of the step before",
        ),
    ]


def _across_the_cut(file: str) -> Mistake:
    return Mistake(
        f"of the hidden state, {file}",
        file,
        {
            f"error_of_state = {ZERO_STATE_ERROR[file]}": (
                f"error_of_state = getattr(self, 'kept', {ZERO_STATE_ERROR[file]}) * self.memorize"
            ),
            STEP: f"        self.kept = error_of_state\n{STEP}",
        },
        "begin with zeros in every backward pass",
    )


MISTAKES = {
    "a wrong gradient of the output weights of a recurrent layer": [*_w_y(RNN), *_w_y(LSTM)],
    "errors that cross the cut between two sequences": [_across_the_cut(RNN), _across_the_cut(LSTM)],
    "sums of the last backward pass not set to zero": [
        Mistake(
            file.removeprefix("Layers/"),
            file,
            {
                "        self.gradient_weights = np.zeros(self.hidden.weights.shape)\n": (
                    "        if not hasattr(self, 'gradient_weights'):\n"
                    "            self.gradient_weights = np.zeros(self.hidden.weights.shape)\n"
                )
            },
            "the sum of the last backward pass is still in it",
        )
        for file in (RNN, LSTM)
    ],
    "fans of a recurrent layer": [
        Mistake(
            "one gate's fan_out",
            LSTM,
            {
                "class LSTM(RNN):\n": """class LSTM(RNN):
    def initialize(self, weights_initializer, bias_initializer):
        shape = (self.input_size + self.hidden_size, 4 * self.hidden_size)
        weights = weights_initializer.initialize(shape, shape[0], self.hidden_size)
        self.hidden.weights = np.vstack([bias_initializer.initialize((1, shape[1]), *shape), weights]).T
        self.out.initialize(weights_initializer, bias_initializer)

"""
            },
            "fan_out counts one gate only",
        ),
        Mistake(
            "those of W_y swapped",
            RNN,
            {
                "        self.out.initialize(weights_initializer, bias_initializer)\n": """
        shape = (self.hidden_size, self.output_size)
        weights = weights_initializer.initialize(shape, *shape[::-1])
        self.out.weights = np.vstack([bias_initializer.initialize((1, shape[1]), *shape), weights]).T
"""
            },
            "fan_in and fan_out of W_y are swapped",
        ),
        Mistake(
            "the hidden state not counted",
            RNN,
            {
                "        self.hidden.initialize(weights_initializer, bias_initializer)\n": """
        shape = (self.input_size + self.hidden_size, self.hidden_size)
        weights = weights_initializer.initialize(shape, self.input_size, shape[1])
        self.hidden.weights = np.vstack([bias_initializer.initialize((1, shape[1]), *shape), weights]).T
"""
            },
            "the hidden state is not counted",
        ),
    ],
    "hidden units that start equal": [
        Mistake(
            "zeros",
            RNN,
            {"        self.memorize = False\n": "        self.memorize = False\n        self.hidden.weights *= 0\n"},
            "make all hidden units the same",
        ),
    ],
    "integers on the way back": [
        Mistake(
            "added in place",
            CONV,
            {"error = np.zeros(self.padded.shape)": "error = np.zeros_like(self.padded)"},
            "np.zeros_like or np.empty_like of an array of integers",
        ),
        Mistake(
            "assigned",
            CONV,
            {
                "error = np.zeros(self.padded.shape)": "error = np.zeros_like(self.padded)",
                "error[self.window(place)] += np.tensordot(here, self.weights, 1)": (
                    "error[self.window(place)] = error[self.window(place)] + np.tensordot(here, self.weights, 1)"
                ),
            },
            "np.zeros_like or np.empty_like of an array of integers",
        ),
    ],
    "a base class that is not asked": [
        Mistake("by Conv", CONV, {"        super().__init__()\n": ""}, "calls super().__init__()"),
        Mistake("by FullyConnected", FULLY_CONNECTED, {"        super().__init__()\n": ""}, "calls super().__init__()"),
        Mistake(
            "by ReLU",
            "Layers/ReLU.py",
            {"class ReLU(BaseLayer):\n": "class ReLU(BaseLayer):\n    def __init__(self):\n        self.input = None\n\n"},
            "calls super().__init__() first",
        ),
        Mistake(
            "without trainable",
            BASE,
            {"        self.trainable = False\n": ""},
            "BaseLayer.__init__ sets self.trainable = False",
        ),
    ],
    "the network's use of its parts": [
        Mistake(
            "the list of layers turned around",
            NETWORK,
            {"for layer in reversed(self.layers):": "self.layers.reverse()\n        for layer in self.layers:"},
            "turns the list itself around",
        ),
        Mistake(
            "the error of the loss for every layer",
            NETWORK,
            {"error = layer.backward(error)": "layer.backward(error)"},
            "every layer gets the error of the loss",
        ),
        Mistake(
            "a batch drawn in backward",
            NETWORK,
            {
                "        error = self.loss_layer.backward": (
                    "        _, self.label_tensor = self.data_layer.next()\n        error = self.loss_layer.backward"
                )
            },
            "backward calls data_layer.next()",
        ),
        Mistake(
            "forward called twice",
            NETWORK,
            {"            self.loss.append(self": "            self.forward()\n            self.loss.append(self"},
            "two batches are drawn per iteration",
        ),
        Mistake(
            "losses printed instead of kept",
            NETWORK,
            {"self.loss.append(self.forward())": "print(self.forward())"},
            "printing it is not enough",
        ),
        Mistake(
            "labels before predictions",
            NETWORK,
            {"self.loss_layer.forward(prediction, self.label_tensor)": "self.loss_layer.forward(self.label_tensor, prediction)"},
            "the labels stand before the prediction",
        ),
        Mistake("a shallow copy", NETWORK, {"copy.deepcopy(": "copy.copy("}, "copy.copy shares"),
    ],
    "results that are not returned": [
        Mistake(
            "the error of a fully connected layer",
            FULLY_CONNECTED,
            {"        return error\n": ""},
            "FullyConnected.backward: expected numbers, received None",
        ),
        Mistake(
            "the error of a recurrent layer",
            RNN,
            {"        return error\n": ""},
            "RNN.backward: expected numbers, received None",
        ),
        Mistake(
            "the loss of a network",
            NETWORK,
            {"        return self.loss_layer.forward(": "        self.loss_layer.forward("},
            "loss of the batch: expected numbers, received None",
        ),
        Mistake(
            "the step of Sgd",
            "Optimization/Optimizers.py",
            {
                "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor": (
                    "self.shrink(weight_tensor) - self.learning_rate * gradient_tensor"
                )
            },
            "Sgd.calculate_update: expected numbers, received None",
        ),
    ],
    "what the loss sums": [
        Mistake("nothing: the mean", LOSS, {"return -np.sum(": "return -np.mean("}, "averaged over all elements"),
        Mistake(
            "the classes alone",
            LOSS,
            {"np.finfo(float).eps))\n": "np.finfo(float).eps), axis=1)\n"},
            "one number for each sample",
        ),
    ],
    "softmax's rows": [
        Mistake(
            "the sum over the batch",
            SOFTMAX,
            {"np.sum(exponentials, axis=1, keepdims=True)": "np.sum(exponentials, axis=0, keepdims=True)"},
            "SoftMax.forward is wrong",
        ),
        Mistake(
            "the sum without keepdims",
            SOFTMAX,
            {"np.sum(exponentials, axis=1, keepdims=True)": "np.sum(exponentials, axis=1)"},
            "keepdims=True keeps it",
        ),
        Mistake(
            "the maximum over the batch",
            SOFTMAX,
            {"np.max(input_tensor, axis=1, keepdims=True)": "np.max(input_tensor, axis=0, keepdims=True)"},
            "the shift is the maximum over the batch",
        ),
        Mistake(
            "no shift",
            SOFTMAX,
            {"np.exp(input_tensor - np.max(input_tensor, axis=1, keepdims=True))": "np.exp(input_tensor)"},
            "there is no shift",
        ),
    ],
    "convolutions": [
        Mistake(
            "= for +=",
            CONV,
            {"error[self.window(place)] += ": "error[self.window(place)] = "},
            "add into them (+=)",
        ),
        Mistake(
            "cut off on the wrong side",
            CONV,
            {"slice(b, b + n) for b, n in zip(self.before": "slice(b, b + n) for b, n in zip([(k - 1) // 2 for k in self.kernel]"},
            "cut off k // 2 in front",
        ),
        Mistake(
            "the bias for every place of the kernel",
            CONV,
            {"[(..., *place)] += self.bias": "[(..., *place)] += self.bias * np.prod(self.kernel)"},
            "once for every place of the kernel",
        ),
    ],
    "what batch normalization divides by": [
        Mistake(
            "the batch size for the number of pixels",
            BATCH_NORMALIZATION,
            {
                "error = e - e.mean(axis=0) - self.normalized * (e * self.normalized).mean(axis=0)": (
                    "n = len(error_tensor)\n"
                    "        error = e - e.sum(axis=0) / n - self.normalized * (e * self.normalized).sum(axis=0) / n"
                )
            },
            "it counts the pixels too",
        ),
        Mistake(
            "N - 1, seen first where numbers are small",
            BATCH_NORMALIZATION,
            {"x.var(axis=0)": "x.var(axis=0, ddof=1)"},
            "the variance divides by n - 1",
        ),
    ],
    "the way back through an LSTM": [
        Mistake(
            "gates exchanged",
            LSTM,
            {
                "                at_cell * before * f * (1 - f),\n                at_cell * candidate * i * (1 - i),\n": (
                    "                at_cell * candidate * i * (1 - i),\n                at_cell * before * f * (1 - f),\n"
                )
            },
            "exchanged in backward",
        ),
        Mistake("1 - C²", LSTM, {"(1 - np.tanh(cell) ** 2)": "(1 - cell**2)"}, "1 - C² takes the cell"),
        Mistake("the new cell", LSTM, {"at_cell * before * f": "at_cell * cell * f"}, "takes the new cell"),
        Mistake(
            "f of the wrong time step",
            LSTM,
            {"error_of_cell = at_cell * f": "error_of_cell = at_cell", "** 2) + error_of_cell": "** 2) + error_of_cell * f"},
            "f of the wrong time step",
        ),
        Mistake(
            "no cell", LSTM, {"            error_of_cell = at_cell * f\n": ""}, "the cell's error from the next time step"
        ),
        Mistake(
            "no state",
            LSTM,
            {"            error_of_state = back[self.input_size :]\n": ""},
            "the hidden state's error from the next time step is forgotten",
        ),
        Mistake("time runs forward", LSTM, {"in reversed(range(len(error_tensor)))": "in range(len(error_tensor))"}, "time runs forward"),
        Mistake("C for its tanh", LSTM, {"at_state * np.tanh(cell) * o": "at_state * cell * o"}, "C instead of tanh(C)"),
    ],
    "functions in a recurrent layer": [
        Mistake("a candidate by the sigmoid", LSTM, {"candidate = np.tanh(": "candidate = sigmoid("}, "it is no gate"),
        Mistake("no tanh of the cell", LSTM, {"state = o * np.tanh(cell)": "state = o * cell"}, "the tanh of the cell is missing"),
        Mistake(
            "no sigmoid of the output, LSTM",
            LSTM,
            {"y = sigmoid(self.out.forward(state[np.newaxis]))": "y = self.out.forward(state[np.newaxis])"},
            "the sigmoid of the output is missing",
        ),
        Mistake(
            "no sigmoid of the output, RNN",
            RNN,
            {"y = 1 / (1 + np.exp(-self.out.forward(state[np.newaxis])))": "y = self.out.forward(state[np.newaxis])"},
            "the sigmoid of the output is missing",
        ),
    ],
}  # fmt: skip
