"""Rooms whose modules are loaded when they are asked for."""

import importlib

import pytest

ROOMS = {"Layers": "Conv", "Optimization": "Loss", "Models": "LeNet"}


@pytest.mark.parametrize("room, module", ROOMS.items())
def test_a_module_is_loaded_when_it_is_asked_for(room, module, monkeypatch):
    package, wanted = importlib.import_module(room), importlib.import_module(f"{room}.{module}")
    monkeypatch.delattr(package, module)
    assert getattr(package, module) is wanted
    assert module in dir(package)


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_no_module_is_no_attribute(room):
    with pytest.raises(AttributeError, match=f"module '{room}' has no attribute 'Nothing'"):
        _ = importlib.import_module(room).Nothing


@pytest.mark.parametrize("room, module", ROOMS.items())
def test_a_file_that_a_student_has_not_written_is_no_attribute(room, module, monkeypatch):
    package = importlib.import_module(room)
    importlib.import_module(f"{room}.{module}")
    monkeypatch.delattr(package, module)

    def missing(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(AttributeError, match=f"module '{room}' has no attribute '{module}'"):
        getattr(package, module)


@pytest.mark.parametrize("room, module", ROOMS.items())
def test_a_file_that_misses_something_says_what(room, module, monkeypatch):
    package = importlib.import_module(room)
    importlib.import_module(f"{room}.{module}")
    monkeypatch.delattr(package, module)

    def missing(name):
        raise ModuleNotFoundError("No module named 'numpyy'", name="numpyy")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="numpyy"):
        getattr(package, module)
