"""Downloads from a small server on this very machine: whole, resumed, damaged, refused, and without any
network."""

import contextlib
import gzip
import hashlib
import http.server
import socket
import threading

import numpy as np
import pytest

from Generator import datasets, mnist_family
from Generator.download import download
from tests.written_files import idx

CONTENT = np.random.default_rng(0).integers(0, 256, 700_000, dtype=np.uint8).tobytes()
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get("Range"))
        if self.path in server.others:
            self.send_response(200)
            self.send_header("Content-Length", str(len(server.others[self.path])))
            self.end_headers()
            self.wfile.write(server.others[self.path])
            return
        if self.path != "/files/set%20one.gz":
            self.send_error(404)
            return
        start = 0
        if self.headers.get("Range") and server.resumes:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if start >= len(CONTENT):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        last = len(CONTENT) if server.stops_at is None else server.stops_at
        with contextlib.suppress(ConnectionError):
            self.wfile.write(CONTENT[start:last])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.resumes, server.stops_at, server.others = [], True, None, {}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(server, name="set%20one.gz"):
    return f"http://127.0.0.1:{server.server_port}/files/{name}"


def test_a_file_is_fetched_once(server, tmp_path, capsys):
    folder = tmp_path / "new" / "folder"
    path = download(address(server), folder, CHECKSUM)
    assert path == folder / "set one.gz" and path.read_bytes() == CONTENT
    assert "100%" in capsys.readouterr().err
    assert download(address(server), folder, CHECKSUM.upper()) == path
    assert server.asked == [None]
    assert [file.name for file in folder.iterdir()] == ["set one.gz"]


def test_progress_can_be_silent(server, tmp_path, capsys):
    download(address(server), tmp_path, progress=False)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


@pytest.mark.parametrize("resumes", [True, False])
def test_an_interrupted_download_goes_on(server, tmp_path, resumes):
    server.resumes, server.stops_at = resumes, 300_000
    with pytest.raises(ConnectionError, match=r"no complete file.*put it at '.*set one\.gz'"):
        download(address(server), tmp_path, CHECKSUM, progress=False)
    part = tmp_path / "set one.gz.part"
    assert part.read_bytes() == CONTENT[:300_000] and not (tmp_path / "set one.gz").exists()
    server.stops_at = None
    path = download(address(server), tmp_path, CHECKSUM, progress=False)
    assert path.read_bytes() == CONTENT and not part.exists()
    assert server.asked == [None, "bytes=300000-"]


def test_a_part_that_is_whole_already_only_gets_its_name(server, tmp_path):
    (tmp_path / "set one.gz.part").write_bytes(CONTENT)
    assert download(address(server), tmp_path, CHECKSUM, progress=False).read_bytes() == CONTENT


def test_without_a_checksum_halves_are_not_put_together(server, tmp_path):
    (tmp_path / "set one.gz.part").write_bytes(b"of another file")
    assert download(address(server), tmp_path, progress=False).read_bytes() == CONTENT
    assert server.asked == [None]


def test_a_wrong_checksum_is_refused_and_the_next_call_starts_afresh(server, tmp_path):
    (tmp_path / "set one.gz.part").write_bytes(b"damaged")
    with pytest.raises(ValueError, match=f"SHA-256 checksum {CHECKSUM}, got "):
        download(address(server), tmp_path, CHECKSUM, progress=False)
    assert list(tmp_path.iterdir()) == []
    assert download(address(server), tmp_path, CHECKSUM, progress=False).read_bytes() == CONTENT


def test_a_damaged_file_that_is_there_is_reported_and_left_alone(server, tmp_path):
    (tmp_path / "set one.gz").write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"delete it and call again"):
        download(address(server), tmp_path, CHECKSUM)
    assert (tmp_path / "set one.gz").read_bytes() == b"mine" and server.asked == []


def test_what_the_server_does_not_have(server, tmp_path):
    with pytest.raises(ConnectionError, match=r"the server answered 404 .*put it at '.*missing\.gz'"):
        download(address(server, "missing.gz"), tmp_path, CHECKSUM)
    assert list(tmp_path.iterdir()) == []


def test_without_network_the_error_says_where_to_put_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    with pytest.raises(ConnectionError, match=r"ConnectionRefusedError.*put it at '.*digits\.gz'"):
        download(url + "digits.gz", tmp_path)
    with pytest.raises(ConnectionError, match=r"put it at '.*train-images-idx3-ubyte\.gz'"):
        datasets.download_mnist(tmp_path, url)
    with pytest.raises(ConnectionError, match=r"put it at '.*cifar-10-binary\.tar\.gz'"):
        datasets.download_cifar10(tmp_path, url + "cifar-10-binary.tar.gz")


