"""Data sets in files: CIFAR's batches and archives, IDX, arrays, pictures, labels, and the states of generators.

What is read has to be what such a file can hold: pixels and labels of the right types, a generator that goes on.
"""

import bz2
import functools
import gzip
import io
import json
import lzma
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from Foundation.Randomness import BIT_GENERATORS
from Generator import datasets
from Generator.cifar import read_binary_batch, read_python_batch
from Generator.generator import ImageGenerator
from Generator.idx import read_idx
from Generator.labels import labels_from_file
from Generator.picture_files import read_picture
from Generator.pixel_tables import read_pixel_table
from Layers import Helpers
from tests import written_files
from tests.fuzz import mutators
from tests.fuzz.kinds import Kind

PICTURES = ("cat", "dog", "ä", "1", "2", "10")


class WrongContentError(Exception):
    """Something was read that no such file can hold."""


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise WrongContentError(what)


# CIFAR.


def _one_picture() -> tuple[np.ndarray, np.ndarray]:
    return np.full((1, 32, 32, 3), 7, np.uint8), np.array([3])


def python_batches(folder: Path) -> list[bytes]:
    """A batch of one picture, as Python 2 and 3 write it."""
    arrays = _one_picture()
    batches = [written_files.python_2_batch(*arrays, remembering) for remembering in (False, True)]
    return batches + [written_files.python_3_batch(*arrays, protocol) for protocol in (2, 3, 4, 5)]


def use_batch(path: Path, read: Callable = read_python_batch) -> None:
    images, labels = read(path.read_bytes(), path)
    _expect(images.dtype == np.uint8 and images.shape == (len(labels), 32, 32, 3), f"images {images.shape}")
    _expect(labels.dtype == np.int64 and 0 <= labels.min() <= labels.max() <= 9, f"labels {labels[:9]}")


#: Opcodes of pickles: every one of protocol 0 to 5, and bytes that are none.
_OPCODES = b"()*+,-./0125FIJKLMNPQRSTUVXabcdeghijlopqrstu}]" + bytes(range(0x80, 0x9A))


def damaged_program(seeds: Sequence[bytes], rng: Random) -> bytes:
    """A pickle with other bytes or opcodes in front of or behind its pixels, where the program is."""
    content = rng.choice(seeds)
    start = content.find(b"\x07" * 100)
    head, pixels, tail = content[:start], content[start : start + 3072], content[start + 3072 :]
    for _ in range(rng.choice((1, 1, 2, 3))):
        part, in_head = (head, True) if rng.random() < 0.6 else (tail, False)
        match rng.randrange(4):
            case 0:
                part = rng.choice(mutators.BYTES)(part, rng, (head, tail))
            case 1:
                place = rng.randrange(len(part) + 1)
                part = part[:place] + bytes(rng.choices(_OPCODES, k=rng.choice((1, 1, 2, 5)))) + part[place:]
            case 2 if part:
                place = rng.randrange(len(part))
                part = part[:place] + rng.choice(_OPCODES).to_bytes(1, "little") + part[place + 1 :]
            case _:
                place = rng.randrange(len(part) + 1)
                part = part[:place] + rng.choice(_BOMBS) + part[place:]
        head, tail = (part, tail) if in_head else (head, part)
    return head + pixels + tail


#: Programs that are small and would have large results.
_BOMBS = (
    b"]r\0\0\0\x08", b"(" * 300, b")\x85" * 300, b"]\x94" * 2000, b"T\xff\xff\xff\x7f", b"X\xff\xff\xff\xff",
    b"\x8e" + b"\xff" * 8, b"\x8b\xff\xff\xff\x7f", b"\x95" + b"\xff" * 8, b"h\x00h\x00\x86q\x00" * 200,
    b"h\x00" * 1000 + b"t", b"cos\nsystem\n(U\x02idtR", b"}h\x00h\x00s" * 100, b"\x8c\x02os\x8c\x06system\x93",
)  # fmt: skip


def archives(folder: Path) -> list[bytes]:
    """All batches in a tar archive, as it is and packed in three ways, and in the formats that there are."""
    images, labels = _one_picture()
    binary = {f"{name}.bin": written_files.binary_batch(images, labels) for name in written_files.BATCHES}
    python = {name: written_files.python_2_batch(images, labels) for name in written_files.BATCHES}
    long = "cifar-10-batches-py/" * 6
    tars = [written_files.tar_of(binary), written_files.tar_of(python), written_files.tar_of(binary, long)]
    return [*tars, gzip.compress(tars[0], 1, mtime=0), bz2.compress(tars[1], 1), lzma.compress(tars[0], preset=0)]


