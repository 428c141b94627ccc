"""The words that deny, in English and Russian. Knows spelling only: what they deny is for others to find out."""

import re

# "No. 5" is a number, "no doubt" and "not only" affirm.
_WORDS = (
    r"not(?! only\b)|no(?! doubt\b| longer than\b| more than\b|\.?\s?\d)|never|neither|without|cannot|"
    r"не(?! только\b)|нет|ни|никогда|без"
)
# What stands right before the word that it denies.
NOT = re.compile(rf"\b(?:{_WORDS})\b|n['’]t\b", re.IGNORECASE)
# These too deny a sentence, but not the word that follows them.
NOT_OR_NOBODY = re.compile(rf"\b(?:{_WORDS}|none|nobody|nothing|никто)\b|n['’]t\b", re.IGNORECASE)
