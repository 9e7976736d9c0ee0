"""What the sportsbooks think: odds without the margin, and one fair price from many books."""
