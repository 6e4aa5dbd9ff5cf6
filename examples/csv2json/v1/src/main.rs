//! `csv2json FILE` prints a CSV export as normalised JSON; `csv2json serve` does the same over HTTP.

mod convert;
mod csv;
mod json;
mod serve;

use std::process::ExitCode;

const USAGE: &str = "usage: csv2json FILE     print FILE as JSON
       csv2json serve    answer on HOST and PORT (127.0.0.1:8080)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        ["serve"] => serve::run(),
        [file] if !file.starts_with('-') => print_converted(file),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Print the whole file or nothing: a bad row is named on standard error.
fn print_converted(file: &str) -> ExitCode {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("csv2json: {file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    match convert::convert(&text) {
        Ok(json) => {
            print!("{json}");
            ExitCode::SUCCESS
        }
        Err(bad) => {
            eprintln!("csv2json: {file}: {bad}");
            ExitCode::from(2)
        }
    }
}
