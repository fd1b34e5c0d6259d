"""What ``python manage.py demo`` is made of: a worker process, a watched queue, a contact sheet."""
