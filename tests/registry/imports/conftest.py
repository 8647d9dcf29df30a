from __future__ import annotations

import pytest

from registry.crypto import Keyring
from tests.registry.imports.files import Files


@pytest.fixture
def files(database: str, keyring: Keyring) -> Files:
    return Files.of(keyring, "Consulate of Freedonia")
