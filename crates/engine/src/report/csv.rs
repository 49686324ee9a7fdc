//! The form that everything reads: one line for each object.
//!
//! A field that a spreadsheet would take for a formula gets an apostrophe before it
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

use std::io::Write;

use super::{COLUMNS, ReportError, ReportFile, row};

impl ReportFile {
    pub(super) fn csv(&self, out: &mut impl Write) -> Result<(), ReportError> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(COLUMNS)?;
        for item in &self.items {
            csv.write_record(row(item).map(no_formula))?;
        }
        Ok(csv.flush()?)
    }
}

fn no_formula(field: String) -> String {
    match field.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{field}"),
        _ => field,
    }
}
