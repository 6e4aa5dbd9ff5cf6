//! What makes two log messages the same: their words, with everything masked that may differ.
//!
//! Masks alone decide, so a fingerprint depends on the message and on nothing that came before it.
//! Masked are timestamps, numbers and what holds a digit, hexadecimal, UUIDs, addresses, paths, URLs,
//! e-mail addresses, sizes and durations with their unit, quoted texts, values behind `=`, and objects
//! in braces. Masks that touch become one, since lists are long today and short tomorrow, and
//! punctuation is left out. Of a line the header is left out first ([`header`]). Which words are themselves
//! values only many messages can tell: `miner`.

pub mod header;
mod scan;
mod shapes;

use scan::{Piece, Scanner};

use crate::types::id::sha256_hex;

/// The way log messages are masked here. Version 1 masked the whole line, its header with it; version 2
/// took `true`, `false` and their like for values wherever they stood, and read less of headers.
pub const VERSION: u32 = 3;

/// What stands for everything masked; no word is written so.
pub const MASK: &str = "*";

/// How [`why`] begins.
const WHY: &str = "same log message once values are masked: ";

/// The fingerprint of a log line or message: `3:<hex>`.
pub fn fingerprint(line: &str) -> String {
    of_template(&template_of_line(line))
}

/// The fingerprint of what [`template_of_line`] made.
pub fn of_template(template: &str) -> String {
    hashed(VERSION, template)
}

/// The fingerprints earlier versions made of a line, the newest first: an item known by one goes on.
pub fn earlier(line: &str) -> Vec<String> {
    let mut out = String::new();
    template_as(2, header::read_as(2, line).message, &mut out);
    let second = hashed(2, &out);
    template_as(1, line, &mut out);
    vec![second, hashed(1, &out)]
}

fn hashed(version: u32, template: &str) -> String {
    format!("{version}:{}", &sha256_hex(format!("log\0{template}").as_bytes())[..32])
}

/// The template of a line's message, without its header.
pub fn template_of_line(line: &str) -> String {
    template(header::read(line).message)
}

/// The words of a message and [`MASK`] for what was between them, a blank apart.
pub fn template(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    template_into(message, &mut out);
    out
}

/// The same into a buffer that is used again for the next message.
pub fn template_into(message: &str, out: &mut String) {
    template_as(VERSION, message, out);
}

fn template_as(version: u32, message: &str, out: &mut String) {
    out.clear();
    let mut masked = false;
    let mut scanner = Scanner::new(version, message);
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Mask if masked => {}
            Piece::Mask => {
                push(out, MASK);
                masked = true;
            }
            Piece::Word(word) => {
                push(out, if masked { singular(word) } else { word });
                masked = false;
            }
        }
    }
}

fn push(out: &mut String, word: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

/// `3 files` and `1 file` say the same; looked at behind a mask only.
fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if one.len() > 2 && !one.ends_with(['s', 'u', 'i']) => one,
        _ => word,
    }
}

/// What was masked and what counted, in a sentence for `list --why`.
pub fn why(template: &str) -> String {
    format!("{WHY}{template}")
}

/// The template that [`why`] told of.
pub fn template_in(why: &str) -> Option<&str> {
    why.strip_prefix(WHY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_and_words_stay() {
        for (message, expected) in [
            ("Took 0.51 seconds to build", "Took * to build"),
            ("opened /var/lib/x.db in 3ms (18.4 KB)", "opened * in *"),
            ("user bob@example.org from 10.0.0.7:5022 via eth1", "user * from * via *"),
            ("lifetime <1 sec", "lifetime *"),
            ("close, 403 bytes sent, 1190 bytes (1.16 KB) received", "close * sent * received"),
            ("lifetime 00:11", "lifetime *"),
            ("lease from 00:1a:e3:ba:c3:dd via", "lease from * via"),
            ("a= b=7 c=\"x y\" d", "a * b * c * d"),
            ("flags = 0x1, moved = false, done", "flags * moved * done"),
            ("overlap:false, top: 7", "overlap false top *"),
            ("C:\\Windows\\a.sqm, flag", "* flag"),
            ("GET https://a.example/b?c=d&e=f done", "GET * done"),
            ("wtoken=Tok{9f token=Tok{a6 u0 com.a/.B t7}}, end", "wtoken * end"),
            ("show Tok{9f token=Tok{a6 u0 com.a/.B t7}} end", "show Tok * end"),
            ("Thu Nov 10 12:00:01 2005 boot", "* boot"),
            ("fans ( 3552 3534 **** 3375 )", "fans *"),
            ("can't stat 'a b' now", "can't stat * now"),
            ("1 file, 2 files", "* file * file"),
            ("error=timeout code=refused", "error timeout code refused"),
            ("load average: 0.5, 1.2, 3", "load average *"),
            ("harbor:5070 close", "* close"),
            ("nodes:node-[3-9] of", "nodes * of"),
            ("", ""),
            ("-- ** --", ""),
        ] {
            assert_eq!(template(message), expected, "{message}");
        }
    }

    #[test]
    fn a_fingerprint_names_its_version() {
        assert_eq!(fingerprint("took 3 ms"), fingerprint("took 12 s"));
        assert_ne!(fingerprint("VM Started"), fingerprint("VM Paused"));
        assert!(fingerprint("").starts_with("3:"));
    }

    #[test]
    fn fingerprints_of_earlier_versions_stay_what_they_were() {
        for (line, second, first) in [
            ("took 3 ms", "took *", "took *"),
            (
                "2026-11-22 01:02:03 RAS KERNEL INFO overlap:false a=true",
                "RAS KERNEL INFO overlap * a *",
                "* RAS KERNEL INFO overlap * a *",
            ),
            ("[10.30 16:49:06] tool.exe *64 - up null", "tool.exe * up *", "* tool.exe * up *"),
            ("Jun  4 01:02:03 host app[3]: opt-in: False", "opt-in *", "* host app * opt-in *"),
        ] {
            assert_eq!(earlier(line), [hashed(2, second), hashed(1, first)], "{line}");
        }
        assert_eq!(hashed(2, "took *"), "2:79753d967066f3997bff2f570134dfaf");
    }
}
