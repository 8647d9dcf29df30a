"""What the composer's small buttons do to the form. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Final

from alerts.lifecycle.console.fields import put_texts, tags_of, text_field
from alerts.lifecycle.console.meters import plainer
from alerts.lifecycle.ready import Template, get_template
from registry.errors import NotFound
from registry.i18n import OFFICER_LANGUAGES
from registry.places import normalise_language
from registry.web.forms import Form
from registry.web.language import gettext as _


def step(form: Form, action: str, wanted: Callable[[], Iterable[str]] = tuple) -> None:
    """Do what a button's value names, such as "drop:fr"; anything else changes nothing.

    `wanted` finds the languages of the people in the form's audience; it is asked only for a ready text.
    """
    word, _, argument = action.partition(":")
    found = STEPS.get(word)
    if found:
        found(form, argument)
    elif word == "template":
        _template(form, wanted)


def _add(form: Form, tag: str) -> None:
    """Make room for texts in one more language: the button's, or the one chosen beside it."""
    wanted = normalise_language((tag or form.value("add_tag"))[:40])
    if wanted is None:
        form.fail("add_tag", _("Add a language: choose one first."))
    elif wanted not in tags_of(form):
        form.values.add("tags", wanted)
        with suppress(NotFound):
            put_texts(form.values, _only(get_template(form.value("begun")), {wanted}))
    form.values["add_tag"] = ""


def _drop(form: Form, tag: str) -> None:
    form.values.setlist("tags", [other for other in tags_of(form) if other != tag])


def _plain(form: Form, tag: str) -> None:
    name = text_field(tag, "sms")
    form.values[name] = plainer(form.value(name))


def _template(form: Form, wanted: Callable[[], Iterable[str]]) -> None:
    """Take over a ready text in the languages that are needed; whatever stands in their fields is replaced.

    Until an audience is chosen, those are the form's own and the officers'.
    """
    try:
        chosen = get_template(form.value("template"))
    except NotFound:
        form.fail("template", _("Ready text: choose one first."))
        return
    needed = {*tags_of(form), *(wanted() if form.values.getlist("countries") else OFFICER_LANGUAGES)}
    names = ("type", "crisis", "level", "severity")
    form.values.update({"template": "", "begun": chosen.id} | {name: getattr(chosen, name) for name in names})
    put_texts(form.values, _only(chosen, needed))


def _only(template: Template, tags: Collection[str]) -> dict[str, dict[str, str]]:
    return {tag: words for tag, words in template.texts.items() if tag in tags}


STEPS: Final[dict[str, Callable[[Form, str], None]]] = {
    "add": _add,
    "drop": _drop,
    "plain": _plain,
}
