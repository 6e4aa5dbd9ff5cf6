//! `cargo intent setup`.

use crate::support::{Sandbox, has};

fn with_remote() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "--bare", "../shared.git"]);
    sandbox.git(&["remote", "add", "origin", "../shared.git"]);
    sandbox.git(&["push", "-q", "-u", "origin", "main"]);
    sandbox
}

#[test]
fn what_it_installs_works_and_is_taken_back_but_for_what_a_person_changed() {
    let sandbox = with_remote();
    let config = sandbox.read(".git/config");
    let planned = sandbox.intent(&["setup", "--dry-run"]).ok().says("write").stdout;
    assert!(!sandbox.home.join(".local").exists() && sandbox.read(".git/config") == config);
    assert_eq!(sandbox.intent(&["setup"]).ok().stdout, planned);
    let share = sandbox.home.join(".local/share");
    let read =
        |path: &str| std::fs::read_to_string(share.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    for page in
        ["cargo-intent.1", "cargo-intent-list.1", "cargo-ship.1", "git-feedback.1", "git-feedback-add.1"]
    {
        assert!(read(&format!("man/man1/{page}")).contains(".TH"), "{page}");
    }
    assert!(!share.join("man/man1/cargo-intent-tour-agent.1").exists(), "what is hidden has no page");
    assert!(read("zsh/site-functions/_cargo-ship").contains("#compdef cargo-ship"));
    assert!(read("fish/vendor_completions.d/git-feedback.fish").contains("git-feedback"));

    let bash = share.join("bash-completion/completions/git-feedback");
    assert!(read("fish/vendor_conf.d/cargo-intent.fish").contains("complete -c cargo"));
    sandbox.git(&["fetch", "-q"]);
    sandbox.feedback(&["add", "one"]).ok();
    sandbox.feedback(&["sync"]).ok();
    sandbox.git(&["update-ref", "-d", "refs/notes-remotes/origin/feedback"]);
    sandbox.git(&["fetch", "-q"]);
    sandbox.git(&["rev-parse", "--verify", "refs/notes-remotes/origin/feedback"]);
    sandbox.write("more", "");
    sandbox.commit("again");
    sandbox.git(&["push", "-q"]);
    sandbox.intent(&["setup"]).ok().says("everything is in place");

    let mine = share.join("man/man1/cargo-ship.1");
    std::fs::write(&mine, "mine").unwrap();
    sandbox.intent(&["setup"]).ok().says("leave ");
    let planned = sandbox.intent(&["setup", "--remove", "--dry-run"]).ok().stdout;
    let ran = sandbox.intent(&["setup", "--remove"]).ok().says("changed since it was written");
    assert_eq!(ran.stdout, planned);
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    assert!(!bash.exists() && !share.join("man/man1/cargo-intent.1").exists());
    let after = sandbox.git(&["config", "--local", "--list"]);
    assert!(!after.contains("notes"), "{after}");
    assert!(after.contains("remote.origin.fetch=+refs/heads/*:refs/remotes/origin/*"));
    sandbox.intent(&["setup", "--remove"]).ok().says("nothing of setup is here");
}

#[test]
fn what_could_not_be_undone_is_said_and_tried_again() {
    let sandbox = with_remote();
    sandbox.intent(&["setup"]).ok();
    let page = sandbox.home.join(".local/share/man/man1/cargo-intent.1");
    std::fs::remove_file(&page).unwrap();
    std::fs::create_dir(&page).unwrap();
    sandbox.write(".git/config.lock", "");
    let ran = sandbox.intent(&["setup", "--remove"]).exits(5);
    ran.says("failed  remote.origin.fetch").says("man1/cargo-intent.1").says("is remembered");
    assert!(sandbox.git(&["config", "--local", "--list"]).contains("notes.rewriteref"));
    std::fs::remove_file(sandbox.path(".git/config.lock")).unwrap();
    std::fs::remove_dir(&page).unwrap();
    sandbox.intent(&["setup", "--remove"]).ok().says("unset ");
    assert!(!sandbox.git(&["config", "--local", "--list"]).contains("notes"));
    sandbox.intent(&["setup", "--remove"]).ok().says("nothing of setup is here");
}

#[test]
fn a_setup_that_ended_before_a_file_was_in_its_place_is_finished_by_the_next() {
    let sandbox = Sandbox::bare();
    sandbox.intent(&["setup"]).ok();
    let page = sandbox.home.join(".local/share/man/man1/cargo-intent.1");
    let manifest = sandbox.home.join("state/personal-factory/setup.json");
    let (new, text) = (std::fs::read(&page).unwrap(), std::fs::read_to_string(&manifest).unwrap());
    // As an older version left it, and as a new one had begun to write it down.
    std::fs::write(&page, "older").unwrap();
    let older = sandbox.run("sha256sum", &[&page]).ok().stdout[..64].to_owned();
    let at = text.find("man1/cargo-intent.1\"").unwrap();
    let (head, tail) = text.split_at(at + text[at..].find("\"sha256\"").unwrap());
    std::fs::write(&manifest, format!("{head}\"before\": \"{older}\",\n{tail}")).unwrap();
    sandbox.intent(&["setup"]).ok().says("write ");
    assert_eq!(std::fs::read(&page).unwrap(), new);
    assert!(!std::fs::read_to_string(&manifest).unwrap().contains("before"));
}

#[test]
fn a_file_that_was_there_before_is_not_touched() {
    let sandbox = Sandbox::bare();
    let page = sandbox.home.join(".local/share/man/man1/cargo-intent.1");
    std::fs::create_dir_all(page.parent().unwrap()).unwrap();
    std::fs::write(&page, "theirs").unwrap();
    sandbox.intent(&["setup"]).ok().says("it is yours");
    sandbox.intent(&["setup", "--remove"]).ok();
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "theirs");
}

