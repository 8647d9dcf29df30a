"""The composition root: settings, the Flask factory, the Celery app, the command line and migrations."""
