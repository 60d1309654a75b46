"""The verbs of the API's resources, made from the description."""
