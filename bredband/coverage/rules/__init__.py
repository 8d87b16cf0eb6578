"""State-aid rules as dated tables: one TOML file per regime, each with its source."""
