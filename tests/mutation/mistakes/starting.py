"""Mistakes in Part 2 by people who start networks well: initializers, momentum, Adam, flatten, pooling."""

from tests.mutation.mistake import Mistake

INITIALIZERS = "Layers/Initializers.py"
OPTIMIZERS = "Optimization/Optimizers.py"
FLATTEN = "Layers/Flatten.py"
POOLING = "Layers/Pooling.py"
FULLY_CONNECTED = "Layers/FullyConnected.py"
NETWORK = "NeuralNetwork.py"

XAVIER = "np.random.normal(0, np.sqrt(2 / (fan_in + fan_out)), weights_shape)"
HE = "np.random.normal(0, np.sqrt(2 / fan_in), weights_shape)"
UNIFORM = "np.random.random(weights_shape)"
STACKED = "        self.weights = np.vstack([bias, weights]).T\n"
VELOCITY = "        self.velocity = self.momentum_rate * self.velocity - self.learning_rate * gradient_tensor\n"
MOVED = "        return self.shrink(weight_tensor) + self.velocity\n"
ADAM = "return self.shrink(weight_tensor) - self.learning_rate * v_hat / (np.sqrt(r_hat) + 1e-8)"
V_HAT = "        v_hat = self.v / (1 - self.mu**self.k)\n"
R_HAT = "        r_hat = self.r / (1 - self.rho**self.k)\n"
V = "        self.v = self.mu * self.v + (1 - self.mu) * gradient_tensor\n"
R = "        self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor**2\n"
LARGEST = "            y, x = np.argwhere(window == window.max())[-1]\n"
PLACES = "        self.places = {}\n"
PLACE = "            self.places[b, c, i, j] = (b, c, top + y, left + x)\n"
PASSED = "            error[place] += error_tensor[position]\n"
ROWS = "rows = (self.shape[2] - self.size[0]) // self.stride[0] + 1"
WINDOW = "input_tensor[b, c, top : top + self.size[0], left : left + self.size[1]]"

