"""What is given and returned: errors, responses, options and reports. Plain values."""
