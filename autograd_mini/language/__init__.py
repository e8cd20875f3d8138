"""Language: the texts that readers see, in English and in Japanese, by one table per language."""

from autograd_mini.language.speech import (
    LANGUAGES,
    Language,
    counted,
    language,
    legal,
    speaking,
    table,
    tell,
    translated,
)

__all__ = ["LANGUAGES", "Language", "counted", "language", "legal", "speaking", "table", "tell", "translated"]
