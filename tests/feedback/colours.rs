//! Colour and pager, as git has them.

use super::{add, installed};
use crate::support::{Sandbox, finish, on_terminal};

/// What `git SETTINGS feedback list` writes into a pipe, and whether it is coloured.
fn is_coloured(sandbox: &Sandbox, settings: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> bool {
    let mut command = installed(sandbox, "git");
    command.args(settings).args(["feedback", "list"]).args(arguments).env_remove("CARGO_TERM_COLOR");
    command.envs(variables.iter().copied());
    let told = finish(&mut command).ok().stdout;
    assert!(told.contains("what happened"), "{told}");
    told.contains('\u{1b}')
}

#[test]
fn colour_follows_gits_settings_the_environment_and_the_option() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["what happened"]);
    let coloured = |settings: &[&str], arguments: &[&str], variables: &[(&str, &str)]| {
        is_coloured(&sandbox, settings, arguments, variables)
    };
    let always = ["-c", "color.feedback=always"];
    assert!(!coloured(&[], &[], &[]), "a pipe");
    assert!(coloured(&always, &[], &[]));
    assert!(coloured(&["-c", "color.ui=always"], &[], &[]));
    assert!(!coloured(&["-c", "color.ui=always", "-c", "color.feedback=auto"], &[], &[]));
    assert!(coloured(&always, &[], &[("NO_COLOR", "1")]), "what is said of this command is the nearer wish");
    assert!(!coloured(&["-c", "color.ui=always"], &[], &[("NO_COLOR", "1")]));
    assert!(!coloured(&always, &["--color", "never"], &[]));
    assert!(coloured(&["-c", "color.feedback=never"], &["--color", "always"], &[]));
    let paged = [("GIT_PAGER_IN_USE", "true"), ("TERM", "xterm")];
    assert!(coloured(&[], &[], &paged));
    assert!(!coloured(&["-c", "color.pager=false"], &[], &paged));
    assert!(!coloured(&["-c", "color.ui=false"], &[], &paged));
}

#[test]
fn the_pager_is_gits_with_its_width() {
    let sandbox = Sandbox::new();
    let title = "a title that goes on and on and on and on and on to its very end";
    add(&sandbox, &[title]);
    let path = std::path::Path::new(crate::support::FEEDBACK).parent().unwrap().display().to_string();
    let line = format!(
        "PATH={path}:$PATH TERM=xterm GIT_PAGER='sed s/^/paged:/' CARGO_TERM_COLOR= git -c pager.feedback=true feedback list"
    );
    let shown = on_terminal(&sandbox, 70, &line);
    assert!(shown.contains("paged:fb-") && shown.contains('…') && shown.contains('\u{1b}'), "{shown}");
}
