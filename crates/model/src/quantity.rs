//! Quantities as Kubernetes writes them: `500m`, `1Gi`, `2e3`.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use std::fmt;
use std::ops::AddAssign;

/// Nanos in one.
const ONE: i128 = 1_000_000_000;
/// Longest text that is looked at, in bytes.
const MAX_BYTES: usize = 64;

/// An amount, exact to a billionth, which is as fine as Kubernetes goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i128);

impl Quantity {
    /// One.
    pub const ONE: Self = Self(ONE);

    /// A whole number.
    pub fn of(number: u64) -> Self {
        // 64 bits of billionths fit.
        Self(i128::from(number) * ONE)
    }

    /// Parses a quantity; `None` for what is none, or is beyond what Kubernetes can hold.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return None;
        }
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (digits, suffix) = text.split_at(end);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (factor, divisor) = factor(suffix)?;
        let mut value: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        value = value.checked_mul(ONE)?;
        let mut place = ONE / 10;
        for digit in fraction.bytes() {
            value = value.checked_add(i128::from(digit - b'0').checked_mul(place)?)?;
            place /= 10;
        }
        value.checked_mul(factor)?.checked_div(divisor)?.checked_mul(sign).map(Self)
    }

    /// The sum, if it can be held.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The amount as a whole number, rounded up as Kubernetes rounds bytes; `None` beyond what Kubernetes can hold.
    pub fn whole(self) -> Option<i64> {
        let up = i128::from(self.0.rem_euclid(ONE) != 0);
        i64::try_from(self.0.div_euclid(ONE) + up).ok()
    }
}

/// What a suffix multiplies by and divides by.
fn factor(suffix: &str) -> Option<(i128, i128)> {
    let decimal = |power: u32| 10_i128.checked_pow(power);
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, decimal(9)?),
        "u" => (1, decimal(6)?),
        "m" => (1, decimal(3)?),
        "k" => (decimal(3)?, 1),
        "M" => (decimal(6)?, 1),
        "G" => (decimal(9)?, 1),
        "T" => (decimal(12)?, 1),
        "P" => (decimal(15)?, 1),
        "E" => (decimal(18)?, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        "Pi" => (1 << 50, 1),
        "Ei" => (1 << 60, 1),
        exponent => {
            let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = decimal(exponent.unsigned_abs())?;
            if exponent < 0 { (1, power) } else { (power, 1) }
        }
    })
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
        for (suffix, bits) in binary {
            let unit = (1_i128 << bits) * ONE;
            if self.0 != 0 && self.0 % unit == 0 {
                return write!(f, "{}{suffix}", self.0 / unit);
            }
        }
        if self.0 % ONE == 0 {
            return write!(f, "{}", self.0 / ONE);
        }
        for (suffix, unit) in [("m", 1_000_000), ("u", 1_000)] {
            if self.0 % unit == 0 {
                return write!(f, "{}{suffix}", self.0 / unit);
            }
        }
        write!(f, "{}n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_what_kubernetes_means() {
        for (text, same) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1Ki", "1024"),
            ("1k", "1000"),
            ("1.5Gi", "1536Mi"),
            ("2e3", "2k"),
            ("2E3", "2000"),
            ("1E", "1e18"),
            ("-1", "-1000m"),
            ("+1", "1"),
            ("1000u", "1m"),
            ("1500e-3", "1.5"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap(), Quantity::parse(same).unwrap(), "{text} {same}");
        }
        for text in ["", ".", "1.2.3", "1Q", "x", "1 Gi", "e3", "1e", "1e99", "--1", &"9".repeat(60)] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_rounded_up() {
        for (text, bytes) in [("5Gi", Some(5 << 30)), ("1.5", Some(2)), ("-1.5", Some(-1)), ("100E", None)] {
            assert_eq!(Quantity::parse(text).unwrap().whole(), bytes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(digits in 0..u32::MAX, suffix in "(|n|u|m|k|M|G|T|Ki|Mi|Gi|Ti)") {
            let quantity = Quantity::parse(&format!("{digits}{suffix}")).unwrap();
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Some(quantity));
        }

        #[test]
        fn no_text_ends_the_program(text in "[-+0-9.eEKMGTPimnuk]{0,20}") {
            let _ = Quantity::parse(&text);
        }
    }
}