#: How an archive is packed, and how often.
_PACK: dict[Callable[[bytes], bytes], int] = {
    bytes: 10,
    lambda content: gzip.compress(content, 1, mtime=0): 10,
    lambda content: bz2.compress(content, 1): 1,
    lambda content: lzma.compress(content, preset=0): 1,
}
#: Where the parts of a header stand.
_FIELDS = ((0, 100), (100, 8), (124, 12), (136, 12), (148, 8), (156, 1), (157, 100), (257, 8), (345, 155))


def damaged_archive(seeds: Sequence[bytes], rng: Random) -> bytes:
    """An archive with damaged bytes, or with other headers, whose checksums are right again, packed anew."""
    if rng.random() < 0.4:
        return mutators.damaged(seeds, rng)
    content = bytearray(rng.choice(seeds[:3]))
    headers = [place for place in range(0, len(content), 512) if content[place + 257 : place + 262] == b"ustar"]
    for _ in range(rng.choice((1, 1, 2))):
        place = rng.choice(headers)
        start, length = rng.choice(_FIELDS)
        new = rng.choice((*(b"%011o\0" % (number % 2**33) for number in mutators.INTEGERS[:-2]), *_HEADER_TEXTS))
        content[place + start : place + start + length] = new[:length].ljust(length, b"\0")
        if rng.random() < 0.3:
            content[place + 156] = rng.choice(b"0123456789xgLKSDVN\0")
        if rng.random() < 0.9:
            content[place + 148 : place + 156] = b" " * 8
            content[place + 148 : place + 156] = b"%06o\0 " % sum(content[place : place + 512])
    if rng.random() < 0.002:
        content = content[:-1024] + bytes(rng.choice((0, 2**20, 2**25, 2**26)))
        return gzip.compress(bytes(content), 1, mtime=0)
    (pack,) = rng.choices(list(_PACK), list(_PACK.values()))
    return pack(bytes(content))


_HEADER_TEXTS = (
    b"../../data_batch_1", b"/etc/data_batch_2", b"data_batch_1", b"test_batch.bin", b"\xff" * 100, b"", b"0x10", b"-1",
    b"12 size=99\n", b"30 path=../../../data_batch_1\n", b"GNU.sparse.map=0,1", b"\x80" + b"\0" * 7 + b"\x7f" * 4,
)  # fmt: skip


def use_archive(path: Path) -> None:
    found = datasets.cifar10(path)
    _expect(found.images.shape[1:] == (32, 32, 3) and len(found.images) == len(found.labels), "images")
    _expect(found.labels.max() <= 9 and found.test_labels.max() <= 9, "labels")


# IDX.


def idx_files(folder: Path) -> list[bytes]:
    contents = [
        written_files.idx(np.arange(28 * 28 * 2).astype(np.uint8).reshape(2, 28, 28)),
        written_files.idx(np.arange(10, dtype=np.uint8)),
        written_files.idx(np.arange(12.0).reshape(2, 3, 2), 0x0E),
    ]
    return [*contents, *(gzip.compress(content, 1, mtime=0) for content in contents)]


def damaged_idx(seeds: Sequence[bytes], rng: Random) -> bytes:
    """An IDX file with damaged bytes, packed anew or not."""
    content = mutators.damaged(seeds if rng.random() < 0.5 else seeds[:3], rng)
    if rng.random() < 0.2:
        lengths = struct.pack(">III", *(rng.choice(mutators.INTEGERS) % 2**32 for _ in range(3)))
        content = b"\0\0" + rng.choice((b"\x08", b"\x0e")) + rng.choice((b"\x01", b"\x03", b"\x28")) + lengths + content
    return gzip.compress(content, 1, mtime=0) if rng.random() < 0.4 else content


def use_idx(path: Path) -> None:
    _expect(read_idx(path).dtype.isnative, "the order of bytes")


def mnist_files(folder: Path) -> list[bytes]:
    return [gzip.compress(content, 1, mtime=0) for content in idx_files(folder)[:2]]


def damaged_mnist(seeds: Sequence[bytes], rng: Random) -> bytes:
    if rng.random() < 0.4:
        return mutators.damaged(seeds, rng)
    return gzip.compress(mutators.damaged([gzip.decompress(seed) for seed in seeds], rng), 1, mtime=0)


def use_mnist(path: Path) -> None:
    content = path.read_bytes()
    try:
        axes = gzip.decompress(content[:10_000])[3]
    except Exception:
        axes = 3
    _expect(Helpers._read_idx(str(path), 1 if axes == 1 else 3).dtype == np.uint8, "no bytes")


def pixel_tables(folder: Path) -> list[bytes]:
    lines = [",".join(map(str, [label, *range(0, 250, 5), *[0] * 734])) for label in (7, 2)]
    heading = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    return ["\n".join(lines).encode(), "\r\n".join(["\ufeff" + heading, *lines, ""]).encode()]


