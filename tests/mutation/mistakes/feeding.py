"""Mistakes in Part 0 by people who feed a network for the first time: the image generator."""

from tests.mutation.mistake import Mistake

GENERATOR = "Generator/generator.py"
CHOSEN = "        chosen = self.names[self.position : self.position + self.batch_size]\n"
COMPLETED = "        chosen = chosen + self.names[: self.batch_size - len(chosen)]\n"
LOADED = 'np.load(os.path.join(self.file_path, name + ".npy")) / 255'
RESIZED = 'np.clip(zoom(image, factors, order=1, mode="nearest"), 0, 1)'
IMAGES = "        images = np.array([self.augment(self.load(name)) for name in chosen])\n"
RETURNED = "        return images, np.array([self.labels[name] for name in chosen])\n"
SHUFFLED_AT_FIRST = "        if shuffle:\n            np.random.shuffle(self.names)\n"
SHUFFLED_AGAIN = "            if self.shuffle:\n                np.random.shuffle(self.names)\n"
TURN = "            img = np.rot90(img, np.random.randint(4))\n"
FLIPS = """            if np.random.random() < 0.5:
                img = np.flip(img, axis=0)
            if np.random.random() < 0.5:
                img = np.flip(img, axis=1)
"""


def _generator(name: str, replace: dict[str, str], says: str) -> Mistake:
    return Mistake(name, GENERATOR, replace, says)


