"""Write models in ONNX that others have made, with an input and what they give: `tests/data/onnx/`.

    python -m tests.oracles.make_onnx_models pytorch scikit-learn     # needs torch, onnxscript, skl2onnx
    KERAS_BACKEND=torch python -m tests.oracles.make_onnx_models keras     # needs keras 3 and torch

`test_onnx_strangers.py` loads them. They are small: what counts is which operators an exporter writes, and how.
"""

import sys
import warnings
from typing import Any

import numpy as np
import onnx

from tests.onnx_cases import EXPECTED, FOLDER


def write(name: str, model: Any, inputs: np.ndarray, outputs: np.ndarray) -> None:
    """A model, without what its exporter tells of its own source, and what it gives."""
    for one in (model, model.graph, *model.graph.node, *model.graph.value_info):
        if hasattr(one, "metadata_props"):
            one.ClearField("metadata_props")
        one.ClearField("doc_string")
    model.graph.ClearField("value_info")
    onnx.save(model, FOLDER / f"{name}.onnx")
    arrays: dict[str, Any] = dict(np.load(EXPECTED)) if EXPECTED.exists() else {}
    arrays |= {f"{name}.inputs": inputs, f"{name}.outputs": outputs}
    np.savez(EXPECTED, **{key: arrays[key] for key in sorted(arrays)})
    print(f"{name}: {(FOLDER / name).with_suffix('.onnx').stat().st_size} bytes")


def pytorch() -> None:
    """Its two exporters, on networks of each kind."""
    import torch
    from torch import nn

    torch.manual_seed(0)

    class LeNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 3, 5, padding=2), nn.Conv2d(3, 4, 3)
            self.pool, self.dense, self.last = nn.MaxPool2d(2), nn.Linear(4 * 2 * 2, 6), nn.Linear(6, 3)

        def forward(self, x: Any) -> Any:
            x = self.pool(torch.relu(self.one(x)))
            x = self.pool(torch.relu(self.two(x)))
            return torch.softmax(self.last(torch.relu(self.dense(x.view(x.size(0), -1)))), 1)

    class Block(nn.Module):
        def __init__(self, before: int, channels: int, stride: int) -> None:
            super().__init__()
            self.one = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
            self.two = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
            self.normal, self.other = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
            short = [nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)]
            self.shortcut = nn.Sequential(*short) if stride > 1 else nn.Identity()

        def forward(self, x: Any) -> Any:
            inner = torch.relu(self.normal(self.one(x)))
            return torch.relu(self.other(self.two(inner)) + self.shortcut(x))

    class Reader(nn.Module):
        def __init__(self, kind: str, last: bool = False, **options: Any) -> None:
            super().__init__()
            self.cell = getattr(nn, kind)(3, 4, batch_first=True, **options)
            self.dense, self.last = nn.Linear(8 if options.get("bidirectional") else 4, 2), last

        def forward(self, x: Any) -> Any:
            hidden, _ = self.cell(x)
            return self.dense(hidden[:, -1] if self.last else hidden)

    vgg = [nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)]
    vgg += [nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    vgg += [nn.Linear(6, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 3)]
    resnet = [nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), Block(4, 4, 1), Block(4, 6, 2)]
    activations = [nn.Linear(4, 4), nn.SiLU(), nn.GELU(), nn.LeakyReLU(0.2), nn.ELU(), nn.Softplus()]
    larger = [nn.ConvTranspose2d(2, 3, 3, 2, 1, 1), nn.Upsample(scale_factor=2), nn.AvgPool2d(2)]
    pictures, sequences = torch.rand(2, 3, 8, 8), torch.rand(2, 5, 3)
    networks = {
        "lenet": (LeNet(), torch.rand(2, 1, 12, 12)),
        "vgg": (nn.Sequential(*vgg), pictures),
        "resnet": (nn.Sequential(*resnet, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)), pictures),
        "gru": (Reader("GRU"), sequences),
        "gru_last": (Reader("GRU", last=True), sequences),
        "lstm_of_two": (Reader("LSTM", num_layers=2), sequences),
        "lstm_bidirectional": (Reader("LSTM", bidirectional=True), sequences),
        "activations": (nn.Sequential(*activations, nn.LayerNorm(4), nn.Sigmoid(), nn.Tanh()), torch.rand(2, 4)),
        "words": (nn.Sequential(nn.Embedding(7, 3), Reader("LSTM", last=True)), torch.randint(0, 7, (2, 5))),
        "larger": (nn.Sequential(*larger, nn.Upsample(scale_factor=2, mode="bilinear")), torch.rand(2, 2, 4, 4)),
    }
    for name, (net, inputs) in networks.items():
        net.eval()
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.running_mean.uniform_(-1, 1)
                layer.running_var.uniform_(0.5, 2)
        file = FOLDER / "exported.onnx"
        for exporter in ("old", "new"):
            if exporter == "new":
                time = {1: torch.export.Dim("time")} if inputs.shape[:2] == (2, 5) else {}
                shapes = ({0: torch.export.Dim("batch"), **time},)
                torch.onnx.export(net, (inputs,), file, dynamic_shapes=shapes, external_data=False, verbose=False)
            else:
                axes = {"input": {0: "batch"}}
                torch.onnx.export(net, (inputs,), file, dynamo=False, input_names=["input"], dynamic_axes=axes)
            write(f"pytorch_{name}_{exporter}", onnx.load(file), inputs.numpy(), net(inputs).detach().numpy())
            file.unlink()


