"""The trails: who saw, decided and signed what content."""
