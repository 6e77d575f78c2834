"""Input that cannot be meant, and directories that cannot be used: one clear line each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from certify.search import search
from certify.search.setting import make_setting

BAD: list[tuple[dict[str, Any], str]] = [
    ({"students": 0}, "students must be"),
    ({"students": 2.5}, "students must be"),
    ({"students": True}, "students must be"),
    ({"students": 2, "teachers": 0}, "teachers must be"),
    ({"students": 2, "starts": 0}, "starts must be"),
    ({"students": 2, "workers": 0}, "workers must be"),
    ({"students": 2, "seed": -1}, "seed must be"),
    ({"students": 2, "teachers": 3, "dimension": 2}, "dimension 2 is too small"),
    ({"students": 2, "teacher": np.eye(3), "teachers": 2}, "has 3 rows"),
    ({"students": 2, "teacher": np.eye(3), "dimension": 2}, "dimension 2 is too small"),
    ({"students": 2, "teacher": [1.0, 2.0]}, "must be a matrix"),
    ({"students": 2, "teacher": np.ones((0, 3))}, "must be a matrix"),
    ({"students": 2, "teacher": [[1.0], [1.0, 2.0]]}, "not an array of real numbers"),
    ({"students": 2, "teacher": [["a"]]}, "not an array of real numbers"),
    ({"students": 2, "teacher": [[1.0, np.nan]]}, "not a finite number"),
    ({"students": 2, "teacher": [[1.0, np.inf]]}, "not a finite number"),
    ({"students": 2, "teacher": [[1.0, 0.0], [0.0, 0.0]]}, "zero"),
    ({"students": 2, "teacher": [[1e200, 0.0]]}, "too long"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        search(**arguments)
    assert "\n" not in str(error.value)


def test_defaults_and_padding() -> None:
    setting = make_setting(3, 2, dimension=4)
    assert (setting.teacher == np.eye(2, 4)).all()
    assert (make_setting(3).teacher == np.eye(3)).all()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"students": 3}, "number of students"),
        ({"students": 2, "teachers": 3}, "number of teachers"),
        ({"students": 2, "dimension": 3}, "dimension"),
        ({"students": 2, "seed": 1}, "seed"),
        ({"students": 2, "teacher": 2.0 * np.eye(2)}, "teacher"),
    ],
)
def test_a_directory_of_another_search(tmp_path: Path, other: dict[str, Any], message: str) -> None:
    search(2, 2, starts=1, directory=tmp_path, workers=1)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InputError, match=f"another {message}"):
        search(**{"teachers": 2, **other} if "teacher" not in other else other, starts=1, directory=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(InputError, match="cannot be used as a directory"):
        search(2, directory=tmp_path / "file")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "search.sqlite").write_text("this is no database, whatever its name may say " * 50)
    with pytest.raises(InputError, match="cannot be used as a search database"):
        search(2, directory=tmp_path)