MISTAKES = {
    "numbers of images": [
        _generator("bytes", {" / 255": ""}, "Images should be floats in [0, 1]"),
        _generator("divided twice", {" / 255": " / 255 / 255"}, "divided by 255 twice"),
        _generator("divided as whole numbers", {" / 255": " // 255"}, "Images should be floats in [0, 1]"),
        _generator("divided by 256", {" / 255": " / 256"}, "none of the stored ones"),
        _generator("from -1 to 1", {" / 255": " / 127.5 - 1"}, "Images should be floats in [0, 1]"),
        _generator("grey", {"        return image if": "        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)\n        return image if"}, "none of the stored ones"),
        _generator("channels reversed", {LOADED: f"({LOADED})[..., ::-1]"}, "none of the stored ones"),
        _generator("channels first", {RETURNED: RETURNED.replace("return images", "return images.transpose(0, 3, 1, 2)")}, "(batch, height, width, channels)"),
    ],
    "sizes of images": [
        _generator("numpy.resize", {RESIZED: "np.resize(image, self.image_size)"}, "numpy.resize cuts or repeats numbers"),
        _generator("cut off", {RESIZED: "np.pad(image, ((0, 32), (0, 32), (0, 0)))[: self.image_size[0], : self.image_size[1]]"}, "show the same pictures"),
        _generator("width before height", {"in zip(self.image_size, image.shape)": "in zip([self.image_size[i] for i in (1, 0, 2)], image.shape)"}, "are height and width swapped"),
        _generator("turned around", {RESIZED: RESIZED.replace("zoom(image,", "zoom(image.transpose(1, 0, 2),")}, "turns it around"),
        _generator("factors upside down", {"[new / old for new": "[old / new for new"}, "should be resized to image_size"),
        _generator("left as they are", {RESIZED: "image"}, "should be resized to image_size"),
        _generator("always 32", {"self.image_size = image_size": "self.image_size = [32, 32, 3]"}, "should be resized to image_size"),
    ],
    "labels": [
        _generator("as text", {"[self.labels[name] for": "[str(self.labels[name]) for"}, "are they still text"),
        _generator("as fractions", {"[self.labels[name] for": "[float(self.labels[name]) for"}, "whole numbers"),
        _generator("one-hot", {"[self.labels[name] for": "[np.eye(10)[self.labels[name]] for"}, "Labels should be whole numbers"),
        _generator("of an order of their own", {RETURNED: RETURNED.replace("in chosen", "in np.random.permutation(chosen)")}, "shuffled by two different permutations"),
        _generator("of the label file's order", {RETURNED: RETURNED.replace("in chosen", "in list(self.labels)[: len(chosen)]")}, "two different permutations"),
        _generator("of the next image", {RETURNED: RETURNED.replace("in chosen", "in chosen[1:] + chosen[:1]")}, "in the file, got"),
        _generator("the names", {"[self.labels[name] for": "[name for"}, "whole numbers"),
        _generator("of the number in the name", {"[self.labels[name] for": "[int(name) % 10 for"}, "invalid literal for int()"),
        _generator("one too few", {RETURNED: RETURNED.replace("in chosen", "in chosen[1:]")}, "one label for each image"),
    ],
    "what next returns": [
        _generator("nothing", {RETURNED: RETURNED.replace("return ", "")}, "forgotten `return`"),
        _generator("images alone", {RETURNED: "        return images\n"}, "the pair of images and labels"),
        _generator("labels first", {RETURNED: "        return np.array([self.labels[name] for name in chosen]), images\n"}, "images of shape (batch, height, width, channels)"),
        _generator("pairs", {RETURNED: "        return [(image, self.labels[name]) for image, name in zip(images, chosen)]\n"}, "the pair of images and labels"),
        _generator("a dictionary", {RETURNED: '        return {"images": images, "labels": [self.labels[name] for name in chosen]}\n'}, "the pair of images and labels"),
        _generator("stored images", {"    def load(self, name):\n": "    def load(self, name):\n        self.kept = getattr(self, 'kept', {})\n        if name not in self.kept:\n            self.kept[name] = self.read(name)\n        return self.kept[name]\n\n    def read(self, name):\n", IMAGES: IMAGES + "        if self.batch_size == len(self.names):\n            self.all = images = getattr(self, 'all', images)\n"}, "Return copies, not the stored arrays"),
    ],
    "ends of epochs": [
        _generator("a shorter last batch", {COMPLETED: ""}, "complete it"),
        _generator("the last batch dropped", {"if self.position >= len(self.names)": "if self.position + self.batch_size > len(self.names)"}, "should be images 83 to 99"),
        _generator("completed with the first image", {COMPLETED: COMPLETED.replace("self.names[: self.batch_size - len(chosen)]", "self.names[:1] * (self.batch_size - len(chosen))")}, "and then the first 66"),
        _generator("completed with the last images", {COMPLETED: COMPLETED.replace("self.names[: self.batch_size - len(chosen)]", "self.names[len(self.names) - self.batch_size + len(chosen) :]")}, "and then the first 66"),
        _generator("completed with black images", {IMAGES: IMAGES + "        images[len(self.names) - self.position :] = 0 if self.position > len(self.names) else images[len(self.names) - self.position :]\n"}, "should be images 83 to 99"),
        _generator("completed from the next epoch", {COMPLETED: "        if len(chosen) < self.batch_size:\n            if self.shuffle:\n                np.random.shuffle(self.names)\n    " + COMPLETED}, "shuffled again before the batch is complete"),
        _generator("the first image left out", {"            self.position = 0\n": "            self.position = 1\n"}, "should start a new epoch with the first image"),
        _generator("the last image left out", {"self.position >= len(self.names)": "self.position >= len(self.names) - 1"}, "100"),
        _generator("a hundred images, always", {"if self.position >= len(self.names)": "if self.position >= 100"}, "Each of seven pictures"),
    ],
    "counters of epochs": [
        _generator("for ever 0", {"            self.epoch += 1\n": ""}, "should be 0, 0, 1"),
        _generator("batches", {"        self.position += self.batch_size\n": "        self.position += self.batch_size\n        self.epoch += 1\n", "            self.epoch += 1\n": ""}, "should be 0, 0, 1"),
        _generator("not returned", {"        return self.epoch\n": "        self.epoch\n"}, "Received None"),
        _generator("for all generators", {"        self.epoch = 0\n": "", "self.epoch += 1": "ImageGenerator.epoch += 1", "class ImageGenerator:\n": "class ImageGenerator:\n    epoch = 0\n\n"}, "counts in the class"),
        _generator("a place for all generators", {"        self.position = 0\n        self.epoch": "        self.epoch", "            self.position = 0\n": "            ImageGenerator.position = 0\n", "self.position += self": "ImageGenerator.position += self", "class ImageGenerator:\n": "class ImageGenerator:\n    position = 0\n\n"}, "state kept in the class"),
    ],
    "orders": [
        _generator("of the folder", {"self.names = list(self.labels)": "self.names = [name[:-4] for name in os.listdir(file_path) if name.endswith('.npy')]"}, "os.listdir"),
        _generator("of the alphabet", {"self.names = list(self.labels)": "self.names = sorted(self.labels)"}, "'10' stands before '2'"),
        _generator("of numbers", {"self.names = list(self.labels)": "self.names = [str(i) for i in range(len(self.labels))]"}, "No such file"),
        _generator("of a set", {"self.names = list(self.labels)": "self.names = list(set(self.labels))"}, "order of the label file"),
        _generator("backwards", {"self.names = list(self.labels)": "self.names = list(self.labels)[::-1]"}, "order of the label file"),
        _generator("shuffled without being asked", {SHUFFLED_AT_FIRST: SHUFFLED_AT_FIRST.replace("if shuffle", "if True")}, "Without shuffling"),
        _generator("never shuffled", {SHUFFLED_AT_FIRST: "", SHUFFLED_AGAIN: ""}, "should not be that of the file"),
        _generator("not shuffled at first", {SHUFFLED_AT_FIRST: ""}, "should not be that of the file"),
        _generator("shuffled once", {SHUFFLED_AGAIN: ""}, "shuffling in the constructor only"),
        _generator("shuffled within the batch", {SHUFFLED_AT_FIRST: "", SHUFFLED_AGAIN: "", IMAGES: "        if self.shuffle:\n            np.random.shuffle(chosen)\n" + IMAGES}, "only the images within a batch are shuffled"),
    ],
    "turned and mirrored": [
        _generator("one angle for a batch", {IMAGES: "        self.turns = np.random.randint(4)\n" + IMAGES, TURN: "            img = np.rot90(img, getattr(self, 'turns', 1))\n"}, "one angle is drawn for the whole batch"),
        _generator("never by 270", {TURN: TURN.replace("randint(4)", "randint(3)")}, "showed only 3"),
        _generator("never by 0", {TURN: TURN.replace("randint(4)", "randint(1, 4)")}, "showed only 3"),
        _generator("by 0 or 180", {TURN: TURN.replace("np.random.randint(4)", "2 * np.random.randint(2)")}, "showed only 2"),
        _generator("by any angle", {TURN: "            from scipy.ndimage import rotate\n\n            img = rotate(img, np.random.randint(360), reshape=False)\n"}, "turning by other angles"),
        _generator("along the channels", {TURN: TURN.replace("np.random.randint(4)", "2 * np.random.randint(2), (1, 2)")}, "along the channels"),
        _generator("mirrored along the channels", {FLIPS: FLIPS.replace("axis=0", "axis=2")}, "along the channels"),
        _generator("left and right alone", {FLIPS: FLIPS.split("            if np.random.random() < 0.5:\n                img = np.flip(img, axis=1)")[0].replace("axis=0", "axis=1")}, "horizontally, vertically, both"),
        _generator("one or the other", {FLIPS: "            img = np.flip(img, axis=np.random.randint(2))\n"}, "showed only 2"),
        _generator("both or none", {FLIPS: "            if np.random.random() < 0.5:\n                img = np.flip(img, axis=(0, 1))\n"}, "showed only 2"),
        _generator("turned where only mirroring was asked", {"if self.rotation:": "if self.rotation or self.mirroring:"}, "rotation=False, mirroring=True"),
        _generator("mirrored where only turns were asked", {"if self.mirroring:": "if self.rotation or self.mirroring:"}, "rotation=True, mirroring=False"),
        _generator("only where both are asked", {"if self.rotation:": "if self.rotation and self.mirroring:"}, "rotation=True, mirroring=False"),
        _generator("in place", {FLIPS: FLIPS.replace("img = np.flip(img, axis=1)", "img[:] = img[:, ::-1].copy()")}, "leave its argument as it is"),
        _generator("not by next", {IMAGES: IMAGES.replace("self.augment(self.load(name))", "self.load(name)")}, "showed only 1"),
        _generator("nothing returned", {"        return img\n": ""}, "augment"),
        _generator("as bytes", {"        return img\n": "        return (img * 255).astype(np.uint8)\n"}, "its numbers as they are"),
    ],
    "names of classes": [
        _generator("one too far", {"self.classes[x]": "self.classes[x - 1]"}, "class_name(0) should be 'airplane'"),
        _generator("not returned", {"return self.classes[x]": "self.classes[x]"}, "Received None"),
        _generator("in another order", {"airplane automobile bird": "automobile airplane bird"}, "class_name(0) should be 'airplane'"),
        _generator("with a capital letter", {"airplane automobile bird": "Airplane automobile bird"}, "class_name(0) should be 'airplane'"),
        _generator("by text", {"self.classes[x]": "dict(zip('0123456789', self.classes))[x]"}, "KeyError: 0"),
    ],
    "pictures on the screen": [
        _generator("the first alone", {"zip(images, labels)": "zip(images[:1], labels)"}, "number of pictures for a batch"),
        _generator("all in one place", {"plt.subplot(columns, columns, index + 1)": "plt.subplot(1, 1, 1)"}, "in a subplot of its own"),
        _generator("without titles", {"            plt.title(self.class_name(label))\n": ""}, "title of a picture"),
        _generator("with numbers as titles", {"plt.title(self.class_name(label))": "plt.title(label)"}, "should be class_name(label)"),
        _generator("one title for all", {"plt.title(self.class_name(label))": "plt.suptitle(self.class_name(label))"}, "title of a picture"),
        _generator("nine places for any batch", {"columns = int(np.ceil(np.sqrt(len(images))))": "columns = 2"}, "num must be an integer"),
        _generator("titles of another batch", {"images, labels = self.next()": "images, labels = self.next()[0], self.next()[1]"}, "title of a picture"),
    ],
}  # fmt: skip
