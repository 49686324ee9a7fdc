//! The type of a patch's `value`, which is text in the schema.
//!
//! As in Velero: text in double quotes is a string (the way to force one: `value: '"12"'`),
//! `null`, `true` and `false` are themselves, `{` and `[` begin JSON, numbers are numbers,
//! everything else is a string. Where Velero pastes text into a JSON document unescaped,
//! it is escaped here, so quotes, backslashes and line breaks are no trouble; `True` is
//! true; `NaN`, `Inf` and hexadecimal numbers, which JSON lacks, are strings.

use serde_json::{Number, Value};

/// The JSON value that a text stands for; an error says why it stands for none.
pub(super) fn typed(text: &str) -> Result<Value, String> {
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        // Escapes written for JSON are read as JSON; anything else between the quotes is taken as it stands.
        let read = serde_json::from_str::<String>(text).unwrap_or_else(|_| inner.to_owned());
        return Ok(Value::String(read));
    }
    if text == "null" {
        return Ok(Value::Null);
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Ok(Value::Bool(text.eq_ignore_ascii_case("true")));
    }
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|error| {
            format!("begins like JSON but is none ({error}); put a string that begins so in double quotes: '\"…\"'")
        });
    }
    // Spellings that Go reads as numbers and JSON does not (`+1`, `.5`, `007`) are what versions, times and account
    // numbers look like; Velero fails at them.
    Ok(text.parse::<Number>().map_or_else(|_| Value::from(text), Value::Number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_becomes_the_value_that_velero_makes_of_it() {
        for (text, value) in [
            ("", json!("")),
            ("plain", json!("plain")),
            ("12", json!(12)),
            ("-0.5", json!(-0.5)),
            ("1e5", json!(1e5)),
            ("\"12\"", json!("12")),
            ("\"true\"", json!("true")),
            ("\"a\\nb\"", json!("a\nb")),
            ("\"", json!("\"")),
            ("null", json!(null)),
            ("true", json!(true)),
            ("{\"a\": [1]}", json!({"a": [1]})),
            ("[\"a\"]", json!(["a"])),
        ] {
            assert_eq!(typed(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_breaks_velero_is_read_sensibly() {
        for (text, value) in [
            ("True", json!(true)),
            ("FALSE", json!(false)),
            ("say \"hi\"", json!("say \"hi\"")),
            ("C:\\dir\nline", json!("C:\\dir\nline")),
            ("\"a \"quoted\" word\"", json!("a \"quoted\" word")),
            ("NaN", json!("NaN")),
            ("Inf", json!("Inf")),
            ("0x1p-2", json!("0x1p-2")),
            ("007", json!("007")),
            ("+1", json!("+1")),
            ("1e999", json!("1e999")),
            ("Null", json!("Null")),
        ] {
            assert_eq!(typed(text).unwrap(), value, "{text}");
        }
        for bad in ["{a: b}", "[x", "{\"a\": 1} x"] {
            assert!(typed(bad).unwrap_err().contains("double quotes"), "{bad}");
        }
    }
}
