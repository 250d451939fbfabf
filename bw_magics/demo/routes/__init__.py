"""The addresses of the demo server: what each request reads and answers."""