#[test]
fn a_user_unit_starts_services_again_where_a_systemd_of_the_user_runs() {
    let sandbox = Sandbox::bare();
    let unit = sandbox.home.join("config/systemd/user/personal-factory.service");
    let link = unit.with_file_name("default.target.wants").join("personal-factory.service");
    sandbox.intent(&["setup"]).ok().says("no systemd runs for this user");
    assert!(!unit.exists());

    // The folder a user's systemd has its sockets in.
    std::fs::create_dir_all(sandbox.home.join("run/systemd")).unwrap();
    sandbox.intent(&["setup", "--dry-run"]).ok().says("write   ").says("personal-factory.service");
    assert!(!unit.exists() && !link.is_symlink());
    sandbox.intent(&["setup"]).ok().says("loginctl enable-linger");
    let text = std::fs::read_to_string(&link).unwrap();
    let program = std::path::Path::new(crate::support::SHIP).display();
    let state = sandbox.home.join("state");
    assert!(text.contains(&format!("ExecStart=\"{program}\" edges\n")), "{text}");
    assert!(text.contains(&format!("Environment=\"XDG_STATE_HOME={}\"\n", state.display())), "{text}");
    if has("systemd-analyze") {
        let shown = unit.display().to_string();
        let ran = sandbox.run("systemd-analyze", &["verify", "--user", "--man=no", &shown]).ok();
        assert_eq!(ran.stderr, "");
    }
    sandbox.intent(&["setup"]).ok().says("everything is in place");
    sandbox.intent(&["setup", "--remove", "--dry-run"]).ok().says("default.target.wants");
    assert!(link.is_symlink() && unit.exists());
    sandbox.intent(&["setup", "--remove"]).ok();
    assert!(!unit.exists() && !link.is_symlink());

    std::fs::create_dir_all(unit.parent().unwrap()).unwrap();
    std::fs::write(&unit, "theirs").unwrap();
    sandbox.intent(&["setup"]).ok().says("it is yours");
    assert!(!link.is_symlink());
    sandbox.intent(&["setup", "--remove"]).ok();
    assert_eq!(std::fs::read_to_string(&unit).unwrap(), "theirs");
}
