//! Recovery points: the list over all vaults, and one point opened.

mod objects;
mod opened;
mod text;
mod volumes;
pub(crate) mod words;

use std::collections::BTreeMap;

use holdfast_store::PointEntry;

use crate::App;
use crate::api::{Failure, KindCount, PointDetails, PointKey, PointList, VaultFailure};
use crate::vaults::point_row;

pub(crate) use objects::MAX_PAGE;
pub(crate) use opened::OpenPoints;
pub(crate) use text::yaml;
pub(crate) use volumes::{hook_rows, of as volumes_of};

/// Longest log that is shown, in bytes; the end of a longer one.
const MAX_LOG: usize = 2 << 20;

impl App {
    /// The points of all vaults as they were seen last; the vaults are looked at again in the background.
    pub async fn points(&self) -> Result<PointList, Failure> {
        self.look_at_all();
        let mut points = self.inner.model.points().await;
        let vaults = self.inner.vaults.all();
        // The name may have changed, and a vault may have been forgotten meanwhile.
        points.retain_mut(|point| {
            let vault = vaults.iter().find(|vault| vault.id == point.vault_id);
            vault.inspect(|vault| vault.name.clone_into(&mut point.vault_name)).is_some()
        });
        Ok(PointList { points, failures: self.vault_failures().await, as_of: self.now().to_string() })
    }

    /// Vaults that could not be looked at last time.
    pub(crate) async fn vault_failures(&self) -> Vec<VaultFailure> {
        let seen = self.inner.model.vaults().await;
        let vaults = self.inner.vaults.all();
        let failing = vaults.iter().filter_map(|vault| {
            let failure = seen.get(&vault.id)?.0.failure.clone()?;
            Some(VaultFailure { vault_id: vault.id.clone(), vault_name: vault.name.clone(), failure })
        });
        failing.collect()
    }

    /// One point, opened.
    pub async fn point(&self, key: PointKey) -> Result<PointDetails, Failure> {
        let known = self.inner.vaults.get(&key.vault_id)?;
        let open = self.reopen_point(&key).await?;
        let (point, index) = (&open.point, &open.index);
        let warnings = point.warnings().await?;
        let mut namespaces: BTreeMap<&str, u64> = BTreeMap::new();
        for row in index.rows() {
            *namespaces.entry(row.namespace).or_default() += 1;
        }
        let kinds = (0u16..).zip(index.types()).map(|(type_id, ty)| KindCount {
            group: ty.group.clone(),
            version: ty.version.clone(),
            kind: ty.kind.clone(),
            resource: ty.to_string(),
            namespaced: ty.namespaced,
            objects: index.rows_of(type_id).len() as u64,
        });
        let mut kinds: Vec<KindCount> = kinds.filter(|kind| kind.objects > 0).collect();
        kinds.sort_by(|a, b| a.resource.cmp(&b.resource));
        let mut row = point_row(&known, &PointEntry::Readable(point.summary().clone()));
        // What another program claims may be less than what is there.
        row.objects = index.len() as u64;
        row.warnings = warnings.len() as u64;
        Ok(PointDetails {
            row,
            warnings: warnings.into_iter().map(volumes::warning).collect(),
            kinds,
            namespaces: namespaces.into_iter().map(|(name, objects)| (name.to_owned(), objects)).collect(),
            non_atomic: index.non_atomic().to_vec(),
            spec: yaml(point.spec())?,
        })
    }

    /// The log that the backup left in the point; the end of a very long one.
    pub async fn point_log(&self, key: PointKey) -> Result<String, Failure> {
        let open = self.open_point(&key).await?;
        let log = open.point.log().await?.unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let start = text.ceil_char_boundary(text.len().saturating_sub(MAX_LOG));
        Ok(text[start..].to_owned())
    }
}
