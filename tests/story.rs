//! Stories across the three tools.
