"""Write `optimizer_trajectories.json`: 50 steps of PyTorch's optimizers along fixed gradients.

    python -m tests.oracles.make_optimizer_trajectories

The file is committed, so that the tests need no PyTorch. Weight decay is PyTorch's word for the
shrinkage by an L2 regularizer; its AdamW decouples it from the moments, as the course does.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("optimizer_trajectories.json")
STEPS, SHAPE = 50, (3, 2)


def start_and_gradients() -> tuple[np.ndarray, np.ndarray]:
    """The parameter before the first step, and one gradient for each step."""
    rng = np.random.default_rng(2014)
    return rng.standard_normal(SHAPE), rng.standard_normal((STEPS, *SHAPE))


def trajectory(make_optimizer) -> list:
    """The parameter after each step."""
    import torch

    start, gradients = start_and_gradients()
    parameter = torch.nn.Parameter(torch.tensor(start))
    optimizer, path = make_optimizer([parameter]), []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(parameter.detach().numpy().tolist())
    return path


def main() -> None:
    """Compute and write."""
    from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop

    optimizers = {
        "Sgd": lambda p: SGD(p, lr=0.1),
        "SgdWithMomentum": lambda p: SGD(p, lr=0.1, momentum=0.9),
        "Adam": lambda p: Adam(p, lr=0.1, betas=(0.9, 0.999), eps=1e-8),
        "Adam of other moments": lambda p: Adam(p, lr=0.03, betas=(0.5, 0.9), eps=1e-8),
        "Sgd with L2": lambda p: SGD(p, lr=0.1, weight_decay=0.2),
        "Adam with L2": lambda p: AdamW(p, lr=0.1, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.2),
        "AdamW": lambda p: AdamW(p),
        "AdamW of another decay": lambda p: AdamW(p, lr=0.1, betas=(0.8, 0.99), weight_decay=0.5),
        "Nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "AdaGrad": lambda p: Adagrad(p),
        "RMSprop": lambda p: RMSprop(p),
        "RMSprop of another mean": lambda p: RMSprop(p, lr=0.03, alpha=0.5),
    }
    trajectories = {name: trajectory(make) for name, make in optimizers.items()}
    FILE.write_text(json.dumps(trajectories, indent=None) + "\n")


if __name__ == "__main__":
    main()
