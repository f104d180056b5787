"""The questions: evaluation folders, SQuAD's files, and readers' feedback made into questions."""
