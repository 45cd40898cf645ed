"""A model of what many processes are worth, which draws a page's figure: where 8, 64 and 1,024 stop paying.

    python -m benchmarks.processes_model

A step of n processes on a batch of b images takes

    fixed + b / n · image      what one process computes of its part
    + 2 (n - 1) · (latency + bytes / (n · bandwidth))     for each bucket of gradients, as far as nothing hides it
    + log2(n) · latency        for each small message: the loss, and twice for each batch normalization

The sum of a bucket is two exchanges of its n parts among all processes. Where a network card takes the messages while
`backward` computes the layers below, they take only what time they need beyond that: two thirds of the computation.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

_BUCKET = 2**20
_BACKWARD = 2 / 3  # of a step's time


@dataclass
class Links:
    """How processes are connected.

    Attributes:
        latency: seconds of a message without content.
        bandwidth: bytes in a second that one process gets through.
        hidden: whether a bucket travels while its process computes.
    """

    latency: float
    bandwidth: float
    hidden: bool = False

    @classmethod
    def measured(cls, seconds: dict[int, float], bytes_each: int) -> Self:
        """From what sums of so many gradients have taken in two processes: the squares of the shares off are least."""
        rows = []
        for count, taken in seconds.items():
            nbytes = bytes_each * count
            rows.append([2 * math.ceil(nbytes / _BUCKET) / taken, nbytes / taken])
        (latency, per_byte), *_ = np.linalg.lstsq(np.array(rows), np.ones(len(rows)))
        return cls(float(latency), 1 / float(per_byte))

    def sum_of(self, processes: int, nbytes: int) -> float:
        """Seconds for the sum of gradients of so many bytes."""
        buckets = math.ceil(nbytes / _BUCKET)
        return 2 * (processes - 1) * (buckets * self.latency + nbytes / processes / self.bandwidth)


@dataclass
class Profile:
    """What a network takes in one process with one thread.

    Attributes:
        name: of the network.
        fixed: seconds of a step whatever the number of images.
        image: seconds of an image.
        nbytes: of all gradients.
        normalizations: how many layers have statistics of the whole batch.
    """

    name: str
    fixed: float
    image: float
    nbytes: int
    normalizations: int = 0

    @classmethod
    def measured(cls, name: str, half: float, quarter: float, batch: int, nbytes: int) -> Self:
        """From what a half and a quarter of a batch have taken."""
        image = (half - quarter) / (round(batch / 2) - round(batch / 4))
        return cls(name, max(0.0, half - image * round(batch / 2)), image, nbytes)

    def step(self, processes: int, batch: int, links: Links) -> float:
        """Seconds of a step on a batch."""
        computed = self.fixed + self.image * math.ceil(batch / processes)
        if processes == 1:
            return computed
        small = (1 + 2 * self.normalizations) * math.log2(processes) * links.latency
        sent = links.sum_of(processes, self.nbytes)
        return computed + small + (max(0.0, sent - _BACKWARD * computed) if links.hidden else sent)


#: Measured on one core of an AMD EPYC, float32: seconds of a step and of an image, and bytes of gradients.
NETWORKS = (
    Profile("LeNet", 2.3e-3, 42e-6, 431_144),
    Profile("ResNet-20", 19e-3, 3.1e-3, 1_089_896, 19),
    Profile("Perceptron 784-4096-4096-10", 87e-3, 0.41e-3, 80_150_568),
)
LINKS = {
    "10-gigabit Ethernet": Links(25e-6, 1.1e9, hidden=True),
    "InfiniBand (100 Gbit/s)": Links(2e-6, 11e9, hidden=True),
}
BATCHES = (256, 4096, 65536)
COUNTS = (8, 64, 1024)


def worth(profile: Profile, processes: int, batch: int, links: Links) -> float:
    """How many times as fast as one process they are."""
    return profile.step(1, batch, links) / profile.step(processes, batch, links)


def best(profile: Profile, batch: int, links: Links) -> int:
    """The number of processes, of powers of two, of which half as many would be less than a fifth slower."""
    counts = [2**power for power in range(15) if 2**power <= batch]
    paying = [n for n in counts[1:] if worth(profile, n, batch, links) >= 1.2 * worth(profile, n // 2, batch, links)]
    return max(paying, default=1)


def draw(path: Path) -> None:
    """The figure: how much faster so many processes are, for each network, batch and kind of link."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(NETWORKS), figsize=(11, 3.6), sharey=True, layout="constrained")
    for axis, profile in zip(axes, NETWORKS, strict=True):
        for links, style in zip(LINKS.values(), (":", "-"), strict=True):
            for batch, colour in zip(BATCHES, ("#0072b2", "#e69f00", "#009e73"), strict=True):
                counts = [2**power for power in range(13) if 2**power <= batch]
                values = [worth(profile, n, batch, links) for n in counts]
                axis.plot(counts, values, style, color=colour, label=f"batch {batch:,}" * (style == "-"))
        axis.plot(COUNTS, COUNTS, "k.", markersize=4)
        axis.set(title=profile.name, xscale="log", yscale="log", xlabel="processes", ylim=(0.5, 5000))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("times as fast as one")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=80)


def main() -> None:
    """Print the table and draw the figure."""
    for name, links in LINKS.items():
        print(f"| {name} | batch | 8 | 64 | 1,024 | pays up to |\n|---|---|---|---|---|---|")
        for profile in NETWORKS:
            for batch in BATCHES:
                values = [f"{worth(profile, n, batch, links):.1f}" if n <= batch else "–" for n in COUNTS]
                print(f"| {profile.name} | {batch:,} | {' | '.join(values)} | {best(profile, batch, links):,} |")
    draw(Path(__file__).parent.parent / "pictures" / "processes.png")


if __name__ == "__main__":
    main()
