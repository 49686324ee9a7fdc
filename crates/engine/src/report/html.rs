//! The form for people: one page, grouped by what happened, what was not restored first.
//!
//! Groups that say "nothing to do" are folded. Every text is escaped; the page has no script and loads nothing.

use std::fmt;
use std::io::{self, Write};

use holdfast_model::report::Outcome;
use holdfast_store::job::JobItem;

use super::page::{AFTER_TITLE, BEFORE_TITLE, END, TABLE, TABLE_END};
use super::{ORDER, ReportError, ReportFile, label};

/// Differing fields that are shown of one object.
const FIELDS_SHOWN: usize = 20;

impl ReportFile {
    pub(super) fn html(&self, out: &mut impl Write) -> Result<(), ReportError> {
        let point = self.recovery_point.as_deref().unwrap_or_default();
        let title = format!("{:?} {point}: {:?}", self.kind, self.state);
        let title = Escaped(&title);
        write!(out, "{BEFORE_TITLE}{title}{AFTER_TITLE}<h1>{title}</h1>\n<dl>\n")?;
        for (name, value) in self.head() {
            writeln!(out, "<dt>{name}</dt><dd>{}</dd>", Escaped(&value))?;
        }
        out.write_all(b"</dl>\n")?;
        self.numbers_html(out)?;
        self.warnings_html(out)?;
        for outcome in ORDER {
            self.group(out, outcome)?;
        }
        Ok(out.write_all(END.as_bytes())?)
    }

    fn numbers_html(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"<ul class=\"numbers\">\n")?;
        for (name, number) in self.numbers() {
            let class = if matches!(name, "Failed" | "Blocked") { " class=\"bad\"" } else { "" };
            writeln!(out, "<li{class}><b>{number}</b> {name}</li>")?;
        }
        out.write_all(b"</ul>\n")
    }

    fn warnings_html(&self, out: &mut impl Write) -> io::Result<()> {
        if self.warnings.is_empty() {
            return Ok(());
        }
        out.write_all(b"<h2>Warnings</h2>\n<ul>\n")?;
        for warning in &self.warnings {
            write!(out, "<li>{} × {}", warning.count, Escaped(&warning.message))?;
            if !warning.objects.is_empty() {
                let more = if warning.count > warning.objects.len() as u64 { ", …" } else { "" };
                write!(out, " ({}{more})", Escaped(&warning.objects.join(", ")))?;
            }
            out.write_all(b"</li>\n")?;
        }
        out.write_all(b"</ul>\n")
    }

    fn group(&self, out: &mut impl Write, outcome: Outcome) -> io::Result<()> {
        let items = || self.items.iter().filter(|item| item.outcome == outcome);
        let number = items().count();
        if number == 0 {
            return Ok(());
        }
        let name = label(outcome);
        let folded = matches!(outcome, Outcome::Identical | Outcome::Derived);
        if folded {
            writeln!(out, "<details>\n<summary>{name} ({number})</summary>")?;
        } else {
            let class =
                if matches!(outcome, Outcome::Failed | Outcome::Blocked) { " class=\"bad\"" } else { "" };
            writeln!(out, "<h2{class}>{name} ({number})</h2>")?;
        }
        out.write_all(TABLE.as_bytes())?;
        for item in items() {
            object(out, item)?;
        }
        out.write_all(TABLE_END.as_bytes())?;
        if folded { out.write_all(b"</details>\n") } else { Ok(()) }
    }
}

fn object(out: &mut impl Write, item: &JobItem) -> io::Result<()> {
    let dot = if item.group.is_empty() { "" } else { "." };
    write!(out, "<tr><td>{}{dot}{}</td>", Escaped(&item.kind), Escaped(&item.group))?;
    let mapped = |old: &str, new: &str| {
        if old == new || new.is_empty() { old.to_owned() } else { format!("{old} → {new}") }
    };
    let namespace = mapped(&item.namespace, &item.target_namespace);
    let name = mapped(&item.name, item.target_name.as_deref().unwrap_or_default());
    write!(out, "<td>{}</td><td>{}</td><td>", Escaped(&namespace), Escaped(&name))?;
    write!(out, "{}", Escaped(item.reason.as_deref().unwrap_or_default()))?;
    for change in item.diff.iter().take(FIELDS_SHOWN) {
        write!(out, "<br><code>{}</code>", Escaped(&change.path))?;
    }
    if item.diff.len() > FIELDS_SHOWN {
        write!(out, "<br>and {} more", item.diff.len() - FIELDS_SHOWN)?;
    }
    for path in &item.pruned_paths {
        write!(out, "<br>left as it was: <code>{}</code>", Escaped(path))?;
    }
    for note in &item.modifiers {
        write!(out, "<br>{}", Escaped(note))?;
    }
    out.write_all(b"</td></tr>\n")
}

/// Text as text, wherever it stands in the page: nothing of it is markup, and nothing turns the text around it.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                c if c.is_control() => f.write_char('\u{fffd}')?,
                '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    f.write_char('\u{fffd}')?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
