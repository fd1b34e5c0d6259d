"""Fault tests: real workers, a real broker and PostgreSQL, and things that go wrong on purpose.

    python -m tests.faults                 # minutes: 200 jobs, 10 kills on each broker, and the other faults once
    python -m tests.faults --full          # the numbers of the promises: 500 jobs, 50 kills, 20 restarts, …
    python -m tests.faults kills --broker redis --json FILE

Needs the servers of ``scripts/services``, which are started if they are not running. Only those are ever killed.
``test_faults.py`` runs a short version of each scenario inside the test suite.
"""
