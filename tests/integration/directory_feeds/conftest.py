"""The real directories beside the checkout; a test that needs one that is not there is skipped, and says so."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def data(request: pytest.FixtureRequest) -> Path:
    """The folder of a real directory, named by the test module's `FOLDER`."""
    folder = DATA / str(request.module.FOLDER)
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder.relative_to(DATA.parents[1])} beside the checkout")
    return folder
