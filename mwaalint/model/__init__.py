"""What a deployment is, whatever language it was written in."""
