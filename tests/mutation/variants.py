"""Right solutions that differ from ours; the suite has to accept every one."""

from tests.mutation.styles import STYLES
from tests.mutation.variant import Variant
from tests.mutation.workplace import sources

FULLY_CONNECTED = "Layers/FullyConnected.py"
POOLING = "Layers/Pooling.py"
CONV = "Layers/Conv.py"
BATCH_NORMALIZATION = "Layers/BatchNormalization.py"
OPTIMIZERS = "Optimization/Optimizers.py"
GENERATOR = "Generator/generator.py"
PATTERN = "Generator/pattern.py"

PART_1_FILES = (
    "Layers/Base.py Layers/FullyConnected.py Layers/ReLU.py Layers/SoftMax.py Optimization/Optimizers.py "
    "Optimization/Loss.py NeuralNetwork.py"
).split()
PART_1_TESTS = (
    "TestOptimizers TestFullyConnected TestReLU TestSoftMax TestCrossEntropyLoss TestNeuralNetwork TestHelpers"
).split()
PART_2_FILES = "Layers/Initializers.py Layers/Flatten.py Layers/Conv.py Layers/Pooling.py".split()
PART_2_TESTS = "TestInitializers TestOptimizers2 TestFlatten TestConv TestPooling TestNeuralNetwork2".split()


def _in_float32(*files: str) -> dict[str, dict[str, str]]:
    head = "    def forward(self, input_tensor):\n"
    return {f"Layers/{file}.py": {head: head + "        input_tensor = np.float32(input_tensor)\n"} for file in files}


_ALL_MAXIMA = {
    "            y, x = np.argwhere(window == window.max())[-1]\n            output[b, c, i, j] = window[y, x]\n": (
        "            output[b, c, i, j] = window.max()\n"
    ),
    "self.places[b, c, i, j] = (b, c, top + y, left + x)": (
        "self.places[b, c, i, j] = [\n"
        "                (b, c, top + y, left + x) for y, x in np.argwhere(window == window.max())\n"
        "            ]"
    ),
}

