//! What gpg's status lines are taken for; the rest is tested with the real programs in tests/intent.

use super::gpg::{Keyring, expiry};
use crate::types::standing::Verdict;

fn judged(status: &str, least_trust: Option<&str>) -> Verdict {
    Keyring::with("gpg", least_trust).judge(status).unwrap()
}

const GOOD: &str = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123456789ABCDEF Ada <ada@example.org>\n";

#[test]
fn a_good_signature_names_its_owner() {
    assert_eq!(judged(GOOD, None), Verdict::Signed("Ada <ada@example.org>".into()));
}

#[test]
fn trust_below_what_git_asks_is_not_enough() {
    let marginal = format!("{GOOD}[GNUPG:] TRUST_MARGINAL 0 pgp\n");
    assert!(matches!(judged(&marginal, Some("FULLY")), Verdict::UnknownSigner(_)));
    assert!(matches!(judged(&marginal, Some("MARGINAL")), Verdict::Signed(_)));
    assert!(matches!(judged(&marginal, Some("NONSENSE")), Verdict::UnknownSigner(_)));
    assert!(matches!(judged(GOOD, Some("UNDEFINED")), Verdict::UnknownSigner(_)));
}

#[test]
fn other_signatures_are_told_apart() {
    let told = |line: &str| judged(&format!("[GNUPG:] NEWSIG\n[GNUPG:] {line}\n"), None);
    assert!(matches!(told("BADSIG 01 Ada"), Verdict::Tampered(_)));
    assert!(matches!(told("EXPKEYSIG 01 Ada"), Verdict::UnknownSigner(_)));
    assert!(matches!(told("REVKEYSIG 01 Ada"), Verdict::UnknownSigner(_)));
    assert!(matches!(told("ERRSIG 01 1 8 00 1 9\n[GNUPG:] NO_PUBKEY 01"), Verdict::UnknownSigner(_)));
    assert!(matches!(told("NODATA 4"), Verdict::Tampered(_)));
    assert!(matches!(judged(&format!("{GOOD}[GNUPG:] NEWSIG\n"), None), Verdict::Tampered(_)));
}

#[test]
fn a_program_that_broke_off_says_nothing_about_the_signature() {
    let told = |status: &str| Keyring::with("gpg", None).judge(status);
    assert_eq!(told(""), None);
    assert_eq!(told("[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 01 1 8 00 1 4\n"), None);
}

#[test]
fn a_key_is_believed_until_it_or_the_part_of_it_that_signs_expires() {
    let listing = "tru::1:1:0:3:1:5\npub:u:255:22:AAAA:1700000000:1900000000::u:::scESC::::::23::0:\n\
        fpr:::::::::00AAAA:\nuid:u::::1700000000::HASH::Ada::::::::::0:\n\
        sub:u:255:22:BBBB:1700000000:1800000000:::::s::::::23:\nsub:u:255:18:CCCC:1700000000:1750000000:::::e:\n";
    assert_eq!(expiry(listing, "00BBBB"), Some(1_800_000_000));
    assert_eq!(expiry(listing, "00AAAA"), Some(1_900_000_000));
    assert_eq!(expiry("pub:u:255:22:AAAA:1700000000:::u:::\n", "00AAAA"), None);
}
