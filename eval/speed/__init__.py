"""Speed: `newsdesk bench`, beside a plain LlamaIndex pipeline."""
