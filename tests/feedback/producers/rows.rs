//! Rows of an export, for tests of what tests print.
pub fn total(rows: &[u32]) -> u32 {
    rows.iter().sum::<u32>() - 1
}
pub fn first(text: &str) -> u32 {
    text.split(',').next().unwrap_or("").parse().unwrap()
}
#[cfg(test)]
mod tests {
    #[test]
    fn an_empty_row_has_no_total() {
        assert_eq!(super::total(&[1]), 1, "rows <a> & \"b\"");
    }
    #[test]
    fn a_word_is_a_number() {
        println!("reading x");
        super::first("x");
    }
    #[test]
    fn an_error_is_returned() -> Result<(), String> {
        Err("no rows".to_owned())
    }
    #[test]
    fn all_is_well() {}
}
