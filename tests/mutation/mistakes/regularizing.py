"""Mistakes in Part 3 by people who regularize: phases, regularizers, dropout, batch normalization, activations."""

from tests.mutation.mistake import Mistake

BASE = "Layers/Base.py"
NETWORK = "NeuralNetwork.py"
CONSTRAINTS = "Optimization/Constraints.py"
OPTIMIZERS = "Optimization/Optimizers.py"
DROPOUT = "Layers/Dropout.py"
BATCH_NORMALIZATION = "Layers/BatchNormalization.py"
TANH = "Layers/TanH.py"
SIGMOID = "Layers/Sigmoid.py"

SETTER = "        for layer in self.layers:\n            layer.testing_phase = phase\n"
TEST = "        self.phase = True\n        return self.predict(input_tensor)\n"
FORWARD = "        input_tensor, self.label_tensor = self.data_layer.next()\n"
SHRUNK = "return weights - self.learning_rate * self.regularizer.calculate_gradient(weights)"
MASK = "(np.random.random(input_tensor.shape) < self.probability) / self.probability"
TESTING = "        if self.testing_phase:\n            return input_tensor\n"
STATISTICS = "mean, variance = x.mean(axis=0), x.var(axis=0)"
FIRST = "                self.average_mean, self.average_variance = mean, variance\n"
AVERAGES = """                self.average_mean = 0.8 * self.average_mean + 0.2 * mean
                self.average_variance = 0.8 * self.average_variance + 0.2 * variance
"""
ERROR = "error = e - e.mean(axis=0) - self.normalized * (e * self.normalized).mean(axis=0)"
GAMMA_GRADIENT = "np.sum(e * self.normalized, axis=0)"
BETA_GRADIENT = "np.sum(e, axis=0)"
OUTPUT = "output = self.weights * self.normalized + self.bias"


def _batch(name: str, old: str, new: str, says: str) -> Mistake:
    return Mistake(name, BATCH_NORMALIZATION, {old: new}, says)


