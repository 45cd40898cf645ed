"""Mistakes in Part 2: initializers, optimizers with a memory, convolution and pooling."""

from tests.mutation.mistake import Mistake

OPTIMIZERS = "Optimization/Optimizers.py"
CONV = "Layers/Conv.py"
POOLING = "Layers/Pooling.py"
CONVOLUTIONS = "Layers/Convolutions.py"
CORRELATION = "Layers/Kernels/correlation.py"
PADDING = "Layers/Padding.py"
WINDOWS = "Layers/Windows.py"
INITIALIZERS = "Layers/Initializers.py"

MISTAKES = {
    "momentum with the wrong sign": [
        Mistake(
            "of the old velocity",
            OPTIMIZERS,
            {"self.velocity = self.momentum_rate": "self.velocity = -self.momentum_rate"},
            "velocity of the last step is subtracted",
        ),
        Mistake(
            "of the gradient",
            OPTIMIZERS,
            {"self.velocity - self.learning_rate": "self.velocity + self.learning_rate"},
            "against the velocity",
        ),
        Mistake(
            "of the step",
            OPTIMIZERS,
            {"self.shrink(weight_tensor) + self.velocity": "self.shrink(weight_tensor) - self.velocity"},
            "against the velocity",
        ),
        Mistake(
            "in the library",
            OPTIMIZERS,
            {"np.multiply, v, self.momentum_rate, v": "np.multiply, v, -self.momentum_rate, v"},
            "velocity of the last step is subtracted",
            "library",
        ),
    ],
    "Adam without bias correction": [
        Mistake(
            "for both",
            OPTIMIZERS,
            {" / (1 - self.mu**self.k)": "", " / (1 - self.rho**self.k)": ""},
            "bias correction is missing",
        ),
        Mistake("for the second moment", OPTIMIZERS, {" / (1 - self.rho**self.k)": ""}, "r is not corrected"),
        Mistake(
            "kept in the moment",
            OPTIMIZERS,
            {"v_hat = self.v /": "v_hat = self.v = self.v /"},
            "without changing what is remembered",
        ),
        Mistake(
            "in the library",
            OPTIMIZERS,
            {"r / (1 - rho**k)": "r", "eta / (1 - mu**k)": "eta"},
            "bias correction is missing",
            "library",
        ),
    ],
    "Adam's step counter off by one": [
        Mistake("it starts at 2", OPTIMIZERS, {"self.k = 0\n": "self.k = 1\n"}, "counter starts at 2"),
        Mistake("it starts at 0", OPTIMIZERS, {"self.k = 0\n": "self.k = -1\n"}, "counts from 1"),
        Mistake("it never rises", OPTIMIZERS, {"self.k += 1": "self.k = 1"}, "rises once in each step"),
        Mistake(
            "in the library",
            OPTIMIZERS,
            {
                "_adam_step, w, v, r, g, eta, self.mu, self.rho, self._steps + 1": "_adam_step, w, v, r, g, eta, self.mu, self.rho, self._steps + 2"
            },
            "counter starts at 2",
            "library",
        ),
    ],
    "fan-in and fan-out swapped": [
        Mistake("in He", INITIALIZERS, {"np.sqrt(2 / fan_in)": "np.sqrt(2 / fan_out)"}, "swapped"),
        Mistake(
            "by a fully connected layer",
            "Layers/FullyConnected.py",
            {
                "self.output_size), self.input_size, self.output_size)": "self.output_size), self.output_size, self.input_size)"
            },
            "swapped",
        ),
        Mistake(
            "by a convolution",
            CONV,
            {
                "weights_initializer.initialize(shape, fan_in, fan_out)": "weights_initializer.initialize(shape, fan_out, fan_in)"
            },
            "swapped",
        ),
        Mistake(
            "in the library's He",
            INITIALIZERS,
            {'np.sqrt(2.0 / _fan(self, fan_in, "fan_in"))': 'np.sqrt(2.0 / _fan(self, fan_out, "fan_out"))'},
            "swapped",
            "library",
        ),
        Mistake(
            "by the library's fully connected layer",
            "Layers/FullyConnected.py",
            {"weights=(self.input_size, self.output_size)": "weights=(self.output_size, self.input_size)"},
            "swapped",
            "library",
        ),
    ],
    "convolution flipped": [
        Mistake(
            "kernels turned around",
            CONV,
            {
                "np.tensordot(patch, self.weights,": "np.tensordot(patch, np.flip(self.weights, tuple(range(2, self.weights.ndim))),"
            },
            "kernel is flipped",
        ),
        Mistake(
            "kernels turned around, the channels too",
            CONV,
            {
                "np.tensordot(patch, self.weights,": "np.tensordot(patch, np.flip(self.weights, tuple(range(1, self.weights.ndim))),"
            },
            "convolution over three axes flips them too",
        ),
        Mistake(
            "in the gradient of the weights",
            CONV,
            {
                "        if self.optimizer_weights is not None:\n            self.weights": "        self.gradient_weights = np.flip(self.gradient_weights, -1)\n        if self.optimizer_weights is not None:\n            self.weights"
            },
            "neither averaged nor flipped",
        ),
        Mistake(
            "in the input's error",
            CONV,
            {"np.tensordot(here, self.weights, 1)": "np.tensordot(here, np.flip(self.weights, -1), 1)"},
            "convolve it with the kernels",
        ),
        Mistake(
            "the library's kernels turned around",
            CONV,
            {"correlate(input_tensor, weights,": "correlate(input_tensor, np.flip(weights, range(2, weights.ndim)),"},
            "kernel is flipped",
            "library",
        ),
    ],
    "padding on the wrong side for even kernels": [
        Mistake(
            "in both passes",
            CONV,
            {
                "self.before = [k // 2 for": "self.before = [(k - 1) // 2 for",
                "after = [(k - 1) // 2 for": "after = [k // 2 for",
            },
            "padding is on the wrong side",
        ),
        Mistake(
            "in backward alone",
            CONV,
            {
                "slice(b, b + n) for b, n in zip(self.before, self.space)": "slice((k - 1) // 2, (k - 1) // 2 + n) for k, n in zip(self.kernel, self.space)"
            },
            "before and after exchanged",
        ),
        Mistake(
            "in the library",
            PADDING,
            {"(window // 2, (window - 1) // 2)": "((window - 1) // 2, window // 2)"},
            "padding is on the wrong side",
            "library",
        ),
    ],
    "stride applied to the wrong axis": [
        Mistake(
            "of a convolution",
            CONV,
            {
                "self.stride = stride * len(self.kernel) if len(stride) == 1 else stride": "self.stride = stride * len(self.kernel) if len(stride) == 1 else stride[::-1]"
            },
            "stride is applied to the other axis",
        ),
        Mistake(
            "of pooling",
            POOLING,
            {"self.stride = stride_shape": "self.stride = stride_shape[::-1]"},
            "stride is applied to the other axis",
        ),
        Mistake(
            "of the library's convolution",
            CONVOLUTIONS,
            {'axes, name, "stride_shape")': 'axes, name, "stride_shape")[::-1]'},
            "stride is applied to the other axis",
            "library",
        ),
        Mistake(
            "of the library's pooling",
            WINDOWS,
            {'self.axes, name, "stride_shape")': 'self.axes, name, "stride_shape")[::-1]'},
            "stride is applied to the other axis",
            "library",
        ),
    ],
    "bias gradient not summed over space": [
        Mistake(
            "an array for each place",
            CONV,
            {
                "            self.gradient_bias += here.sum(axis=0)\n": "",
                "        self.gradient_bias = np.zeros(self.bias.shape)\n": "        self.gradient_bias = error_tensor.sum(axis=0)\n",
            },
            "sum the error over axes 0, 2 and 3",
        ),
        Mistake(
            "the last place alone",
            CONV,
            {"self.gradient_bias += here": "self.gradient_bias = here"},
            "sum the error over axes 0, 2 and 3",
        ),
        Mistake("the batch left out", CONV, {"here.sum(axis=0)": "here[0]"}, "sum the error over axes 0, 2 and 3"),
        Mistake(
            "in the library",
            CORRELATION,
            {"channel_sums(errors) if of_bias": "channel_sums(errors[:1]) if of_bias"},
            "sum the error over axes 0, 2 and 3",
            "library",
        ),
    ],
    "pooling that loses ties": [
        Mistake(
            "no error where the maximum comes twice",
            POOLING,
            {
                "self.places[b, c, i, j] = (b, c, top + y, left + x)": "self.places[b, c, i, j] = "
                "(b, c, top + y, left + x) if np.sum(window == window.max()) == 1 else None",
                "            error[place] +=": "            if place is not None:\n                error[place] +=",
            },
            "several maxima",
        ),
        Mistake(
            "the library passes none on",
            POOLING,
            {"larger * places.dtype.type(offset)": "(larger | (pixels == largest)) * places.dtype.type(200)"},
            "several maxima",
            "library",
        ),
    ],
    "pooling that loses overlaps": [
        Mistake("overwritten", POOLING, {"error[place] +=": "error[place] ="}, "overwrites the error of the one"),
        Mistake(
            "overwritten in the library",
            WINDOWS,
            {
                "pixels += share(offset, *parts, out=None)": "np.copyto(pixels, share(offset, *parts, out=None), where=share(offset, *parts, out=None) != 0)"
            },
            "overwrites the error of the one",
            "library",
        ),
    ],
}
