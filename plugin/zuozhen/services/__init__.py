"""Use cases: one file per theme, one transaction per act. The only floor that joins the organs."""
