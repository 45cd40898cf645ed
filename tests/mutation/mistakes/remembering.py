"""Mistakes in Part 3 by people whose networks remember: RNN and LSTM."""

from tests.mutation.mistake import Mistake

RNN = "Layers/RNN.py"
LSTM = "Layers/LSTM.py"

HIDDEN = "self.hidden = FullyConnected(input_size + hidden_size, hidden_size)"
OUT = "self.out = FullyConnected(hidden_size, output_size)"
GETTER = "        return self.hidden.weights\n"
SETTER = "        self.hidden.weights = weights\n"
PROPERTY = f"""    @property
    def weights(self):
{GETTER}
    @weights.setter
    def weights(self, weights):
{SETTER}
"""
COPIES = """        self.optimizer_hidden = copy.deepcopy(optimizer)
        self.optimizer_out = copy.deepcopy(optimizer)
"""
NO_OPTIMIZER = "        self.optimizer_hidden = None\n        self.optimizer_out = None\n"
STATE = "            state = np.tanh(self.hidden.forward(np.concatenate([x, state])[np.newaxis]))[0]\n"
Y = "            y = 1 / (1 + np.exp(-self.out.forward(state[np.newaxis])))\n"
KEPT = "            self.steps.append((self.hidden.input, state, self.out.input, y))\n"
RESTORED = "            self.hidden.input, state, self.out.input, y = self.steps[t]\n"
TO_STATE = "            back = self.out.backward(error_tensor[t : t + 1] * y * (1 - y)) + error_of_state\n"
TO_SUM = "            back = self.hidden.backward(back * (1 - state**2))\n"
FROM_NEXT = "            error_of_state = back[:, self.input_size :]\n"
TO_INPUT = "            error[t] = back[0, : self.input_size]\n"
SUM = "            self.gradient_weights += self.hidden.gradient_weights\n"
SUM_OUT = "            gradient_out += self.out.gradient_weights\n"
TIME = "        for t in reversed(range(len(error_tensor))):\n"
HIDDEN_STEP = "            self.hidden.weights = self.optimizer_hidden.calculate_update(self.hidden.weights, self.gradient_weights)\n"
OUT_STEP = "            self.out.weights = self.optimizer_out.calculate_update(self.out.weights, gradient_out)\n"
FIRST_STATE = "state = self.state if self.memorize else np.zeros(self.hidden_size)"
CELL = "            cell = f * before + i * candidate\n"
LSTM_STATE = "            state = o * np.tanh(cell)\n"
NO_REGULARIZER = """        if self.optimizer is None or self.optimizer.regularizer is None:
            return 0
"""
NORM = "        return self.optimizer.regularizer.norm(self.weights)\n"


def _rnn(name: str, replace: dict[str, str], says: str) -> Mistake:
    return Mistake(name, RNN, replace, says)


def _lstm(name: str, replace: dict[str, str], says: str) -> Mistake:
    return Mistake(name, LSTM, replace, says)


