"""Grammars of every language, held against who knows it better: num2words, and its model where it is here."""

import pytest
import vosk

from tests.grammar.conftest import ROOT
from tests.grammar.test_readings import SHIPPED
from voicebot.cli.furnish import wording_for
from voicebot.grammar import unknown_words
from voicebot.settings import Settings
from voicebot.speech import MODELS_FOLDER, read_manifest

NUMBERS = [*range(130), *range(190, 10_000, 83), *range(10_000, 100_000, 4_999)]


@pytest.mark.parametrize("language", SHIPPED)
def test_every_number_that_num2words_can_say_is_read_back(language: str) -> None:
    formats, numbers = wording_for(Settings(), language).formats, SHIPPED[language]["numbers"]
    said = {number: formats.number(number) for number in NUMBERS}
    assert {
        number: words
        for number, words in said.items()
        if str(number) not in [reading.text for reading in numbers.read(words.split())[:1]]
    } == {}


@pytest.mark.parametrize("language", SHIPPED)
def test_the_model_of_the_language_knows_every_word_where_it_is_on_this_machine(language: str) -> None:
    spoken = language.partition("-")[0]
    folders = [
        MODELS_FOLDER / model.name
        for model in read_manifest(ROOT / "models").values()
        if model.language.partition("-")[0] == spoken and (MODELS_FOLDER / model.name).is_dir()
    ]
    if not folders:
        pytest.skip(f"no model of {language} is on this machine; its grammars are tested as text")
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(folders[0]))
    unknown = unknown_words(SHIPPED[language].values(), lambda word: bool(model.vosk_model_find_word(word) >= 0))
    assert [str(word) for word in unknown] == []