MISTAKES = {
    "initial values": [
        Mistake("another constant", INITIALIZERS, {"value=0.1": "value=0.01"}, "value=0.1"),
        Mistake("no default", INITIALIZERS, {"value=0.1": "value"}, "missing 1 required positional argument: 'value'"),
        Mistake("always 0.1", INITIALIZERS, {"self.value = value": "self.value = 0.1"}, "self.value"),
        Mistake("one number", INITIALIZERS, {"np.full(weights_shape, self.value)": "self.value"}, "np.full(weights_shape"),
        Mistake("ones", INITIALIZERS, {"np.full(weights_shape, self.value)": "np.ones(weights_shape)"}, "np.full(weights_shape"),
        Mistake("not returned", INITIALIZERS, {f"return {HE}": HE}, "He.initialize: expected numbers, received None"),
        Mistake("uniform from -1 to 1", INITIALIZERS, {UNIFORM: "2 * np.random.random(weights_shape) - 1"}, "uniform in [0, 1)"),
        Mistake("uniform by the fan", INITIALIZERS, {UNIFORM: "np.random.random(weights_shape) / fan_in"}, "uniform in [0, 1)"),
        Mistake("normal for uniform", INITIALIZERS, {UNIFORM: "np.random.randn(*weights_shape)"}, "uniform in [0, 1)"),
        Mistake("whole numbers", INITIALIZERS, {UNIFORM: "np.random.randint(0, 2, weights_shape)"}, "uniform in [0, 1)"),
        Mistake("Xavier for the inputs alone", INITIALIZERS, {XAVIER: XAVIER.replace("(fan_in + fan_out)", "fan_in")}, "fan_in alone is used"),
        Mistake("Xavier's fans multiplied", INITIALIZERS, {XAVIER: XAVIER.replace("fan_in + fan_out", "fan_in * fan_out")}, "σ = √(2 / (fan_in + fan_out))"),
        Mistake("Xavier's variance", INITIALIZERS, {XAVIER: XAVIER.replace("np.sqrt(2 / (fan_in + fan_out))", "2 / (fan_in + fan_out)")}, "variance is handed over"),
        Mistake("Xavier with 1", INITIALIZERS, {XAVIER: XAVIER.replace("2 /", "1 /")}, "1 stands where 2 belongs"),
        Mistake("Xavier with 6", INITIALIZERS, {XAVIER: XAVIER.replace("2 /", "6 /")}, "6 belongs to the uniform distribution"),
        Mistake("Xavier around 1", INITIALIZERS, {XAVIER: XAVIER.replace("normal(0", "normal(1")}, "a mean of zero"),
        Mistake("He around the deviation", INITIALIZERS, {HE: HE.replace("normal(0, np", "normal(0.1, np")}, "a mean of zero"),
        Mistake("He with 1", INITIALIZERS, {HE: HE.replace("2 /", "1 /")}, "1 stands where 2 belongs"),
        Mistake("He of the shape", INITIALIZERS, {HE: HE.replace("fan_in", "weights_shape[0]")}, "taken from weights_shape"),
        Mistake("He positive", INITIALIZERS, {HE: f"np.abs({HE})"}, "a mean of zero"),
        Mistake("He in the shape of the fans", INITIALIZERS, {HE: HE.replace("weights_shape", "(fan_in, fan_out)")}, "draw as many as the shape asks for"),
        Mistake("He without a shape", INITIALIZERS, {HE: HE.replace(", weights_shape", "")}, "draw as many as the shape asks for"),
        Mistake("He from a fixed seed", INITIALIZERS, {HE: HE.replace("np.random", "np.random.default_rng(0)")}, "a seed of its own"),
        Mistake("Xavier from a generator of its own", INITIALIZERS, {XAVIER: XAVIER.replace("np.random", "np.random.default_rng()")}, "np.random.seed repeats"),
    ],
    "initialized fully connected layers": [
        Mistake("not assigned", FULLY_CONNECTED, {STACKED: "        return np.vstack([bias, weights]).T\n"}, "assign them to self.weights"),
        Mistake("the bias kept", FULLY_CONNECTED, {STACKED: "        self.weights = np.vstack([self.weights[:, 0], weights]).T\n"}, "draw the weights and the bias row separately"),
        Mistake("the bias set to zero", FULLY_CONNECTED, {STACKED: "        self.weights = np.vstack([0 * bias, weights]).T\n"}, "the bias row stays at zero"),
        Mistake("the bias counted", FULLY_CONNECTED, {"(self.input_size, self.output_size), self.input_size,": "(self.input_size, self.output_size), self.input_size + 1,"}, "bias is counted as an input"),
        Mistake("everything by the weights' initializer", FULLY_CONNECTED, {"bias = bias_initializer": "bias = weights_initializer"}, "one initializer fills everything"),
        Mistake("the initializers exchanged", FULLY_CONNECTED, {"weights = weights_initializer": "weights = bias_initializer", "bias = bias_initializer": "bias = weights_initializer"}, "the two initializers are exchanged"),
        Mistake("no fans", FULLY_CONNECTED, {"(self.input_size, self.output_size), self.input_size, self.output_size)": "(self.input_size, self.output_size))"}, "missing 2 required positional arguments"),
    ],
    "momentum once more": [
        Mistake("no default", OPTIMIZERS, {"momentum_rate=0.9": "momentum_rate"}, "momentum_rate"),
        Mistake("a default of 0.5", OPTIMIZERS, {"momentum_rate=0.9": "momentum_rate=0.5"}, "momentum_rate=0.9 as default"),
        Mistake("the rate twice", OPTIMIZERS, {MOVED: MOVED.replace("+ self", "+ self.learning_rate * self")}, "the learning rate enters twice"),
        Mistake("an average", OPTIMIZERS, {VELOCITY: VELOCITY.replace("- self.learning_rate", "- (1 - self.momentum_rate) * self.learning_rate")}, "v = μ·v - η·(1 - μ)·g"),
        Mistake("the rates exchanged", OPTIMIZERS, {VELOCITY: VELOCITY.replace("self.momentum_rate", "self.learning_rate", 1).replace("- self.learning_rate", "- self.momentum_rate")}, "the two rates are exchanged"),
        Mistake("looking ahead", OPTIMIZERS, {MOVED: MOVED.replace("+ self.velocity", "+ self.momentum_rate * self.velocity - self.learning_rate * gradient_tensor")}, "Nesterov"),
        Mistake("the old velocity", OPTIMIZERS, {VELOCITY: "", MOVED: "        before = self.velocity\n" + VELOCITY + MOVED.replace("self.velocity", "before")}, "the velocity of the step before"),
        Mistake("not returned", OPTIMIZERS, {MOVED: MOVED.replace("return ", "")}, "SgdWithMomentum.calculate_update: expected numbers, received None"),
        Mistake("the velocity returned", OPTIMIZERS, {MOVED: "        return self.velocity\n"}, "the velocity is returned"),
        Mistake("a velocity of all objects", OPTIMIZERS, {"        self.velocity = 0.0\n": "", VELOCITY: VELOCITY.replace("        self.velocity =", "        SgdWithMomentum.velocity ="), "class SgdWithMomentum(Optimizer):\n": "class SgdWithMomentum(Optimizer):\n    velocity = 0.0\n\n"}, "a memory of its own"),
        Mistake("the velocity changed in place", OPTIMIZERS, {VELOCITY: "        if np.ndim(self.velocity) == 0:\n            self.velocity = np.zeros(np.shape(gradient_tensor))\n        self.velocity *= self.momentum_rate\n        gradient_tensor *= self.learning_rate\n        self.velocity -= gradient_tensor\n"}, "works in place"),
        Mistake("remembered in a function", OPTIMIZERS, {"        self.velocity = 0.0\n": "        self.velocity = 0.0\n        self.rate = lambda: self.learning_rate\n", VELOCITY: VELOCITY.replace("- self.learning_rate", "- self.rate()")}, "none of them a lambda"),
    ],
    "Adam once more": [
        Mistake("without the root", OPTIMIZERS, {"(np.sqrt(r_hat) + 1e-8)": "(r_hat + 1e-8)"}, "the root is missing"),
        Mistake("without the square", OPTIMIZERS, {"gradient_tensor**2": "gradient_tensor"}, "the square is missing"),
        Mistake("the square of v", OPTIMIZERS, {"gradient_tensor**2": "self.v**2"}, "r takes v² for g²"),
        Mistake("absolute values", OPTIMIZERS, {"gradient_tensor**2": "np.abs(gradient_tensor)"}, "k counts from 1"),
        Mistake("times for power", OPTIMIZERS, {V_HAT: V_HAT.replace("**", " * "), R_HAT: R_HAT.replace("**", " * ")}, "mu^k, a power"),
        Mistake("corrections without the step", OPTIMIZERS, {V_HAT: V_HAT.replace("**self.k", ""), R_HAT: R_HAT.replace("**self.k", "")}, "mu^k, a power"),
        Mistake("one correction for both", OPTIMIZERS, {R_HAT: R_HAT.replace("self.rho**", "self.mu**")}, "r is corrected by rho"),
        Mistake("corrected v alone", OPTIMIZERS, {R_HAT: "        r_hat = self.r\n"}, "r is not corrected"),
        Mistake("gradients that are not weighted", OPTIMIZERS, {V: V.replace("(1 - self.mu) * ", "")}, "(1 - mu)"),
        Mistake("v replaced", OPTIMIZERS, {V: "        self.v = gradient_tensor\n"}, "(1 - mu)"),
        Mistake("no rate", OPTIMIZERS, {ADAM: ADAM.replace("self.learning_rate * ", "")}, "the learning rate is left out"),
        Mistake("uphill", OPTIMIZERS, {ADAM: ADAM.replace(" - self", " + self")}, "uphill"),
        Mistake("ε outside of the quotient", OPTIMIZERS, {ADAM: ADAM.replace("(np.sqrt(r_hat) + 1e-8)", "np.sqrt(r_hat) + 1e-8")}, "outside of the division"),
        Mistake("ε too large", OPTIMIZERS, {"1e-8": "1e-5"}, "v̂ / (√r̂ + 1e-8)"),
        Mistake("no ε", OPTIMIZERS, {" + 1e-8": ""}, "far too small"),
        Mistake("another mu", OPTIMIZERS, {"mu=0.9,": "mu=0.99,"}, "mu=0.9 and rho=0.999"),
        Mistake("another rho", OPTIMIZERS, {"rho=0.999": "rho=0.99"}, "mu=0.9 and rho=0.999"),
        Mistake("a counter of all objects", OPTIMIZERS, {"        self.k = 0\n": "", "self.k += 1": "Adam.k += 1", "class Adam(Optimizer):\n": "class Adam(Optimizer):\n    k = 0\n\n"}, "a memory of its own"),
        Mistake("a counter that restarts", OPTIMIZERS, {"        self.k += 1\n": "        self.k = self.k % 3 + 1\n"}, "rises once in each step"),
        Mistake("counted twice", OPTIMIZERS, {"self.k += 1": "self.k += 2"}, "rises once in each step"),
        Mistake("counted after the step", OPTIMIZERS, {"        self.k += 1\n": "", ADAM: "self.k += 1\n        " + ADAM}, "k counts from 1"),
        Mistake("moments of the first gradient", OPTIMIZERS, {"        self.k += 1\n": "        self.k += 1\n        if self.k == 1:\n            self.v = gradient_tensor\n            self.r = gradient_tensor**2\n"}, "start from 0"),
        Mistake("not returned", OPTIMIZERS, {ADAM: ADAM.removeprefix("return ")}, "Adam.calculate_update: expected numbers, received None"),
        Mistake("moments of whole numbers", OPTIMIZERS, {"        self.k += 1\n": "        self.k += 1\n        gradient_tensor = np.round(gradient_tensor, 1)\n"}, "Adam"),
    ],
    "rows of pixels": [
        Mistake("the batch as well", FLATTEN, {"reshape(self.shape[0], -1)": "reshape(-1)"}, "1 axis for 2"),
        Mistake("an axis too many", FLATTEN, {"reshape(self.shape[0], -1)": "reshape(self.shape[0], -1, 1)"}, "3 axes for 2"),
        Mistake("turned around", FLATTEN, {"reshape(self.shape[0], -1)": "reshape(self.shape[0], -1).T"}, "the axes in reverse order"),
        Mistake("channels last", FLATTEN, {"input_tensor.reshape": "input_tensor.swapaxes(1, -1).reshape"}, "Fortran"),
        Mistake("left as it came, backward", FLATTEN, {"return error_tensor.reshape(self.shape)": "return error_tensor"}, "keep the input's shape in forward"),
        Mistake("another order, backward", FLATTEN, {"error_tensor.reshape(self.shape)": "error_tensor.reshape(self.shape, order='F')"}, "in the order in which forward wrote it"),
        Mistake("the first shape for ever", FLATTEN, {"        self.shape = input_tensor.shape\n": "        if not hasattr(self, 'shape'):\n            self.shape = input_tensor.shape\n"}, "an earlier call"),
        Mistake("without the batch, backward", FLATTEN, {"reshape(self.shape)": "reshape(self.shape[1:])"}, "cannot reshape array"),
        Mistake("not returned", FLATTEN, {"return input_tensor.reshape": "input_tensor.reshape"}, "Flatten.forward: expected numbers, received None"),
        Mistake("images of four axes alone", FLATTEN, {"        self.shape = input_tensor.shape\n": "        b, c, y, x = self.shape = input_tensor.shape\n        self.shape = (b, c, x, y)\n"}, "keep the input's shape in forward"),
    ],
    "largest of a window": [
        Mistake("the smallest", POOLING, {"y, x = np.argwhere(window == window.max())[-1]": "y, x = np.argwhere(window == window.min())[-1]"}, "the minimum is taken instead of the maximum"),
        Mistake("the largest of the absolute values", POOLING, {"window == window.max()": "abs(window) == abs(window).max()"}, "the largest absolute value is taken"),
        Mistake("the sum", POOLING, {"output[b, c, i, j] = window[y, x]": "output[b, c, i, j] = window.sum()"}, "np.max over the window"),
        Mistake("places that reach over the border", POOLING, {ROWS: "rows = -(-self.shape[2] // self.stride[0])"}, '"valid"'),
        Mistake("one row of windows too few", POOLING, {ROWS: ROWS.removesuffix(" + 1")}, "(n - p) // s + 1 windows"),
        Mistake("divided by the stride alone", POOLING, {ROWS: "rows = self.shape[2] // self.stride[0]"}, "(n - p) // s + 1"),
        Mistake("the window for the stride", POOLING, {"self.stride = stride_shape": "self.stride = pooling_shape"}, "the window's size is taken for the stride"),
        Mistake("the stride for the window", POOLING, {"self.size = pooling_shape": "self.size = stride_shape"}, "the stride is taken for the window's size"),
        Mistake("exchanged arguments", POOLING, {"def __init__(self, stride_shape, pooling_shape)": "def __init__(self, pooling_shape, stride_shape)"}, "stride and window are exchanged"),
        Mistake("one number for both axes", POOLING, {"self.stride = stride_shape": "self.stride = [stride_shape[0]] * 2"}, "stride and window are (rows, columns)"),
        Mistake("over the channels", POOLING, {WINDOW: WINDOW.replace("[b, c,", "[b].max(axis=0)[")}, "for each sample and channel"),
        Mistake("windows side by side", POOLING, {"top, left = i * self.stride[0], j * self.stride[1]": "top, left = i * self.size[0], j * self.size[1]"}, "Pooling"),
        Mistake("padded by zeros", POOLING, {"        self.shape = input_tensor.shape\n": "        input_tensor = np.pad(input_tensor, ((0, 0), (0, 0), (0, self.size[0] - 1), (0, self.size[1] - 1)))\n        self.shape = input_tensor.shape\n"}, '"valid"'),
        Mistake("the place turned around", POOLING, {PLACE: PLACE.replace("top + y, left + x", "top + min(x, self.size[0] - 1), left + min(y, self.size[1] - 1)")}, "keep in forward where each maximum was"),
        Mistake("the place within the window", POOLING, {PLACE: PLACE.replace("top + y, left + x", "y, x")}, "keep in forward where each maximum was"),
        Mistake("the window's first place", POOLING, {PLACE: PLACE.replace("top + y, left + x", "top, left")}, "the first place of each window takes the error"),
        Mistake("one channel's places for all", POOLING, {PLACE: PLACE.replace("(b, c, top", "(b, 0, top")}, "place of its maximum"),
        Mistake("one sample's places for all", POOLING, {PLACE: PLACE.replace("(b, c, top", "(0, c, top")}, "place of its maximum"),
        Mistake("the maximum passed back", POOLING, {PASSED: "            error[place] += 1\n"}, "the error tensor is left out"),
        Mistake("the output's shape, backward", POOLING, {"np.zeros(self.shape)": "np.zeros((*self.shape[:2], self.shape[2] + 1, self.shape[3]))"}, "axis 2 has"),
        Mistake("places of every call", POOLING, {PLACES: "        self.places = getattr(self, 'places', {})\n"}, "an earlier call"),
        Mistake("errors that add up", POOLING, {"        error = np.zeros(self.shape)\n": "        self.error = error = getattr(self, 'error', np.zeros(self.shape))\n"}, "create a new one in every call"),
        Mistake("places of the class", POOLING, {PLACES: "        Pooling.places = {}\n"}, "belongs to the object"),
        Mistake("trainable", POOLING, {"        self.stride = stride": "        self.trainable = True\n        self.stride = stride"}, "expected False"),
        Mistake("whole numbers, backward", POOLING, {"np.zeros(self.shape)": "np.zeros(self.shape, dtype=int)"}, "hold fractions"),
    ],
    "networks with initializers once more": [
        Mistake("every layer initialized", NETWORK, {"            if self.weights_initializer is not None:\n                layer": "        if self.weights_initializer is not None and hasattr(layer, 'initialize'):\n            layer"}, "nothing to initialize: `if layer.trainable`"),
        Mistake("without initializers", NETWORK, {"weights_initializer=None, bias_initializer=None": "weights_initializer, bias_initializer"}, "missing 2 required positional arguments"),
        Mistake("one initializer for both", NETWORK, {"layer.initialize(self.weights_initializer, self.bias_initializer)": "layer.initialize(self.weights_initializer, self.weights_initializer)"}, "in this order"),
        Mistake("initializers kept under other names", NETWORK, {"        self.bias_initializer = bias_initializer\n": "        self.bias_initialiser = bias_initializer\n"}, "has no attribute 'bias_initializer'"),
    ],
}  # fmt: skip
