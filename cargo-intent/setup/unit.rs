//! The user unit of systemd that starts services' edges again after a reboot, or when one was killed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use factory::storage::{fs, places};
use factory::types::hint::Hinted;

use super::Step;
use super::files;
use super::manifest::Manifest;

const NAME: &str = "personal-factory.service";

/// Write the unit and enable it, as `systemctl --user enable` would; it runs from the next login on.
pub fn install(manifest: &mut Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let place = folder()?.join(NAME);
    if !is_here() {
        return Ok(vec![Step::new("skip", place.display().to_string(), "no systemd runs for this user")]);
    }
    let program = std::env::current_exe().context("where this program lies")?.with_file_name("cargo-ship");
    let unit = text(&program, std::env::var("XDG_STATE_HOME").ok().as_deref())?;
    let written = files::install(manifest, &place, unit.as_bytes(), dry_run)?;
    // A unit of the person's own is not ours to enable.
    let enables = written.verb != "leave";
    let mut steps = vec![written];
    if enables {
        steps.push(enable(&place, dry_run)?);
    }
    Ok(steps)
}

/// Take back that it is enabled; the unit itself goes with the other files.
pub fn remove(manifest: &Manifest, dry_run: bool) -> Result<Vec<Step>> {
    let units = manifest.files.iter().filter(|file| file.path.ends_with(NAME));
    let links = units.filter_map(|file| Some((link(&file.path)?, &file.path)));
    let ours = links.filter(|(link, unit)| points_at(link, unit));
    ours.map(|(link, _)| {
        if !dry_run {
            fs::remove_file(&link)?;
        }
        Ok(Step::new("remove", link.display().to_string(), ""))
    })
    .collect()
}

/// What the person has to do besides, if a unit is or would be there.
pub fn hint() -> Option<String> {
    let lingers = || {
        let user = std::env::var("USER").ok()?;
        Path::new("/var/lib/systemd/linger").join(user).exists().then_some(())
    };
    let hint = "services start again when you log in; to have that at boot: loginctl enable-linger";
    (is_here() && lingers().is_none()).then(|| hint.to_owned())
}

/// Whether a systemd of this user's own runs (`XDG_RUNTIME_DIR` is what it gives to all it starts).
fn is_here() -> bool {
    let user = rustix::process::getuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime.unwrap_or_else(|| format!("/run/user/{user}").into()).join("systemd").is_dir()
}

fn folder() -> Result<PathBuf> {
    Ok(places::config_home()?.join("systemd/user"))
}

fn link(unit: &Path) -> Option<PathBuf> {
    Some(unit.parent()?.join("default.target.wants").join(NAME))
}

fn points_at(link: &Path, unit: &Path) -> bool {
    let Some(folder) = link.parent() else { return false };
    std::fs::read_link(link).is_ok_and(|target| {
        let there = folder.join(target);
        there == unit || there == folder.join("..").join(NAME)
    })
}

fn enable(unit: &Path, dry_run: bool) -> Result<Step> {
    let link = link(unit).context("the unit lies in no folder")?;
    let shown = link.display().to_string();
    if points_at(&link, unit) {
        return Ok(Step::new("keep", shown, ""));
    }
    if std::fs::symlink_metadata(&link).is_ok() {
        return Ok(Step::new("leave", shown, "it is yours; move it away to have ours"));
    }
    if !dry_run {
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::replace_link(&link, &Path::new("..").join(NAME))?;
    }
    Ok(Step::new("write", shown, ""))
}

/// The unit (systemd.service(5)). `state` is the variable where it is set, since a user's systemd has an
/// environment of its own.
fn text(program: &Path, state: Option<&str>) -> Result<String> {
    let program = quoted(program.to_str().context("the path of cargo-ship is no UTF-8")?)?;
    let state = state.filter(|state| Path::new(state).is_absolute());
    let state = state.map(|state| quoted(&format!("XDG_STATE_HOME={state}"))).transpose()?;
    let environment = state.map(|state| format!("Environment={state}\n")).unwrap_or_default();
    Ok(format!(
        "# Written by cargo intent setup; cargo intent setup --remove takes it away.\n\
         [Unit]\n\
         Description=Start services of cargo ship again after a reboot\n\
         Documentation=man:cargo-ship(1)\n\
         \n\
         [Service]\n\
         ExecStart={program} edges\n\
         {environment}\
         Restart=on-failure\n\
         RestartSec=5\n\
         # The services it started go on where this unit is stopped.\n\
         KillMode=process\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    ))
}

/// A word of a unit file: neither quotes nor specifiers are read in it. Variables are read neither in a
/// program's path nor in `Environment`.
///
/// # Errors
/// A control character, which systemd refuses in a path.
fn quoted(word: &str) -> Result<String> {
    if word.chars().any(char::is_control) {
        return Err(Hinted::outside(format!("{word:?} cannot stand in a unit of systemd")).into());
    }
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    Ok(format!("\"{escaped}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_runs_the_program_that_lies_beside_this_one_whatever_its_folder_is_called() {
        let unit = text(Path::new("/home/a b/50%/$x/\"q\"/cargo-ship"), Some("/state")).unwrap();
        assert!(unit.contains("ExecStart=\"/home/a b/50%%/$x/\\\"q\\\"/cargo-ship\" edges\n"), "{unit}");
        assert!(unit.contains("Environment=\"XDG_STATE_HOME=/state\"\n"));
        assert!(!text(Path::new("/cargo-ship"), Some("relative")).unwrap().contains("Environment"));
        assert!(text(Path::new("/a\nb/cargo-ship"), None).is_err());
    }
}