def scikit_learn() -> None:
    """Its perceptrons: classes, two classes, a regression, behind a scaler."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    samples = np.random.default_rng(0).normal(2, 3, (60, 4)).astype(np.float32)
    sums = samples.sum(axis=1)
    settings: dict[str, Any] = {"hidden_layer_sizes": (5,), "max_iter": 20, "random_state": 0}
    models = {
        "three_classes": (MLPClassifier(**settings), np.digitize(sums, [4, 12])),
        "two_classes": (MLPClassifier(activation="tanh", **settings), np.where(sums > 8, "many", "few")),
        "regression": (MLPRegressor(activation="logistic", **settings), sums),
        "behind_a_scaler": (make_pipeline(StandardScaler(), MLPClassifier(**settings)), np.digitize(sums, [4, 12])),
    }
    for name, (model, labels) in models.items():
        model.fit(samples, labels)
        found = model.predict(samples)[:, np.newaxis] if name == "regression" else model.predict_proba(samples)
        write(f"scikit_learn_{name}", to_onnx(model, samples[:1]), samples[:3], found[:3].astype(np.float32))


def keras() -> None:
    """Its exporter, for networks that have channels last."""
    from keras import Input, Model, Sequential, layers, ops, utils

    utils.set_random_seed(0)
    given = Input((6, 6, 3))
    inner = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(given))
    inner = layers.GlobalAveragePooling2D()(layers.Add()([layers.ReLU()(inner), given]))
    pictures = [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(), layers.BatchNormalization()]
    pictures += [layers.Conv2D(4, 3, padding="same", strides=2), layers.LeakyReLU(0.1), layers.AveragePooling2D(2)]
    dense = [layers.Dense(5, activation="relu"), layers.BatchNormalization(), layers.Dense(4, activation="tanh")]
    networks = {
        "perceptron": Sequential([Input((4,)), *dense, layers.Dense(3, activation="softmax")]),
        "pictures": Sequential([Input((18, 18, 2)), *pictures, layers.Flatten(), layers.Dropout(0.5), layers.Dense(3)]),
        "residual": Model(given, layers.Dense(3, activation="softmax")(inner)),
    }
    rng = np.random.default_rng(0)
    for name, net in networks.items():
        for layer in net.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.set_weights([weights + rng.uniform(0.1, 0.5, weights.shape) for weights in layer.get_weights()])
        inputs = rng.random((2, *net.input_shape[1:])).astype(np.float32)
        outputs = ops.convert_to_numpy(net(inputs))
        file = FOLDER / "exported.onnx"
        net.export(file, format="onnx", verbose=False)
        write(f"keras_{name}", onnx.load(file), inputs, outputs)
        file.unlink()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for library in sys.argv[1:]:
        {"pytorch": pytorch, "scikit-learn": scikit_learn, "keras": keras}[library]()
