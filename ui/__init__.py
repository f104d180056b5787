"""What people see: the chat at `/` and the page of an article. `render` is pure; only `chat` knows Gradio."""
