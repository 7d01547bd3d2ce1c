"""What answers say and whether it excludes one another: values, sides, claims and conclusions."""
