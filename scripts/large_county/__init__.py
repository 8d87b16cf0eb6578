"""Counties of any size and a whole nation, invented cell by cell; files as the demo county's."""