def use_pixel_table(path: Path) -> None:
    images, labels = read_pixel_table(path, "mnist")
    _expect(images.shape == (len(labels), 28, 28) and images.dtype == labels.dtype == np.uint8, "images")


# Pictures and labels.


def arrays(folder: Path) -> list[bytes]:
    contents = []
    for array in (
        np.zeros((3, 4, 3), np.uint8), np.zeros((5, 4)), np.zeros((2, 3), ">u2"), np.zeros((2, 2), bool),
        np.asfortranarray(np.ones((4, 3, 3), "f4")),
    ):  # fmt: skip
        stream = io.BytesIO()
        np.save(stream, array)
        contents.append(stream.getvalue())
    return contents


_DESCRIPTIONS = (
    b"|O", b"O8", b"<U9999999", b"|V0", b"<c16", b"<M8[s]", b"|S3", b"(2,)u1", b"u1,u1", b"<f8", b">i8", b"|u1", b"<f2",
)  # fmt: skip


def damaged_array(seeds: Sequence[bytes], rng: Random) -> bytes:
    """An array with damaged bytes, or with a header that says something else."""
    if rng.random() < 0.5:
        return mutators.damaged(seeds, rng)
    content = rng.choice(seeds)
    shape = (
        b"("
        + b", ".join(b"%d" % rng.choice(mutators.INTEGERS[:-1]) for _ in range(rng.choice((0, 1, 2, 3, 40))))
        + b")"
    )
    parts = [
        b"'descr': '" + rng.choice(_DESCRIPTIONS) + b"'",
        b"'fortran_order': " + rng.choice((b"False", b"True", b"__import__('os').abort()")),
        b"'shape': " + rng.choice((shape, b"(3, 4)", b"(3, 4, 3)", b"(" * 500, b"-" * 3000 + b"1")),
    ]
    header = b"{" + b", ".join(rng.sample(parts, k=rng.choice((3, 3, 3, 2)))) + b"}\n"
    return content[:8] + struct.pack("<H", len(header)) + header + content[128:]


#: Formats of pictures with the modes that they are written in, and Pillow's name for what it has to be built with.
FORMATS = {
    "png": ("PNG", ("RGB", "L", "P", "RGBA", "I;16", "1"), None),
    "jpg": ("JPEG", ("RGB", "L", "CMYK"), None),
    "gif": ("GIF", ("L", "P", "1"), None),
    "bmp": ("BMP", ("RGB", "L", "P", "1", "RGBA"), None),
    "tif": ("TIFF", ("RGB", "L", "P", "RGBA", "I;16", "1", "CMYK", "F", "I"), None),
    "webp": ("WEBP", ("RGB", "RGBA"), "webp"),
    "ppm": ("PPM", ("RGB", "L", "1", "I"), None),
    "tga": ("TGA", ("RGB", "L", "P", "RGBA"), None),
    "jp2": ("JPEG2000", ("RGB", "L", "RGBA"), "jpg_2000"),
    "avif": ("AVIF", ("RGB", "RGBA"), "avif"),
}
#: Some of Pillow's ways of writing TIFF.
_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")


def pictures(folder: Path, suffix: str = "png") -> list[bytes]:
    """Pictures of 9 x 6, each mode of a format, with the note of a camera where there is room for one."""
    from PIL import Image

    kind, modes, _ = FORMATS[suffix]
    contents = []
    for mode in modes:
        exif = Image.Exif()
        exif[0x0112] = 6
        options = {"exif": exif} if kind in ("PNG", "JPEG", "TIFF", "WEBP", "AVIF") else {}
        for compression in _COMPRESSIONS if kind == "TIFF" else ("",):
            if compression == "jpeg" and mode not in ("RGB", "L"):
                continue
            stream = io.BytesIO()
            Image.new(mode, (9, 6)).save(
                stream, kind, **options, **({"compression": compression} if compression else {})
            )
            if mode not in ("F", "I") or kind == "PPM":
                contents.append(stream.getvalue())
    return contents


def is_written(suffix: str) -> bool:
    """Whether this Pillow was built with a format."""
    from PIL import features

    needed = FORMATS[suffix][2]
    return needed is None or (needed in features.modules | features.codecs and features.check(needed))


def use_picture(path: Path) -> None:
    found = read_picture(path, max_pixels=10_000)
    _expect(found.ndim == 3 and found.dtype.isnative and found.shape[0] * found.shape[1] <= 10_000, f"{found.shape}")


def picture_names(folder: Path) -> None:
    """A folder with pictures, which nobody opens."""
    (folder / "pictures").mkdir()
    for name in PICTURES:
        (folder / "pictures" / f"{name}.png").touch()


