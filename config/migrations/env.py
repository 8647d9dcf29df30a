"""How Alembic reaches the database: by the connection that `config.migrate` hands over."""

from alembic import context

from config.models import metadata


def run() -> None:
    """Run within the given connection's transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
