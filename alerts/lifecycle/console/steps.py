"""What the composer's small buttons do to the form. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from alerts.lifecycle.console.fields import put_texts, tags_of, text_field
from alerts.lifecycle.console.meters import plainer
from alerts.lifecycle.ready import get_template
from registry.errors import NotFound
from registry.places import normalise_language
from registry.web.forms import Form


def step(form: Form, action: str) -> None:
    """Do what a button's value names, such as "drop:fr"; anything else changes nothing."""
    word, _, argument = action.partition(":")
    found = STEPS.get(word)
    if found:
        found(form, argument)


def _add(form: Form, tag: str) -> None:
    """Make room for texts in one more language: the button's, or the one chosen beside it."""
    wanted = normalise_language((tag or form.value("add_tag"))[:40])
    if wanted is None:
        form.fail("add_tag", "Add a language: choose one first.")
    elif wanted not in tags_of(form):
        form.values.add("tags", wanted)
    form.values["add_tag"] = ""


def _drop(form: Form, tag: str) -> None:
    form.values.setlist("tags", [other for other in tags_of(form) if other != tag])


def _plain(form: Form, tag: str) -> None:
    name = text_field(tag, "sms")
    form.values[name] = plainer(form.value(name))


def _template(form: Form, _: str) -> None:
    """Take over a ready text; whatever stands in its languages' fields is replaced."""
    try:
        chosen = get_template(form.value("template"))
    except NotFound:
        form.fail("template", "Ready text: choose one first.")
        return
    names = ("type", "crisis", "level", "severity")
    form.values.update({"template": ""} | {name: getattr(chosen, name) for name in names})
    put_texts(form.values, chosen.texts)


STEPS: Final[dict[str, Callable[[Form, str], None]]] = {
    "add": _add,
    "drop": _drop,
    "plain": _plain,
    "template": _template,
}
