//! The command as a person uses it.

use std::path::PathBuf;
use std::process::{Command, Output};

fn csv2json(name: &str, text: &str) -> Output {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_csv2json"))
        .arg(file)
        .output()
        .unwrap()
}

#[test]
fn an_export_becomes_json() {
    let output = csv2json("good.csv", "Order\nA-1\n");
    assert!(output.status.success());
    assert_eq!(output.stdout, b"[\n  {\"order\": \"A-1\"}\n]\n");
}

#[test]
fn a_bad_row_leaves_standard_output_empty() {
    let output = csv2json("bad.csv", "a,b\n1,2\n3\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3, column 2"));
}

#[test]
fn without_a_file_the_usage_is_shown() {
    let output = Command::new(env!("CARGO_BIN_EXE_csv2json"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: csv2json FILE"));
}
