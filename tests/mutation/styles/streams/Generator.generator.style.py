import json
import os

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import zoom


class ImageGenerator:
    def __init__(self, file_path, label_path, batch_size, image_size, rotation=False, mirroring=False, shuffle=False):
        self.file_path = file_path
        self.batch_size = batch_size
        self.image_size = image_size
        self.rotation = rotation
        self.mirroring = mirroring
        self.shuffle = shuffle
        with open(label_path, encoding="utf-8") as file:
            self.labels = json.load(file)
        self.names = list(self.labels)
        self.epoch = 0
        self.stream = self.batches()
        self.classes = "airplane automobile bird cat deer dog frog horse ship truck".split()

    def load(self, name):
        image = np.load(os.path.join(self.file_path, name + ".npy")) / 255
        factors = [new / old for new, old in zip(self.image_size, image.shape)]
        return image if factors == [1, 1, 1] else np.clip(zoom(image, factors, order=1, mode="nearest"), 0, 1)

    def orders(self):
        while True:
            yield list(np.random.permutation(self.names)) if self.shuffle else list(self.names)

    def batches(self):
        for epoch, names in enumerate(self.orders()):
            for start in range(0, len(names), self.batch_size):
                self.epoch = epoch
                chosen = (names[start:] + names)[: self.batch_size]
                yield (
                    np.stack([self.augment(self.load(str(name))) for name in chosen]),
                    [self.labels[name] for name in chosen],
                )

    def next(self):
        return next(self.stream)

    def augment(self, img):
        if self.rotation:
            img = np.rot90(img, np.random.randint(4))
        if self.mirroring:
            if np.random.random() < 0.5:
                img = np.flip(img, axis=0)
            if np.random.random() < 0.5:
                img = np.flip(img, axis=1)
        return img

    def current_epoch(self):
        return self.epoch

    def class_name(self, x):
        return self.classes[x]

    def show(self):
        images, labels = self.next()
        columns = int(np.ceil(np.sqrt(len(images))))
        for index, (image, label) in enumerate(zip(images, labels)):
            plt.subplot(columns, columns, index + 1)
            plt.imshow(image)
            plt.title(self.class_name(label))
        plt.show()
