//! Commands that must be named, and commands that must not.

use super::*;

fn named(command: &str) -> bool {
    cannot_fail(&Run { command: command.into(), ..Run::default() }).is_some()
}

#[test]
fn commands_that_cannot_fail_are_named() {
    for command in [
        "true",
        ":",
        "/bin/true",
        "/usr/bin/true --version",
        "echo done",
        "echo",
        "printf done",
        "pwd",
        "env true",
        "env A=b true",
        "sh -c true",
        "sh -c ''",
        "sh -c :",
        "sh -c 'exit 0'",
        "sh -c 'my-tool || true'",
        "sh -c 'my-tool --all > out.txt || true'",
        "sh -c 'cargo test || :'",
        "sh -c 'my-tool || exit 0'",
        "sh -c 'my-tool || echo failed'",
        "sh -c 'a && b || true'",
        "sh -c 'my-tool; true'",
        "sh -c 'my-tool; echo done'",
        "sh -c 'my-tool\ntrue'",
        "sh -c 'my-tool; exit 0'",
        "sh -c 'exit 0; my-tool'",
        "sh -c 'my-tool | cat'",
        "sh -c 'my-tool 2>&1 | true'",
        "bash -c 'my-tool || true' # not this shell's comment",
        "bash -ec 'my-tool || true'",
        "bash -euxc 'true; my-tool || true'",
        "bash -o pipefail -c 'my-tool || true'",
        "/bin/sh -c 'echo $HOME'",
        "sh -c 'A=1 true'",
        "sh -c 'A=1'",
        "sh -c '! false'",
        "sh -c 'true && true'",
        "sh -c 'false || true'",
        "sh -c 'echo ok >/dev/null'",
        "sh -c \"sh -c 'my-tool || true'\"",
        "env LC_ALL=C sh -c 'my-tool; :'",
    ] {
        assert!(named(command), "{command}");
    }
}

#[test]
fn commands_that_can_fail_are_not_named() {
    for command in [
        "my-tool",
        "my-tool --version",
        "csv2json broken.csv",
        "cargo test",
        "cargo run -- true",
        "git --version",
        "false",
        "cat README.md",
        "ls",
        "ls docs",
        "test -f README.md",
        "diff a b",
        "truest",
        "./true",
        "tools/echo x",
        "printf %d x",
        "sleep 1",
        "sh -c 'echo $$ > pid; sleep 300'",
        "pwd -X",
        "env",
        "env my-tool",
        "env PATH=tools true",
        "env -i true",
        "sh check.sh",
        "sh -c my-tool",
        "sh -c 'exit 1'",
        "sh -c 'exit'",
        "sh -c 'my-tool; exit $?'",
        "sh -c 'my-tool || exit 1'",
        "sh -c 'my-tool && true'",
        "sh -c 'my-tool && echo ok || exit 1'",
        "sh -c 'my-tool || exit 1; true'",
        "sh -c '[ -f x ] || exit 1; echo ok'",
        "sh -c 'my-tool && exit 3 || true'",
        "sh -c 'exit 1 || true'",
        "sh -c 'set -e; my-tool; true'",
        "sh -ec 'my-tool; true'",
        "bash -euo pipefail -c 'my-tool; true'",
        "bash -o errexit -c 'my-tool; echo done'",
        "bash -o pipefail -c 'my-tool | cat'",
        "sh -c 'my-tool | grep -q ok'",
        "sh -c 'true | my-tool'",
        "sh -c 'echo x | my-tool'",
        "sh -c 'echo x > out/log'",
        "sh -c 'true < input.txt'",
        "sh -c 'if my-tool; then true; else exit 1; fi'",
        "sh -c 'for f in *; do my-tool $f || exit 1; done'",
        "sh -c '! my-tool'",
        "sh -c '! true'",
        "sh -c 'trap \"exit 1\" EXIT; true'",
        "sh -c 'exec my-tool; true'",
        "sh -c 'my-tool || (echo bad; exit 1)'",
        "sh -c '{ my-tool || true; }; test -s out'",
        "sh -c '. ./env.sh; true'",
        "sh -c 'eval \"$CHECK\"; true'",
        "sh -c 'echo \"|| true\"; my-tool'",
        "sh -c \"my-tool '|| true'\"",
        "sh -c 'my-tool # || true'",
        "sh -c 'echo $(my-tool)'",
        "sh -c 'my-tool &'",
        "sh -c 'my-tool \"unclosed'",
    ] {
        assert!(!named(command), "{command}");
    }
}

#[test]
fn what_is_expected_decides_too() {
    let with = |command: &str, exit: i32, stdout: Option<&str>, stderr: Option<&str>| {
        let run = Run {
            command: command.into(),
            exit,
            stdout: stdout.map(str::to_owned),
            stderr: stderr.map(str::to_owned),
            ..Run::default()
        };
        cannot_fail(&run).is_some()
    };
    for (command, exit, stdout) in [
        ("echo x", 0, Some("x")),
        ("echo a b", 0, Some("a b")),
        ("sh -c 'echo x'", 0, Some("x")),
        ("printf abc", 0, Some("b")),
        ("false", 1, None),
        ("sh -c 'exit 3'", 3, None),
        ("true", 0, Some("")),
    ] {
        assert!(with(command, exit, stdout, None), "{command}");
    }
    for (command, exit, stdout, stderr) in [
        ("echo x", 0, Some("y"), None),
        ("echo x", 1, None, None),
        ("echo x", 0, None, Some("x")),
        ("true", 1, None, None),
        ("sh -c 'my-tool || true'", 0, Some("x"), None),
        ("sh -c 'my-tool; echo x'", 0, Some("x"), None),
        ("sh -c 'echo $HOME'", 0, Some("/root"), None),
        ("sh -c 'echo out; echo err >&2; exit 2'", 2, Some("out"), Some("err")),
        ("my-tool", 0, Some("x"), None),
    ] {
        assert!(!with(command, exit, stdout, stderr), "{command}");
    }
    let mut run = Run { command: "true".into(), ..Run::default() };
    run.env.insert("PATH".into(), "tools".into());
    assert_eq!(cannot_fail(&run), None);
}
