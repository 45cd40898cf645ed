"""Mistakes in Part 2 by people who write a convolution for the first time."""

from tests.mutation.mistake import Mistake

CONV = "Layers/Conv.py"
INITIALIZE = "        self.weights = weights_initializer.initialize(shape, fan_in, fan_out)\n"
BIAS_START = "        self.bias = bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)\n"
SIZE = "[-(-n // s) for n, s in zip(self.space, self.stride)]"
PADDED = "np.pad(input_tensor, [(0, 0), (0, 0), *zip(self.before, after)])"
PRODUCT = "np.tensordot(patch, self.weights, (range(1, patch.ndim), range(1, patch.ndim)))"
ADDED = "            output[(..., *place)] += self.bias\n"
SPREAD = "            error[self.window(place)] += np.tensordot(here, self.weights, 1)\n"
GRADIENT = "            self.gradient_weights += np.tensordot(here, self.padded[self.window(place)], (0, 0))\n"
GRADIENT_ZERO = "        self.gradient_weights = np.zeros(self.weights.shape)\n"
BIAS_GRADIENT = "            self.gradient_bias += here.sum(axis=0)\n"
UPDATE = "            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)\n"
BIAS_UPDATE = "            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)\n"
CUT = "error[(..., *(slice(b, b + n) for b, n in zip(self.before, self.space)))]"
STRIDE = "self.stride = stride * len(self.kernel) if len(stride) == 1 else stride"


def _conv(name: str, replace: dict[str, str], says: str) -> Mistake:
    return Mistake(name, CONV, replace, says)


