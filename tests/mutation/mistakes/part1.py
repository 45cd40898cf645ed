"""Mistakes in Part 1: fully connected layers, ReLU, softmax, the loss, the network."""

from tests.mutation.mistake import Mistake

FULLY_CONNECTED = "Layers/FullyConnected.py"
SOFTMAX = "Layers/SoftMax.py"
LOSS = "Optimization/Loss.py"

MISTAKES = {
    "forgotten bias": [
        Mistake("zeros instead of ones", FULLY_CONNECTED, {"np.ones((len": "np.zeros((len"}, "bias is forgotten"),
        Mistake(
            "no column for it",
            FULLY_CONNECTED,
            {
                "np.hstack([np.ones((len(input_tensor), 1)), input_tensor])": "input_tensor",
                "self.input @ self.weights.T": "self.input @ self.weights[:, 1:].T",
            },
            "bias is forgotten",
        ),
        Mistake(
            "the library leaves it out",
            FULLY_CONNECTED,
            {"        output += weights[-1]\n": ""},
            "bias is forgotten",
            "library",
        ),
        Mistake(
            "no gradient for it",
            FULLY_CONNECTED,
            {"error_tensor.T @ self.input": "error_tensor.T @ (self.input * [0, *[1] * self.input_size])"},
            "with the bias row included",
        ),
    ],
    "weights updated before the input error is computed": [
        Mistake(
            "fully connected",
            FULLY_CONNECTED,
            {
                "        error = error_tensor @ self.weights[:, 1:]\n": "",
                "        return error\n": "        return error_tensor @ self.weights[:, 1:]\n",
            },
            "weights are updated before the input's error",
        ),
        Mistake(
            "convolution",
            "Layers/Conv.py",
            {
                "        error = np.zeros(self.padded.shape)\n": """        error = np.zeros(self.padded.shape)
        if self.optimizer_weights is not None:
            self.weights = self.weights - 1
""",
            },
            "weights are updated before the input's error",
        ),
        Mistake(
            "batch normalization",
            "Layers/BatchNormalization.py",
            {
                "        e = e * self.weights\n": """        if self.optimizer_weights is not None:
            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
        e = e * self.weights
""",
                """            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
            self.bias""": "            self.bias",
            },
            "weights are updated before the input's error",
        ),
        Mistake(
            "recurrent, a step in each time step",
            "Layers/RNN.py",
            {
                "            self.gradient_weights += self.hidden.gradient_weights\n": """            self.gradient_weights += self.hidden.gradient_weights
            if self.optimizer is not None:
                self.hidden.weights = self.optimizer_hidden.calculate_update(
                    self.hidden.weights, self.hidden.gradient_weights
                )
""",
                "            self.hidden.weights = self.optimizer_hidden.calculate_update("
                "self.hidden.weights, self.gradient_weights)\n": "",
            },
            "weights are updated before the input's error",
        ),
        Mistake(
            "the library's fully connected layer",
            FULLY_CONNECTED,
            {
                "        return product(error_tensor, weights[:-1].T)": "        self.step()\n        return product(error_tensor, self.weights[:-1].T)"
            },
            "weights are updated before the input's error",
            "library",
        ),
    ],
    "gradients averaged where the course sums": [
        Mistake(
            "fully connected",
            FULLY_CONNECTED,
            {"= error_tensor.T @ self.input": "= error_tensor.T @ self.input / len(error_tensor)"},
            "neither averaged",
        ),
        Mistake(
            "convolution",
            "Layers/Conv.py",
            {
                "        if self.optimizer_weights is not None:\n            self.weights": "        self.gradient_weights /= len(error_tensor)\n        if self.optimizer_weights is not None:\n            self.weights"
            },
            "neither averaged",
        ),
        Mistake(
            "the bias of a convolution",
            "Layers/Conv.py",
            {"here.sum(axis=0)": "here.mean(axis=0)"},
            "sum the error over axes 0, 2 and 3",
        ),
        Mistake(
            "γ of batch normalization",
            "Layers/BatchNormalization.py",
            {"np.sum(e * self.normalized, axis=0)": "np.mean(e * self.normalized, axis=0)"},
            "summed over the batch",
        ),
        Mistake(
            "β of batch normalization",
            "Layers/BatchNormalization.py",
            {"np.sum(e, axis=0)": "np.mean(e, axis=0)"},
            "Σ error over the batch",
        ),
        Mistake(
            "the loss", LOSS, {"return -np.sum(": "return -1 / len(label_tensor) * np.sum("}, "averaged over the batch"
        ),
        Mistake(
            "the error of the loss",
            LOSS,
            {"return -label_tensor": "return -1 / len(label_tensor) * label_tensor"},
            "averaged over the batch",
        ),
        Mistake(
            "the library's fully connected layer",
            FULLY_CONNECTED,
            {
                "affine_gradient(error_tensor, self.kept)": "affine_gradient(error_tensor, self.kept) / len(error_tensor)"
            },
            "neither averaged",
            "library",
        ),
        Mistake(
            "the library's convolution",
            "Layers/Conv.py",
            {
                "gradient_weights, self.gradient_bias = gradients": "gradient_weights, self.gradient_bias = gradients[0] / len(images), gradients[1]"
            },
            "neither averaged",
            "library",
        ),
    ],
    "gradients summed over the wrong axis": [
        Mistake(
            "transposed in a fully connected layer",
            FULLY_CONNECTED,
            {"= error_tensor.T @ self.input": "= self.input.T @ error_tensor"},
            "in the shape of `weights`",
        ),
        Mistake(
            "over the features",
            FULLY_CONNECTED,
            {
                "= error_tensor.T @ self.input": "= np.tile((error_tensor.sum(axis=1) @ self.input), (self.output_size, 1))"
            },
            "a sum over the batch (axis 0)",
        ),
        Mistake(
            "γ of batch normalization",
            "Layers/BatchNormalization.py",
            {"np.sum(e * self.normalized, axis=0)": "np.resize(np.sum(e * self.normalized, axis=1), self.channels)"},
            "summed over the batch",
        ),
        Mistake(
            "the sum in softmax's backward",
            SOFTMAX,
            {"np.sum(error_tensor * self.output, axis=1": "np.sum(error_tensor * self.output, axis=0"},
            "over the batch instead of the classes",
        ),
        Mistake(
            "the library's bias row",
            "Foundation/Products.py",
            {'_einsum("ij->j", error, out=gradient[-1])': "gradient[-1] = np.sum(error)"},
            "a sum over the batch (axis 0)",
            "library",
        ),
    ],
    "ReLU's derivative at negative inputs": [
        Mistake(
            "the error passes everywhere",
            "Layers/ReLU.py",
            {"np.where(self.input > 0, error_tensor, 0)": "error_tensor.copy()"},
            "negative inputs too",
        ),
        Mistake(
            "the error's sign decides", "Layers/ReLU.py", {"self.input > 0": "error_tensor > 0"}, "error's sign decides"
        ),
        Mistake(
            "the activation is taken for its derivative",
            "Layers/ReLU.py",
            {"np.where(self.input > 0, error_tensor, 0)": "np.maximum(0, self.input)"},
            "derivative is taken for the input itself",
        ),
        Mistake(
            "the error passes at zero",
            "Layers/ReLU.py",
            {"self.input > 0": "self.input >= 0"},
            "x > 0 lets the error pass",
        ),
        Mistake(
            "a leak",
            "Layers/ReLU.py",
            {"error_tensor, 0)": "error_tensor, 0.01 * error_tensor)"},
            "0 where it is negative",
        ),
        Mistake(
            "the library lets it pass",
            "Layers/ReLU.py",
            {"only_where(positive, e)": "1 * e"},
            "negative inputs too",
            "library",
        ),
    ],
    "softmax without the shift": [
        Mistake(
            "none",
            SOFTMAX,
            {"input_tensor - np.max(input_tensor, axis=1, keepdims=True)": "input_tensor"},
            "without the shift",
        ),
        Mistake(
            "one for the whole array",
            SOFTMAX,
            {"np.max(input_tensor, axis=1, keepdims=True)": "np.max(input_tensor)"},
            "maximum of the whole array",
        ),
        Mistake("by the mean", SOFTMAX, {"np.max(": "np.mean("}, "subtract the maximum"),
        Mistake("by the minimum", SOFTMAX, {"np.max(": "np.min("}, "subtract the maximum"),
        Mistake(
            "the library shifts nothing",
            SOFTMAX,
            {"np.maximum.reduce(x, axis=1, keepdims=True)": "0"},
            "without the shift",
            "library",
        ),
    ],
    "softmax's backward as for independent outputs": [
        Mistake(
            "y·(1 - y)",
            SOFTMAX,
            {
                "self.output * (error_tensor - np.sum(error_tensor * self.output, axis=1, keepdims=True))": "self.output * (1 - self.output) * error_tensor"
            },
            "taken for independent",
        ),
        Mistake(
            "the sum is left out",
            SOFTMAX,
            {" - np.sum(error_tensor * self.output, axis=1, keepdims=True)": ""},
            "sum over E·y is left out",
        ),
        Mistake(
            "the library leaves the sum out",
            SOFTMAX,
            {"row_sums(e, y)[:, np.newaxis]": "0"},
            "sum over E·y is left out",
            "library",
        ),
    ],
    "log of zero": [
        Mistake("no ε in the logarithm", LOSS, {" + np.finfo(float).eps": ""}, "logarithm of zero"),
        Mistake(
            "ε behind the logarithm",
            LOSS,
            {"np.log(prediction_tensor + np.finfo(float).eps)": "(np.log(prediction_tensor) + np.finfo(float).eps)"},
            "logarithm of zero",
        ),
        Mistake(
            "no guard in the division",
            LOSS,
            {"np.maximum(self.prediction, np.finfo(float).tiny)": "self.prediction"},
            "division by zero",
        ),
        Mistake(
            "too large a guard in the division",
            LOSS,
            {"np.maximum(self.prediction, np.finfo(float).tiny)": "(self.prediction + np.finfo(float).eps)"},
            "larger than the prediction",
        ),
        Mistake("predictions clipped at 1e-7", LOSS, {"np.finfo(float).tiny": "1e-7"}, "swallows small predictions"),
        Mistake(
            "the library adds no ε",
            LOSS,
            {"prediction_tensor[labelled] + _EPSILON": "prediction_tensor[labelled]"},
            "logarithm of zero",
            "library",
        ),
        Mistake(
            "the library guards no division",
            LOSS,
            {
                "np.maximum(self.prediction_tensor, np.finfo(self.prediction_tensor.dtype).tiny)": "self.prediction_tensor"
            },
            "division by zero",
            "library",
        ),
    ],
    "one optimizer shared by two layers": [
        Mistake("by the network", "NeuralNetwork.py", {"copy.deepcopy(self.optimizer)": "self.optimizer"}, "shared by"),
        Mistake(
            "by the library's network and layers",
            "NeuralNetwork.py",
            {"copy.deepcopy(self.optimizer)": "self.optimizer"},
            "shared by two layers",
            "library",
        ),
        Mistake(
            "by weights and bias of a convolution",
            "Layers/Conv.py",
            {"self.optimizer_bias = copy.deepcopy(optimizer)": "self.optimizer_bias = self.optimizer_weights"},
            "one optimizer serves both",
        ),
        Mistake(
            "by γ and β",
            "Layers/BatchNormalization.py",
            {"self.optimizer_bias = copy.deepcopy(optimizer)": "self.optimizer_bias = self.optimizer_weights"},
            "one optimizer serves both",
        ),
        Mistake(
            "by hidden and output weights",
            "Layers/RNN.py",
            {"self.optimizer_out = copy.deepcopy(optimizer)": "self.optimizer_out = self.optimizer_hidden"},
            "one optimizer serves both",
        ),
        Mistake(
            "by all parameters of the library's layers",
            "Layers/Parameter.py",
            {"copy.deepcopy(optimizer) for": "optimizer for"},
            "through its own copy of the optimizer",
            "library",
        ),
    ],
}
