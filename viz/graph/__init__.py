"""What a picture shows, as plain data, and as words."""
