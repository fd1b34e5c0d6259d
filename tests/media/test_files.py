"""Bytes are put once, whole, under a name that says what they are, in any storage."""

from __future__ import annotations

import threading
from pathlib import Path
from unittest import mock

import pytest
from django.core.files.storage import FileSystemStorage, storages
from django.db import OperationalError

from shop_genai.errors import InputMissing, StorageUnavailable
from shop_genai.media import files
from tests.media.remote import RemoteStorage

NAME = files.named("genai/results/ab", "full", b"bytes", ".jpg")


@pytest.fixture
def folder(tmp_path: Path) -> FileSystemStorage:
    return FileSystemStorage(location=tmp_path)


def test_a_name_holds_the_hash_of_its_bytes() -> None:
    # sha256(b"bytes") begins with these 16 hex digits
    assert NAME == "genai/results/ab/full-277089d91c0bdf4f.jpg"
    assert files.named("f", "s", b"bytes", "") != files.named("f", "s", b"other", "")


def test_a_persons_folder_does_not_name_the_person() -> None:
    folder = files.person_folder("ann@example.org")
    assert folder.startswith(files.PRIVATE)
    assert "ann" not in folder
    assert folder == files.person_folder("ann@example.org")
    assert folder != files.person_folder("bob@example.org")


def test_put_twice_is_one_file(folder: FileSystemStorage, tmp_path: Path) -> None:
    assert files.put(folder, NAME, b"bytes") == files.put(folder, NAME, b"bytes") == NAME
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(NAME).name]
    assert files.get(folder, NAME) == b"bytes"


def test_a_damaged_file_is_healed_by_putting_it_again(folder: FileSystemStorage, tmp_path: Path) -> None:
    files.put(folder, NAME, b"bytes")
    (tmp_path / NAME).write_bytes(b"byt")
    files.put(folder, NAME, b"bytes")
    assert files.get(folder, NAME) == b"bytes"


def test_a_crash_while_writing_leaves_no_half_file(folder: FileSystemStorage, tmp_path: Path) -> None:
    with (
        mock.patch("os.fsync", side_effect=OSError("no space left")),
        pytest.raises(StorageUnavailable),
    ):
        files.put(folder, NAME, b"bytes")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_readers_never_see_a_half_file(folder: FileSystemStorage) -> None:
    data = bytes(2_000_000)
    files.put(folder, NAME, data)
    lengths = set()
    writer = threading.Thread(target=lambda: [files.put(folder, NAME, data) for _round in range(20)])
    writer.start()
    while writer.is_alive():
        lengths.add(len(files.get(folder, NAME)))
    writer.join()
    assert lengths == {len(data)}


def test_files_get_the_storages_mode(tmp_path: Path) -> None:
    strict = FileSystemStorage(location=tmp_path, file_permissions_mode=0o600)
    files.put(strict, NAME, b"bytes")
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_names_cannot_leave_the_storage(folder: FileSystemStorage, tmp_path: Path) -> None:
    for name in ("../outside.jpg", "/etc/outside.jpg"):
        with pytest.raises(StorageUnavailable):
            files.put(folder, name, b"bytes")
    assert not (tmp_path.parent / "outside.jpg").exists()


def test_a_missing_file_is_said_to_be_missing(folder: FileSystemStorage) -> None:
    with pytest.raises(InputMissing) as refusal:
        files.get(folder, "genai/none.jpg")
    assert refusal.value.code == "input_missing"
    files.delete(folder, "genai/none.jpg")
    assert files.delete_folder(folder, "genai/none") == 0


def test_a_folder_is_deleted_with_all_below_it(folder: FileSystemStorage, tmp_path: Path) -> None:
    for name in ("genai/a/1.jpg", "genai/a/b/2.jpg", "genai/c/3.jpg"):
        files.put(folder, name, b"bytes")
    assert files.delete_folder(folder, "genai/a") == 2
    assert not (tmp_path / "genai/a").exists()
    assert files.get(folder, "genai/c/3.jpg") == b"bytes"


def test_any_error_of_a_backend_is_a_coded_one(remote: type[RemoteStorage]) -> None:
    remote.down = True
    for call in (
        lambda: files.put("default", NAME, b"bytes"),
        lambda: files.get("default", NAME),
        lambda: files.delete("default", NAME),
        lambda: files.delete_folder("default", "genai"),
        lambda: files.get("no such alias", NAME),
    ):
        with pytest.raises(StorageUnavailable) as refusal:
            call()
        assert refusal.value.retryable


def test_errors_of_the_database_and_our_own_pass_through() -> None:
    for error in (OperationalError("gone"), InputMissing("gone")):
        with pytest.raises(type(error)), files.storage_errors():
            raise error


def test_an_object_store_without_paths(remote: type[RemoteStorage]) -> None:
    assert files.put("default", NAME, b"bytes") == NAME
    assert files.put("default", NAME, b"bytes") == NAME
    assert [verb for verb, _name in remote.log].count("save") == 1  # the second time it is there already
    assert files.get("default", NAME) == b"bytes"
    assert files.delete_folder("default", "genai") == 1
    assert remote.objects == {}
    with pytest.raises(InputMissing):
        files.get("default", NAME)


def test_a_lost_race_in_an_object_store_leaves_one_object(remote: type[RemoteStorage]) -> None:
    files.put("default", NAME, b"bytes")
    remote.blind = True
    assert files.put("default", NAME, b"bytes") == NAME
    assert remote.objects == {NAME: b"bytes"}


@pytest.mark.usefixtures("memory")
def test_a_storage_in_memory() -> None:
    for _time in range(2):
        assert files.put(storages["default"], NAME, b"bytes") == NAME
    assert files.get("default", NAME) == b"bytes"
    assert files.delete_folder("default", "genai") == 1
