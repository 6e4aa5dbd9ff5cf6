//! Amounts of money, kept as whole cents so that nothing is lost to rounding.

/// The cents in an amount such as `1,234.50`, `-3` or `7.5`.
pub fn cents(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole: i64 = number(&whole.replace(',', ""))?;
    let fraction = match fraction.len() {
        1 => number(fraction)? * 10,
        2 => number(fraction)?,
        _ => return None,
    };
    whole
        .checked_mul(100)?
        .checked_add(fraction)
        .map(|cents| sign * cents)
}

/// Digits alone; `parse` would also take a sign.
fn number(digits: &str) -> Option<i64> {
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::cents;

    #[test]
    fn amounts_become_cents() {
        assert_eq!(cents("1,234.50"), Some(123_450));
        assert_eq!(cents("7.5"), Some(750));
        assert_eq!(cents("-3"), Some(-300));
        assert_eq!(cents("0.07"), Some(7));
    }

    #[test]
    fn anything_else_is_no_amount() {
        for text in [
            "",
            "free",
            "1.234",
            "1.2.3",
            "--1",
            ".5",
            "99999999999999999999",
        ] {
            assert_eq!(cents(text), None, "{text}");
        }
    }
}
