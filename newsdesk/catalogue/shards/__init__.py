"""Which shard on which Chroma server holds a passage's vector."""