MISTAKES = {
    "new convolutions": [
        _conv("normal weights", {"np.random.rand(num_kernels, *convolution_shape)": "np.random.randn(num_kernels, *convolution_shape)"}, "uniform in [0, 1)"),
        _conv("a bias of zeros", {"np.random.rand(num_kernels)\n": "np.zeros(num_kernels)\n"}, "bias of a new Conv"),
        _conv("one bias for all", {"np.random.rand(num_kernels)\n": "np.random.rand(1)\n"}, "one bias for each kernel"),
        _conv("a bias with axes", {"np.random.rand(num_kernels)\n": "np.random.rand(num_kernels, 1)\n"}, "one bias for each kernel"),
        _conv("a number for a bias", {"np.random.rand(num_kernels)\n": "np.random.rand()\n"}, "one bias for each kernel"),
        _conv("channels before kernels", {"np.random.rand(num_kernels, *convolution_shape)": "np.random.rand(convolution_shape[0], num_kernels, *convolution_shape[1:])"}, "(num_kernels, *convolution_shape)"),
        _conv("one kernel", {"np.random.rand(num_kernels, *convolution_shape)": "np.random.rand(*convolution_shape)"}, "(num_kernels, *convolution_shape)"),
        _conv("kernels that are all alike", {"        self.bias = np.random.rand(num_kernels)\n": "        self.weights = np.repeat(self.weights[:1], num_kernels, axis=0)\n        self.bias = np.random.rand(num_kernels)\n"}, "Every one is drawn for itself"),
        _conv("not trainable", {"        self.trainable = True\n": ""}, "expected True"),
        _conv("from a fixed seed", {"np.random.rand(num_kernels, *convolution_shape)": "np.random.default_rng(1).random((num_kernels, *convolution_shape))"}, "a seed of its own"),
        _conv("strides in two numbers alone", {STRIDE: "self.stride = (stride_shape[0], stride_shape[1])", "        stride = [stride_shape] if np.ndim(stride_shape) == 0 else list(stride_shape)\n": ""}, "TypeError"),
        _conv("a stride for the rows alone", {STRIDE: "self.stride = (stride + [1])[: len(self.kernel)] if len(stride) == 1 else stride"}, "(2, 2)"),
        _conv("the first stride for both axes", {STRIDE: "self.stride = stride[:1] * len(self.kernel)"}, "the first stride is taken for both axes"),
        _conv("the second stride for both axes", {STRIDE: "self.stride = stride[-1:] * len(self.kernel)"}, "the second stride is taken for both axes"),
        _conv("the kernel turned around", {"self.kernel = tuple(convolution_shape[1:])": "self.kernel = tuple(convolution_shape[:0:-1])"}, "TestConv"),
    ],
    "initialized convolutions": [
        _conv("fan_in without channels", {"fan_in = self.channels * np": "fan_in = np"}, "fan_in misses the channels"),
        _conv("fans from the shape", {"fan_in = self.channels * np.prod(self.kernel)": "fan_in = self.num_kernels", "fan_out = self.num_kernels * np.prod(self.kernel)": "fan_out = self.channels"}, "numbers of kernels and channels alone"),
        _conv("fan_in of the whole array", {"fan_in = self.channels": "fan_in = self.num_kernels * self.channels"}, "the whole array is counted"),
        _conv("weights not assigned", {INITIALIZE: INITIALIZE.replace("self.weights = ", "")}, "assign both"),
        _conv("bias not assigned", {BIAS_START: BIAS_START.replace("self.bias = ", "")}, "assign both"),
        _conv("bias by the weights' initializer", {"self.bias = bias_initializer": "self.bias = weights_initializer"}, "bias by the bias' own initializer"),
        _conv("a bias with axes", {"initialize((self.num_kernels,), fan": "initialize((1, self.num_kernels), fan"}, "bias after initialize"),
        _conv("a bias of one number", {"initialize((self.num_kernels,), fan": "initialize((1,), fan"}, "bias after initialize"),
        _conv("weights without their axes", {"shape = (self.num_kernels, self.channels, *self.kernel)": "shape = (self.num_kernels, fan_in)"}, "weights after initialize"),
        _conv("initializers exchanged", {"self.weights = weights_initializer": "self.weights = bias_initializer", "self.bias = bias_initializer": "self.bias = weights_initializer"}, "the two initializers are exchanged"),
    ],
    "sizes and padding": [
        _conv("rounded down", {SIZE: SIZE.replace("-(-n // s)", "n // s")}, "the size is ceil(n / 2)"),
        _conv("valid", {PADDED: "input_tensor", SIZE: "[(n - k) // s + 1 for n, s, k in zip(self.space, self.stride, self.kernel)]"}, "with zeros around"),
        _conv("padded by one, always", {"self.before = [k // 2 for k in self.kernel]": "self.before = [1 for k in self.kernel]"}, "a kernel of size 1 needs no padding"),
        _conv("padded by the kernel", {"self.before = [k // 2 for k in self.kernel]": "self.before = [k - 1 for k in self.kernel]"}, "zeros"),
        _conv("padded by repeated pixels", {PADDED: PADDED[:-1] + ', mode="edge")'}, "the border is repeated"),
        _conv("padded by the other side", {PADDED: PADDED[:-1] + ', mode="wrap")'}, "it goes on at the other side"),
        _conv("padded by a mirror", {PADDED: PADDED[:-1] + ', mode="symmetric")'}, "the border is mirrored"),
        _conv("padded by ones", {PADDED: PADDED[:-1] + ", constant_values=1)"}, "the border is filled with ones"),
        _conv("padding of the axes exchanged", {PADDED: PADDED.replace("*zip(self.before, after)", "*[*zip(self.before, after)][::-1]")}, "TestConv"),
        _conv("the last place left out", {SIZE: SIZE[:-1] + "]\n        output_space[-1] = max(1, output_space[-1] - 1)"}, "ceil(n / s)"),
        _conv("sampled from the end", {"slice(i * s, i * s + k)": "slice((n - 1) % s + i * s, (n - 1) % s + i * s + k)", "for i, s, k in zip(place, self.stride, self.kernel)": "for i, s, k, n in zip(place, self.stride, self.kernel, self.space)"}, "beginning with the first"),
        _conv("images alone", {PADDED: "np.pad(input_tensor, [(0, 0), (0, 0), (self.before[0], after[0]), (self.before[1], after[1])])"}, "IndexError"),
    ],
    "sums of a convolution": [
        _conv("the first channel alone", {PRODUCT: "np.tensordot(patch[:, 0], self.weights[:, 0], (range(1, patch.ndim - 1), range(1, patch.ndim - 1)))"}, "the first channel alone counts"),
        _conv("the mean over the channels", {PRODUCT: PRODUCT + " / self.channels"}, "the mean over the channels is taken"),
        _conv("the mean over the kernel", {PRODUCT: PRODUCT + " / np.prod(self.kernel)"}, "the mean over the kernel is taken"),
        _conv("the largest product", {PRODUCT: "np.max(patch[:, None] * self.weights, axis=tuple(range(2, patch.ndim + 1)))"}, "the sum over channels and kernel"),
        _conv("one kernel for all", {PRODUCT: PRODUCT.replace("self.weights", "self.weights[[0] * self.num_kernels]")}, "every kernel has an output of its own"),
        _conv("kernels in reverse order", {PRODUCT: PRODUCT.replace("self.weights", "self.weights[::-1]")}, "the kernels are in reverse order"),
        _conv("flipped along the rows alone", {PRODUCT: PRODUCT.replace("self.weights", "self.weights[:, :, ::-1]")}, "the kernel is flipped along its rows"),
        _conv("flipped along the columns alone", {PRODUCT: PRODUCT.replace("self.weights", "self.weights[..., ::-1]")}, "the kernel is flipped along its columns"),
        _conv("the bias subtracted", {ADDED: ADDED.replace("+=", "-=")}, "the bias is subtracted"),
        _conv("one bias for all", {ADDED: ADDED.replace("self.bias", "self.bias[0]")}, "each kernel has a bias of its own"),
        _conv("all biases for all", {ADDED: ADDED.replace("self.bias", "self.bias.sum()")}, "each kernel has a bias of its own"),
        _conv("the bias at the first place", {ADDED: ADDED.replace("            output", "            if not any(place):\n                output")}, "the bias is added at every place"),
        _conv("an activation", {"        return output\n": "        return np.maximum(0, output)\n"}, "an activation is a layer of its own"),
        _conv("not returned", {"        return output\n": ""}, "Conv.forward: expected numbers, received None"),
        _conv("channels last", {"        return output\n": "        return np.moveaxis(output, 1, -1)\n"}, "expected an array of shape"),
        _conv("only the last sample", {"        return output\n": "        output[:-1] = 0\n        return output\n"}, "every sample"),
        _conv("the first weights for ever", {"        self.optimizer_weights = None\n": "        self.kept = self.weights\n        self.optimizer_weights = None\n", PRODUCT: PRODUCT.replace("self.weights", "self.kept")}, "anew in every call"),
        _conv("the first bias for ever", {"        self.optimizer_weights = None\n": "        self.kept = self.bias\n        self.optimizer_weights = None\n", ADDED: ADDED.replace("self.bias", "self.kept")}, "anew in every call"),
    ],
    "the way back through a convolution": [
        _conv("not cut off", {CUT: "error"}, "entries for"),
        _conv("cut off behind alone", {CUT: CUT.replace("b, b + n", "0, n")}, "cut off k // 2 in front"),
        _conv("without the stride", {SPREAD: SPREAD.replace("self.window(place)", "(..., *(slice(i, i + k) for i, k in zip(place, self.kernel)))")}, "spread the error"),
        _conv("kernels flipped along the rows", {SPREAD: SPREAD.replace("self.weights", "self.weights[:, :, ::-1]")}, "convolve it with the kernels"),
        _conv("kernels averaged", {SPREAD: SPREAD.replace("np.tensordot(here, self.weights, 1)", "np.tensordot(here, self.weights, 1) / self.num_kernels")}, "summed over the kernels"),
        _conv("the first kernel alone", {SPREAD: SPREAD.replace("np.tensordot(here, self.weights, 1)", "np.tensordot(here[:, :1], self.weights[:1], 1)")}, "summed over the kernels"),
        _conv("the sum over the batch", {SPREAD: SPREAD.replace("np.tensordot(here, self.weights, 1)", "np.tensordot(here.sum(0), self.weights, 1)")}, "Conv.backward, error of the input"),
        _conv("the places of the window in reverse order", {SPREAD: SPREAD.replace("self.window(place)", "self.window([n - 1 - i for i, n in zip(place, error_tensor.shape[2:])])")}, "spread the error"),
        _conv("not returned", {f"        return {CUT}\n": ""}, "Conv.backward, error of the input: expected numbers, received None"),
        _conv("the mean over the places", {GRADIENT: GRADIENT.replace("(0, 0))", "(0, 0)) / np.prod(error_tensor.shape[2:])")}, "neither averaged"),
        _conv("the last place alone", {GRADIENT: GRADIENT.replace("+=", "=")}, "a sum over batch and positions"),
        _conv("the first sample alone", {GRADIENT: GRADIENT.replace("here, self.padded[self.window(place)]", "here[:1], self.padded[self.window(place)][:1]")}, "a sum over batch and positions"),
        _conv("the input without its padding", {GRADIENT: GRADIENT.replace("self.padded[self.window(place)]", "np.pad(self.padded[(..., *(slice(b, b + n) for b, n in zip(self.before, self.space)))], [(0, 0), (0, 0), *((0, k) for k in self.kernel)])[self.window(place)]")}, "correlate the padded input"),
        _conv("gradients that add up", {GRADIENT_ZERO: "        if not hasattr(self, 'gradient_weights'):\n    " + GRADIENT_ZERO}, "start from zeros"),
        _conv("bias gradients that add up", {"        self.gradient_bias = np.zeros(self.bias.shape)\n": "        if not hasattr(self, 'gradient_bias'):\n            self.gradient_bias = np.zeros(self.bias.shape)\n"}, "start from zeros"),
        _conv("a bias gradient of one number", {BIAS_GRADIENT: BIAS_GRADIENT.replace("here.sum(axis=0)", "here.sum()")}, "sum the error over axes 0, 2 and 3"),
        _conv("a bias gradient with its axes", {BIAS_GRADIENT: BIAS_GRADIENT + "        self.gradient_bias = self.gradient_bias[np.newaxis]\n", BIAS_UPDATE: BIAS_UPDATE.replace("gradient_bias)", "gradient_bias[0])")}, "2 axes for 1"),
        _conv("the weights' step alone", {BIAS_UPDATE: ""}, "no step is taken"),
        _conv("the bias' step alone", {UPDATE: ""}, "no step is taken"),
        _conv("the gradient for the bias", {BIAS_UPDATE: BIAS_UPDATE.replace("self.bias, self.gradient_bias", "self.gradient_bias, self.bias")}, "in this order"),
        _conv("steps by copies made anew", {UPDATE: UPDATE.replace("self.optimizer_weights.calc", "copy.deepcopy(self.optimizer_weights).calc")}, "copied anew for each step"),
        _conv("no getter", {"        return self.optimizer_weights\n": "        self.optimizer_weights\n"}, "needs a getter"),
        _conv("gradients misspelt", {"        self.gradient_bias = np.zeros(self.bias.shape)\n": "        self.gradient_biases = np.zeros(self.bias.shape)\n", BIAS_GRADIENT: BIAS_GRADIENT.replace("gradient_bias", "gradient_biases"), BIAS_UPDATE: BIAS_UPDATE.replace("self.gradient_bias", "self.gradient_biases")}, "it is called gradient_biases"),
    ],
}  # fmt: skip