def test_a_server_that_says_nothing_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file"
        with pytest.raises(ConnectionError, match=r"put it at"):
            download(url, tmp_path, timeout=0.2)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "http://host/", "file", ""])
def test_other_addresses_are_refused(url, tmp_path):
    with pytest.raises(ValueError, match=r"expected a URL that begins with http"):
        download(url, tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_data_sets_that_are_there_need_no_network(tmp_path, monkeypatch):
    content = b"stands for a file of MNIST"
    checksum = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(mnist_family, "_MNIST_FILES", dict.fromkeys(mnist_family._MNIST_FILES, checksum))
    for name in mnist_family._MNIST_FILES:
        (tmp_path / name).write_bytes(content)
    assert datasets.download_mnist(tmp_path, "http://192.0.2.1/") == tmp_path


def test_the_next_mirror_is_asked_where_one_has_nothing(server, tmp_path):
    mirrors = [address(server, "nothing/set%20one.gz"), address(server)]
    assert download(mirrors, tmp_path, CHECKSUM, progress=False).read_bytes() == CONTENT


def test_the_next_mirror_goes_on_where_one_has_broken_off(server, tmp_path):
    (tmp_path / "set one.gz.part").write_bytes(CONTENT[:300_000])
    mirrors = [f"http://127.0.0.1:{server.server_port}/files/nothing/set%20one.gz", address(server)]
    assert download(mirrors, tmp_path, CHECKSUM, progress=False).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=300000-"


def test_the_next_mirror_is_asked_where_one_delivers_something_else(server, tmp_path):
    server.others["/other/set%20one.gz"] = b"a page that says: log in"
    mirrors = [f"http://127.0.0.1:{server.server_port}/other/set%20one.gz", address(server)]
    assert download(mirrors, tmp_path, CHECKSUM, progress=False).read_bytes() == CONTENT


def test_where_no_mirror_has_the_file_each_is_told_of(server, tmp_path):
    server.others["/other/set%20one.gz"] = b"a page that says: log in"
    mirrors = [address(server, "nothing/set%20one.gz"), f"http://127.0.0.1:{server.server_port}/other/set%20one.gz"]
    with pytest.raises(ValueError, match=r"answered 404.* And then: .*SHA-256"):
        download(mirrors, tmp_path, CHECKSUM, progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("urls", [[], [1], None, ["http://host/one.gz", 2]])
def test_what_are_no_addresses_is_refused(urls, tmp_path):
    with pytest.raises(TypeError, match=r"download: expected url to be text such as"):
        download(urls, tmp_path)


def test_mirrors_of_different_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected addresses of one file, got 'one\.gz', 'two\.gz'"):
        download(["http://host/one.gz", "http://host/two.gz"], tmp_path)


def test_a_set_is_fetched_from_mirrors_and_read(server, tmp_path, monkeypatch):
    """Four files, each from the first mirror that has it."""
    stored = {}
    for number, (name, array) in enumerate(zip(mnist_family._FASHION_FILES, pictures_and_labels(), strict=True)):
        stored[name] = gzip.compress(idx(array))
        server.others[f"/mirror{number % 2}/{name}"] = stored[name]
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in stored.items()}
    monkeypatch.setattr(mnist_family, "_FASHION_FILES", checksums)
    mirrors = [f"http://127.0.0.1:{server.server_port}/mirror{number}/" for number in (0, 1)]
    folder = datasets.download_fashion_mnist(tmp_path / "FashionMNIST", mirrors)
    assert datasets.fashion_mnist(folder).test_labels.tolist() == [2, 0, 9]
    assert datasets.fashion_mnist(tmp_path).class_names[9] == "Ankle boot"


def pictures_and_labels():
    pixels = np.zeros((3, 28, 28), np.uint8)
    return pixels, np.array([7, 8, 9], np.uint8), pixels, np.array([2, 0, 9], np.uint8)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "emnist", "cifar10", "cifar100"])
def test_every_set_says_where_to_put_what_could_not_be_fetched(name, server, tmp_path):
    url = f"http://127.0.0.1:{server.server_port}/nothing/"
    url += {"mnist": "", "fashion_mnist": "", "emnist": "gzip.zip"}.get(name, f"{name}.tar.gz")
    with pytest.raises(ConnectionError, match=r"the server answered 404 .*put it at '.*(gz|zip)'"):
        getattr(datasets, f"download_{name}")(tmp_path, url)
