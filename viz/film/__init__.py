"""The film: a training run as one page."""
