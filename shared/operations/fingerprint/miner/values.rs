//! Whether the words that differ inside a family are values of one message or messages of their own.

/// What was seen at one gap of a family.
pub struct Seen<'w> {
    /// Distinct values, each as its words.
    pub values: Vec<Vec<&'w str>>,
    /// Words that all members share.
    pub constant_words: usize,
    pub word_before: Option<&'w str>,
    /// A member has a mask there, so a value it is.
    pub masked_too: bool,
    /// Another word differs as well.
    pub paired: bool,
    /// Both words take their values freely.
    pub independent: bool,
}

impl Seen<'_> {
    /// Distinct values against the number asked for.
    pub fn strength(&self) -> f64 {
        let distinct = self.values.len() + usize::from(self.masked_too);
        self.asked().map_or(0.0, |asked| distinct as f64 / asked)
    }

    /// How many distinct values make it one message: the fewer words are shared, the more.
    fn asked(&self) -> Option<f64> {
        let mut asked: f64 = match self.constant_words {
            0 | 1 => return None,
            2 => 7.0,
            3 => 5.0,
            4 | 5 => 4.0,
            _ => 3.0,
        };
        let names = self.share(is_name) > 0.5;
        if names {
            asked -= 2.0;
        }
        asked -= self.word_before.map_or(0.0, introduces);
        let states = !self.masked_too && !self.independent && self.share(is_state) > 0.3;
        if states || self.share(tells_what_happened) > 0.3 {
            asked += 4.0;
        }
        let longest = self.values.iter().map(Vec::len).max().unwrap_or(1);
        asked += 2.0 * (longest.max(1) - 1) as f64;
        if self.independent {
            asked -= 1.0;
        } else if self.paired {
            asked += 1.0;
        }
        // Two of a kind are as often two messages; a name beside a value that was masked is a value.
        Some(asked.max(if self.masked_too && names { 2.0 } else { 3.0 }))
    }

    fn share(&self, of: impl Fn(&str) -> bool) -> f64 {
        let all = self.values.iter().flatten().count().max(1);
        self.values.iter().flatten().filter(|word| of(word)).count() as f64 / all as f64
    }
}

/// Written like the name of a thing: a file, a class, a host, not like a word of a sentence.
fn is_name(word: &str) -> bool {
    let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
    let camel =
        inner.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    camel || inner.contains(['.', '_', '$', ':', '/']) || inner.matches('-').count() > 1
}

/// How far a word before the gap tells that a value follows.
fn introduces(word: &str) -> f64 {
    const WEAKLY: [&str; 8] = ["for", "from", "by", "with", "via", "at", "on", "of"];
    const WORDS: [&str; 32] = [
        "proxy",
        "user",
        "username",
        "login",
        "account",
        "group",
        "host",
        "hostname",
        "server",
        "client",
        "peer",
        "file",
        "directory",
        "device",
        "interface",
        "class",
        "package",
        "service",
        "unit",
        "module",
        "driver",
        "process",
        "domain",
        "named",
        "called",
        "key",
        "table",
        "topic",
        "queue",
        "bucket",
        "container",
        "uid",
    ];
    let among = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if among(&WORDS) { 3.0 } else { f64::from(among(&WEAKLY)) }
}

/// Written as the states of a machine are: what is said of one is not said of another.
fn is_state(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Words that tell what happened or in which way, so that another one tells of something else.
fn tells_what_happened(word: &str) -> bool {
    const WORDS: [&str; 48] = [
        "up",
        "down",
        "on",
        "off",
        "start",
        "stop",
        "success",
        "failure",
        "not",
        "no",
        "open",
        "close",
        "read",
        "write",
        "in",
        "out",
        "get",
        "set",
        "put",
        "post",
        "delete",
        "add",
        "remove",
        "enable",
        "disable",
        "begin",
        "end",
        "first",
        "last",
        "before",
        "after",
        "input",
        "output",
        "send",
        "receive",
        "create",
        "destroy",
        "update",
        "load",
        "unload",
        "connect",
        "disconnect",
        "online",
        "offline",
        "is",
        "was",
        "to",
        "from",
    ];
    let lower = word.to_ascii_lowercase();
    let shouted = word.bytes().all(|byte| byte.is_ascii_uppercase());
    let ending = lower.len() > 4 && !shouted && ["ed", "ing", "ion"].iter().any(|end| lower.ends_with(end));
    ending || WORDS.contains(&lower.as_str())
}