MISTAKES = {
    "new recurrent layers": [
        _rnn("normal", {"        self.memorize = False\n": "        self.memorize = False\n        self.hidden.weights = np.random.randn(*self.hidden.weights.shape)\n"}, "weights of a new RNN(20, 15, 2)"),
        _rnn("small", {"        self.memorize = False\n": "        self.memorize = False\n        self.hidden.weights *= 0.1\n"}, "weights of a new RNN(20, 15, 2)"),
        _rnn("an output of zeros", {"        self.memorize = False\n": "        self.memorize = False\n        self.out.weights *= 0\n"}, "output weights W_y of a new RNN"),
        _rnn("a normal output", {"        self.memorize = False\n": "        self.memorize = False\n        self.out.weights = np.random.randn(*self.out.weights.shape)\n"}, "output weights W_y of a new RNN"),
        _rnn("an output without bias at first", {"        self.memorize = False\n": "        self.memorize = False\n        self.out.weights[:, 0] = 0\n"}, "output bias b_y of a new RNN"),
        _rnn("hidden biases of zeros", {"        self.memorize = False\n": "        self.memorize = False\n        self.hidden.weights[:, 0] = 0\n"}, "are exactly 0"),
        _rnn("two matrices, of which one is known", {HIDDEN: "self.hidden = FullyConnected(hidden_size, hidden_size)\n        self.inner = FullyConnected(input_size, hidden_size)", STATE: "            state = np.tanh(self.hidden.forward(state[np.newaxis]) + self.inner.forward(x[np.newaxis]))[0]\n"}, "in one matrix"),
        _rnn("without the hidden state", {HIDDEN: "self.hidden = FullyConnected(input_size, hidden_size)", STATE: STATE.replace("np.concatenate([x, state])", "x")}, "in one matrix"),
        _rnn("without a bias of the output", {Y: Y.replace("self.out.forward(state[np.newaxis])", "(self.out.forward(state[np.newaxis]) - self.out.weights[:, 0])")}, "b_y is forgotten"),
        _rnn("memorize at first", {"self.memorize = False": "self.memorize = True"}, "memorize is False at first"),
        _rnn("no memorize", {"        self.memorize = False\n": "        self.memorise = False\n", "if self.memorize": "if self.memorise"}, "memorize is False at first"),
        _rnn("not trainable", {"        self.trainable = True\n": ""}, "expected True"),
        _rnn("weights beside an inner layer", {PROPERTY: "", "        self.memorize = False\n": "        self.memorize = False\n        self.weights = self.hidden.weights.copy()\n"}, "its getter returns the inner layer's weights"),
        _rnn("a setter that keeps nothing", {SETTER: "        self.kept = weights\n"}, "its setter assigns them"),
        _rnn("a getter alone", {f"""    @weights.setter
    def weights(self, weights):
{SETTER}
""": ""}, "has no setter"),
        _rnn("the output's weights", {GETTER: "        return self.out.weights\n", SETTER: "        self.out.weights = weights\n"}, "in one matrix"),
        _rnn("a hidden size for the output", {OUT: "self.out = FullyConnected(hidden_size, hidden_size)"}, "could not broadcast"),
    ],
    "initialized recurrent layers": [
        _rnn("hidden weights alone", {"        self.out.initialize(weights_initializer, bias_initializer)\n": ""}, "two calls"),
        _rnn("output weights alone", {"        self.hidden.initialize(weights_initializer, bias_initializer)\n": ""}, "two calls"),
        _rnn("initializers exchanged", {"self.hidden.initialize(weights_initializer, bias_initializer)": "self.hidden.initialize(bias_initializer, weights_initializer)"}, "the two initializers are exchanged"),
        _rnn("one initializer for both", {"self.hidden.initialize(weights_initializer, bias_initializer)": "self.hidden.initialize(weights_initializer, weights_initializer)"}, "the weights' initializer fills the bias too"),
        _rnn("input and hidden state apart", {"        self.hidden.initialize(weights_initializer, bias_initializer)\n": """
        sizes = (self.input_size, self.hidden_size)
        parts = [weights_initializer.initialize((size, self.hidden_size), size, self.hidden_size) for size in sizes]
        self.hidden.weights = np.vstack([bias_initializer.initialize((1, self.hidden_size), 1, 1), *parts]).T
"""}, "one matrix for input, hidden state (and gates) together"),
        _lstm("the gates apart", {"class LSTM(RNN):\n": """class LSTM(RNN):
    def initialize(self, weights_initializer, bias_initializer):
        rows, columns = self.input_size + self.hidden_size, self.hidden_size
        gates = [weights_initializer.initialize((rows, columns), rows, columns) for _ in range(4)]
        self.hidden.weights = np.vstack([bias_initializer.initialize((1, 4 * columns), 1, 1), np.hstack(gates)]).T
        self.out.initialize(weights_initializer, bias_initializer)

"""}, "one matrix for input, hidden state (and gates) together"),
    ],
    "one step after the other": [
        _rnn("no tanh", {STATE: STATE.replace("np.tanh", "")}, "the tanh of the hidden state is missing"),
        _rnn("the sigmoid of the hidden state", {STATE: STATE.replace("np.tanh(", "1 / (1 + np.exp(-").replace("newaxis]))[0]", "newaxis])))[0]").replace("state = 1", "state = (1").replace(")))[0]", "))))[0]")}, "the hidden state goes through the sigmoid"),
        _rnn("no sigmoid of the output", {Y: "            y = self.out.forward(state[np.newaxis])\n"}, "the sigmoid of the output is missing"),
        _rnn("tanh of the output", {Y: "            y = np.tanh(self.out.forward(state[np.newaxis]))\n"}, "the output goes through tanh"),
        _rnn("softmax of the output", {Y: "            y = np.exp(self.out.forward(state[np.newaxis]))\n            y /= y.sum()\n"}, "the output goes through a softmax"),
        _rnn("the output of the state before", {STATE: "            before = state\n" + STATE, Y: Y.replace("state[np", "before[np")}, "the output takes the hidden state of the step before"),
        _rnn("the last output for all", {"        self.state = state\n": "        self.state = state\n        output[:] = y[0]\n"}, "every time step has the output of the last"),
        _rnn("the last output alone", {"        return output\n": "        return output[-1:]\n"}, "axis 0 has 1 entries for 5"),
        _rnn("the first step left out", {"for t, x in enumerate(input_tensor):": "for t, x in enumerate(input_tensor[1:], 1):"}, "RNN"),
        _rnn("backwards in time", {"for t, x in enumerate(input_tensor):": "for t, x in reversed(list(enumerate(input_tensor))):"}, "time runs from the last step to the first"),
        _rnn("the state added", {STATE: STATE.replace("state = np", "state = state + np")}, "the old hidden state is added"),
        _rnn("the input of the step before", {STATE: STATE.replace("[x, state]", "[input_tensor[max(t - 1, 0)], state]")}, "the input of the step before"),
        _rnn("the first state of ones", {FIRST_STATE: FIRST_STATE.replace("np.zeros", "np.ones")}, "the first hidden state is one: it is zero"),
        _rnn("not returned", {"        return output\n": ""}, "RNN.forward: expected numbers, received None"),
        _rnn("the state never reset", {FIRST_STATE: "state = self.state"}, "the state of the last sequence is still there"),
        _rnn("the state reset in each step", {STATE: "            state = np.zeros(self.hidden_size)\n" + STATE}, "each time step starts from a hidden state of zero"),
        _rnn("the state of the first step memorized", {"        self.state = state\n": "        self.state = self.steps[0][1]\n"}, "the last hidden state"),
        _rnn("a list returned for the state", {"        self.state = state\n": "        self.state = np.zeros(self.hidden_size)\n"}, "the state is reset although memorize is True"),
        _rnn("states of the class", {"        self.steps = []\n": "        RNN.steps = []\n"}, "belongs to the object"),
        _rnn("steps of all sequences", {"        self.steps = []\n": "        self.steps = getattr(self, 'steps', [])\n"}, "an earlier call"),
        _lstm("no candidate", {CELL: "            cell = f * before + i\n"}, "the candidate is missing"),
        _lstm("the old cell forgotten", {CELL: "            cell = i * candidate\n"}, "the old cell is left out"),
        _lstm("no forget gate", {CELL: "            cell = before + i * candidate\n"}, "the forget gate is left out"),
        _lstm("no input gate", {CELL: "            cell = f * before + candidate\n"}, "the input gate is left out"),
        _lstm("no output gate", {LSTM_STATE: "            state = np.tanh(cell)\n"}, "the output gate is left out"),
        _lstm("one minus the forget gate", {CELL: "            cell = f * before + (1 - f) * candidate\n"}, "1 - f stands for the input gate"),
        _lstm("the cell for the state", {"np.concatenate([x, state])": "np.concatenate([x, cell])"}, "the cell stands where the hidden state belongs"),
        _lstm("the old cell for the output", {LSTM_STATE: "            state = o * np.tanh(before)\n"}, "the cell of the step before"),
        _lstm("the cell never reset", {"(self.state, self.cell) if self.memorize else (zeros, zeros)": "(self.state, self.cell) if self.memorize else (zeros, self.cell)"}, "state of the last sequence"),
        _lstm("the cell not memorized", {"(self.state, self.cell) if self.memorize": "(self.state, zeros) if self.memorize"}, "the cell state of an LSTM"),
        _lstm("gates of tanh", {"f, i, o = sigmoid(quarters[0]), sigmoid(quarters[1]), sigmoid(quarters[3])": "f, i, o = np.tanh(quarters[0]), np.tanh(quarters[1]), np.tanh(quarters[3])"}, "the gates go through tanh"),
        _lstm("three gates alone", {"o = sigmoid(quarters[0]), sigmoid(quarters[1]), sigmoid(quarters[3])": "o = sigmoid(quarters[0]), sigmoid(quarters[1]), sigmoid(quarters[1])"}, "LSTM(3, 4, 2).forward"),
    ],
    "back through time": [
        _rnn("time runs forward", {TIME: TIME.replace("reversed(range(len(error_tensor)))", "range(len(error_tensor))")}, "from the last time step to the first"),
        _rnn("nothing from the next step", {FROM_NEXT: ""}, "plus that of the next time step"),
        _rnn("everything added", {FROM_NEXT: FROM_NEXT.replace(" = ", " = error_of_state + ")}, "what comes from the next one"),
        _rnn("the slope of tanh left out", {TO_SUM: TO_SUM.replace("back * (1 - state**2)", "back")}, "1 - h²"),
        _rnn("the slope of tanh without the square", {TO_SUM: TO_SUM.replace("state**2", "state")}, "1 - h²"),
        _rnn("the slope of the output left out", {TO_STATE: TO_STATE.replace(" * y * (1 - y)", "")}, "the derivative of the sigmoid is left out"),
        _rnn("the slope after the next step", {TO_STATE: TO_STATE.replace("(error_tensor[t : t + 1] * y * (1 - y)) + error_of_state", "(error_tensor[t : t + 1] * y * (1 - y))"), TO_SUM: TO_SUM.replace("back * (1 - state**2)", "back * (1 - state**2) + error_of_state")}, "what comes from the next one"),
        _rnn("the columns of the state for the input", {TO_INPUT: TO_INPUT.replace(": self.input_size]", "-self.input_size :]")}, "RNN.backward, error of the input"),
        _rnn("the state's columns one too far", {FROM_NEXT: "            error_of_state = np.roll(back, -1, axis=1)[:, self.input_size :]\n"}, "what comes from the next one"),
        _rnn("the states of the last step", {RESTORED: RESTORED.replace("self.steps[t]", "self.steps[-1]")}, "what the inner layers knew"),
        _rnn("the hidden layer's input not restored", {RESTORED: "            _, state, self.out.input, y = self.steps[t]\n"}, "restore what the inner layers knew"),
        _rnn("the output layer's input not restored", {RESTORED: "            self.hidden.input, state, _, y = self.steps[t]\n"}, "RNN"),
        _rnn("errors in reverse order", {TO_INPUT: TO_INPUT.replace("error[t]", "error[-1 - t]")}, "RNN.backward, error of the input"),
        _rnn("not returned", {"        return error\n": ""}, "RNN.backward, error of the input: expected numbers, received None"),
        _rnn("the gradient averaged", {SUM: SUM.replace("gradient_weights\n", "gradient_weights / len(error_tensor)\n")}, "the gradients of all time steps are summed"),
        _rnn("the gradient of the first step", {SUM: SUM.replace("+=", "=")}, "overwrites the one before"),
        _rnn("the gradient of the inner layer", {"        self.gradient_weights = np.zeros(self.hidden.weights.shape)\n": "", SUM: "", HIDDEN_STEP: HIDDEN_STEP.replace("self.gradient_weights", "self.hidden.gradient_weights")}, "gradient_weights: expected numbers, received None"),
        _rnn("the gradient transposed", {SUM: SUM.replace("self.hidden.gradient_weights", "self.hidden.gradient_weights.T"), "self.gradient_weights = np.zeros(self.hidden.weights.shape)": "self.gradient_weights = np.zeros(self.hidden.weights.T.shape)", HIDDEN_STEP: HIDDEN_STEP.replace("self.gradient_weights", "self.gradient_weights.T")}, "the axes in reverse order"),
        _lstm("the cell's slope left out", {" * (1 - np.tanh(cell) ** 2)": ""}, "δC = δh·o·(1 - tanh²C)"),
        _lstm("the output gate left out of the cell's error", {"at_state * o * (1 - np": "at_state * (1 - np"}, "δh·o·(1 - tanh²C)"),
        _lstm("the candidate's slope of the sigmoid", {"i * (1 - candidate**2)": "i * candidate * (1 - candidate)"}, "1-candidate²"),
        _lstm("input gate and candidate exchanged", {"at_cell * candidate * i * (1 - i)": "at_cell * i * i * (1 - i)"}, "δC·candidate·i(1-i)"),
        _lstm("the gates' slopes left out", {"at_cell * before * f * (1 - f)": "at_cell * before"}, "f(1-f)"),
        _lstm("the next cell's error through the input gate", {"error_of_cell = at_cell * f": "error_of_cell = at_cell * i"}, "δC·f of the next time step"),
        _lstm("the state's error counted twice", {"            at_cell = at_state": "            at_state = at_state + error_of_state\n            at_cell = at_state"}, "what comes from the next one"),
        _lstm("the output's slope left out", {"error_tensor[t : t + 1] * y * (1 - y)": "error_tensor[t : t + 1]"}, "derivative of the output's sigmoid"),
    ],
    "steps of a recurrent layer": [
        _rnn("in each time step", {SUM_OUT: SUM_OUT + "            if self.optimizer is not None:\n                self.out.weights = self.optimizer_out.calculate_update(self.out.weights, self.out.gradient_weights)\n", OUT_STEP: ""}, "once"),
        _rnn("hidden weights take none", {HIDDEN_STEP: ""}, "no step is taken"),
        _rnn("by the inner layers themselves", {COPIES: COPIES + "        self.hidden.optimizer = copy.deepcopy(optimizer)\n        self.out.optimizer = copy.deepcopy(optimizer)\n", HIDDEN_STEP: "            pass\n", OUT_STEP: ""}, "after all time steps"),
        _rnn("without asking", {"        if self.optimizer is not None:\n" + HIDDEN_STEP: "        if True:\n" + HIDDEN_STEP}, "'NoneType' object has no attribute 'calculate_update'"),
        _rnn("by copies made anew", {HIDDEN_STEP: HIDDEN_STEP.replace("self.optimizer_hidden.calc", "copy.deepcopy(self.optimizer_hidden).calc")}, "copied anew for each step"),
        _rnn("no getter", {"        return self.optimizer_hidden\n": "        self.optimizer_hidden\n", "        if self.optimizer is not None:\n" + HIDDEN_STEP: "        if self.optimizer_hidden is not None:\n" + HIDDEN_STEP}, "needs a getter"),
        _rnn("no regularization loss", {"    def calculate_regularization_loss(self):\n" + NO_REGULARIZER + NORM: ""}, "calculate_regularization_loss"),
        _rnn("a regularization loss that is not returned", {NORM: NORM.replace("return ", "")}, "expected numbers, received None"),
        _rnn("a regularization loss of the gradient", {NORM: NORM.replace("norm(self", "calculate_gradient(self")}, "expected one number"),
    ],
}  # fmt: skip
