//! What a shell offers after TAB: clap's own engine knows commands and options, the candidates of this
//! project (intents, releases) are added to it here.

use clap::{Command, CommandFactory};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::CompleteEnv;

use super::safe;
use crate::operations::releases;
use crate::storage::intents;
use crate::storage::repo::Repo;
use crate::types::release;

/// Set by the scripts below: which shell asks.
const VARIABLE: &str = "FACTORY_COMPLETE";

/// So much of what a candidate is about is shown beside it.
const MOST_HELP: usize = 60;

/// Answer a shell that asks what could follow, and end there; does nothing for anybody else.
pub fn answer<A: CommandFactory>() {
    let name = A::command().get_name().to_owned();
    if std::env::var_os(VARIABLE).is_some() {
        let asked = || if begins_option() { A::command() } else { options_last(A::command()) };
        CompleteEnv::with_factory(asked).var(VARIABLE).bin(&name).completer(&name).complete();
    }
}

/// Whether the word to complete begins with a hyphen: the scripts say which it is, or it is the last.
fn begins_option() -> bool {
    let words: Vec<_> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let told = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let word = words.get(told.unwrap_or(words.len().saturating_sub(1)));
    word.is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"))
}

/// Options are offered only where nothing else is: who wants an item is not to look for it among them.
fn options_last(command: Command) -> Command {
    let command = command.disable_help_flag(true).disable_version_flag(true);
    let command = command.mut_args(|arg| if arg.is_positional() { arg } else { arg.hide(true) });
    command.mut_subcommands(options_last)
}

/// The scripts of a tool: folder, name and text. Each asks the tool itself when it is first used, so that
/// it fits whatever version is installed then.
pub fn scripts(command: &Command) -> Vec<(&'static str, String, String)> {
    let name = command.get_name();
    let (host, own) = name.split_once('-').unwrap_or(("", name));
    let filled = |text: &str| {
        let function = name.replace('-', "_");
        let text = text.replace("NAME", name).replace("FUNCTION", &function).replace("VARIABLE", VARIABLE);
        text.replace("HOST", host).replace("OWN", own)
    };
    let for_git = if host == "git" { FOR_GIT } else { "" };
    vec![
        ("bash", name.to_owned(), filled(BASH) + &filled(for_git)),
        ("zsh", format!("_{name}"), filled(ZSH)),
        ("fish", format!("{name}.fish"), filled(FISH)),
        ("fish-start", format!("{name}.fish"), filled(FISH_START)),
    ]
}

const BASH: &str = "eval \"$(VARIABLE=bash NAME 2>/dev/null)\"\n";

/// Git and cargo ask `_git-feedback` and `_cargo-intent` for what follows theirs.
const ZSH: &str = r#"#compdef NAME
(( $+functions[_clap_dynamic_completer_FUNCTION] )) || eval "$(VARIABLE=zsh NAME 2>/dev/null)"
_clap_dynamic_completer_FUNCTION "$@"
"#;

const FISH: &str = "VARIABLE=fish NAME 2>/dev/null | source\n";

/// For `git feedback` and `cargo intent`: read by fish at its start, since it loads the completions of git
/// and cargo by these names alone.
const FISH_START: &str = r#"function __factory_complete_FUNCTION
    set -l words (commandline -opc)
    set -l at (contains -i -- OWN $words)
    if test HOST = git -a "$at" -gt 2
        VARIABLE=fish git $words[2..(math $at - 1)] OWN -- $words[$at..] (commandline -ct) 2>/dev/null
    else
        VARIABLE=fish NAME -- $words[$at..] (commandline -ct) 2>/dev/null
    end
end
complete -c HOST -f -n '__fish_seen_subcommand_from OWN' -a '(__factory_complete_FUNCTION)'
"#;

/// What git's own bash completion calls for `git OWN`: it loads the file `git-OWN` and asks `_git_OWN`. What
/// a candidate is about is shown where bash lists several, and never where it may insert one.
const FOR_GIT: &str = r#"
_git_OWN() {
    local at=${__git_cmd_idx:-1} before="" value help
    local -a values=() helps=()
    case "$cur" in --*=*) before="${cur%%=*}=" ;; esac
    while IFS=$'\t' read -r value help; do
        values+=("${value#"$before"}")
        helps+=("$help")
    done < <(VARIABLE=fish git ${__git_C_args:+"${__git_C_args[@]}"} \
        ${__git_dir:+--git-dir="$__git_dir"} OWN -- "${words[@]:at:cword-at}" "$cur" 2>/dev/null)
    COMPREPLY=()
    local i shown
    for i in "${!values[@]}"; do
        printf -v shown %q "${values[i]}"
        case "$shown" in */ | *=) ;; *) shown+=" " ;; esac
        if ((${#values[@]} > 1)) && [[ ${COMP_TYPE-} == 63 && -n ${helps[i]} ]]; then
            shown+=" (${helps[i]})"
        fi
        COMPREPLY+=("$shown")
    done
}
"#;

/// The intents of the work tree.
pub fn slugs() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let found = here().and_then(|repo| intents::all(repo.root().ok()?).ok()).unwrap_or_default();
        let title =
            |found: &intents::Found| found.read.as_ref().ok().map(|parsed| parsed.intent.title.clone());
        found.iter().map(|found| candidate(&found.slug, title(found).as_deref())).collect()
    })
}

/// Every release that is known here, the newest first.
pub fn release_ids() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let Some(repo) = here() else { return Vec::new() };
        let lines = releases::lines(&repo, &repo.common_dir().join("factory")).unwrap_or_default();
        let mut known = release::fold(&lines);
        known.sort_by(|a, b| b.id.cmp(&a.id));
        let phase = |release: &release::Release| release.phase.map(|phase| phase.word().to_owned());
        let candidates = known.iter().map(|release| candidate(&release.id, phase(release).as_deref()));
        candidates.enumerate().map(|(at, candidate)| candidate.display_order(Some(at))).collect()
    })
}

/// The repository one stands in; whoever completes is told no errors.
pub fn here() -> Option<Repo> {
    Repo::discover(&std::env::current_dir().ok()?).ok()
}

/// A candidate and what it is about: words from outside, which must not act on the terminal.
pub fn candidate(value: &str, about: Option<&str>) -> CompletionCandidate {
    let help = about.map(|about| safe::cut(&safe::line(about), MOST_HELP).into_owned());
    CompletionCandidate::new(value).help(help.map(Into::into))
}
