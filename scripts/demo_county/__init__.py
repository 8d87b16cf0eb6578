"""Make the synthetic demo county: invented terrain, roads, addresses and coverage."""