MISTAKES = {
    "phases": [
        Mistake("test ends with the training phase", NETWORK, {TEST: TEST.replace("return", "prediction =") + "        self.phase = False\n        return prediction\n"}, "does not set it back at its end"),
        Mistake("forward sets the training phase", NETWORK, {FORWARD: "        self.phase = False\n" + FORWARD}, "forward and backward don't touch the phase"),
        Mistake("forward sets the testing phase", NETWORK, {FORWARD: "        self.phase = True\n" + FORWARD}, "forward and backward don't touch the phase"),
        Mistake("a plain attribute", NETWORK, {SETTER: "        self.__dict__['phase'] = phase\n"}, "a property with a setter"),
        Mistake("the first layer alone", NETWORK, {SETTER: "        self.layers[0].testing_phase = phase\n"}, "testing_phase of two layers after net.phase = True"),
        Mistake("trainable layers alone", NETWORK, {SETTER: SETTER.replace("            layer", "            if layer.trainable:\n                layer")}, "testing_phase of two layers after net.phase = True"),
        Mistake("the opposite", NETWORK, {SETTER: SETTER.replace("= phase", "= not phase")}, "testing_phase"),
        Mistake("another attribute", NETWORK, {SETTER: SETTER.replace("testing_phase", "testing")}, "testing_phase of two layers after net.phase = True"),
        Mistake("no getter", NETWORK, {"        return self.layers[0].testing_phase\n": "        self.layers[0].testing_phase\n"}, "needs a getter"),
        Mistake("the training phase is True", BASE, {"self.testing_phase = False": "self.testing_phase = True"}, "BaseLayer.__init__ sets self.testing_phase = False"),
        Mistake("no phase", BASE, {"        self.testing_phase = False\n": ""}, "BaseLayer.__init__ sets self.testing_phase = False"),
        Mistake("every layer trainable", BASE, {"self.trainable = False": "self.trainable = True"}, "BaseLayer.__init__ sets self.trainable = False"),
        Mistake("an argument", BASE, {"def __init__(self):": "def __init__(self, trainable):", "self.trainable = False": "self.trainable = trainable"}, "missing 1 required positional argument"),
    ],
    "norms and their gradients": [
        Mistake("absolute values", CONSTRAINTS, {"self.alpha * np.sign(weights)": "self.alpha * np.abs(weights)"}, "α·np.sign(w)"),
        Mistake("divided by the absolute value", CONSTRAINTS, {"self.alpha * np.sign(weights)": "self.alpha * weights / np.abs(weights)"}, "which is 0 at 0"),
        Mistake("one at zero", CONSTRAINTS, {"self.alpha * np.sign(weights)": "self.alpha * np.where(weights >= 0, 1, -1)"}, "which is 0 at 0"),
        Mistake("L1 without α", CONSTRAINTS, {"self.alpha * np.sign(weights)": "np.sign(weights)"}, "α·np.sign(w)"),
        Mistake("L1's norm without α", CONSTRAINTS, {"self.alpha * np.sum(np.abs(weights))": "np.sum(np.abs(weights))"}, "α·Σ|w|"),
        Mistake("L1's norm of the columns", CONSTRAINTS, {"np.sum(np.abs(weights))": "np.linalg.norm(weights, 1)"}, "np.linalg.norm"),
        Mistake("L1's norm averaged", CONSTRAINTS, {"np.sum(np.abs(weights))": "np.mean(np.abs(weights))"}, "α·Σ|w|"),
        Mistake("L1's norm of rows", CONSTRAINTS, {"np.sum(np.abs(weights))": "np.sum(np.abs(weights), axis=0)"}, "expected one number"),
        Mistake("L1's norm of squares", CONSTRAINTS, {"np.sum(np.abs(weights))": "np.sum(weights**2)"}, "α·Σ|w|"),
        Mistake("L2 without α", CONSTRAINTS, {"        return self.alpha * weights\n": "        return weights\n"}, "α is left out"),
        Mistake("L2 of the sign", CONSTRAINTS, {"        return self.alpha * weights\n": "        return self.alpha * np.sign(weights)\n"}, "α·w"),
        Mistake("L2's norm without α", CONSTRAINTS, {"self.alpha * np.sum(np.square(weights))": "np.sum(np.square(weights))"}, "α·Σw²"),
        Mistake("L2's norm by linalg", CONSTRAINTS, {"np.sum(np.square(weights))": "np.linalg.norm(weights)"}, "the root is taken"),
        Mistake("L2's norm halved", CONSTRAINTS, {"self.alpha * np.sum(np.square": "0.5 * self.alpha * np.sum(np.square"}, "half of it is taken"),
        Mistake("L2's norm of the sum", CONSTRAINTS, {"np.sum(np.square(weights))": "np.square(np.sum(weights))"}, "α·Σw²"),
        Mistake("L2's norm averaged", CONSTRAINTS, {"np.sum(np.square(weights))": "np.mean(np.square(weights))"}, "α·Σw²"),
        Mistake("not returned", CONSTRAINTS, {"return self.alpha * np.sum(np.square(weights))": "self.alpha * np.sum(np.square(weights))"}, "L2_Regularizer(0.5).norm: expected numbers, received None"),
    ],
    "steps with a regularizer": [
        Mistake("its norm for its gradient", OPTIMIZERS, {SHRUNK: SHRUNK.replace("calculate_gradient", "norm")}, "the norm is subtracted instead of the gradient"),
        Mistake("the shrinkage alone", OPTIMIZERS, {SHRUNK: SHRUNK.removeprefix("return weights ").replace("- self.learning_rate", "return -self.learning_rate")}, "the weights are lost"),
        Mistake("grown", OPTIMIZERS, {SHRUNK: SHRUNK.replace(" - ", " + ")}, "the weights grow"),
        Mistake("not kept", OPTIMIZERS, {"        self.regularizer = regularizer\n": "        regularizer = regularizer\n"}, "never reaches the step"),
        Mistake("kept in the class", OPTIMIZERS, {"        self.regularizer = regularizer\n": "        Optimizer.regularizer = regularizer\n", "        self.regularizer = None\n": "        pass\n", "class Optimizer:\n": "class Optimizer:\n    regularizer = None\n\n"}, "a regularizer of its own"),
        Mistake("no regularizer at first, forgotten", OPTIMIZERS, {"        self.regularizer = None\n": "        pass\n"}, "no attribute 'regularizer'"),
        Mistake("a base class that is not asked", OPTIMIZERS, {"        super().__init__()\n        self.learning_rate = learning_rate\n        self.mu = mu\n": "        self.learning_rate = learning_rate\n        self.mu = mu\n"}, "no attribute 'regularizer'"),
        Mistake("no base class", OPTIMIZERS, {"class Sgd(Optimizer)": "class Sgd", "        super().__init__()\n        self.learning_rate = learning_rate\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return self.shrink(weight_tensor) - self": "        self.learning_rate = learning_rate\n        self.regularizer = None\n\n    def add_regularizer(self, regularizer):\n        self.regularizer = regularizer\n\n    shrink = Optimizer.shrink\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return self.shrink(weight_tensor) - self"}, "write `class Sgd(Optimizer)`"),
        Mistake("an Adam that divides the shrinkage", OPTIMIZERS, {"self.shrink(weight_tensor) - self.learning_rate * v_hat": "weight_tensor - self.learning_rate * (v_hat + (0 if self.regularizer is None else self.regularizer.calculate_gradient(weight_tensor)))"}, "with a regularizer"),
        Mistake("once", OPTIMIZERS, {SHRUNK: "regularizer, self.regularizer = self.regularizer, None\n        " + SHRUNK.replace("self.regularizer", "regularizer")}, "in the first step alone"),
    ],
    "masks": [
        Mistake("of rows", DROPOUT, {MASK: MASK.replace("input_tensor.shape", "(len(input_tensor),) + (1,) * (input_tensor.ndim - 1)")}, "draw one number for each element"),
        Mistake("of columns", DROPOUT, {MASK: MASK.replace("input_tensor.shape", "input_tensor.shape[1:]")}, "draw one number for each element"),
        Mistake("of channels", DROPOUT, {MASK: MASK.replace("input_tensor.shape", "input_tensor.shape[:2] + (1,) * (input_tensor.ndim - 2)")}, "draw one number for each element"),
        Mistake("drawn once", DROPOUT, {"        self.mask = ": "        if np.shape(getattr(self, 'mask', None)) != input_tensor.shape:\n            self.mask = "}, "draw the mask in forward"),
        Mistake("of what is to be dropped", DROPOUT, {"< self.probability": "> self.probability"}, "share to drop"),
        Mistake("divided by the share that is dropped", DROPOUT, {" / self.probability": " / (1 - self.probability)"}, "it is the share to keep"),
        Mistake("multiplied by the share", DROPOUT, {" / self.probability": " * self.probability"}, "multiplied by the probability: divide"),
        Mistake("normal numbers", DROPOUT, {"np.random.random(input_tensor.shape)": "np.random.randn(*input_tensor.shape)"}, "np.random.random(shape) < probability"),
        Mistake("from a generator of its own", DROPOUT, {"np.random.random(input": "np.random.default_rng().random(input"}, "draw from np.random"),
        Mistake("in both phases", DROPOUT, {"if self.testing_phase": "if False"}, "return the input as it is"),
        Mistake("in neither phase", DROPOUT, {"if self.testing_phase": "if True"}, "nothing is dropped"),
        Mistake("in the testing phase", DROPOUT, {"if self.testing_phase": "if not self.testing_phase"}, "nothing is dropped: testing_phase is False while training"),
        Mistake("the factor in the testing phase", DROPOUT, {TESTING: TESTING.replace("return input_tensor", "return input_tensor / self.probability")}, "nothing is left to do"),
        Mistake("in place", DROPOUT, {"        return input_tensor * self.mask\n": "        input_tensor[self.mask == 0] = 0\n        return input_tensor / self.probability\n"}, "in place"),
        Mistake("the factor twice, backward", DROPOUT, {"error_tensor * self.mask": "error_tensor * self.mask / self.probability"}, "the factor 1/p stands twice in backward"),
        Mistake("the other units, backward", DROPOUT, {"error_tensor * self.mask": "error_tensor * (1 / self.probability - self.mask)"}, "the mask of the forward pass"),
        Mistake("of the error's sign", DROPOUT, {"error_tensor * self.mask": "np.abs(error_tensor) * self.mask"}, "the mask of the forward pass"),
        Mistake("kept in the class", DROPOUT, {"self.mask = ": "Dropout.mask = "}, "belongs to the object"),
        Mistake("whole numbers", DROPOUT, {"return input_tensor * self.mask": "return (input_tensor * self.mask).astype(input_tensor.dtype)"}, "hold fractions"),
        Mistake("a seed of its own", DROPOUT, {"        self.mask = ": "        np.random.seed(0)\n        self.mask = "}, "dropped the same units"),
    ],
    "statistics": [
        _batch("of the whole array", STATISTICS, "mean, variance = x.mean() + np.zeros(self.channels), x.var() + np.zeros(self.channels)", "one mean and one variance for all channels"),
        _batch("of the samples", STATISTICS, "mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)", "axis 0 is the batch"),
        _batch("the mean alone", "self.deviation = np.sqrt(variance + 1e-15)", "self.deviation = np.ones(self.channels)", "the division by √variance is missing"),
        _batch("the variance alone", "(x - mean) / self.deviation", "x / self.deviation", "the mean is not subtracted"),
        _batch("squares for the variance", "x.var(axis=0)", "(x**2).mean(axis=0)", "the mean of the squares"),
        _batch("no ε", " + 1e-15", "", "0 / 0 is not a number"),
        _batch("ε in the testing phase alone", "variance + 1e-15", "variance + 1e-15 * self.testing_phase", "0 / 0 is not a number"),
        _batch("an ε of 1e-5", "1e-15", "1e-5", "above 1e-10"),
        _batch("γ and β exchanged", OUTPUT, "output = self.bias * self.normalized + self.weights", "γ and β are exchanged"),
        _batch("β forgotten", OUTPUT, "output = self.weights * self.normalized", "β is forgotten"),
        _batch("γ forgotten", OUTPUT, "output = self.normalized + self.bias", "γ is forgotten"),
        _batch("γ squared", OUTPUT, "output = self.weights**2 * self.normalized + self.bias", "γ·x̂ + β"),
        _batch("shifted before it is scaled", OUTPUT, "output = self.weights * (self.normalized + self.bias)", "β is scaled by γ"),
    ],
    "γ and β": [
        _batch("random", "self.weights = np.ones(self.channels)", "self.weights = np.random.rand(self.channels)", "np.ones(channels)"),
        _batch("exchanged at first", "self.weights = np.ones(self.channels)\n        self.bias = np.zeros", "self.weights = np.zeros(self.channels)\n        self.bias = np.ones", "np.ones(channels)"),
        _batch("of two axes", "self.weights = np.ones(self.channels)", "self.weights = np.ones((1, self.channels))", "γ of shape (channels,)"),
        _batch("by an initializer", "        self.bias = np.zeros(self.channels)\n", "        self.bias = np.zeros(self.channels) if bias_initializer is None else bias_initializer.initialize((self.channels,), 1, 1)\n", "not for γ and β"),
        _batch("not trainable", "        self.trainable = True\n", "", "expected True"),
        _batch("the gradient of the input", GAMMA_GRADIENT, "np.sum(e * self.normalized * self.deviation, axis=0)", "normalized input"),
        _batch("the gradient summed over the channels", GAMMA_GRADIENT, "np.sum(e * self.normalized, axis=1)", "expected an array of shape (3,)"),
        _batch("the gradient of γ with γ", GAMMA_GRADIENT, "np.sum(e * self.weights * self.normalized, axis=0)", "Σ error · x̂"),
        _batch("the gradient with an axis", GAMMA_GRADIENT, "np.sum(e * self.normalized, axis=0, keepdims=True)", "2 axes for 1"),
        _batch("the gradient of β from x̂", BETA_GRADIENT, "np.sum(e * self.weights, axis=0)", "Σ error over the batch"),
        _batch("one gradient for both", BETA_GRADIENT, "self.gradient_weights", "Σ error over the batch"),
        _batch("β takes no step", "            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)\n", "", "no step is taken"),
        _batch("γ takes no step", "            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)\n", "", "no step is taken"),
    ],
    "the way back through batch normalization": [
        _batch("mean and variance for constants", ERROR, "error = e", "mean and variance depend on the input too"),
        _batch("the variance for a constant", ERROR, "error = e - e.mean(axis=0)", "mean and variance depend on the input too"),
        _batch("the mean for a constant", ERROR, "error = e - self.normalized * (e * self.normalized).mean(axis=0)", "mean and variance depend on the input too"),
        _batch("sums for means", ERROR, ERROR.replace("mean(axis=0)", "sum(axis=0)"), "mean and variance depend on the input too"),
        _batch("without γ", "        e = e * self.weights\n", "", "γ multiplies the error"),
        _batch("γ in the denominator", "        e = e * self.weights\n", "        e = e / self.weights\n", "γ multiplies the error"),
        _batch("without the deviation", "        error = error / self.deviation\n", "", "compute_bn_gradients"),
        _batch("left as vectors", "return self.reformat(error) if self.images else error", "return error", "2 axes for 4"),
    ],
    "moving averages": [
        _batch("of another decay", AVERAGES, AVERAGES.replace("0.8", "0.9").replace("0.2", "0.1"), "0.9 and 0.1 stand for 0.8 and 0.2"),
        _batch("that never move", AVERAGES, "                pass\n", "stays at the first batch"),
        _batch("of mean 0 and variance 1", FIRST, "                self.average_mean, self.average_variance = 0.2 * mean, 0.8 + 0.2 * variance\n", "start from mean 0 and variance 1"),
        _batch("of all batches alike", AVERAGES, AVERAGES.replace("0.8", "0.5").replace("0.2", "0.5"), "0.8·mean + 0.2·batch mean"),
        _batch("of deviations", AVERAGES, AVERAGES.replace("0.8 * self.average_variance + 0.2 * variance", "(0.8 * self.average_variance**0.5 + 0.2 * variance**0.5) ** 2"), "standard deviations are averaged"),
        _batch("that add up", AVERAGES, AVERAGES.replace("0.8 * ", ""), "0.8 is left out"),
        _batch("moved twice", AVERAGES, 2 * AVERAGES, "once in each training pass"),
        _batch("used in training", "        self.deviation = np", "        mean, variance = self.average_mean, self.average_variance\n        self.deviation = np", "the moving averages are used in training"),
        _batch("the mean of the batch in the testing phase", "mean, variance = self.average_mean, self.average_variance\n", "mean, variance = x.mean(axis=0), self.average_variance\n", "the mean of its own batch"),
    ],
    "images as vectors": [
        _batch("reshaped alone", "tensor.transpose(0, 2, 3, 1).reshape(-1, self.channels)", "tensor.reshape(-1, self.channels)", "transpose first"),
        _batch("x before y", "tensor.transpose(0, 2, 3, 1)", "tensor.transpose(0, 3, 2, 1)", "channels to the last axis"),
        _batch("channels as rows", "tensor.transpose(0, 2, 3, 1).reshape(-1, self.channels)", "tensor.transpose(0, 2, 3, 1).reshape(-1, self.channels).T", "the axes in reverse order"),
        _batch("back by reshape alone", "tensor.reshape(b, y, x, c).transpose(0, 3, 1, 2)", "tensor.reshape(b, c, y, x)", "the same steps in reverse order"),
        _batch("back with the axes in another order", "transpose(0, 3, 1, 2)", "transpose(0, 3, 2, 1)", "expected an array of shape"),
        _batch("the shape of the first images for ever", "            self.image_shape = tensor.shape\n", "            self.image_shape = getattr(self, 'image_shape', tensor.shape)\n", "an earlier call"),
    ],
    "activations": [
        Mistake("tangent", TANH, {"np.tanh(input_tensor)": "np.tan(input_tensor)"}, "np.tanh(x)"),
        Mistake("by exponentials", TANH, {"np.tanh(input_tensor)": "(np.exp(input_tensor) - np.exp(-input_tensor)) / (np.exp(input_tensor) + np.exp(-input_tensor))"}, "TanH.forward of [-1000.0, 1000.0]"),
        Mistake("the plus sign", TANH, {"(1 - self.output**2)": "(1 + self.output**2)"}, "E·(1 - y²)"),
        Mistake("without the square", TANH, {"(1 - self.output**2)": "(1 - self.output)"}, "E·(1 - y²)"),
        Mistake("of the input", TANH, {"        return self.output\n": "        output, self.output = self.output, input_tensor\n        return output\n"}, "with the output y of forward"),
        Mistake("the error left out", TANH, {"error_tensor * (1": "(1"}, "the error tensor is left out"),
        Mistake("Sigmoid's", TANH, {"(1 - self.output**2)": "self.output * (1 - self.output)"}, "the derivative of the sigmoid"),
        Mistake("tanh for the sigmoid", SIGMOID, {"1 / (1 + np.exp(-input_tensor))": "np.tanh(input_tensor)"}, "1 / (1 + exp(-x))"),
        Mistake("without the minus", SIGMOID, {"np.exp(-input_tensor)": "np.exp(input_tensor)"}, "1 / (1 + exp(-x))"),
        Mistake("by exp / (1 + exp)", SIGMOID, {"1 / (1 + np.exp(-input_tensor))": "np.exp(input_tensor) / (1 + np.exp(input_tensor))"}, "Sigmoid.forward of [-1000.0, 1000.0]"),
        Mistake("of the input, Sigmoid", SIGMOID, {"        return self.output\n": "        output, self.output = self.output, input_tensor\n        return output\n"}, "with the output y of forward"),
        Mistake("TanH's", SIGMOID, {"self.output * (1 - self.output)": "(1 - self.output**2)"}, "the derivative of the hyperbolic tangent"),
        Mistake("no second factor", SIGMOID, {"error_tensor * self.output * (1 - self.output)": "error_tensor * self.output"}, "E·y·(1 - y)"),
        Mistake("not returned", SIGMOID, {"        return self.output\n": ""}, "Sigmoid.forward: expected numbers, received None"),
        Mistake("kept in the class", SIGMOID, {"self.output = 1": "Sigmoid.output = 1"}, "belongs to the object"),
        Mistake("the base class forgotten", SIGMOID, {"class Sigmoid(BaseLayer)": "class Sigmoid"}, "write `class Sigmoid(BaseLayer)`"),
    ],
}  # fmt: skip
