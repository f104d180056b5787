"""From passages to answers: the views (keyword, vectors), the retriever, the answerer, the query engine."""
