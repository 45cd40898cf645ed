"""Wrong uses of the command lines: what is said on the standard error stream, with status 2, and nothing is written."""

_TRAIN, _PREDICT, _COURSE = "python NeuralNetwork.py", "python NeuralNetwork.py predict", "python -m Protocols"

COMMANDS = [
    *((f"{_TRAIN} --batch-size {value}", f"--batch-size: expected a whole number of at least 1, got '{value}'")
      for value in ("0", "-3", "abc", "1.5", "nan", "True", "1e3")),
    *((f"{_TRAIN} --iterations {value}", f"--iterations: expected a whole number of at least 0, got '{value}'")
      for value in ("-1", "abc", "1.5", "inf")),
    *((f"{_TRAIN} --seed {value}", f"--seed: expected a whole number of at least 0, got '{value}'") for value in ("-1", "abc", "0.5")),
    *((f"{_TRAIN} --learning-rate {value}", f"--learning-rate: expected a positive number, got '{value}'")
      for value in ("0", "-1", "abc", "nan", "inf", "1j")),
    (f"{_TRAIN} --model resnet", "--model: invalid choice: 'resnet' (choose from … lenet"),
    (f"{_TRAIN} --data nowhere", "nowhere"),
    (f"{_TRAIN} --data", "--data: expected one argument"),
    (f"{_TRAIN} --datum digits", "unrecognized arguments: --datum digits"),
    (f"{_TRAIN} digits", "unrecognized arguments: digits"),
    (f"{_TRAIN} --resume --output nowhere", "nowhere"),
    (_PREDICT, "the following arguments are required: FILE"),
    (f"{_PREDICT} picture.png", "expected a trained network in 'results/network', found none; train one by python NeuralNetwork.py, or say where it is: --network FILE"),
    (f"{_PREDICT} picture.png --network nowhere", "expected a trained network in 'nowhere', found none"),
    (f"{_PREDICT} picture.png --net", "--network: expected one argument"),
    (_COURSE, "the following arguments are required: start|check|submit|"),
    (f"{_COURSE} begin", "invalid choice: 'begin'"),
    (f"{_COURSE} start", "the following arguments are required: part, folder"),
    (f"{_COURSE} start 7 new", "7"),
    (f"{_COURSE} start x new", "x"),
    (f"{_COURSE} check", "the following arguments are required: folder"),
    (f"{_COURSE} check nowhere", "nowhere"),
    (f"{_COURSE} submit nowhere", "nowhere"),
    (f"{_COURSE} show no_such_picture", "no_such_picture"),
    (f"{_COURSE} figures no_such_picture", "no_such_picture"),
]  # fmt: skip
