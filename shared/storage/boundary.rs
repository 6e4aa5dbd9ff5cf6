//! What confines a process that runs code nobody accepted yet.

/// The fence around a process. Today there is none, and whoever runs something says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boundary {
    /// Nothing: the process may do what the person may.
    #[default]
    None,
}

impl Boundary {
    /// The word that records keep.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
        }
    }

    /// What a person is told before something runs inside it.
    pub fn notice(self) -> &'static str {
        match self {
            Self::None => "unconfined: what runs here can read and write what you can",
        }
    }
}
