"""Small files of data sets, as other programs write them."""

import io
import pickle
import struct
import tarfile

import numpy as np

BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def idx(array, code=0x08):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def cifar_arrays(count, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8), rng.integers(0, 10, count)


def rows(images):
    """Pixels as CIFAR has them: (images, 3072), red before green before blue."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), -1)


def binary_batch(images, labels):
    return np.concatenate([labels.astype(np.uint8)[:, np.newaxis], rows(images)], axis=1).tobytes()


def python_2_batch(images, labels, remembering=False):
    """The bytes that Python 2 wrote: protocol 2, byte strings, and the module names of its NumPy.

    As `cPickle` did, which remembers everything in case that it comes again, or without.
    """
    count = 0

    def put():
        nonlocal count
        count += 1
        if not remembering:
            return b""
        return b"q" + bytes([count]) if count < 256 else b"r" + struct.pack("<I", count)

    def text(content):
        return b"U" + bytes([len(content)]) + content + put()

    def name(module, name):
        return b"c" + module + b"\n" + name + b"\n" + put()

    def number(value):
        if not 0 <= value < 65536:
            return b"J" + struct.pack("<i", value)
        return b"K" + bytes([value]) if value < 256 else b"M" + struct.pack("<H", value)

    def strings(values):
        return b"]" + put() + b"(" + b"".join(map(text, values)) + b"e"

    pixels = rows(images)
    parts = [b"\x80\x02}", put(), b"(", text(b"batch_label"), text(b"training batch 1 of 5"), text(b"labels")]
    parts += [b"]", put(), b"(", *(number(int(label)) for label in labels), b"e", text(b"data")]
    parts += [name(b"numpy.core.multiarray", b"_reconstruct"), name(b"numpy", b"ndarray"), number(0), b"\x85", put()]
    parts += [
        text(b"b"),
        b"\x87",
        put(),
        b"R",
        put(),
        b"(",
        number(1),
        number(pixels.shape[0]),
        number(pixels.shape[1]),
    ]
    parts += [b"\x86", put(), name(b"numpy", b"dtype"), text(b"u1"), number(0), number(1), b"\x87", put(), b"R", put()]
    parts += [b"(", number(3), text(b"|"), b"NNN", number(-1), number(-1), number(0), b"t", put(), b"b\x89"]
    parts += [b"T" + struct.pack("<i", pixels.size) + pixels.tobytes(), put(), b"t", put(), b"b"]
    parts += [text(b"filenames"), strings([b"leptodactylus_pentadactylus_s_000004.png"] * len(labels)), b"u."]
    return b"".join(parts)


def python_3_batch(images, labels, protocol):
    table = {"data": rows(images), "labels": labels.tolist(), "filenames": ["a.png"] * len(labels)}
    return pickle.dumps(table, protocol)


def tar_of(files, folder="cifar-10-batches-py", mode="w"):
    """A tar archive of these files, by name."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return stream.getvalue()
