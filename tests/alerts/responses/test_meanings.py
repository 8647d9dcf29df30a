from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.responses.meanings import answered_by_provider, understand
from alerts.responses.models import Meaning

SAFE = [
    "1", "١", "۱", "१", "1.", " 1 ", "1️⃣", "①", "1!", "111", "1 safe", "one", "uno", "un", "واحد",
    "safe", "SAFE", "Safe!", "sfae", "saffe", "saaaafe", "I am safe", "we are fine", "I'm ok", "alive, thank you",
    "No, I'm safe", "no problem", "no help needed", "I don't need help", "nobody hurt",
    "en sécurité", "Je suis en sécurité", "sains et saufs", "tout va bien", "pas besoin d'aide", "ça va",
    "a salvo", "Estoy bien", "estamos todos a salvo", "no necesito ayuda",
    "أنا بخير", "بأمان", "نحن في أمان", "الحمد لله نحن بخير", "لا أحتاج مساعدة", "سالمين",
]  # fmt: skip

HELP = [
    "2", "٢", "۲", "२", "2.", "2️⃣", "2 help", "2 please come", "1 2", "two", "dos", "deux", "اثنان",
    "help", "HELP!!", "hlep", "heeeelp", "please help me", "SOS", "we are trapped", "my leg is hurt",
    "I'm not safe", "not safe here", "safe but we need water", "I do not know if I am safe", "stop the shooting, help",
    "à l'aide", "au secours", "aidez-moi", "je ne suis pas en sécurité", "je suis blessée", "nous sommes bloqués",
    "ayuda", "auxilio", "no estoy a salvo", "estamos atrapados", "necesito agua",
    "مساعدة", "النجدة", "لست بأمان", "نحن محاصرون", "أنا لست بخير", "أحتاج طبيب",
]  # fmt: skip

STOP = [
    "STOP", "stop", "Stop.", "stop please", "please stop sending me messages", "unsubscribe", "opt-out", "END",
    "quit", "stop all", "remove me", "arrêtez s'il vous plaît", "me désabonner", "baja", "parar por favor",
    "no más mensajes", "توقف", "إلغاء الاشتراك", "أوقفوا الرسائل من فضلك",
]  # fmt: skip

START = ["START", "start again please", "unstop", "YES", "reprendre", "iniciar", "ابدأ"]

ERASE = [
    "ERASE",
    "erase 4821",
    "please erase me",
    "Effacer ٤٨٢١",
    "borrar 4821",
    "محو",
    "محو ٤٨٢١",
    "Delete my data!",
]
OTHER = [
    "", " ", "?", "👍", "ok", "hello", "where is the consulate", "don't stop", "is it safe?", "Is it safe to leave",
    "safe?", "¿Es seguro salir?", "هل المكان آمن؟", "10 people live in this house with me", "\x00", "\ud83d",
]  # fmt: skip


UNDERSTOOD = [meaning for meaning in Meaning if meaning is not Meaning.ANSWER]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (text, meaning)
        for meaning, texts in zip(UNDERSTOOD, (SAFE, HELP, STOP, START, ERASE, OTHER), strict=True)
        for text in texts
    ],
)
def test_what_people_write_is_understood(text: str, meaning: Meaning) -> None:
    assert understand(text) is meaning


def test_a_question_for_help_is_a_call_for_help() -> None:
    assert understand("can you help?") is Meaning.HELP


@given(st.text(max_size=400))
def test_any_text_means_something(text: str) -> None:
    assert understand(text) in Meaning


@given(st.text(alphabet="safe help not 12 \n.,?", max_size=60))
def test_a_leading_two_is_never_safe(text: str) -> None:
    assert understand("2 " + text) is Meaning.HELP


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "END", "yes", "START"])
def test_single_words_are_left_to_twilio_to_answer(word: str) -> None:
    assert answered_by_provider(word)


@pytest.mark.parametrize("text", ["stop please", "arrêtez", "1", "help"])
def test_all_else_is_ours_to_answer(text: str) -> None:
    assert not answered_by_provider(text)
