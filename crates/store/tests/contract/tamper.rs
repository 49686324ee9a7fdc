//! Points whose blobs were changed, cut off or taken away.

use std::sync::Arc;

use bytes::Bytes;
use holdfast_store::{Completion, StoreError, Vault, Writer};
use proptest::prelude::*;
use tokio::runtime::Builder;

use crate::stores::*;

const FOLDER: &str = "operational/backups/p";

async fn golden() -> Place {
    let place = Place::memory().await;
    write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
    place
}

/// Everything that can be read of a point.
async fn everything(vault: &Vault) -> Result<Vec<String>, StoreError> {
    let point = vault.point(&name("p")).await?;
    let mut lines = contents(&point).await?;
    lines.push(format!("{:?}", point.summary()));
    lines.push(format!("{}", point.spec()));
    lines.push(format!("{:?}", point.log().await?));
    lines.push(format!("{:?}", point.warnings().await?));
    Ok(lines)
}

/// The golden point with one blob replaced, in a store of its own.
async fn changed(
    blobs: &[(String, Bytes)],
    path: &str,
    change: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Place {
    let place = Place::memory().await;
    let mut change = Some(change);
    for (at, bytes) in blobs {
        let bytes = match change.take_if(|_| at == path) {
            Some(change) => change(bytes).map(Bytes::from),
            None => Some(bytes.clone()),
        };
        if let Some(bytes) = bytes {
            place.store.put_bytes(at, bytes).await;
        }
    }
    assert!(change.is_none(), "there is no {path}");
    place
}

async fn blobs(place: &Place) -> Vec<(String, Bytes)> {
    let mut blobs = Vec::new();
    for path in place.store.paths().await {
        if path.starts_with(FOLDER) {
            blobs.push((path.clone(), place.store.bytes(&path).await));
        }
    }
    blobs
}

proptest! {
    #[test]
    fn a_changed_point_is_an_error_or_the_same_data(
        which in 0usize..100,
        at in 0usize..1_000_000,
        bit in 0u8..8,
        cut in prop::option::weighted(0.2, 0usize..1_000_000),
        index_lost in prop::bool::weighted(0.2),
    ) {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let golden = golden().await;
            let whole = everything(&golden.vault).await.unwrap();
            let mut all = blobs(&golden).await;
            if index_lost {
                all.retain(|(path, _)| !path.contains("index"));
            }
            let path = all[which % all.len()].0.clone();
            let place = changed(&all, &path, |bytes| {
                let mut bytes = bytes.to_vec();
                let length = bytes.len();
                bytes[at % length] ^= 1 << bit;
                if let Some(cut) = cut {
                    bytes.truncate(cut % length);
                }
                Some(bytes)
            })
            .await;
            let verified = match place.vault.point(&name("p")).await {
                Ok(point) => point.verify().await.map(|report| report.is_good()),
                Err(error) => Err(error),
            };
            match everything(&place.vault).await {
                Ok(lines) => assert_eq!(lines, whole, "{path}"),
                Err(error) => {
                    assert!(!matches!(verified, Ok(true)), "{path} is good by verify, yet: {error}");
                    assert!(error.to_string().contains(FOLDER), "{path}: {error}");
                }
            }
        });
    }
}

#[tokio::test]
async fn a_changed_member_is_found_when_it_is_read_and_by_verify() {
    let golden = golden().await;
    let all = blobs(&golden).await;
    let path = format!("{FOLDER}/p.tar.gz");
    let middle = all.iter().find(|(at, _)| *at == path).unwrap().1.len() / 2;
    let place = changed(&all, &path, |bytes| {
        let mut bytes = bytes.to_vec();
        bytes[middle] ^= 1;
        Some(bytes)
    })
    .await;
    let error = everything(&place.vault).await.unwrap_err();
    assert!(matches!(&error, StoreError::Tampered { blob, .. } if *blob == path), "{error}");
    let report = place.vault.point(&name("p")).await.unwrap().verify().await.unwrap();
    // The member, and the archive as a whole; all other objects are still read.
    assert_eq!(report.problems.len(), 2, "{report:?}");
    assert!(report.objects > 0 && report.objects < OBJECTS, "{report:?}");
}

