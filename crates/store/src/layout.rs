//! Where every blob of a vault stands.

use object_store::path::Path;

/// Says what the folder is; see [`crate::Vault`].
pub(crate) fn vault_note() -> Path {
    Path::from("vault.json")
}

/// Folder of what changes often.
pub(crate) fn live() -> Path {
    Path::from("live")
}

/// Folder of the jobs' documents.
pub(crate) fn jobs() -> Path {
    Path::from("jobs")
}

/// Folder of the jobs' journals; apart from their documents, so that listing jobs does not list segments.
pub(crate) fn journals() -> Path {
    Path::from("journals")
}

/// Folder of what releases the pods that a backup holds.
pub(crate) fn frozen() -> Path {
    Path::from("frozen")
}

/// Sign of life of one writer.
pub(crate) fn heartbeat(writer: uuid::Uuid) -> Path {
    live().join(writer.to_string())
}

/// Folder of the points of a vault of ours.
pub(crate) fn own_points() -> Path {
    Path::from_iter(["operational", "backups"])
}

/// Folder of the points of a container written by Velero.
pub(crate) fn foreign_points() -> Path {
    Path::from("backups")
}

/// Name of the commit marker.
pub(crate) const MARKER: &str = "velero-backup.json";

/// The folder of one point.
#[derive(Clone, Debug)]
pub(crate) struct PointFolder {
    points: Path,
    name: String,
}

impl PointFolder {
    pub(crate) fn new(points: &Path, name: &str) -> Self {
        Self { points: points.clone(), name: name.to_owned() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> Path {
        self.points.clone().join(self.name.as_str())
    }

    fn file(&self, file: &str) -> Path {
        self.path().join(file)
    }

    pub(crate) fn marker(&self) -> Path {
        self.file(MARKER)
    }

    pub(crate) fn archive(&self) -> Path {
        self.file(&format!("{}.tar.gz", self.name))
    }

    /// Where a writer uploads its archive on stores that would replace another's.
    pub(crate) fn staging(&self, writer: uuid::Uuid) -> Path {
        self.file(&format!("holdfast-upload-{writer}"))
    }

    pub(crate) fn index(&self) -> Path {
        self.file(&format!("{}-holdfast-index.gz", self.name))
    }

    pub(crate) fn log(&self) -> Path {
        self.file(&format!("{}-logs.gz", self.name))
    }

    pub(crate) fn results(&self) -> Path {
        self.file(&format!("{}-results.gz", self.name))
    }

    /// `<point>-<what>.json.gz`.
    pub(crate) fn json(&self, what: &str) -> Path {
        self.file(&format!("{}-{what}.json.gz", self.name))
    }

    pub(crate) fn claim(&self, number: u32) -> Path {
        self.file(&format!("{CLAIM}{number}.json"))
    }
}

/// What the names of claims begin with.
pub(crate) const CLAIM: &str = "holdfast-claim-";

/// The number of a claim, if the blob is one.
pub(crate) fn claim_number(path: &Path) -> Option<u32> {
    let digits = path.filename()?.strip_prefix(CLAIM)?.strip_suffix(".json")?;
    let number: u32 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_told_from_other_files() {
        let folder = PointFolder::new(&own_points(), "p");
        assert_eq!(folder.claim(7).as_ref(), "operational/backups/p/holdfast-claim-7.json");
        assert_eq!(claim_number(&folder.claim(7)), Some(7));
        for other in
            ["holdfast-claim-.json", "holdfast-claim-0.json", "holdfast-claim-01.json", "holdfast-claim-1"]
        {
            assert_eq!(claim_number(&folder.path().join(other)), None, "{other}");
        }
    }
}
