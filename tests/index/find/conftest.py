"""What the tests of the vector views share."""

from __future__ import annotations

import pytest

from newsdesk.catalogue.vectors import Model, StoredVectors


@pytest.fixture
def model(vectors: StoredVectors) -> Model:
    """The one the vectors are of."""
    active = vectors.active()
    assert active is not None
    return active
