"""From the outside world to articles and passages: sources, one reader per format, cleaning, splitting."""
