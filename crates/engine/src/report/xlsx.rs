//! The form for spreadsheets: a summary, the objects, the warnings. Every cell is text or a number, none a formula.

use std::io::Write;

use holdfast_model::report::Outcome;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{COLUMNS, OUTCOME, ReportError, ReportFile, row};

/// Longest text of a cell, in UTF-16 units; what is behind is cut off.
const MAX_CELL: usize = 32_767;
/// Rows that a sheet has at most, its header included.
const MAX_ROWS: usize = 1_048_576;
/// Widths of the columns of objects, in characters.
const WIDTHS: [u32; COLUMNS.len()] = [24, 9, 24, 24, 36, 24, 36, 11, 11, 70, 50, 40, 50];

impl ReportFile {
    pub(super) fn xlsx(&self, out: &mut impl Write) -> Result<(), ReportError> {
        let mut workbook = Workbook::new();
        if let Some(ended) = self.ended.or(self.started) {
            let time = ExcelDateTime::from_timestamp(ended.as_second())?;
            workbook.set_properties(&DocProperties::new().set_creation_datetime(&time));
        }
        self.summary(workbook.add_worksheet())?;
        self.objects(workbook.add_worksheet())?;
        self.warnings(workbook.add_worksheet())?;
        Ok(out.write_all(&workbook.save_to_buffer()?)?)
    }

    fn summary(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let name = Format::new().set_bold().set_align(FormatAlign::Top);
        let value = Format::new().set_text_wrap().set_align(FormatAlign::Left);
        sheet.set_name("Summary")?.set_column_width(0, 24)?.set_column_width(1, 90)?;
        let mut line = 0;
        for (title, words) in self.head() {
            sheet.write_string_with_format(line, 0, title, &name)?;
            sheet.write_string_with_format(line, 1, cell(words), &value)?;
            line += 1;
        }
        for (title, number) in self.numbers() {
            sheet.write_string_with_format(line, 0, title, &name)?;
            sheet.write_number_with_format(line, 1, number as f64, &value)?;
            line += 1;
        }
        if self.items.len() >= MAX_ROWS {
            let words = format!(
                "The sheet of objects has room for the first {} of {}; the other forms hold all.",
                MAX_ROWS - 1,
                self.items.len()
            );
            sheet.write_string_with_format(line, 1, words, &value)?;
        }
        Ok(())
    }

    fn objects(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name("Objects")?;
        header(sheet, &COLUMNS, &WIDTHS)?;
        let bad = Format::new().set_bold().set_font_color(Color::RGB(0x00B1_0E1C));
        let shown = self.items.iter().take(MAX_ROWS - 1);
        let mut last = 0;
        for (line, item) in (1..).zip(shown) {
            last = line;
            let is_bad = matches!(item.outcome, Outcome::Failed | Outcome::Blocked);
            for (column, (at, words)) in (0..).zip(row(item).into_iter().enumerate()) {
                if words.is_empty() {
                    continue;
                }
                if is_bad && at == OUTCOME {
                    sheet.write_string_with_format(line, column, cell(words), &bad)?;
                } else {
                    sheet.write_string(line, column, cell(words))?;
                }
            }
        }
        sheet.autofilter(0, 0, last, column_number(COLUMNS.len() - 1))?;
        Ok(())
    }

    fn warnings(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name("Warnings")?;
        header(sheet, &["count", "warning", "objects"], &[9, 110, 90])?;
        for (line, warning) in (1..).zip(self.warnings.iter().take(MAX_ROWS - 1)) {
            sheet.write_number(line, 0, warning.count as f64)?;
            sheet.write_string(line, 1, cell(warning.message.clone()))?;
            sheet.write_string(line, 2, cell(warning.objects.join(", ")))?;
        }
        Ok(())
    }
}

fn header(sheet: &mut Worksheet, titles: &[&str], widths: &[u32]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (column, (title, width)) in (0..).zip(titles.iter().zip(widths)) {
        sheet.write_string_with_format(0, column, *title, &bold)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn column_number(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A text as a cell can hold it: no control characters but ends of lines and tabs, and not too long.
fn cell(text: String) -> String {
    let odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let text = if text.contains(odd) { text.replace(odd, "\u{fffd}") } else { text };
    if text.len() <= MAX_CELL {
        return text;
    }
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units < MAX_CELL
    };
    let cut: String = text.chars().take_while(fits).collect();
    if cut.len() == text.len() { text } else { cut + "…" }
}
