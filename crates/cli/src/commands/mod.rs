//! One module per command.

pub(crate) mod backup;
pub(crate) mod clusters;
pub(crate) mod jobs;
pub(crate) mod points;
pub(crate) mod restore;

use std::path::PathBuf;

use crate::failure::Failure;

/// Where what can be made again is kept: indexes of other programs' points, and spooled archives.
fn cache_dir() -> Result<PathBuf, Failure> {
    if let Some(dir) = std::env::var_os("HOLDFAST_CACHE_DIR") {
        return Ok(dir.into());
    }
    dirs::cache_dir()
        .map(|dir| dir.join("holdfast"))
        .ok_or_else(|| Failure::Usage("there is no cache folder: set HOLDFAST_CACHE_DIR".to_owned()))
}
