"""The cheapest network from lit fibre to the unserved, along the roads."""
