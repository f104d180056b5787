"""`python -m newsdesk` is the `newsdesk` command."""

from app.commands.main import main

main()
