"""Mutants: the rule table and other code with one thing wrong, each of which a test must catch.

``make mutants`` alters every value and every derivative of the table, one by one, and runs the normal tier's tests of
the rows concerned; ``known.py`` keeps mutants that once passed the whole suite, with the test that stops them now.
"""
