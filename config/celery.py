"""The Celery application. No task matters: every one may be lost, doubled or late (DESIGN §4)."""

from __future__ import annotations

from celery import Celery

from config.embedded import kombu_url
from workers.runtime import WorkerRuntime


def make_celery(redis_url: str, runtime: WorkerRuntime | None = None) -> Celery:
    """Celery on a Redis or Valkey address in redis-py's spelling. `runtime` is what tasks work with."""
    app = Celery("rollcall", broker=kombu_url(redis_url), include=["workers.tasks"])
    app.conf.update(
        task_ignore_result=True,  # the ledger is the result
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=False,  # a lost task is found again in the database; a doubled one finds nothing to do
        task_reject_on_worker_lost=False,  # would run a poisonous task for ever
        worker_prefetch_multiplier=1,  # a batch waiting in one worker's hands is a batch late
        worker_enable_prefetch_count_reduction=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # would kill batches that are being sent
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_soft_shutdown_timeout=10,  # lets a batch finish on a deploy
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 10,  # without it a half-open connection never recovers
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 10,
            "retry_on_timeout": True,
            "visibility_timeout": 60,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "max_retries": 0,  # the dispatcher sends the batch itself rather than wait for a broker
        },
        broker_pool_limit=4,
        task_default_queue="deliveries",
        timezone="UTC",
    )
    app.rollcall_runtime = runtime
    app.set_current()
    return app
