"""The reader: question and passages in, answer spans out. Training it is here too, reading uses `index.reader.reader`."""
