"""`rollcall keys`: the keys that seal the registry. (`rollcall key` makes keys for programs.)"""

from __future__ import annotations

import sys
import time

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import Misconfigured
from config.runtime import Runtime, runtime
from registry.audit.services import record, system
from registry.custody import capital, making, rewrapping, rotation
from registry.custody.models import Rewrap
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation, Post
from registry.organisations.services import find_organisation, keys_of
from registry.people.models import Person
from registry.posts.services import find_post


@click.group()
def command() -> None:
    """Rotate the keys that seal the registry, make the capital's, restore a post."""


@command.command(short_help="Make new keys and seal every person by them.")
@click.option("--organisation", help="Only this one.  [default: all]")
@click.option(
    "--master", is_flag=True, help="Seal organisations' keys by MASTER_KEY, off MASTER_KEY_PREVIOUS."
)
def rotate(organisation: str | None, master: bool) -> None:
    """Make new keys for organisations and posts, and seal every person's key by them, while the service runs.

    May be stopped at any time: a running dispatcher goes on, and so does this command when it is called again.
    """
    with runtime(pool_size=1, statement_timeout=120) as process:
        with unscoped() as session:
            wanted = [(one.id, one.name) for one in _chosen(session, organisation)]
        for number, name in wanted:
            if master:
                with scoped(number) as session:
                    changed = rotation.reseal(session, process.keyring, number)
                    if changed:
                        record(session, system(number), "keys.master")
                click.echo(
                    f"{name}: {'sealed by the new master key' if changed else 'was sealed by it already'}"
                )
            else:
                _rotate(process, number, name)


def _chosen(session: Session, name: str | None) -> list[Organisation]:
    if name is None:
        return list(session.scalars(select(Organisation).order_by(Organisation.id)))
    found = find_organisation(session, name)
    if found is None:
        raise Misconfigured(f"there is no organisation {name!r}")
    return [found]


def _rotate(process: Runtime, number: int, name: str) -> None:
    with scoped(number) as session:
        walk = _open_walk(session, number)
        if walk and walk.rotation:
            click.echo(f"{name}: going on with the rotation of {walk.started_at:%Y-%m-%d %H:%M} UTC")
        else:
            rotation.rotate(session, process.keyring, number)
            record(session, system(number), "keys.rotate")
        people = session.scalar(select(func.count()).select_from(Person)) or 0
    with click.progressbar(length=people, label=name, show_pos=True) as bar:
        while True:
            with scoped(number) as session:
                moved = rewrapping.step(session, process.keyring, number)
                walk = _open_walk(session, number)
            if walk is None:
                bar.update(people - bar.pos)
                break
            bar.update(walk.people - bar.pos)
            if not moved:  # the dispatcher is at it
                time.sleep(0.2)
    click.echo(f"{name}: every person's key is sealed by new keys")


def _open_walk(session: Session, number: int) -> Rewrap | None:
    return session.scalar(
        select(Rewrap).where(Rewrap.organisation_id == number, Rewrap.finished_at.is_(None))
    )


@command.command()
@click.option("--organisation", required=True)
def capital_new(organisation: str) -> None:
    """Make the two halves of the capital's key and print them: they are shown once and kept nowhere.

    Give each to another officer, far from any post. Both together bring a shredded post back.
    """
    with runtime(pool_size=1) as process:
        with unscoped() as session:
            number = _chosen(session, organisation)[0].id
        with scoped(number) as session:
            halves = capital.new_capital(session, process.keyring, number)
            record(session, system(number), "keys.capital")
    click.echo("For one officer, then for another:", err=True)
    for half in halves:
        click.echo(half)


@command.command()
@click.option("--organisation", help="Needed when there are several.")
@click.option("--post", required=True, help="The post that was shredded.")
def restore(organisation: str | None, post: str) -> None:
    """Make a shredded post readable again; asks for both halves of the capital's key."""
    with runtime(pool_size=1) as process:
        with unscoped() as session:
            bodies = _chosen(session, organisation)
            if len(bodies) != 1:
                raise Misconfigured("there are several organisations: name one with --organisation")
            number = bodies[0].id
            if find_post(session, number, post) is None:
                raise Misconfigured(f"there is no post {post!r}")
        first, second = (
            click.prompt(f"{which} half", hide_input=sys.stdin.isatty(), err=True)
            for which in ("One", "Other")
        )
        with scoped(number) as session:
            found = find_post(session, number, post)
            assert found
            body = session.get_one(Organisation, number)
            capital.restore(session, process.keyring, body, found, first, second)
            record(session, system(number), "post.restored", found.public_id)
    click.echo(f"{post} is readable again. Now give it a new key: rollcall keys rotate")


@command.command("list")
def list_keys() -> None:
    """Say where every organisation's and post's key stands."""
    with runtime(pool_size=1) as process, unscoped() as session:
        for body in session.scalars(select(Organisation).order_by(Organisation.id)):
            newest = "newest" if process.keyring.is_newest(body.wrapped_key) else "previous"
            walk = _open_walk(session, body.id)
            busy = f", {walk.people} people sealed anew so far" if walk else ""
            copies = "with" if making.newest_capital(session, body.id) else "without"
            click.echo(f"{body.name}: sealed by the {newest} master key, {copies} a capital's key{busy}")
            keys = keys_of(process.keyring, body)
            for post in session.scalars(
                select(Post).where(Post.organisation_id == body.id).order_by(Post.id)
            ):
                state = "shredded" if post.shredded_at else "readable" if keys.has_post(post.id) else "AWAY"
                click.echo(f"  {post.name}: {state}")
