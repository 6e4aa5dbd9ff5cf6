//! Lengths of time as people write them: `500ms`, `30s`, `10m`, `24h`, `7d`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Read a whole number and its unit. The error says what was expected.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, ms)| *ms);
    let milliseconds = number.parse::<u64>().ok().zip(unit_ms).and_then(|(n, ms)| n.checked_mul(ms));
    match milliseconds {
        Some(0) => Err("a length of time above zero".to_owned()),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        None => Err("a number and a unit: \"500ms\", \"30s\", \"10m\", \"24h\" or \"7d\"".to_owned()),
    }
}

/// Tenths of a second below a minute, else minutes and seconds: `0.1s`, `2m05s`.
pub fn shown(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    if tenths < 600 {
        return format!("{}.{}s", tenths / 10, tenths % 10);
    }
    format!("{}m{:02}s", took.as_secs() / 60, took.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        let read: Vec<u128> =
            ["500ms", "30s", "10m", "24h", "7d"].iter().map(|t| parse(t).unwrap().as_millis()).collect();
        assert_eq!(read, [500, 30_000, 600_000, 86_400_000, 604_800_000]);
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in
            ["", "30", "s", "-3s", "1.5s", "0s", "3 weeks", "99999999999999999999h", "99999999999999999h"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn short_and_long_times_read_well() {
        assert_eq!(shown(Duration::from_millis(149)), "0.1s");
        assert_eq!(shown(Duration::from_secs(125)), "2m05s");
    }
}
