"""Mistakes in Part 0: the image generator."""

from tests.mutation.mistake import Mistake

GENERATOR = "Generator/generator.py"

MISTAKES = {
    "a generator that repeats images within an epoch": [
        Mistake(
            "shuffled before every batch",
            GENERATOR,
            {
                "        chosen = self.names[self.position": """        if self.shuffle:
            np.random.shuffle(self.names)
        chosen = self.names[self.position"""
            },
            "shuffled again before every batch",
        ),
        Mistake(
            "drawn with replacement",
            GENERATOR,
            {
                "        chosen = self.names[self.position : self.position + self.batch_size]\n": """        chosen = self.names[self.position : self.position + self.batch_size]
        if self.shuffle:
            chosen = list(np.random.choice(self.names, len(chosen)))
"""
            },
            "some images come several times",
        ),
        Mistake(
            "every batch is the first one",
            GENERATOR,
            {"        self.position += self.batch_size\n": ""},
            "every call of next() starts at the first image",
        ),
        Mistake(
            "the next epoch goes on behind the completed batch",
            GENERATOR,
            {
                "            self.position = 0\n            self.epoch": "            self.position -= len(self.names)\n"
                "            self.epoch"
            },
            "goes on behind the images that completed",
        ),
        Mistake(
            "the library shuffles anew for every batch",
            "Generator/epochs.py",
            {"stream(seed, _ORDER, epoch).permutation": "np.random.permutation", "self._drawn is None or": "True or"},
            "shuffled again before every",
            "library",
        ),
        Mistake(
            "the library leaves the last image out and shows the first one twice",
            "Generator/epochs.py",
            {"dtype=np.int64) % self.size": "dtype=np.int64) % (self.size - 1)"},
            "should show all 100 images",
            "library",
        ),
    ],
    "an epoch counter off by one": [
        Mistake(
            "it starts at 1",
            GENERATOR,
            {"        self.epoch = 0\n": "        self.epoch = 1\n"},
            "the epoch should be 0",
        ),
        Mistake(
            "it rises when an epoch ends exactly",
            GENERATOR,
            {"        return self.epoch\n": "        return self.epoch + (self.position >= len(self.names))\n"},
            "not in the one that ends exactly at the end",
        ),
        Mistake(
            "it rises one batch late",
            GENERATOR,
            {
                "        return self.epoch\n": "        return self.epoch - (self.position == self.batch_size and self.epoch > 0)\n"
            },
            "the epoch rises in the next() that starts over",
        ),
        Mistake(
            "the library counts the batch to come",
            GENERATOR,
            {"self._order.epoch(max(self._delivered - 1, 0))": "self._order.epoch(self._delivered)"},
            "not in the one that ends exactly at the end",
            "library",
        ),
        Mistake(
            "the library counts half a batch as none",
            "Generator/epochs.py",
            {"self.batches_per_epoch = -(-size // batch_size)": "self.batches_per_epoch = max(1, size // batch_size)"},
            "an epoch has",
            "library",
        ),
    ],
}
