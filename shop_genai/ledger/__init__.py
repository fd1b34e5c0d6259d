"""The queue's truth, and the only writer of ``Job.status``.

Every step is one conditional UPDATE: it names the status it starts from and, where a worker speaks, the fence
under which that worker claimed the job. A step that comes too late changes nothing and says so. Each change
and the ``JobEvent`` that tells of it are one transaction.

    QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED | EXPIRED
    RUNNING → QUEUED   a failure worth another try, a worker that gave the job back, or a worker that died
    RUNNING → DEAD     after ``MAX_CRASHES`` workers died with it
"""

from shop_genai.ledger.claiming import claim, heartbeat
from shop_genai.ledger.closing import close_cancelled, close_expired, fail, finish, finish_many, give_back
from shop_genai.ledger.database import jobs, now, write_alias
from shop_genai.ledger.lanes import count_claims, lift, press, release
from shop_genai.ledger.requests import active_key, ahead, cancel, enqueue, enqueue_many, forget_answer, retry
from shop_genai.ledger.sweeping import SweepReport, due, sweep
from shop_genai.ledger.values import Claim, Finished, Verdict

__all__ = [
    "Claim",
    "Finished",
    "SweepReport",
    "Verdict",
    "active_key",
    "ahead",
    "cancel",
    "claim",
    "close_cancelled",
    "close_expired",
    "count_claims",
    "due",
    "enqueue",
    "enqueue_many",
    "fail",
    "finish",
    "finish_many",
    "forget_answer",
    "give_back",
    "heartbeat",
    "jobs",
    "lift",
    "now",
    "press",
    "release",
    "retry",
    "sweep",
    "write_alias",
]
