"""Images to embeddings, in a child process; the only package that may import TensorFlow."""
