//! How long ago something was, in one short word.

use jiff::Timestamp;

pub fn now() -> Timestamp {
    Timestamp::now()
}

/// `12s`, `5m`, `3h`, `2d`, `7w`, `1y`; `ahead` for a time that has not come, `?` for no time.
pub fn of(time: &str, now: Timestamp) -> String {
    let Ok(time) = time.parse::<Timestamp>() else { return "?".to_owned() };
    let seconds = now.as_second() - time.as_second();
    match seconds {
        ..-60 => "ahead".to_owned(),
        -60..60 => format!("{}s", seconds.max(0)),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        86_400..1_209_600 => format!("{}d", seconds / 86_400),
        1_209_600..31_536_000 => format!("{}w", seconds / 604_800),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short_words() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (time, age) in [
            ("2026-11-22T11:59:48Z", "12s"),
            ("2026-11-22T11:55:00Z", "5m"),
            ("2026-11-20T11:00:00Z", "2d"),
            ("2024-11-20T11:00:00Z", "2y"),
            ("2199-01-01T00:00:00Z", "ahead"),
            ("yesterday", "?"),
        ] {
            assert_eq!(of(time, now), age, "{time}");
        }
    }
}
