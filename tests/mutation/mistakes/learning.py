"""Mistakes in Part 1 by people whose first network is to learn."""

from tests.mutation.mistake import Mistake

FULLY_CONNECTED = "Layers/FullyConnected.py"
RELU = "Layers/ReLU.py"
SOFTMAX = "Layers/SoftMax.py"
LOSS = "Optimization/Loss.py"
OPTIMIZERS = "Optimization/Optimizers.py"
NETWORK = "NeuralNetwork.py"

SGD = "return self.shrink(weight_tensor) - self.learning_rate * gradient_tensor"
UPDATE = "            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)\n"
STEP = "        if self._optimizer is not None:\n" + UPDATE
GRADIENT = "        self.gradient_weights = error_tensor.T @ self.input\n"
KEPT = "        self.input = np.hstack([np.ones((len(input_tensor), 1)), input_tensor])\n"
DRAWN = "np.random.rand(output_size, input_size + 1)"
SCORES = "np.exp(input_tensor - np.max(input_tensor, axis=1, keepdims=True))"
QUOTIENT = "exponentials / np.sum(exponentials, axis=1, keepdims=True)"
SOFTMAX_ERROR = "self.output * (error_tensor - np.sum(error_tensor * self.output, axis=1, keepdims=True))"
LOGARITHM = "-np.sum(label_tensor * np.log(prediction_tensor + np.finfo(float).eps))"
LOSS_ERROR = "-label_tensor / np.maximum(self.prediction, np.finfo(float).tiny)"
APPENDED = "        self.layers.append(layer)\n"
TRAINED = "            self.loss.append(self.forward())\n            self.backward()\n"
REPEATED = "        for _ in range(iterations):\n"
ERROR_OF_LOSS = "        error = self.loss_layer.backward(self.label_tensor)\n"
BATCH = "        input_tensor, self.label_tensor = self.data_layer.next()\n"

