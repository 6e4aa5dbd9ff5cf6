//! Frames of backtraces, told apart and normalised.

use super::*;

#[test]
fn a_function_has_one_name_whatever_built_it() {
    for (printed, expected) in [
        ("main::lookup::hd8a769299eb2aea8", "main::lookup"),
        ("<main::Memory<T> as main::Store>::get::{{closure}}::h80bd76ea7e1d464e", "main::Memory::get"),
        (
            "<main[e28293b1aa0f68bd]::Memory<u16> as main[e28293b1aa0f68bd]::Store>::get::{closure#0}",
            "main::Memory::get",
        ),
        ("<main::Memory<u16>>::get", "main::Memory::get"),
        ("main::Memory<T>::get", "main::Memory::get"),
        ("main::read::<alloc::vec::Vec<u8>, fn(u8) -> u8>", "main::read"),
        ("<alloc::vec::Vec<T> as main::Rows>::first", "main::Rows::first"),
        ("main::<impl main::Store for main::Disk<T>>::get", "main::Disk::get"),
        ("<F as core::future::Future>::poll", "core::future::Future::poll"),
        ("__rustc[b7974e8690430dd9]::rust_begin_unwind", "__rustc::rust_begin_unwind"),
        (
            "<&dyn core[c1f1a4ba060b9bfa]::ops::function::Fn<(), Output = i32>>::call",
            "core::ops::function::Fn::call",
        ),
    ] {
        assert_eq!(normal(printed), expected, "{printed}");
    }
}

#[test]
fn a_file_has_one_path_wherever_it_was_built() {
    for file in ["src/a/b.rs", "./src/a/b.rs", "/home/x/p/src/a/b.rs", "C:\\p\\src\\a\\b.rs"] {
        assert_eq!(own_path(file), "src/a/b.rs", "{file}");
    }
    assert_eq!(own_path("/root/.cargo/registry/src/index-1/csv-core-0.1.2/src/r.rs"), "csv-core/src/r.rs");
}

#[test]
fn frames_of_both_forms_are_read() {
    let lines = [
        "stack backtrace:",
        "  17:     0x5613 - core::result::unwrap_failed",
        "   at /rustc/5/library/core/src/result.rs:1:2",
        "  18:     0x5614 - main::lookup::hd8a769299eb2aea8",
        "        at /tmp/mp/src/main.rs:10:77",
        "   3: main",
        "note: x",
    ];
    let frames = read(&lines);
    assert_eq!(frames.iter().map(|frame| frame.in_app).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((frames[1].line, frames[1].file.as_deref()), (10, Some("/tmp/mp/src/main.rs")));
}

proptest::proptest! {
    #[test]
    fn any_name_has_a_normal_form(name in "[a-z:<>\\[\\]{} &-]{0,40}|\\PC*") {
        normal(&name);
        own_path(&name);
        place(&name);
    }
}
