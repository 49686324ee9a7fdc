//! The four forms in which documents are written, one after the other.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::clean::Document;
use super::place::{FilePlace, FolderPlace, KUSTOMIZATION, folder};
use super::{ExportError, ExportFormat};

/// First lines of a kustomization. `fifo` keeps the order of the list; without it kustomize sorts by kind.
const KUSTOMIZATION_HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsortOptions:\n  order: fifo\nresources:\n";

/// An export being written.
pub(super) enum Sink {
    Folder(Folder),
    Yaml(FilePlace, PathBuf, BufWriter<NamedTempFile>),
    Tar(FilePlace, Box<Tar>),
}

/// A file for each document.
pub(super) struct Folder {
    place: FolderPlace,
    kustomization: Option<BufWriter<fs::File>>,
    /// The folder that was made last; the next file is mostly in it, too.
    made: PathBuf,
}

/// An entry for each document.
pub(super) struct Tar {
    path: PathBuf,
    top: String,
    time: u64,
    builder: tar::Builder<Packing>,
}

/// What goes into a tar file, compressed or not.
enum Packing {
    Plain(BufWriter<NamedTempFile>),
    Gzip(Box<GzEncoder<BufWriter<NamedTempFile>>>),
}

impl Sink {
    /// Begins an export. `top` is the folder in a tar file, `made` the time of its files.
    pub(super) fn open(
        format: ExportFormat,
        to: &Path,
        replace: bool,
        top: &str,
        made: Timestamp,
    ) -> Result<Self, ExportError> {
        let path = to.to_owned();
        Ok(match format {
            ExportFormat::Folder | ExportFormat::Kustomize => {
                let place = FolderPlace::open(to, replace)?;
                let kustomization = (format == ExportFormat::Kustomize)
                    .then(|| kustomization(place.files()).map_err(ExportError::write(to)))
                    .transpose()?;
                Self::Folder(Folder { place, kustomization, made: PathBuf::new() })
            }
            ExportFormat::Yaml => {
                let (place, file) = FilePlace::open(to, replace)?;
                Self::Yaml(place, path, BufWriter::new(file))
            }
            ExportFormat::Tar => {
                let (place, file) = FilePlace::open(to, replace)?;
                let file = BufWriter::new(file);
                let ending = to.extension().unwrap_or_default().to_ascii_lowercase();
                let packing = if ending == "gz" || ending == "tgz" {
                    Packing::Gzip(Box::new(GzEncoder::new(file, Compression::fast())))
                } else {
                    Packing::Plain(file)
                };
                let time = u64::try_from(made.as_second()).unwrap_or_default();
                let builder = tar::Builder::new(packing);
                Self::Tar(place, Box::new(Tar { path, top: top.to_owned(), time, builder }))
            }
        })
    }

    /// Writes a document.
    pub(super) fn put(&mut self, document: &Document) -> Result<(), ExportError> {
        match self {
            Self::Folder(folder) => folder.put(document),
            Self::Yaml(_, path, out) => out
                .write_all(b"---\n")
                .and_then(|()| out.write_all(&document.yaml))
                .map_err(ExportError::write(path.as_path())),
            Self::Tar(_, tar) => tar.put(document).map_err(ExportError::write(tar.path.as_path())),
        }
    }

    /// Puts what was written in place.
    pub(super) fn finish(self) -> Result<(), ExportError> {
        match self {
            Self::Folder(folder) => folder.finish(),
            Self::Yaml(place, path, out) => place.commit(unbuffered(out).map_err(ExportError::write(path))?),
            Self::Tar(place, tar) => {
                let path = tar.path.clone();
                place.commit(tar.finish().map_err(ExportError::write(path))?)
            }
        }
    }
}

impl Folder {
    fn put(&mut self, document: &Document) -> Result<(), ExportError> {
        let path = self.place.files().join(&document.path);
        let around = path.parent().unwrap_or(self.place.files());
        if around != self.made {
            folder(around)?;
            around.clone_into(&mut self.made);
        }
        let mut write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            if document.secret {
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            }
            options.open(&path)?.write_all(&document.yaml)?;
            if let Some(list) = &mut self.kustomization {
                // One of these, and kustomize would build nothing at all.
                let mark = if document.odd { "# control characters: " } else { "" };
                writeln!(list, "{mark}- {}", document.path)?;
            }
            Ok(())
        };
        write().map_err(ExportError::write(&path))
    }

    fn finish(self) -> Result<(), ExportError> {
        if let Some(mut list) = self.kustomization {
            list.flush().map_err(ExportError::write(KUSTOMIZATION))?;
        }
        self.place.commit()
    }
}

fn kustomization(files: &Path) -> io::Result<BufWriter<fs::File>> {
    let mut list = BufWriter::new(fs::File::create_new(files.join(KUSTOMIZATION))?);
    list.write_all(KUSTOMIZATION_HEAD.as_bytes())?;
    Ok(list)
}

impl Tar {
    fn put(&mut self, document: &Document) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(document.yaml.len() as u64);
        header.set_mode(if document.secret { 0o600 } else { 0o644 });
        header.set_mtime(self.time);
        let path = format!("{}/{}", self.top, document.path);
        self.builder.append_data(&mut header, path, document.yaml.as_slice())
    }

    fn finish(self) -> io::Result<NamedTempFile> {
        match self.builder.into_inner()? {
            Packing::Plain(out) => unbuffered(out),
            Packing::Gzip(out) => unbuffered(out.finish()?),
        }
    }
}

fn unbuffered(out: BufWriter<NamedTempFile>) -> io::Result<NamedTempFile> {
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

impl Write for Packing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.flush(),
        }
    }
}
