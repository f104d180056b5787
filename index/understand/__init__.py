"""What a question asks for: standing alone, of which days, a fact or a list, of what type."""