VARIANTS = [
    Variant("the library as it is", program="library"),
    Variant("the reference: loops, transposed weights with the bias first, the last of several maxima"),
    Variant(
        "Part 1 alone, without initializers, phases and anything of a later part",
        {
            "Layers/Base.py": {"        self.testing_phase = False\n": ""},
            FULLY_CONNECTED: {"    def initialize(": "    def not_yet("},
            OPTIMIZERS: {"class SgdWithMomentum": "class NotYet", "class Adam": "class NotYetEither"},
            "NeuralNetwork.py": {"        self.phase = True\n": "", "        self.phase = False\n": ""},
            "Layers/__init__.py": {sources("reference")["Layers/__init__.py"]: '__all__ = ["Base", "FullyConnected", "Helpers", "ReLU", "SoftMax"]\n'},
            "Optimization/__init__.py": {'"Constraints", ': ""},
        },
        tests=tuple(PART_1_TESTS),
        files=(*PART_1_FILES, "Layers/__init__.py", "Optimization/__init__.py"),
    ),
    Variant(
        "Parts 1 and 2 alone, without phases and anything of Part 3",
        {
            "Layers/Base.py": {"        self.testing_phase = False\n": ""},
            OPTIMIZERS: {"        self.regularizer = None\n": "        pass\n", "if self.regularizer is None": "if True"},
            "NeuralNetwork.py": {
                "        self.phase = True\n": "",
                "        self.phase = False\n": "",
                " + self.regularization_loss()": "",
            },
        },
        tests=(*PART_1_TESTS[:-1], *PART_2_TESTS),
        files=(*PART_1_FILES, *PART_2_FILES),
    ),
    Variant(
        "weights not transposed, the bias last",
        {
            FULLY_CONNECTED: {
                "np.random.rand(output_size, input_size + 1)": "np.random.rand(input_size + 1, output_size)",
                "np.vstack([bias, weights]).T": "np.vstack([weights, bias])",
                "np.hstack([np.ones((len(input_tensor), 1)), input_tensor])": (
                    "np.hstack([input_tensor, np.ones((len(input_tensor), 1))])"
                ),
                "self.input @ self.weights.T": "self.input @ self.weights",
                "error_tensor @ self.weights[:, 1:]": "error_tensor @ self.weights[:-1].T",
                "error_tensor.T @ self.input": "self.input.T @ error_tensor",
            }
        },
    ),
    Variant(
        "weights not transposed, the bias first",
        {
            FULLY_CONNECTED: {
                "np.random.rand(output_size, input_size + 1)": "np.random.rand(input_size + 1, output_size)",
                "np.vstack([bias, weights]).T": "np.vstack([bias, weights])",
                "self.input @ self.weights.T": "self.input @ self.weights",
                "error_tensor @ self.weights[:, 1:]": "error_tensor @ self.weights[1:].T",
                "error_tensor.T @ self.input": "self.input.T @ error_tensor",
            }
        },
    ),
    Variant(
        "float32 inside",
        {
            **_in_float32("ReLU", "TanH", "Sigmoid", "SoftMax", "Dropout", "RNN", "LSTM", "Conv"),
            FULLY_CONNECTED: {
                "        self.input = np.hstack(": "        self.weights = np.float32(self.weights)\n"
                "        self.input = np.hstack(",
                "np.ones((len(input_tensor), 1))": "np.ones((len(input_tensor), 1), np.float32)",
            },
        },
    ),
    Variant("the first of several maxima takes the error", {POOLING: {"[-1]": "[0]"}}),
    Variant(
        "all of several maxima take the error",
        {
            POOLING: {
                **_ALL_MAXIMA,
                "            error[place] += error_tensor[position]\n": (
                    "            for each in place:\n                error[each] += error_tensor[position]\n"
                ),
            }
        },
    ),
    Variant(
        "several maxima share the error",
        {
            POOLING: {
                **_ALL_MAXIMA,
                "            error[place] += error_tensor[position]\n": (
                    "            for each in place:\n                error[each] += error_tensor[position] / len(place)\n"
                ),
            }
        },
    ),
    Variant(
        "convolution by SciPy, channel by channel",
        {
            CONV: {
                "        for place in np.ndindex(*output_space):\n            patch": (
                    "        from scipy.signal import correlate\n\n"
                    "        for b, k in np.ndindex(output.shape[:2]):\n"
                    "            pairs = zip(input_tensor[b], self.weights[k])\n"
                    "            whole = sum(correlate(channel, kernel, 'same') for channel, kernel in pairs)\n"
                    "            output[b, k] = whole[tuple(slice(None, None, s) for s in self.stride)] + self.bias[k]\n"
                    "        for place in ():\n            patch"
                )
            }
        },
    ),
    Variant(
        "more attributes and methods than anybody asks for",
        {
            "Layers/ReLU.py": {"        self.input = input_tensor\n": "        self.input = self.mask = input_tensor\n        self.calls = getattr(self, 'calls', 0) + 1\n"},
            FULLY_CONNECTED: {"        self._optimizer = None\n": "        self._optimizer = None\n        self.history = []\n        self.name = 'dense'\n"},
        },
    ),
    Variant(
        "momentum with a velocity of the other sign, and w - v",
        {
            OPTIMIZERS: {
                "self.momentum_rate * self.velocity - self": "self.momentum_rate * self.velocity + self",
                "self.shrink(weight_tensor) + self.velocity": "self.shrink(weight_tensor) - self.velocity",
            }
        },
    ),
    Variant(
        "Adam with its corrections in the learning rate",
        {
            OPTIMIZERS: {
                "self.learning_rate * v_hat / (np.sqrt(r_hat) + 1e-8)": (
                    "self.learning_rate * np.sqrt(1 - self.rho**self.k) / (1 - self.mu**self.k) * self.v / (\n"
                    "            np.sqrt(self.r) + 1e-8 * np.sqrt(1 - self.rho**self.k)\n        )"
                )
            }
        },
    ),
    Variant(
        "shrinkage and step in one expression, the regularizer asked last",
        {
            OPTIMIZERS: {
                "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor": (
                    "step = weight_tensor - self.learning_rate * gradient_tensor\n"
                    "        return step + self.shrink(weight_tensor) - weight_tensor"
                )
            }
        },
    ),
    Variant(
        "the loss by picking the predictions at the labels",
        {
            "Optimization/Loss.py": {
                "return -np.sum(label_tensor * np.log(prediction_tensor + np.finfo(float).eps))": (
                    "return float(np.sum(-np.log(prediction_tensor[label_tensor == 1] + np.finfo(float).eps)))"
                ),
                "-label_tensor / np.maximum(self.prediction, np.finfo(float).tiny)": (
                    "np.where(label_tensor == 0, 0, -label_tensor / (self.prediction + 1e-300))"
                ),
            }
        },
    ),
    Variant(
        "softmax by loops over the rows, its backward by the Jacobian matrix",
        {
            "Layers/SoftMax.py": {
                "return self.output * (error_tensor - np.sum(error_tensor * self.output, axis=1, keepdims=True))": (
                    "return np.array([(np.diag(y) - np.outer(y, y)) @ e for y, e in zip(self.output, error_tensor)])"
                )
            }
        },
    ),
    Variant(
        "ReLU by a mask, sigmoid by tanh",
        {
            "Layers/ReLU.py": {
                "        self.input = input_tensor\n        return np.maximum(0, input_tensor)": (
                    "        self.input = (input_tensor > 0).astype(float)\n        return input_tensor * self.input"
                ),
                "np.where(self.input > 0, error_tensor, 0)": "error_tensor * self.input",
            },
            "Layers/Sigmoid.py": {"1 / (1 + np.exp(-input_tensor))": "0.5 * (1 + np.tanh(0.5 * input_tensor))"},
        },
    ),
    Variant(
        "dropout's mask by np.random.binomial, divided afterwards",
        {
            "Layers/Dropout.py": {
                "(np.random.random(input_tensor.shape) < self.probability) / self.probability": (
                    "np.random.binomial(1, self.probability, input_tensor.shape)"
                ),
                "return input_tensor * self.mask": "return input_tensor * self.mask / self.probability",
                "return error_tensor * self.mask": "return error_tensor * self.mask / self.probability",
            }
        },
    ),
    Variant(
        "batch normalization by the helper that is handed out",
        {
            BATCH_NORMALIZATION: {
                "from Layers.Base import BaseLayer\n": (
                    "from Layers.Base import BaseLayer\nfrom Layers.Helpers import compute_bn_gradients\n"
                ),
                "        self.deviation = np": "        self.kept = x, mean, variance\n        self.deviation = np",
                "        e = e * self.weights\n": (
                    "        error = compute_bn_gradients(e, self.kept[0], self.weights, self.kept[1], self.kept[2])\n"
                ),
                "        error = e - e.mean(axis=0) - self.normalized * (e * self.normalized).mean(axis=0)\n": "",
                "        error = error / self.deviation\n": "",
            }
        },
    ),
    Variant(
        "a recurrent layer's regularization loss with its output weights",
        {
            "Layers/RNN.py": {
                "return self.optimizer.regularizer.norm(self.weights)": (
                    "norm = self.optimizer.regularizer.norm\n        return norm(self.weights) + norm(self.out.weights)"
                )
            }
        },
        tests=("TestNeuralNetwork3",),
    ),
    Variant(
        "a recurrent layer that draws whole matrices, the bias row counted as an input, and then the bias anew",
        {
            "Layers/RNN.py": {
                "        self.hidden.initialize(weights_initializer, bias_initializer)\n"
                "        self.out.initialize(weights_initializer, bias_initializer)\n": (
                    "        for layer in (self.hidden, self.out):\n"
                    "            shape = (layer.input_size + 1, layer.output_size)\n"
                    "            weights = weights_initializer.initialize(shape, *shape)\n"
                    "            weights[:1] = bias_initializer.initialize((1, shape[1]), *shape)\n"
                    "            layer.weights = weights.T\n"
                )
            }
        },
        tests=("TestRNN", "TestLSTM", "TestNeuralNetwork3"),
    ),
    Variant(
        "a base class with attributes of the class, which layers need not ask",
        {
            "Layers/Base.py": {
                "    def __init__(self):\n        self.trainable = False\n        self.testing_phase = False\n": (
                    "    trainable = False\n    testing_phase = False\n"
                )
            },
            FULLY_CONNECTED: {"        super().__init__()\n": ""},
            CONV: {"        super().__init__()\n": ""},
            BATCH_NORMALIZATION: {"        super().__init__()\n": ""},
        },
    ),
    Variant(
        "a network that asks a recurrent layer for its regularization loss only where it has an optimizer",
        {
            "Layers/RNN.py": {
                "        if self.optimizer is None or self.optimizer.regularizer is None:\n            return 0\n": ""
            }
        },
        tests=("TestRNN", "TestLSTM", "TestNeuralNetwork3"),
    ),
    Variant(
        "a copy of the optimizer by pickle",
        {"NeuralNetwork.py": {"copy.deepcopy(self.optimizer)": "pickle.loads(pickle.dumps(self.optimizer))"}},
        tests=(*PART_1_TESTS[:-1], "TestNeuralNetwork2", "TestNeuralNetwork3"),
    ),
    Variant(
        "batch normalization whose error in the testing phase takes mean and variance for constants",
        {
            BATCH_NORMALIZATION: {
                "        error = error / self.deviation\n": (
                    "        error = (e if self.testing_phase else error) / self.deviation\n"
                )
            }
        },
    ),
    Variant(
        "patterns by loops over the pixels, in floats",
        {
            PATTERN: {
                "        self.output = np.tile(two_by_two, (repeats, repeats))\n": (
                    "        n, t = self.resolution, self.tile_size\n"
                    "        self.output = np.array([[float((y // t + x // t) % 2) for x in range(n)] for y in range(n)])\n"
                ),
                "self.output = distance <= self.radius**2": "self.output = np.sqrt(distance) <= self.radius",
                "plt.imshow(self.output, cmap=\"gray\")": "plt.matshow(self.output)",
            }
        },
    ),
    Variant(
        "a generator with an order of numbers, and pictures scaled by Pillow",
        {
            GENERATOR: {
                "        return image if factors == [1, 1, 1] else np.clip(zoom(image, factors, order=1, mode=\"nearest\"), 0, 1)": (
                    "        from PIL import Image\n\n"
                    "        picture = Image.fromarray((255 * image).round().astype(np.uint8))\n"
                    "        return np.asarray(picture.resize((self.image_size[1], self.image_size[0]))) / 255"
                ),
                "            np.random.shuffle(self.names)\n\n": (
                    "            self.names = [self.names[i] for i in np.random.permutation(len(self.names))]\n\n"
                ),
            }
        },
        tests=("TestGen",),
    ),
    *STYLES,
]  # fmt: skip
