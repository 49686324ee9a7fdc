use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::decode::BadIndex;
use super::*;
use crate::gzip;
use crate::hash::hash128;
use crate::limits::MAX_MEMBER_BYTES;
use crate::member::{EntryMeta, Member, MemberBuilder, Owner};

fn ty(group: &str, plural: &str, namespaced: bool) -> Arc<ResourceType> {
    Arc::new(ResourceType {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        kind: "Kind".into(),
        namespaced,
    })
}

fn entry(namespace: &str, name: &str) -> EntryMeta {
    EntryMeta {
        namespace: namespace.into(),
        name: name.into(),
        uid: Some(Uuid::from_u128(u128::from_be_bytes(hash128(name.as_bytes())))),
        owner: None,
        labels: Some(format!("{{\"app\":\"{}\"}}", name.len()).into()),
        hash: hash128(namespace.as_bytes()),
    }
}

fn member(ty: &Arc<ResourceType>, entries: Vec<EntryMeta>) -> Member {
    let mut builder = MemberBuilder::new(Arc::clone(ty), Timestamp::UNIX_EPOCH);
    for entry in entries {
        builder.push(entry, &[b"{}"]).unwrap();
    }
    builder.finish().unwrap()
}

fn build(members: &[Member]) -> (Index, u64) {
    let mut builder = IndexBuilder::default();
    let mut offset = 0;
    for member in members {
        let length = u32::try_from(member.compressed.len()).unwrap();
        builder
            .add(member, MemberInfo { offset, length, raw_len: member.raw_len, hash: member.hash })
            .unwrap();
        offset += u64::from(length);
    }
    (builder.finish(vec!["pods".into()]), offset)
}

fn sample() -> (Index, u64) {
    let owned = EntryMeta {
        owner: Some(Owner { kind: "ReplicaSet.apps".into(), name: "web-7d".into() }),
        uid: None,
        labels: None,
        ..entry("shop", "web-7d-x \"quoted\"")
    };
    build(&[
        member(&ty("", "pods", true), vec![entry("shop", "b"), owned, entry("zoo", "a")]),
        member(&ty("", "namespaces", false), vec![entry("", "zoo"), entry("", "shop")]),
        member(&ty("apps", "deployments", true), vec![entry("shop", "web")]),
        member(&ty("", "pods", true), vec![entry("bar", "z")]),
    ])
}

fn keys(index: &Index) -> Vec<String> {
    index.rows().map(|row| format!("{} {}/{}", row.ty, row.namespace, row.name)).collect()
}

#[test]
fn rows_are_sorted_and_survive_the_blob() {
    let (index, archive) = sample();
    let expected = [
        "namespaces /shop",
        "namespaces /zoo",
        "pods bar/z",
        "pods shop/b",
        "pods shop/web-7d-x \"quoted\"",
        "pods zoo/a",
        "deployments.apps shop/web",
    ];
    assert_eq!(keys(&index), expected);
    let blob = index.encode();
    assert_eq!(blob, index.encode());
    let back = Index::decode(&blob, archive).unwrap();
    assert_eq!(keys(&back), expected);
    assert!(index.rows().eq(back.rows()));
    assert_eq!(back.non_atomic(), ["pods"]);
    assert_eq!(back.content_hash_algorithm(), "blake3-128/canonical-json-1");
    let owned = back.rows().find(|row| row.owner.is_some()).unwrap();
    assert_eq!((owned.owner, owned.uid, owned.labels), (Some(("ReplicaSet.apps", "web-7d")), None, None));
    assert_eq!(back.rows().next().unwrap().labels, Some("{\"app\":\"4\"}"));
}

