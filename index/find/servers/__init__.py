"""The vector view on Chroma servers, for archives that one machine does not hold."""
