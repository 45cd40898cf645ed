"""Wrong uses of generators, data sets, and what reads them."""

from typing import Any

import numpy as np

from Generator import arrays, augmentation, data_layer, datasets, generator, idx, pattern, picture_files, preparation
from Generator.arrays import ArrayData
from Generator.augmentation import Augmentation
from Generator.data_layer import ImageData
from Generator.download import download
from Generator.generator import ImageGenerator
from Generator.preparation import ArrayPreparation, PicturePreparation
from Layers import Helpers
from tests.wrong_uses.kinds import dtype, number, one_of, path, seed, truth, whole, word

CLASSES = (
    ArrayData, Augmentation, ImageData, ImageGenerator, ArrayPreparation, PicturePreparation, pattern.Checker,
    pattern.Circle, pattern.Spectrum, Helpers.RandomData, Helpers.IrisData, Helpers.DigitData,
)  # fmt: skip
MODULES = (arrays, augmentation, data_layer, datasets, generator, pattern, preparation, Helpers)
NO_ROWS = {
    "MNISTData": "its files are no part of the repository",
    "ImageSet": "what the readers give; the generators that it makes check",
}


def scene() -> dict[str, Any]:
    """Generators and data sets that have given a batch."""
    rng = np.random.default_rng(0)
    images, numbers = rng.random((6, 4, 4, 3)), np.array([0, 1, 2, 0, 1, 2])
    X, y = rng.random((6, 2)), np.eye(3)[numbers]
    pictures = ImageGenerator.from_arrays(images, numbers, 2, rng=0, shuffle=True)
    data, table = ImageData(pictures), ArrayData(X, y, 2, rng=0)
    for one in (data, table):
        one.next()

    def works(used: set[str]) -> None:
        for one in (data, table):
            one.next()

    made = {"generator": pictures, "data": data, "arrays": table, "preparation": data.preparation}
    tools = {
        "datasets": datasets,
        "download": download,
        "read_idx": idx.read_idx,
        "read_picture": picture_files.read_picture,
    }
    return made | tools | {cls.__name__: cls for cls in CLASSES} | {
        "X": X, "y": y, "images": images, "numbers": numbers, "np": np, "NAN": float("nan"), "INF": float("inf"), "STILL_WORKS": works,
        "FOLDER": "Generator/Sample_data", "LABELS": "Generator/Labels.json",
    }  # fmt: skip


