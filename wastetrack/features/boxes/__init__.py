"""Large boxes: containers are packed into them, and they go their way as one; the reusable ones are washed."""
