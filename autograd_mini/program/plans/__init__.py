"""Plans: block programs run by NumPy, whole blocks over whole batches."""
