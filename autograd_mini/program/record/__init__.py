"""Recording: run ordinary Python on traced numbers and record its operations as a program."""
