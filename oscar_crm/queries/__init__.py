"""The read side: one module per area. Whatever a user sees passes ``visible_to(user)``."""
