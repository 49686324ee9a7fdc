//! One module per command.

pub(crate) mod backup;
pub(crate) mod clusters;
pub(crate) mod points;
pub(crate) mod restore;
pub(crate) mod vaults;

use std::path::PathBuf;

use crate::failure::Failure;

/// Where what cannot be made again is kept: signatures, on systems without a keyring.
pub(crate) fn data_dir() -> Result<PathBuf, Failure> {
    if let Some(dir) = std::env::var_os("HOLDFAST_DATA_DIR") {
        return Ok(dir.into());
    }
    dirs::data_dir()
        .map(|dir| dir.join("holdfast"))
        .ok_or_else(|| Failure::Usage("there is no data folder: set HOLDFAST_DATA_DIR".to_owned()))
}

/// Where what can be made again is kept: indexes of other programs' points, and spooled archives.
pub(crate) fn cache_dir() -> Result<PathBuf, Failure> {
    if let Some(dir) = std::env::var_os("HOLDFAST_CACHE_DIR") {
        return Ok(dir.into());
    }
    dirs::cache_dir()
        .map(|dir| dir.join("holdfast"))
        .ok_or_else(|| Failure::Usage("there is no cache folder: set HOLDFAST_CACHE_DIR".to_owned()))
}
