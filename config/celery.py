"""The Celery application. No task matters: every one may be lost, doubled or late (DESIGN §4)."""

from __future__ import annotations

from celery import Celery

from config.embedded import kombu_url
from workers.runtime import WorkerRuntime

REDIS = {
    "socket_timeout": 10,  # without it a half-open connection never recovers
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": True,
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "max_retries": 0,  # the dispatcher sends the batch itself rather than wait for a broker
}
RABBITMQ = {
    "confirm_publish": True,  # else a task that no node took looks published
    "confirm_timeout": 5.0,  # a half-open connection must not hold the dispatcher up
    "read_timeout": 10,
    "write_timeout": 10,
    "max_retries": 0,  # as above
}


def make_celery(broker_url: str, runtime: WorkerRuntime | None = None) -> Celery:
    """Celery on a Redis or Valkey address in redis-py's spelling, or on RabbitMQ's quorum queues.

    `runtime` is what tasks work with.
    """
    rabbitmq = broker_url.startswith("amqp")
    app = Celery("rollcall", broker=kombu_url(broker_url), include=["workers.tasks"])
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
        broker_transport_options=RABBITMQ if rabbitmq else REDIS,
        broker_connection_timeout=3,
        broker_heartbeat=10,  # RabbitMQ only: a consumer whose connection died without a word connects anew
        broker_pool_limit=4,
        task_default_queue="deliveries",
        # Replicated by Raft, so that they outlive a node. No priorities: urgent alerts have a queue of their own.
        task_default_queue_type="quorum" if rabbitmq else "classic",
        task_create_missing_queue_type="quorum" if rabbitmq else "classic",
        task_default_exchange_type="direct",
        worker_detect_quorum_queues=True,  # they know no prefetch for a whole channel
        timezone="UTC",
    )
    app.rollcall_runtime = runtime
    app.set_current()
    return app