_SIZE = [
    *((value, (TypeError, ValueError), "{who} … {name} … got") for value in (
        "'abc'", "3", "None", "[4, 4]", "[4, 4, 3, 1]", "[0, 4, 3]", "[4, -1, 3]", "[4.5, 4, 3]", "[4, 'a', 3]", "[True, 4, 3]", "int", "1j", "[None, 4, 3]",
    )),
]  # fmt: skip
_MIRRORING = [
    (value, (TypeError, ValueError), "… mirroring … True")
    for value in ("'x'", "None", "2", "0.5", "['horizontal']", "''")
]
_AUGMENTATION: dict[str, Any] = {
    "rotation": (truth(), ""), "mirroring": (_MIRRORING, ""),
    "angle": (number(least=0.0), ""), "shift": (number(least=0.0, below=1.0), ""), "zoom": (number(least=0.0, below=1.0), ""),
    "crop": (number(least=0.0, below=1.0), ""), "brightness": (number(least=0.0), ""), "contrast": (number(least=0.0), ""), "noise": (number(least=0.0), ""),
}  # fmt: skip
_NAMES = [
    (value, (TypeError, ValueError), "… got")
    for value in ("3", "['a']", "['a'] * 10", "'abc'", "b'abc'", "{}", "{'a': 1, 'b': 2, 'c': 3}")
]
_IMAGES = [
    (value, (TypeError, ValueError), "from_arrays: expected … got")
    for value in ("'abc'", "None", "3", "1j * images", "images[0, 0]", "images[:0]", "2 * images", "-images", "np.full((6, 4, 4, 3), NAN)",
                  "np.zeros((6, 4, 4, 7))", "np.zeros((6, 4, 4, 3), 'int64')", "[['a']]", "np.zeros((6, 0, 4, 3))", "object()", "np.ma.masked_array(images)")
]  # fmt: skip
_NUMBERS = [
    (value, (TypeError, ValueError), "from_arrays … label … got")
    for value in ("'abc'", "None", "3", "numbers[:3]", "numbers / 2", "-numbers", "[0, 1, 2, 0, 1, 'a']", "[1j] * 6", "[[0]] * 6", "[NAN] * 6", "[True] * 6", "[10**30] * 6")
]  # fmt: skip
_GENERATOR_OPTIONS: dict[str, Any] = _AUGMENTATION | {
    "shuffle": (truth(), ""),
    "class_names": (_NAMES, ""),
    "rng": (seed(), ""),
    "dtype": (dtype(), ""),
    "workers": (whole(least=0), ""),
}
_X = [
    (value, (TypeError, ValueError), "ArrayData: expected … got")
    for value in ("'abc'", "None", "3", "1j * X", "[['a']]", "object()", "X[:0]", "X[:, 0]", "np.full((6, 2), NAN)", "np.full((6, 2), INF)", "np.array(1.0)", "[[1.0], [1.0, 2.0]]", "{}", "np.ma.masked_array(X)")
]  # fmt: skip
_Y = [
    (value, (TypeError, ValueError), "ArrayData: expected … got")
    for value in ("3", "y[:2]", "[1j] * 6", "[NAN] * 6", "[None] * 6", "object()", "np.array(1.0)", "[[0], [1, 2]]", "np.ma.masked_array(numbers)", "{}", "[]", "[object()] * 6")
]  # fmt: skip
_STATE = [
    (value, (TypeError, ValueError), "… state … got")
    for value in ("3", "None", "{}", "'abc'", "{'delivered': -1}", "[]", "{'delivered': 'a', 'seed': None}")
]
_SHARE = [(value, raises, "… " + words.split("… ")[-1]) for value, raises, words in number(above=0.0, below=1.0)]

