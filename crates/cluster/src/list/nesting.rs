//! Where a JSON value ends, found while its bytes arrive.

use memchr::memchr2;

/// Deepest nesting that is followed; the API server's own limit for what it reads.
pub(crate) const MAX_DEPTH: u32 = 10_000;

/// Position inside an object, array or string whose bytes arrive in pieces.
///
/// Only brackets and quotes are followed; whether the rest is JSON shows when the value is parsed. Strings, which
/// are most of any object, are skipped by `memchr`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nesting {
    depth: u32,
    in_string: bool,
    escaped: bool,
}

/// The value is nested deeper than [`MAX_DEPTH`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep;

impl Nesting {
    /// Follows the next piece; the first one begins with the bracket or quote that opens the value. Returns how
    /// many bytes belong to the value once it is complete.
    pub(crate) fn follow(&mut self, piece: &[u8]) -> Result<Option<usize>, TooDeep> {
        let mut at = 0;
        while at < piece.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr2(b'"', b'\\', &piece[at..]) else { return Ok(None) };
                at += found + 1;
                if piece[at - 1] == b'\\' {
                    self.escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.depth == 0 {
                    return Ok(Some(at));
                }
                continue;
            }
            match piece[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(TooDeep);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Ok(Some(at + 1));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_at_their_own_bracket_or_quote() {
        for (text, length) in
            [(r#"{"a":"}"} "#, 9), (r#"{"a\"}":[{}]},"#, 13), (r#""a\\","#, 5), (r#"[[1],"]"]]"#, 9)]
        {
            assert_eq!(Nesting::default().follow(text.as_bytes()), Ok(Some(length)), "{text}");
            let mut slowly = Nesting::default();
            let end = text.bytes().position(|b| slowly.follow(&[b]) == Ok(Some(1)));
            assert_eq!(end, Some(length - 1), "{text} byte by byte");
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let deep = "[".repeat(MAX_DEPTH as usize);
        let mut nesting = Nesting::default();
        assert_eq!(nesting.follow(deep.as_bytes()), Ok(None));
        assert_eq!(nesting.follow(b"["), Err(TooDeep));
    }
}
