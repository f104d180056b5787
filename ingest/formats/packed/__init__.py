"""Files that hold other files: archives of files and of the web."""