MISTAKES = {
    "steps of Sgd": [
        Mistake("arguments exchanged", OPTIMIZERS, {SGD: "return self.shrink(gradient_tensor) - self.learning_rate * weight_tensor"}, "weights and gradient are exchanged"),
        Mistake("the step alone", OPTIMIZERS, {SGD: "return -self.learning_rate * gradient_tensor"}, "the step alone is returned"),
        Mistake("divided by the rate", OPTIMIZERS, {SGD: "return self.shrink(weight_tensor) - gradient_tensor / self.learning_rate"}, "divided by the learning rate"),
        Mistake("the rate as a whole number", OPTIMIZERS, {"        self.learning_rate = learning_rate\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return": "        self.learning_rate = int(learning_rate)\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return"}, "no step is taken"),
        Mistake("gradients that add up", OPTIMIZERS, {SGD: "self.sum = getattr(self, 'sum', 0) + gradient_tensor\n        return self.shrink(weight_tensor) - self.learning_rate * self.sum"}, "Sgd remembers nothing"),
        Mistake("of the gradient's sign", OPTIMIZERS, {SGD: SGD.replace("* gradient_tensor", "* np.sign(gradient_tensor)")}, "the gradient is left out"),
        Mistake("one number for all", OPTIMIZERS, {SGD: SGD.replace("* gradient_tensor", "* np.mean(gradient_tensor)")}, "in each step"),
        Mistake("the rate that shrinks", OPTIMIZERS, {SGD: "self.learning_rate *= 0.9\n        " + SGD}, "weight - learning_rate * gradient"),
        Mistake("a rate of all objects", OPTIMIZERS, {"        self.learning_rate = learning_rate\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return": "        Sgd.learning_rate = learning_rate\n\n    def calculate_update(self, weight_tensor, gradient_tensor):\n        return"}, "a learning rate of its own"),
    ],
    "new fully connected layers": [
        Mistake("normal", FULLY_CONNECTED, {DRAWN: "np.random.randn(output_size, input_size + 1)"}, "np.random.random(shape)"),
        Mistake("from -1 to 1", FULLY_CONNECTED, {DRAWN: "2 * np.random.rand(output_size, input_size + 1) - 1"}, "np.random.random(shape)"),
        Mistake("zeros", FULLY_CONNECTED, {DRAWN: "np.zeros((output_size, input_size + 1))"}, "np.random.random(shape)"),
        Mistake("small", FULLY_CONNECTED, {DRAWN: "0.01 * " + DRAWN}, "np.random.random(shape)"),
        Mistake("from a generator of its own", FULLY_CONNECTED, {DRAWN: "np.random.default_rng().random((output_size, input_size + 1))"}, "np.random.seed repeats"),
        Mistake("from a fixed seed", FULLY_CONNECTED, {DRAWN: "np.random.default_rng(0).random((output_size, input_size + 1))"}, "a seed of its own"),
        Mistake("that set the seed", FULLY_CONNECTED, {"        self.weights = np.random": "        np.random.seed(0)\n        self.weights = np.random"}, "a seed of its own"),
        Mistake("a bias of zeros", FULLY_CONNECTED, {"        self.gradient_weights = None\n": "        self.weights[:, 0] = 0\n        self.gradient_weights = None\n"}, "are exactly 0. All are uniform in [0, 1)"),
        Mistake("without a bias row", FULLY_CONNECTED, {DRAWN: "np.random.rand(output_size, input_size)", KEPT: "        self.input = input_tensor\n", "self.weights[:, 1:]": "self.weights"}, "(inputs + 1) · outputs"),
        Mistake("a bias beside the weights", FULLY_CONNECTED, {DRAWN: "np.random.rand(output_size, input_size)\n        self.bias = np.random.rand(output_size)", KEPT: "        self.input = input_tensor\n", "return self.input @ self.weights.T": "return self.input @ self.weights.T + self.bias", "self.weights[:, 1:]": "self.weights"}, "(inputs + 1) · outputs"),
        Mistake("not trainable", FULLY_CONNECTED, {"self.trainable = True": "self.trainable = False"}, "expected True"),
        Mistake("trainable misspelt", FULLY_CONNECTED, {"self.trainable = True": "self.trainabel = True"}, "expected True"),
        Mistake("set before the base class", FULLY_CONNECTED, {"        super().__init__()\n        self.trainable = True\n": "        self.trainable = True\n        super().__init__()\n"}, "calls super().__init__() first"),
        Mistake("without the base class", FULLY_CONNECTED, {"class FullyConnected(BaseLayer)": "class FullyConnected"}, "write `class FullyConnected(BaseLayer)`"),
        Mistake("weights of the class", FULLY_CONNECTED, {"        self.weights = np.random.rand(output_size, input_size + 1)\n": "        FullyConnected.weights = np.random.rand(output_size, input_size + 1)\n"}, "weights of its own"),
        Mistake("sizes exchanged", FULLY_CONNECTED, {DRAWN: "np.random.rand(input_size, output_size + 1)"}, "matmul: Input operand"),
    ],
    "forward passes of a fully connected layer": [
        Mistake("not returned", FULLY_CONNECTED, {"return self.input @ self.weights.T": "self.input @ self.weights.T"}, "expected numbers, received None"),
        Mistake("element by element", FULLY_CONNECTED, {"return self.input @ self.weights.T": "return self.input * self.weights"}, "broadcast"),
        Mistake("turned around", FULLY_CONNECTED, {"return self.input @ self.weights.T": "return self.weights @ self.input.T"}, "the axes in reverse order"),
        Mistake("averaged", FULLY_CONNECTED, {"return self.input @ self.weights.T": "return self.input @ self.weights.T / self.input_size"}, "0.25 times what was expected"),
        Mistake("the first input for ever", FULLY_CONNECTED, {KEPT: "        if not hasattr(self, 'input'):\n    " + KEPT}, "the input of an earlier call"),
        Mistake("of old weights", FULLY_CONNECTED, {"        self._optimizer = None\n": "        self._optimizer = None\n        self.matrix = self.weights\n", "return self.input @ self.weights.T": "return self.input @ self.matrix.T"}, "a copy of old weights is used"),
        Mistake("ones for a fixed batch", FULLY_CONNECTED, {"np.ones((len(input_tensor), 1)), input": "np.ones((5, 1)), input"}, "must match exactly"),
        Mistake("twos for the bias", FULLY_CONNECTED, {"np.ones((len": "2 * np.ones((len"}, "the bias is added twice"),
        Mistake("the bias counted twice", FULLY_CONNECTED, {"return self.input @ self.weights.T": "return self.input @ self.weights.T + self.weights[:, 0]"}, "the bias is added twice"),
        Mistake("through an activation", FULLY_CONNECTED, {"return self.input @ self.weights.T": "return np.maximum(0, self.input @ self.weights.T)"}, "an activation is a layer of its own"),
    ],
    "backward passes of a fully connected layer": [
        Mistake("with the bias", FULLY_CONNECTED, {"@ self.weights[:, 1:]": "@ self.weights"}, "axis 1 has 5 entries for 4"),
        Mistake("without the last input", FULLY_CONNECTED, {"@ self.weights[:, 1:]": "@ self.weights[:, :-1]"}, "the bias row has no input to pass an error to"),
        Mistake("the error itself", FULLY_CONNECTED, {"error = error_tensor @ self.weights[:, 1:]": "error = error_tensor"}, "axis 1 has 3 entries for 4"),
        Mistake("the gradient returned", FULLY_CONNECTED, {"        return error\n": "        return self.gradient_weights\n"}, "expected an array of shape (5, 4)"),
        Mistake("averaged over the batch", FULLY_CONNECTED, {"error = error_tensor @ self.weights[:, 1:]": "error = error_tensor @ self.weights[:, 1:] / len(error_tensor)"}, "0.2 times what was expected"),
        Mistake("of the wrong sign", FULLY_CONNECTED, {"error = error_tensor": "error = -error_tensor"}, "-1 times what was expected"),
        Mistake("no gradient kept", FULLY_CONNECTED, {GRADIENT: GRADIENT.replace("self.gradient_weights", "gradient_weights"), "self.weights, self.gradient_weights)": "self.weights, gradient_weights)"}, "gradient_weights: expected numbers, received None"),
        Mistake("gradient misspelt", FULLY_CONNECTED, {"        self.gradient_weights = None\n": "", GRADIENT: GRADIENT.replace("self.gradient_weights", "self.gradient_weight"), "self.weights, self.gradient_weights)": "self.weights, self.gradient_weight)"}, "it is called gradient_weight"),
        Mistake("gradient of the wrong sign", FULLY_CONNECTED, {GRADIENT: GRADIENT.replace("= error_tensor", "= -error_tensor")}, "-1 times what was expected"),
        Mistake("gradients that add up", FULLY_CONNECTED, {"        self.gradient_weights = None\n": "        self.gradient_weights = 0\n", GRADIENT: GRADIENT.replace(" = ", " = self.gradient_weights + ")}, "start from zeros"),
        Mistake("the gradient of the inputs alone", FULLY_CONNECTED, {GRADIENT: GRADIENT.replace("self.input", "self.input[:, 1:]")}, "for 5"),
        Mistake("a gradient of the first sample", FULLY_CONNECTED, {GRADIENT: GRADIENT.replace("error_tensor.T @ self.input", "error_tensor[:1].T @ self.input[:1]")}, "a sum over the batch"),
        Mistake("a gradient for each sample", FULLY_CONNECTED, {GRADIENT: GRADIENT.replace("error_tensor.T @ self.input", "error_tensor[:, :, None] * self.input[:, None]"), STEP: STEP.replace("self.gradient_weights)", "self.gradient_weights.sum(0))")}, "3 axes for 2"),
        Mistake("a gradient of the outputs", FULLY_CONNECTED, {"return self.input @ self.weights.T": "self.output = self.input @ self.weights.T\n        return self.output", GRADIENT: GRADIENT.replace("error_tensor.T", "(error_tensor * (self.output > 0)).T")}, "the gradient is [X, 1]ᵀ·E"),
    ],
    "steps of a fully connected layer": [
        Mistake("arguments exchanged", FULLY_CONNECTED, {"(self.weights, self.gradient_weights)": "(self.gradient_weights, self.weights)"}, "in this order"),
        Mistake("not assigned", FULLY_CONNECTED, {UPDATE: UPDATE.replace("self.weights = self._optimizer", "self._optimizer")}, "no step is taken"),
        Mistake("twice", FULLY_CONNECTED, {STEP: STEP + UPDATE}, "called twice"),
        Mistake("without asking", FULLY_CONNECTED, {"if self._optimizer is not None": "if True"}, "'NoneType' object has no attribute 'calculate_update'"),
        Mistake("by the layer itself", FULLY_CONNECTED, {UPDATE: "            self.weights = self.weights - 0.01 * self.gradient_weights\n"}, "calculate_update"),
        Mistake("in forward", FULLY_CONNECTED, {STEP: "", KEPT: STEP.replace("is not None", "is not None and self.gradient_weights is not None") + KEPT}, "no step is taken"),
        Mistake("by an attribute of another name", FULLY_CONNECTED, {"    @property\n    def optimizer(self):\n        return self._optimizer\n\n    @optimizer.setter\n    def optimizer(self, optimizer):\n        self._optimizer = optimizer\n\n": "    def set_optimizer(self, optimizer):\n        self._optimizer = optimizer\n\n"}, "no step is taken"),
        Mistake("no getter", FULLY_CONNECTED, {"        return self._optimizer\n": "        self._optimizer\n"}, "needs a getter"),
        Mistake("a setter that keeps nothing", FULLY_CONNECTED, {"        self._optimizer = optimizer\n": "        optimizer = optimizer\n"}, "no step is taken"),
        Mistake("once for each sample", FULLY_CONNECTED, {UPDATE: "            for _ in error_tensor:\n    " + UPDATE}, "once in backward"),
        Mistake("of an optimizer made anew", FULLY_CONNECTED, {"import numpy as np\n": "import copy\n\nimport numpy as np\n", UPDATE: UPDATE.replace("self._optimizer.calc", "copy.deepcopy(self._optimizer).calc")}, "copied anew for each step"),
    ],
    "rectifiers": [
        Mistake("not returned", RELU, {"return np.maximum(0, input_tensor)": "np.maximum(0, input_tensor)"}, "expected numbers, received None"),
        Mistake("absolute values", RELU, {"np.maximum(0, input_tensor)": "np.abs(input_tensor)"}, "np.maximum(0, x)"),
        Mistake("minimum", RELU, {"np.maximum(0, input_tensor)": "np.minimum(0, input_tensor)"}, "np.maximum(0, x)"),
        Mistake("the largest of all", RELU, {"np.maximum(0, input_tensor)": "max(0, np.max(input_tensor))"}, "np.maximum(0, x)"),
        Mistake("of Python's max", RELU, {"np.maximum(0, input_tensor)": "max(0, input_tensor)"}, "truth value of an array"),
        Mistake("cut off at 1", RELU, {"np.maximum(0, input_tensor)": "np.clip(input_tensor, 0, 1)"}, "np.maximum(0, x)"),
        Mistake("ones for what is positive", RELU, {"np.maximum(0, input_tensor)": "(input_tensor > 0) * 1.0"}, "np.maximum(0, x)"),
        Mistake("a leak", RELU, {"np.maximum(0, input_tensor)": "np.maximum(0.01 * input_tensor, input_tensor)"}, "np.maximum(0, x)"),
        Mistake("positive outputs alone", RELU, {"np.maximum(0, input_tensor)": "input_tensor[input_tensor > 0]"}, "1 axis for 2"),
        Mistake("the error forgotten", RELU, {"error_tensor, 0)": "1, 0)"}, "the error tensor is left out"),
        Mistake("the other half", RELU, {"self.input > 0": "self.input < 0"}, "the error passes where the input was negative"),
        Mistake("not returned, backward", RELU, {"return np.where": "np.where"}, "backward, error of the input: expected numbers, received None"),
        Mistake("the sign of both", RELU, {"self.input > 0": "(self.input > 0) & (error_tensor > 0)"}, "the error's sign decides"),
        Mistake("changed in place, backward", RELU, {"return np.where(self.input > 0, error_tensor, 0)": "error_tensor[self.input <= 0] = 0\n        return error_tensor"}, "in place"),
        Mistake("kept in the class", RELU, {"self.input = input_tensor": "ReLU.input = input_tensor"}, "belongs to the object"),
        Mistake("trainable", RELU, {"class ReLU(BaseLayer):\n": "class ReLU(BaseLayer):\n    def __init__(self):\n        super().__init__()\n        self.trainable = True\n\n"}, "expected False"),
        Mistake("with an argument", RELU, {"class ReLU(BaseLayer):\n": "class ReLU(BaseLayer):\n    def __init__(self, size):\n        super().__init__()\n\n"}, "missing 1 required positional argument"),
    ],
    "softmax once more": [
        Mistake("exponentials alone", SOFTMAX, {QUOTIENT: "exponentials"}, "exp(x) / Σ exp(x)"),
        Mistake("divided by the largest", SOFTMAX, {QUOTIENT: QUOTIENT.replace("np.sum", "np.max")}, "exp(x) / Σ exp(x)"),
        Mistake("of the scores' quotient", SOFTMAX, {QUOTIENT: "exponentials / np.sum(input_tensor, axis=1, keepdims=True)"}, "exp(x) / Σ exp(x)"),
        Mistake("logarithms", SOFTMAX, {QUOTIENT: f"np.log({QUOTIENT})"}, "logarithms"),
        Mistake("the shift added", SOFTMAX, {SCORES: SCORES.replace(" - ", " + ")}, "subtract the maximum of each row"),
        Mistake("the shift after the exponential", SOFTMAX, {SCORES: "np.exp(input_tensor) - np.exp(np.max(input_tensor, axis=1, keepdims=True))"}, "exp(x) / Σ exp(x)"),
        Mistake("powers of 2", SOFTMAX, {SCORES: SCORES.replace("np.exp", "np.exp2")}, "powers of 2"),
        Mistake("an ε in the sum", SOFTMAX, {QUOTIENT: QUOTIENT.replace("keepdims=True)", "keepdims=True) * (1 + 1e-3)")}, "exp(x) / Σ exp(x)"),
        Mistake("the winner takes all", SOFTMAX, {QUOTIENT: f"({QUOTIENT} == np.max({QUOTIENT}, axis=1, keepdims=True)) * 1.0"}, "exp(x) / Σ exp(x)"),
        Mistake("the error passed on", SOFTMAX, {SOFTMAX_ERROR: "error_tensor.copy()"}, "the error is passed on as it came"),
        Mistake("the plus sign", SOFTMAX, {"(error_tensor - np.sum(": "(error_tensor + np.sum("}, "Σ E·y is subtracted"),
        Mistake("the sum of errors", SOFTMAX, {"np.sum(error_tensor * self.output, axis": "np.sum(error_tensor, axis"}, "the sum runs over E instead of E·y"),
        Mistake("the mean", SOFTMAX, {"np.sum(error_tensor * self.output, axis": "np.mean(error_tensor * self.output, axis"}, "the mean of E·y"),
        Mistake("output minus error", SOFTMAX, {SOFTMAX_ERROR: "self.output - error_tensor"}, "the loss"),
        Mistake("without keepdims, backward", SOFTMAX, {"self.output, axis=1, keepdims=True))": "self.output, axis=1))"}, "broadcast"),
        Mistake("the whole sum", SOFTMAX, {"np.sum(error_tensor * self.output, axis=1, keepdims=True)": "np.sum(error_tensor * self.output)"}, "the sum runs over the whole array"),
        Mistake("the input kept", SOFTMAX, {"        return self.output\n": "        probabilities, self.output = self.output, input_tensor\n        return probabilities\n"}, "the scores are taken where the probabilities belong"),
        Mistake("y left out", SOFTMAX, {SOFTMAX_ERROR: SOFTMAX_ERROR.removeprefix("self.output * ")}, "the factor y in front is left out"),
        Mistake("clipped", SOFTMAX, {QUOTIENT: f"np.clip({QUOTIENT}, 1e-12, 1)"}, "neither clipped nor rounded"),
        Mistake("shifted in place", SOFTMAX, {"        exponentials = ": "        input_tensor -= np.max(input_tensor, axis=1, keepdims=True)\n        exponentials = "}, "in place"),
    ],
    "losses once more": [
        Mistake("labels and predictions exchanged", LOSS, {LOGARITHM: "-np.sum(prediction_tensor * np.log(label_tensor + np.finfo(float).eps))"}, "labels and predictions are exchanged"),
        Mistake("to the base 2", LOSS, {"np.log(": "np.log2("}, "base 2"),
        Mistake("to the base 10", LOSS, {"np.log(": "np.log10("}, "base 2 or 10"),
        Mistake("of both classes", LOSS, {LOGARITHM: LOGARITHM + " - np.sum((1 - label_tensor) * np.log(1 - prediction_tensor + np.finfo(float).eps))"}, "1 - label"),
        Mistake("squares", LOSS, {LOGARITHM: "np.sum((prediction_tensor - label_tensor) ** 2)"}, "squares"),
        Mistake("the predictions themselves", LOSS, {LOGARITHM: "-np.sum(label_tensor * prediction_tensor)"}, "the logarithm is missing"),
        Mistake("the logarithm of the sum", LOSS, {LOGARITHM: "-np.log(np.sum(label_tensor * prediction_tensor) + np.finfo(float).eps)"}, "the logarithm of the sum"),
        Mistake("all classes", LOSS, {"label_tensor * np.log": "np.log"}, "not only those at the labels"),
        Mistake("too large an ε", LOSS, {"np.finfo(float).eps": "1e-6"}, "np.finfo(float).eps"),
        Mistake("not returned", LOSS, {f"return {LOGARITHM}": LOGARITHM}, "CrossEntropyLoss.forward: expected numbers, received None"),
        Mistake("an array of one number", LOSS, {f"return {LOGARITHM}": f"return np.array([{LOGARITHM}])"}, "expected one number"),
        Mistake("the most likely class", LOSS, {LOGARITHM: "-np.sum(np.log(np.max(prediction_tensor, axis=1) + np.finfo(float).eps))"}, "the largest prediction"),
        Mistake("the label left out, backward", LOSS, {LOSS_ERROR: LOSS_ERROR.replace("-label_tensor", "-1")}, "the labels are left out"),
        Mistake("the plus sign, backward", LOSS, {LOSS_ERROR: LOSS_ERROR.removeprefix("-")}, "minus sign is missing"),
        Mistake("the product, backward", LOSS, {LOSS_ERROR: "-label_tensor * self.prediction"}, "multiplied by the prediction"),
        Mistake("upside down, backward", LOSS, {LOSS_ERROR: "-self.prediction / np.maximum(label_tensor, np.finfo(float).tiny)"}, "-label / prediction"),
        Mistake("the logarithm, backward", LOSS, {LOSS_ERROR: "-label_tensor * np.log(self.prediction + np.finfo(float).eps)"}, "-label / prediction"),
        Mistake("not returned, backward", LOSS, {f"return {LOSS_ERROR}": LOSS_ERROR}, "CrossEntropyLoss.backward: expected numbers, received None"),
        Mistake("labels of forward", LOSS, {"        self.prediction = ": "        self.label = label_tensor\n        self.prediction = ", "return -label_tensor": "return -self.label"}, "the argument of backward"),
        Mistake("predictions changed in place", LOSS, {"        self.prediction = ": "        prediction_tensor[prediction_tensor == 0] = np.finfo(float).eps\n        self.prediction = "}, "in place"),
    ],
    "networks once more": [
        Mistake("labels before inputs", NETWORK, {BATCH: BATCH.replace("input_tensor, self.label_tensor", "self.label_tensor, input_tensor")}, "inputs and labels are exchanged"),
        Mistake("labels not kept", NETWORK, {BATCH: BATCH.replace("self.label_tensor", "label_tensor"), "self.loss_layer.forward(prediction, self.label_tensor)": "self.loss_layer.forward(prediction, label_tensor)"}, "label_tensor"),
        Mistake("data by itself", NETWORK, {"self.data_layer.next()": "self.data_layer"}, "cannot unpack"),
        Mistake("a loss of the test", NETWORK, {"        self.phase = True\n": "        self.phase = True\n        self.loss.append(0.0)\n"}, "test adds none"),
        Mistake("the first layer left out", NETWORK, {"        for layer in self.layers:\n            tensor": "        for layer in self.layers[1:]:\n            tensor"}, "each layer's forward once"),
        Mistake("the last layer left out", NETWORK, {"        for layer in self.layers:\n            tensor": "        for layer in self.layers[:-1]:\n            tensor"}, "each layer's forward once"),
        Mistake("every layer sees the input", NETWORK, {"            tensor = layer.forward(tensor)\n        return tensor": "            result = layer.forward(tensor)\n        return result"}, "x = layer.forward(x)"),
        Mistake("the prediction returned", NETWORK, {"        return self.loss_layer.forward(prediction, self.label_tensor) + self.regularization_loss()": "        self.loss_layer.forward(prediction, self.label_tensor)\n        return prediction"}, "expected one number"),
        Mistake("test returns nothing", NETWORK, {"        return self.predict(input_tensor)\n": "        self.predict(input_tensor)\n"}, "net.test([[1, -1]]): expected numbers, received None"),
        Mistake("test stops before the last layer", NETWORK, {"        return self.predict(input_tensor)\n": "        tensor = input_tensor\n        for layer in self.layers[:-1]:\n            tensor = layer.forward(tensor)\n        return tensor\n"}, "the last layer is left out"),
        Mistake("test takes a batch", NETWORK, {"        return self.predict(input_tensor)\n": "        input_tensor, _ = self.data_layer.next()\n        return self.predict(input_tensor)\n"}, "no batch from the data layer"),
        Mistake("test gives the classes", NETWORK, {"        return self.predict(input_tensor)\n": "        return self.predict(input_tensor).argmax(axis=1)\n"}, "net.test([[1, -1]])"),
        Mistake("one iteration too many", NETWORK, {REPEATED: "        for _ in range(iterations + 1):\n"}, "one forward() in each iteration"),
        Mistake("one iteration too few", NETWORK, {REPEATED: "        for _ in range(1, iterations):\n"}, "one forward() in each iteration"),
        Mistake("one iteration", NETWORK, {REPEATED: "        if iterations:\n"}, "or there is one iteration only"),
        Mistake("one way back for all", NETWORK, {TRAINED: "            self.loss.append(self.forward())\n        self.backward()\n"}, "call self.backward() in each iteration"),
        Mistake("backward before forward", NETWORK, {TRAINED: "            self.backward()\n            self.loss.append(self.forward())\n"}, "has no attribute 'label_tensor'"),
        Mistake("the last loss alone", NETWORK, {"self.loss.append(self.forward())": "self.loss = [self.forward()]"}, "append the loss"),
        Mistake("a loss for all", NETWORK, {"self.loss.append(self.forward())": "self.loss = self.forward()"}, "a list"),
        Mistake("losses of the last training", NETWORK, {REPEATED: "        self.loss = []\n" + REPEATED}, "the losses of earlier trainings"),
        Mistake("averages of losses", NETWORK, {TRAINED: TRAINED.replace("self.forward())", "(sum(self.loss) + self.forward()) / (len(self.loss) + 1))")}, "net.loss, a list"),
        Mistake("a new list for each layer", NETWORK, {APPENDED: "        self.layers = [layer]\n"}, "self.layers.append(layer)"),
        Mistake("layers inserted in front", NETWORK, {APPENDED: "        self.layers.insert(0, layer)\n"}, "from the first to the last"),
        Mistake("trainable layers alone", NETWORK, {APPENDED: "    " + APPENDED}, "self.layers.append(layer) for every layer"),
        Mistake("layers appended twice", NETWORK, {APPENDED: 2 * APPENDED}, "self.layers.append(layer)"),
        Mistake("an optimizer for every layer", NETWORK, {"        if layer.trainable:\n            layer.optimizer": "        layer.optimizer = copy.deepcopy(self.optimizer)\n        if layer.trainable:\n            layer.optimizer"}, "only a trainable layer gets an optimizer"),
        Mistake("no optimizer for any layer", NETWORK, {"            layer.optimizer = copy.deepcopy(self.optimizer)\n": ""}, "copy.deepcopy"),
        Mistake("the class of the optimizer", NETWORK, {"copy.deepcopy(self.optimizer)": "type(self.optimizer)"}, "copy.deepcopy"),
        Mistake("the error of the prediction", NETWORK, {ERROR_OF_LOSS: ERROR_OF_LOSS.replace("self.loss_layer.backward(self.label_tensor)", "self.label_tensor * 1.0")}, "loss_layer.backward(label_tensor)"),
        Mistake("the loss layer without labels", NETWORK, {"self.loss_layer.backward(self.label_tensor)": "self.loss_layer.backward()"}, "missing 1 required positional argument: 'label_tensor'"),
        Mistake("the first layer left out, backward", NETWORK, {"reversed(self.layers)": "reversed(self.layers[1:])"}, "from the last to the first"),
        Mistake("layers sorted out of order, backward", NETWORK, {"reversed(self.layers)": "self.layers[-2::-1]"}, "from the last to the first"),
        Mistake("no list of losses", NETWORK, {"        self.loss = []\n": "        self.loss = None\n"}, "self.loss = []"),
        Mistake("steps taken by the network", NETWORK, {"            error = layer.backward(error)\n": "            error = layer.backward(error)\n            if layer.trainable and hasattr(layer, 'gradient_weights'):\n                layer.weights = self.optimizer.calculate_update(layer.weights, layer.gradient_weights)\n"}, "by its own optimizer only"),
    ],
}  # fmt: skip
