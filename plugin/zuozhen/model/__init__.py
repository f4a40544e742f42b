"""Values and errors that every floor shares. Imports nothing but the standard library."""
