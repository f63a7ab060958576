from tests.calls.conftest import house_settings, line, prompts, voices

__all__ = ["house_settings", "line", "prompts", "voices"]
