from tests.calls.conftest import house_settings, line, voices

__all__ = ["house_settings", "line", "voices"]
