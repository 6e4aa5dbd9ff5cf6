//! Tests of one tool; one module per command.
