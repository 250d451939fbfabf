"""HTTP and TLS below the routes' answers: the application, its listener, its certificates."""
