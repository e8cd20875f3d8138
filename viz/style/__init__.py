"""Style: colours, fonts, and the widths of texts."""
