//! Files that a person asked for, where they asked for them.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::api::{Failure, FailureCode};
use crate::{App, blocking};

/// Longest text that is saved for a page, in bytes: a table of 200,000 rows.
const MAX_TEXT_BYTES: usize = 256 << 20;
/// Longest name that is proposed, in characters.
const MAX_NAME: usize = 120;

impl App {
    /// Writes a text into a file, replacing what is there.
    pub async fn save_text(&self, text: String, file: &Path) -> Result<(), Failure> {
        if text.len() > MAX_TEXT_BYTES {
            let message =
                format!("{} bytes are too many for one file, {MAX_TEXT_BYTES} are allowed", text.len());
            return Err(Failure::new(FailureCode::InvalidInput, message, "Filter the table first."));
        }
        let file = file.to_owned();
        blocking("writing the file", move || {
            whole(&file, |out| Ok(out.write_all(text.as_bytes())?))
                .map_err(|error| Failure::file(&file, &*error))
        })
        .await?
    }

    /// A name for a file as a page proposes it, without anything that could lead to another folder.
    pub fn proposed_file_name(name: &str) -> String {
        let allowed = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        let name: String = name.chars().filter(allowed).take(MAX_NAME).collect();
        let name = name.trim_start_matches('.');
        if name.is_empty() { "holdfast".to_owned() } else { name.to_owned() }
    }
}

/// Written beside and put in place whole.
pub(crate) fn whole(
    file: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = NamedTempFile::new_in(folder)?;
    write(&mut out)?;
    out.as_file().sync_all()?;
    out.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_name_leads_nowhere() {
        for (proposed, name) in [
            ("holdfast-recovery-points-2026-11-25.csv", "holdfast-recovery-points-2026-11-25.csv"),
            ("../../etc/passwd", "etcpasswd"),
            ("/etc/cron.d/x", "etccron.dx"),
            ("C:\\windows\\x", "Cwindowsx"),
            ("..", "holdfast"),
            ("", "holdfast"),
        ] {
            assert_eq!(App::proposed_file_name(proposed), name, "{proposed}");
        }
    }
}
