"""Questions with one right answer, in the languages that are read."""

from __future__ import annotations

import pytest

from dataprep.text.evidence.conflict import conflict

OTHER_ANSWERS = [
    ("Quelle est la capitale de l'Australie ?", "Canberra", "Sydney"),
    ("Qui a écrit Les Misérables ?", "Victor Hugo", "Émile Zola"),
    ("¿Quién pintó el Guernica?", "Picasso", "Dalí"),
    ("Was ist die Hauptstadt von Australien?", "Canberra", "Sydney"),
    ("Welcher Planet ist der größte?", "Jupiter", "Saturn"),
    ("Qual é o maior planeta?", "Júpiter", "Saturno"),
    ("Какая столица Канады?", "Оттава", "Торонто"),
]
PERHAPS_OTHER_ANSWERS = [
    ("Chi ha dipinto la Gioconda?", "Leonardo da Vinci", "Michelangelo"),
    ("¿Cuál es la moneda de Japón?", "El yen", "El won"),
    ("Was ist die Hauptstadt von Australien?", "Die Hauptstadt ist Canberra.", "Die Hauptstadt ist Sydney."),
    ("Wo liegt die Zentrale?", "In Berlin", "In Deutschland"),
    ("红楼梦的作者是谁？", "曹雪芹", "高鹗"),
    ("红楼梦的作者是谁？", "《红楼梦》的作者是曹雪芹。", "《红楼梦》的作者是罗贯中。"),
    ("日本の首都はどこですか？", "東京です。", "京都です。"),
    ("ما هي عاصمة أستراليا؟", "كانبرا", "سيدني"),
]
ONE_ANSWER = [
    ("Quelle est la capitale de l'Australie ?", "Canberra", "La capitale de l'Australie est Canberra."),
    ("¿Quién escribió el Quijote?", "Cervantes", "Miguel de Cervantes Saavedra"),
    ("Wer schrieb den Faust?", "Johann Wolfgang von Goethe", "Der Faust stammt von Goethe."),
    ("Кто написал Войну и мир?", "Толстой", "Лев Толстой"),
    ("红楼梦的作者是谁？", "作者是曹雪芹。", "作者为曹雪芹。"),
    ("中国的首都是哪里？", "北京", "北京市"),
    ("日本の首都はどこですか？", "東京です。", "東京都です。"),
    ("谁可以帮助我？", "客服", "技术支持"),
    ("Was ist die Währung der Schweiz?", "Der Schweizer Franken", "CHF"),
]
NO_ONE_ANSWER = [
    ("Was ist Photosynthese?", "Ein Prozess", "Umwandlung von Licht"),
    ("Welche Länder grenzen an Deutschland?", "Frankreich", "Polen"),
    ("Quelle ville recommandez-vous ?", "Lyon", "Bordeaux"),
    ("¿Quién es el mejor jugador?", "Messi", "Ronaldo"),
    ("Welches Tier magst du am liebsten?", "Hunde", "Katzen"),
    ("Какой язык лучше учить?", "Python", "Java"),
    ("哪个城市最漂亮？", "杭州", "苏州"),
    ("Who is the best player?", "Messi", "Ronaldo"),
]


@pytest.mark.parametrize(("prompt", "left", "right"), OTHER_ANSWERS)
def test_another_name_is_an_error(prompt: str, left: str, right: str) -> None:
    found = conflict(left, right, prompt)
    assert found is not None
    assert (found.kind, found.severity) == ("value", "error")


@pytest.mark.parametrize(("prompt", "left", "right"), PERHAPS_OTHER_ANSWERS)
def test_what_may_be_another_name_is_a_note(prompt: str, left: str, right: str) -> None:
    found = conflict(left, right, prompt)
    assert found is not None
    assert (found.kind, found.severity) == ("value", "note")


@pytest.mark.parametrize(("prompt", "left", "right"), ONE_ANSWER)
def test_one_name_in_other_words(prompt: str, left: str, right: str) -> None:
    assert conflict(left, right, prompt) is None


@pytest.mark.parametrize(("prompt", "left", "right"), NO_ONE_ANSWER)
def test_names_that_may_all_be_right(prompt: str, left: str, right: str) -> None:
    assert conflict(left, right, prompt) is None


def test_only_what_differs_is_shown() -> None:
    found = conflict("《红楼梦》的作者是曹雪芹。", "《红楼梦》的作者是罗贯中。", "红楼梦的作者是谁？")
    assert found is not None
    assert found.describe() == "曹雪芹 vs 罗贯中"
