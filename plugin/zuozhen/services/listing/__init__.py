"""What registers and reports share: FEEL over many cases, periods, and one pass over the cases."""