#[test]
fn one_type_and_one_object_are_found() {
    let (index, _) = sample();
    assert_eq!(
        index.types().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["namespaces", "pods", "deployments.apps"]
    );
    assert_eq!(index.rows_of(1).map(|row| row.id.0).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!(index.rows_of(9).len(), 0);
    assert_eq!(index.find(1, "zoo", "a").unwrap().id, RowId(5));
    assert_eq!(index.row(RowId(5)).unwrap().name, "a");
    assert!(index.find(1, "zoo", "b").is_none());
    assert!(index.row(RowId(7)).is_none());
}

#[test]
fn of_two_rows_for_one_object_the_later_stays() {
    let pods = ty("", "pods", true);
    let second = EntryMeta { hash: [9; 16], ..entry("shop", "a") };
    let (index, _) = build(&[member(&pods, vec![entry("shop", "a")]), member(&pods, vec![second])]);
    assert_eq!(index.rows().map(|row| (row.member, row.hash)).collect::<Vec<_>>(), [(1, [9; 16])]);
}

#[test]
fn a_hundred_thousand_rows_survive_the_blob_in_under_200_bytes_each() {
    let types: Vec<_> = (0..10).map(|n| ty("example.io", &format!("kinds{n}"), true)).collect();
    let members: Vec<Member> = (0..200)
        .map(|m| {
            let entries = (0..500).map(|n| {
                let mut entry =
                    entry(&format!("team-{:03}", (m * 7 + n) % 300), &format!("object-{m:04}-{n:05}"));
                entry.labels = Some(format!("{{\"app\":\"app-{}\",\"tier\":\"backend\"}}", n % 250).into());
                entry.owner = Some(Owner { kind: "ReplicaSet.apps".into(), name: format!("owner-{m}-{n}") });
                entry
            });
            member(&types[m % 10], entries.collect())
        })
        .collect();
    let (index, archive) = build(&members);
    let blob = index.encode();
    let back = Index::decode(&blob, archive).unwrap();
    assert_eq!(back.len(), 100_000);
    assert!(index.rows().eq(back.rows()));
    let memory = std::mem::size_of::<RowData>() * back.rows.capacity()
        + back.names.capacity()
        + back.labels.buffer.capacity()
        + back.labels.ends.capacity() * 4;
    assert!(memory < 200 * 100_000, "{memory}");
}

/// The sample's blob with its header changed.
fn with_header(change: impl FnOnce(&mut serde_json::Value)) -> Result<Index, BadIndex> {
    let (index, archive) = sample();
    let blob = index.encode();
    let (header, length) = gzip::first_member(&blob, MAX_MEMBER_BYTES).unwrap();
    let mut header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    change(&mut header);
    let mut changed = gzip::compress(header.to_string().as_bytes());
    changed.extend_from_slice(&blob[length..]);
    Index::decode(&changed, archive)
}

#[test]
fn a_header_that_lies_is_refused() {
    use serde_json::json;
    assert!(with_header(|_| ()).is_ok());
    let newer = with_header(|header| header["format"] = json!(2)).unwrap_err();
    assert!(newer.0.contains("update Holdfast"), "{newer}");
    assert!(with_header(|header| header["rows"] = json!(8)).is_err());
    assert!(with_header(|header| header["rows"] = json!(4_000_000_000u32)).is_err());
    assert!(with_header(|header| header["labelSets"] = json!(0)).is_err());
    assert!(with_header(|header| header["namespaces"][2] = json!("a/b")).is_err());
    assert!(with_header(|header| header["types"][0]["plural"] = json!("../x")).is_err());
    assert!(with_header(|header| header["types"].as_array_mut().unwrap().truncate(2)).is_err());
    assert!(with_header(|header| header["members"][0][2] = json!(600)).is_err());
    assert!(with_header(|header| header["members"][1][0] = json!(1)).is_err());
    assert!(with_header(|header| header["members"].as_array_mut().unwrap().truncate(3)).is_err());
    assert!(with_header(|header| header["rowParts"][0][0] = json!(5)).is_err());
}

proptest! {
    #[test]
    fn no_blob_panics(at in 0usize..2000, byte: u8, cut in 0usize..3000) {
        let (index, archive) = sample();
        let mut blob = index.encode();
        let at = at % blob.len();
        blob[at] = byte;
        blob.truncate(cut);
        let _ = Index::decode(&blob, archive);
    }
}
