//! Manual pages and completions of a tool, written from the same definitions as its help.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

use super::exit::Exit;
use crate::storage::fs;

/// Write manual pages and completions into a folder
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to; `man1`, `bash`, `zsh` and `fish` are made in it
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

/// Write everything of `command` into the folder.
pub fn write(mut command: Command, args: &Args) -> Result<Exit> {
    let name = command.get_name().to_owned();
    let folder = |part: &str| -> Result<PathBuf> {
        let folder = args.into.join(part);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    };
    let pages = folder("man1")?;
    // A page for `help` says what is said there already.
    let page = command.clone().disable_help_subcommand(true);
    clap_mangen::generate_to(page, &pages).with_context(|| pages.display().to_string())?;
    let shells = [
        (Shell::Bash, "bash", name.clone()),
        (Shell::Zsh, "zsh", format!("_{name}")),
        (Shell::Fish, "fish", format!("{name}.fish")),
    ];
    for (shell, part, file) in shells {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command, &name, &mut text);
        if shell == Shell::Bash
            && let Some(own) = name.strip_prefix("git-")
        {
            text.extend(for_git(&command, own).bytes());
        }
        fs::write(&folder(part)?.join(file), text)?;
    }
    Ok(Exit::Holds)
}

/// What git's own bash completion calls for `git <own>`: it loads the file `git-<own>` and asks
/// `_git_<own>`, which answers through git's `__gitcomp`.
fn for_git(command: &Command, own: &str) -> String {
    let visible = || command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let names: Vec<&str> = visible().map(Command::get_name).collect();
    let mut text = format!(
        "\n_git_{}() {{\n    local at=$((__git_cmd_idx + 1))\n    if [ \"$cword\" -le \"$at\" ]; then\n        __gitcomp \"{}\"\n        return\n    fi\n    case \"${{words[$at]}}\" in\n",
        own.replace('-', "_"),
        names.join(" ")
    );
    for sub in visible() {
        let of_all = command.get_arguments().filter(|arg| arg.is_global_set());
        let options = sub.get_arguments().chain(of_all).filter_map(|arg| arg.get_long());
        let options: Vec<String> = options.map(|long| format!("--{long}")).collect();
        text.push_str(&format!(
            "    {})\n        case \"$cur\" in --*) __gitcomp \"{}\" ;; esac ;;\n",
            sub.get_name(),
            options.join(" ")
        ));
    }
    text.push_str("    esac\n}\n");
    text
}