#[tokio::test]
async fn a_point_without_its_index_is_read_from_its_archive() {
    let golden = golden().await;
    let all = blobs(&golden).await;
    let whole = everything(&golden.vault).await.unwrap();
    let path = format!("{FOLDER}/p-holdfast-index.gz");
    for change in [|_: &[u8]| None, |bytes: &[u8]| Some(bytes[..bytes.len() / 2].to_vec())] {
        let place = changed(&all, &path, change).await;
        assert_eq!(everything(&place.vault).await.unwrap(), whole);
        let report = place.vault.point(&name("p")).await.unwrap().verify().await.unwrap();
        assert_eq!((report.objects, report.problems.len()), (OBJECTS, 1), "{report:?}");
        assert_eq!(report.problems[0].blob, path);
    }
}

#[tokio::test]
async fn an_index_of_another_point_is_not_believed() {
    let golden = golden().await;
    let other = Place::memory().await;
    write(&other.vault, "p", &Writer::new(), members("two")).await.unwrap();
    let path = format!("{FOLDER}/p-holdfast-index.gz");
    let swapped = other.store.bytes(&path).await;
    let place = changed(&blobs(&golden).await, &path, |_| Some(swapped.to_vec())).await;
    assert_eq!(everything(&place.vault).await.unwrap(), everything(&golden.vault).await.unwrap());
    let report = place.vault.point(&name("p")).await.unwrap().verify().await.unwrap();
    assert!(report.problems[0].message.contains("changed after it was written"), "{report:?}");
}

#[tokio::test]
async fn lost_and_truncated_blobs_are_named() {
    let golden = golden().await;
    let all = blobs(&golden).await;
    let fate = async |file: &str, change: fn(&[u8]) -> Option<Vec<u8>>| {
        let place = changed(&all, &format!("{FOLDER}/{file}"), change).await;
        everything(&place.vault).await
    };
    let half = |bytes: &[u8]| Some(bytes[..bytes.len() / 2].to_vec());
    assert!(matches!(fate("p.tar.gz", half).await, Err(StoreError::Truncated { .. })));
    assert!(matches!(fate("p.tar.gz", |_| None).await, Err(StoreError::BlobMissing { .. })));
    assert!(matches!(fate("p-logs.gz", |_| None).await, Err(StoreError::BlobMissing { .. })));
    assert!(matches!(fate("p-results.gz", half).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(fate("velero-backup.json", half).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(fate("velero-backup.json", |_| None).await, Err(StoreError::HalfWritten { .. })));
    let huge = |_: &[u8]| Some(vec![b' '; (4 << 20) + 1]);
    assert!(matches!(fate("velero-backup.json", huge).await, Err(StoreError::TooLarge { .. })));
    let error = fate("p.tar.gz", half).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{FOLDER}/p.tar.gz has ")), "{error}");
}

#[tokio::test]
async fn an_edited_marker_is_listed_as_unreadable() {
    let golden = golden().await;
    let place = changed(&blobs(&golden).await, &format!("{FOLDER}/velero-backup.json"), |bytes| {
        Some(String::from_utf8(bytes.to_vec()).unwrap().replace("\"Partial\"", "\"Completed\"").into_bytes())
    })
    .await;
    let points = place.vault.points().await.unwrap();
    assert_eq!((points.len(), points[0].name(), points[0].summary()), (1, "p", None));
    assert!(matches!(place.vault.point(&name("p")).await, Err(StoreError::Tampered { .. })));
    let vault =
        Vault::from_existing_store(Arc::new(place.store.clone()), Completion::Replaces, place.cache.path())
            .await
            .unwrap();
    vault.delete(&name("p")).await.unwrap();
}