ARGUMENTS: dict[str, Any] = {
    "ImageGenerator(@file_path, label_path=LABELS, batch_size=2, image_size=[4, 4, 3])": [
        *path(),
        ("'nowhere'", FileNotFoundError, "nowhere"),
        ("LABELS", (ValueError, NotADirectoryError, FileNotFoundError), "Labels.json"),
    ],
    "ImageGenerator(FOLDER, @label_path, batch_size=2, image_size=[4, 4, 3])": [
        *path(without=("None",)),
        ("'nowhere'", FileNotFoundError, "nowhere"),
        ("FOLDER", (ValueError, IsADirectoryError, FileNotFoundError), "Sample_data"),
    ],
    "ImageGenerator(FOLDER, LABELS, @batch_size, image_size=[4, 4, 3])": whole(),
    "ImageGenerator(FOLDER, LABELS, 2, @image_size)": _SIZE,
    **{
        f"ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @{name})": kind
        for name, kind in _GENERATOR_OPTIONS.items()
        if name != "class_names"
    },
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @class_names)": _NAMES,
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @cache_bytes)": whole(least=0),
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @max_pixels)": whole(),
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @recursive)": truth(),
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @strict)": truth(),
    "ImageGenerator(FOLDER, LABELS, 2, [4, 4, 3], @on_error)": one_of("raise", "skip"),
    "ImageGenerator.from_arrays(@images, labels=numbers, batch_size=2)": _IMAGES,
    "ImageGenerator.from_arrays(images, @labels, batch_size=2)": _NUMBERS,
    "ImageGenerator.from_arrays(images, numbers, @batch_size)": (whole(), "ImageGenerator"),
    "ImageGenerator.from_arrays(images, numbers, 2, @image_size)": [row for row in _SIZE if row[0] != "None"],
    **{f"ImageGenerator.from_arrays(images, numbers, 2, @{name})": kind for name, kind in _GENERATOR_OPTIONS.items()},
    **{f"Augmentation(@{name})": kind for name, kind in _AUGMENTATION.items()},
    "generator.class_name(@x)": [
        (value, (TypeError, ValueError, IndexError), "class_name")
        for value in ("'a'", "None", "1.5", "99", "-1", "NAN", "[0]")
    ],
    "generator.read(@indices)": [
        (value, (TypeError, ValueError, IndexError), "read … expected … got")
        for value in ("'a'", "[1.5]", "[99]", "[-1]", "[NAN]", "[[0]]", "3", "[None]", "[True]")
    ],
    "generator.augment(@img)": [
        (value, (TypeError, ValueError), "augment") for value in ("'a'", "None", "3", "np.ones(3)", "1j * images[0]")
    ],
    "generator.split(@test_share)": _SHARE,
    "generator.shard(@rank, 2)": [
        *whole(least=0),
        ("2", ValueError, "ImageGenerator.shard: expected a rank below the size of 2, got 2"),
    ],
    "generator.shard(0, @size)": whole(),
    "generator.split(0.5, @rng)": (seed(), ""),
    "generator.state = @state": _STATE,
    "generator.show(@filename)": path(without=("None",)),
    "generator.show('nowhere_at_all.png', @most)": whole(),
    "generator.show('nowhere_at_all.png', 4, @augmented)": whole(least=0),
    "ImageData(@generator)": [
        (value, (TypeError, ValueError), "ImageData: expected a generator")
        for value in ("None", "'abc'", "3", "images", "ImageGenerator", "arrays", "(images, numbers)", "data")
    ],
    "ImageData(generator, @test)": [
        (value, (TypeError, ValueError), "ImageData: expected … test")
        for value in ("'abc'", "3", "images", "ImageGenerator", "arrays", "(images,)")
    ],
    "ImageData(generator, @normalize)": truth(),
    "ImageData(generator, @mean, deviation=[1.0, 1.0, 1.0])": [
        (value, (TypeError, ValueError), "… mean")
        for value in ("'abc'", "[1.0]", "[1j, 1, 1]", "[NAN, 1, 1]", "[None, 1, 1]", "3", "None", "[[1, 1, 1]]")
    ],
    "ImageData(generator, mean=[0.0, 0.0, 0.0], @deviation)": [
        (value, (TypeError, ValueError), "… deviation")
        for value in ("'abc'", "[1.0]", "[1j, 1, 1]", "[NAN, 1, 1]", "[0, 1, 1]", "[-1, 1, 1]", "3", "None")
    ],
    "ImageData(generator, @preparation)": [
        (value, (TypeError, ValueError), "ImageData: expected … preparation")
        for value in ("'abc'", "3", "PicturePreparation", "arrays.preparation", "{}")
    ],
    "data.prepare(@images)": [
        (value, (TypeError, ValueError), "PicturePreparation: expected images … got")
        for value in ("'abc'", "None", "3", "1j * images", "images[..., :2]", "np.ones((2, 9, 9, 3))", "images[0, 0]")
    ],
    "data.state = @state": _STATE,
    "ArrayData(@X, y=numbers)": _X,
    "ArrayData(X, @y)": _Y,
    "ArrayData(X, y, @batch_size)": whole(),
    "ArrayData(X, y, @shuffle)": truth(),
    "ArrayData(X, y, @rng)": seed(),
    "ArrayData(X, y, @weights)": [
        (value, (TypeError, ValueError), "ArrayData: expected … weights … got")
        for value in (
            "'abcdef'",
            "3",
            "[1, 2]",
            "[1, 1, 1, 1, 1, -1]",
            "[NAN] * 6",
            "[0] * 6",
            "[1j] * 6",
            "[None] * 6",
            "{}",
            "np.ones((2, 3))",
        )
    ],
    "ArrayData(np.ones((6, 5, 2)), y, @lengths)": [
        (value, (TypeError, ValueError), "ArrayData: expected … lengths")
        for value in ("'abcdef'", "3", "[1, 2]", "[9] * 6", "[-1] * 6", "[1.5] * 6", "[NAN] * 6", "[0] * 6")
    ],
    "ArrayData(X, y, @targets)": word("one of classes, one-hot, multi-label, binary, regression", without=("None",)),
    "ArrayData(X, numbers, @classes)": [
        (value, (TypeError, ValueError), "ArrayData: expected … classes … got")
        for value in ("-1", "1", "0", "'abc'", "1.5", "True", "[[1, 2]]", "NAN", "['a', 'a']", "object()")
    ],
    "ArrayData(X, y, @last_batch)": word("'completed' or 'short'"),
    "arrays.split(@share)": _SHARE,
    "arrays.split(0.5, @stratify)": [
        (value, (TypeError, ValueError), "ArrayData.split: expected … stratify")
        for value in ("'abc'", "3", "[1, 2]", "1.5", "{}")
    ],
    "arrays.split(0.5, None, @rng)": (seed(), ""),
    "arrays.state = @state": _STATE,
    "ArrayPreparation(@sample_shape)": [
        (value, (TypeError, ValueError), "ArrayPreparation: expected … sample_shape")
        for value in ("'abc'", "3", "None", "[0]", "[1.5]", "['a']", "[-1]")
    ],
    "ArrayPreparation([2], @class_names)": [
        (value, (TypeError, ValueError), "ArrayPreparation … class") for value in ("3", "'abc'", "['a', 'a']", "None")
    ],
    "PicturePreparation(@image_size, mean=[0] * 3, deviation=[1] * 3, class_names=['a'])": _SIZE,
    "PicturePreparation([4, 4, 3], @mean, deviation=[1] * 3, class_names=['a'])": [
        (value, (TypeError, ValueError), "… mean")
        for value in ("'abc'", "[1.0]", "[NAN, 1, 1]", "None", "3", "[1j] * 3")
    ],
    "PicturePreparation([4, 4, 3], [0] * 3, @deviation, class_names=['a'])": [
        (value, (TypeError, ValueError), "… deviation")
        for value in ("'abc'", "[1.0]", "[0, 1, 1]", "[NAN, 1, 1]", "None", "3")
    ],
    "PicturePreparation([4, 4, 3], [0] * 3, [1] * 3, @class_names)": [
        (value, (TypeError, ValueError), "… class") for value in ("3", "'abc'", "['a', 'a']", "None")
    ],
    "PicturePreparation([4, 4, 3], [0] * 3, [1] * 3, ['a'], @dtype)": dtype(),
    "Checker(@resolution, tile_size=2)": whole(),
    "Checker(8, @tile_size)": whole(),
    "Circle(@resolution, radius=2, position=(4, 4))": whole(),
    "Circle(8, @radius, position=(4, 4))": [
        (value, raises, "Circle: expected … radius … got") for value, raises, _ in number(least=0.0)
    ],
    "Circle(8, 2, @position)": [
        (value, (TypeError, ValueError), "Circle … position")
        for value in ("'ab'", "3", "None", "(1,)", "(1, 2, 3)", "(1, 'a')", "(NAN, 1)", "(1j, 1)")
    ],
    "Spectrum(@resolution)": whole(),
    "Checker(8, 2).show(@filename)": path(without=("None",)),
    "datasets.mnist(@folder)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "datasets.fashion_mnist(@folder)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "datasets.emnist(@folder)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "datasets.emnist('nowhere', @division)": [
        (value, ValueError, "emnist: expected division to be one of balanced, … got")
        for value in ("None", "3", "'capitals'", "[]", "b'letters'")
    ],
    "datasets.cifar10(@source)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "datasets.cifar100(@source)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "datasets.cifar100('nowhere', @groups)": truth(),
    "datasets.sample_pictures(@test_images)": whole(),
    "datasets.sample_pictures(10, @test_seed)": whole(least=0),
    "datasets.picture_folder(@folder, batch_size=2, image_size=[4, 4, 3])": [
        *path(),
        ("'nowhere'", FileNotFoundError, "nowhere"),
    ],
    "download(@url)": [
        (value, (TypeError, ValueError), "download: expected … got")
        for value in ("3", "None", "'nowhere'", "'ftp://a/b'", "''", "b'http://a/b'", "'file:///etc/passwd'")
    ],
    "download('http://a/b', @folder)": path(),
    "download('http://a/b', @sha256)": [
        (value, (TypeError, ValueError), "download … sha256") for value in ("3", "'abc'", "''", "b'a'")
    ],
    "download('http://a/b', @timeout)": number(least=0.0)[:-1],
    "download('http://a/b', @progress)": truth(),
    "read_idx(@path)": [*path(), ("'nowhere'", FileNotFoundError, "nowhere")],
    "read_idx(LABELS, @max_bytes)": whole(without=["None"]),
    "read_picture(@path)": [
        *path(),
        ("'nowhere.png'", FileNotFoundError, "nowhere"),
        ("LABELS", ValueError, "Labels.json"),
    ],
    "read_picture('Generator/Sample_data/0.npy', @largest_side)": whole(without=("None",)),
    "read_picture('Generator/Sample_data/0.npy', None, @max_pixels)": whole(),
    "RandomData(@input_size, batch_size=2, categories=2)": whole(),
    "RandomData(2, @batch_size, categories=2)": whole(),
    "RandomData(2, 2, @categories)": whole(),
    "IrisData(@batch_size)": whole(),
    "IrisData(2, @random)": truth(),
    "DigitData(@batch_size)": whole(),
}
MISUSES: list[tuple[str, Any, str]] = [
    ("ImageGenerator(FOLDER)", TypeError, "label_path"),
    ("ImageGenerator.from_arrays(images, numbers, 2, rotate=True)", TypeError, "rotate"),
    ("ImageGenerator.from_arrays(numbers, images, 2)", (TypeError, ValueError), "expected images"),
    ("ImageGenerator.from_arrays(images, numbers, 2, file_path='a')", TypeError, "file_path"),
    ("ImageGenerator(FOLDER, None, 2, [4, 4, 3])", ValueError, "Sample_data"),
    ("ArrayData(X)", TypeError, "y"),
    ("ArrayData(X, y, 2, True, 0, None, None)", TypeError, "positional"),
    ("ArrayData(X, list('abcabc'), targets='regression')", TypeError, "ArrayData: expected y … numbers as 'regression' targets, got names"),
    ("ArrayData(X, numbers, targets='one-hot')", ValueError, "ArrayData: expected y … (samples, classes) as 'one-hot' targets … targets='classes' makes rows of class numbers"),
    ("ArrayData(X, 2 * y, targets='one-hot')", ValueError, "ArrayData: expected y … rows with the sum 1 as 'one-hot' targets, got others"),
    ("ArrayData(X, 2 * y, targets='multi-label')", ValueError, "ArrayData: expected y … from 0 to 1 as 'multi-label' targets, got others"),
    ("ArrayData(X, y, targets='classes')", TypeError, "ArrayData: expected y … class numbers or names, one for each sample"),
    ("ArrayData(X, numbers, targets='binary')", ValueError, "ArrayData: expected y … from 0 to 1 as 'binary' targets, got 0 to 2; targets='classes' with classes=… says how many there are"),
    ("ArrayData(X, numbers, targets='classes', classes=2)", ValueError, "ArrayData: expected y … from 0 to 1 as 'classes' targets, got 0 to 2"),
    ("ArrayData(X, list('abcabc'), classes=['a', 'b'])", ValueError, "ArrayData: expected y to hold a, b, got 'c'"),
    ("ImageData(generator, mean=[0, 0, 0])", ValueError, "ImageData: expected mean and deviation together, got only one; pass both or none"),
    ("ImageData(generator, preparation=data.preparation, normalize=False)", ValueError, "ImageData: expected a preparation, or mean and deviation, or normalize, got two of them"),
    ("generator.close(); generator.nxt()", AttributeError, "nxt"),
]  # fmt: skip
