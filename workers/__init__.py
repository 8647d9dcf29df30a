"""Celery tasks, the dispatcher loop, periodic jobs and pacing."""