def label_files(folder: Path) -> list[bytes]:
    table = {name: number for number, name in enumerate(PICTURES)}
    items = [{"file": f"{name}.png", "label": "even" if number % 2 else "odd"} for name, number in table.items()]
    return [
        json.dumps(labels, ensure_ascii=ascii, indent=indent).encode()
        for labels in (table, items, list(map(list, table.items())))
        for ascii in (True, False)
        for indent in (None, 2)
    ]


def label_lists(folder: Path) -> list[bytes]:
    names = ["odd", "even", "prime"]
    lines = [(f"{name}.png", number, names[number % 3]) for number, name in enumerate(PICTURES)]
    return [
        "\n".join(["file,label", *(f"{name},{number}" for name, number, _ in lines)]).encode(),
        "\r\n".join(["\ufeffClass;Image", *(f'"{kind}";"{name}"' for name, _, kind in lines)]).encode(),
        "\n".join(f"{name}\t{number}" for name, number, _ in lines).encode(),
    ]


def damaged_labels(seeds: Sequence[bytes], rng: Random) -> bytes:
    return mutators.damaged(seeds, rng) if rng.random() < 0.5 else mutators.damaged_json(seeds, rng)


def use_labels(path: Path) -> None:
    names, labels, _ = labels_from_file(path.parent / "pictures", path)
    _expect(sorted(names) == sorted(f"{name}.png" for name in PICTURES), "names")
    _expect(labels.dtype == np.int64 and labels.min() >= 0, f"labels {labels}")


# States.


def states(folder: Path) -> list[bytes]:
    """The states of generators that draw from each of NumPy's bit generators."""
    return [json.dumps(_generator(name).state, default=np.ndarray.tolist).encode() for name in BIT_GENERATORS]


def _generator(name: str) -> ImageGenerator:
    rng = np.random.Generator(getattr(np.random, name)(5))
    rng.integers(0, 9, 3, dtype=np.uint32)
    return ImageGenerator.from_arrays(np.zeros((5, 2, 2)), [0, 1, 0, 1, 1], 2, shuffle=True, noise=0.1, rng=rng)


_generators = functools.lru_cache(_generator)


def use_state(path: Path) -> None:
    """Go on from a state, and draw as generators and layers do; one that draws for ever takes too long."""
    try:
        state = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON, and so no ImageGenerator.state") from error
    rng: Any = state.get("rng") if isinstance(state, dict) else None
    name = rng.get("bit_generator") if isinstance(rng, dict) else None
    generator = _generators(name if isinstance(name, str) and name in BIT_GENERATORS else "PCG64")
    before = str(generator.state)
    try:
        generator.state = state
    except Exception:
        _expect(str(generator.state) == before, "a state that was refused has changed the generator")
        raise
    generator.next(), generator.next()
    generator.rng.normal(size=3), generator.rng.integers(0, 1000, 3), generator.rng.permutation(5)


def _names_the_state(error: Exception, path: Path) -> bool:
    return "ImageGenerator.state" in str(error)


def _kind(
    name: str, seeds: Callable, use: Callable, mutate: Callable = mutators.damaged, also: tuple = (), **options: Any
) -> Kind:
    return Kind(name, seeds, use, mutate, errors=(ValueError, TypeError, *also), **options)


KINDS = [
    _kind("cifar programs", python_batches, use_batch, damaged_program, filename="data_batch_1", share=4),
    _kind(
        "cifar records",
        lambda folder: [written_files.binary_batch(*_one_picture())],
        functools.partial(use_batch, read=read_binary_batch),
        filename="data_batch_1.bin",
    ),
    _kind(
        "cifar archives", archives, use_archive, damaged_archive, filename="cifar.tar",
        also=(FileNotFoundError,),
    ),
    _kind("idx", idx_files, use_idx, damaged_idx, filename="images-idx3-ubyte", share=2),
    _kind("mnist", mnist_files, use_mnist, damaged_mnist, filename="images-idx3-ubyte.gz", share=2),
    _kind("pixel tables", pixel_tables, use_pixel_table, filename="mnist_train.csv"),
    _kind("arrays", arrays, use_picture, damaged_array, filename="picture.npy", share=2),
    *(
        _kind(
            f"pictures {suffix}", functools.partial(pictures, suffix=suffix), use_picture, filename=f"picture.{suffix}",
            mebibytes=256 if suffix == "avif" else 64,
        )
        for suffix in FORMATS
        if is_written(suffix)
    ),
    _kind("labels", label_files, use_labels, damaged_labels, filename="labels.json", prepare=picture_names, share=2),
    _kind("lists", label_lists, use_labels, filename="labels.csv", prepare=picture_names),
    _kind("states", states, use_state, mutators.damaged_json, says=_names_the_state),
]  # fmt: skip
