"""Publishers' files in, our tables out: one room per publisher; their column names stop here."""
