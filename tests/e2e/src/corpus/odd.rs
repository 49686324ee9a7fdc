//! Texts and bytes that are legal and rare.

/// Texts that some layer may change: escapes, controls, separators, look-alikes of other types.
pub(super) const TEXTS: [&str; 22] = [
    "",
    " ",
    "\u{0}",
    "\u{1}\u{7}\u{8}\u{b}\u{c}\u{1b}\u{7f}\u{85}",
    "\t\ttabs\tand trailing blanks  ",
    "\r\nWindows\r\nlines\r",
    "no newline at the end",
    "---\n- yaml: |\n    block\n# comment\n",
    "{\"json\": [1, 2.50, null]}",
    "<script>&amp;</script> 'single' \"double\" `back`",
    "C:\\path\\\\unc\\u0041",
    "null",
    "true",
    "0777",
    "1e400",
    "日本語 العربية עברית ไทย",
    "🦀🏳️‍🌈👨‍👩‍👧‍👦",
    "e\u{301} is not \u{e9}",
    "\u{2028}line\u{2029}paragraph\u{feff}\u{200b}\u{202e}",
    "\u{d7ff}\u{e000}\u{fffd}\u{fffe}\u{ffff}\u{10000}\u{10ffff}",
    "$(VAR) ${VAR} %s %25 {{ .Values.x }}",
    "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n",
];

/// Every byte there is, twice over, in an order that is no text.
pub(super) fn every_byte() -> Vec<u8> {
    (0..=255u8).chain((0..=255u8).rev()).collect()
}

/// The longest name an object can have.
pub(super) fn longest_name() -> String {
    format!("{}.{}", "long-name".repeat(20), "z".repeat(253 - 181))
}
