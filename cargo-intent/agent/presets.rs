//! Agents that are known by name: how each is started without a person, and how it takes the brief.

use super::command::{Given, Started};

/// One agent CLI that may be on PATH.
pub struct Preset {
    pub name: &'static str,
    argv: &'static [&'static str],
    given: Given,
    /// Variables it takes its keys and settings from, passed in where they are set.
    env: &'static [&'static str],
}

/// `{brief}` stands for the brief's file, or for its text where it is given as an argument;
/// `{scratch}` for a folder outside the worktree.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "codex",
        argv: &[
            "codex",
            "exec",
            "--sandbox",
            "workspace-write",
            "--json",
            "-o",
            "{scratch}/closing.txt",
            "-",
        ],
        given: Given::Stdin,
        env: &["CODEX_HOME", "CODEX_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"],
    },
    Preset {
        name: "claude",
        argv: &[
            "claude",
            "-p",
            "--output-format",
            "json",
            "--permission-mode",
            "acceptEdits",
            "--allowedTools",
            "Bash(*)",
        ],
        given: Given::Stdin,
        env: &["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN"],
    },
    Preset {
        name: "opencode",
        argv: &["opencode", "run", "--format", "json", "{brief}"],
        given: Given::Argument,
        env: &["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENCODE_CONFIG"],
    },
    Preset {
        name: "gemini",
        argv: &["gemini", "--approval-mode", "yolo", "--output-format", "json", "-p", "{brief}"],
        given: Given::Argument,
        env: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    },
    Preset {
        name: "qwen",
        argv: &["qwen", "--approval-mode", "yolo", "--output-format", "json", "-p", "{brief}"],
        given: Given::Argument,
        env: &["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "DASHSCOPE_API_KEY"],
    },
    Preset {
        name: "mini",
        argv: &["mini", "-y", "--exit-immediately", "-o", "{scratch}/trajectory.json", "-t", "{brief}"],
        given: Given::Argument,
        env: &["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "MSWEA_MODEL_NAME"],
    },
    Preset {
        name: "aider",
        argv: &["aider", "--message-file", "{brief}", "--yes-always", "--no-auto-commits", "--no-git"],
        given: Given::File,
        env: &["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AIDER_MODEL"],
    },
];

pub fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

impl Preset {
    pub fn started(&self) -> Started {
        Started {
            argv: self.argv.iter().map(|word| (*word).to_owned()).collect(),
            given: self.given,
            env: self.env.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    pub fn program(&self) -> &'static str {
        self.argv[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_the_brief_exactly_once() {
        for preset in PRESETS {
            let places = preset.argv.iter().filter(|word| word.contains("{brief}")).count();
            assert_eq!(places, usize::from(preset.given != Given::Stdin), "{}", preset.name);
        }
    }
}
