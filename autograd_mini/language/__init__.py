"""Language: the texts of pictures and pages in English and Japanese, one table per language."""

from autograd_mini.language.speech import (
    LANGUAGES,
    Language,
    counted,
    language,
    legal,
    near,
    speaking,
    table,
    tell,
    translated,
)

__all__ = ["LANGUAGES", "Language", "counted", "language", "legal", "near", "speaking", "table", "tell", "translated"]
