"""Recording: run ordinary Python on traced numbers and write down what it does."""
