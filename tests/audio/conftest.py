"""Assertions in the shared contract explain themselves like those of a test module."""

import pytest

pytest.register_assert_rewrite("tests.audio.contract")
