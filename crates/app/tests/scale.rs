//! A point of 100,000 objects: opened once, then asked while somebody types.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::sync::Arc;
use std::time::Instant;

use holdfast_app::api::{ObjectSort, PointKey};
use holdfast_model::resource::ResourceType;
use holdfast_store::{
    Access, ClusterFacts, EntryMeta, Manifest, MemberBuilder, PointState, Vault, VaultUrl, Writer,
};
use jiff::Timestamp;
use serde_json::json;
use support::{Place, key, objects};

const OBJECTS: usize = 100_000;
/// How long a query may take in a build without optimisation, on a machine that does something else as well.
const PATIENCE_MS: u128 = 2000;

async fn write(place: &Place) {
    let url: VaultUrl = place.vault().display().to_string().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), place.path()).await.unwrap();
    let started = Timestamp::now();
    let mut point = vault.begin(&"big".parse().unwrap(), started, &Writer::new()).await.unwrap();
    for (at, (group, plural, kind)) in
        [("", "configmaps", "ConfigMap"), ("", "secrets", "Secret"), ("apps", "deployments", "Deployment")]
            .into_iter()
            .enumerate()
    {
        let ty = Arc::new(ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: kind.into(),
            namespaced: true,
        });
        let numbers: Vec<usize> = (0..OBJECTS).filter(|n| n % 3 == at).collect();
        for chunk in numbers.chunks(2000) {
            let mut member = MemberBuilder::new(Arc::clone(&ty), started);
            for n in chunk {
                let (namespace, name) = (format!("team-{:03}", n % 250), format!("object-{n:06}-settings"));
                let json = json!({"metadata": {"name": name, "namespace": namespace}}).to_string();
                let labels = json!({"app": format!("app-{}", n % 40), "tier": "back"}).to_string();
                let hash = holdfast_model::content::hash(json.as_bytes());
                let meta =
                    EntryMeta { namespace, name, uid: None, owner: None, labels: Some(labels.into()), hash };
                member.push(meta, &[json.as_bytes()]).unwrap();
            }
            point.append(member.finish().unwrap()).await.unwrap();
        }
    }
    let manifest = Manifest {
        completed: Timestamp::now(),
        state: PointState::Completed,
        cluster: ClusterFacts::default(),
        warnings: Vec::new(),
        spec: json!({}),
        log: Vec::new(),
        non_atomic: Vec::new(),
    };
    point.commit(manifest).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_100_000_objects_is_answered_while_typing() {
    let place = Place::new();
    write(&place).await;
    let app = place.start().await;
    let vault = app.add_vault(support::folder_vault(&place.vault(), false)).await.unwrap();
    let point: PointKey = key(&vault, "big");
    let clock = Instant::now();
    assert_eq!(app.point(point.clone()).await.unwrap().row.objects, OBJECTS as u64);
    println!("opened: {:?}", clock.elapsed());
    for (text, sort, total) in [
        ("", ObjectSort::Kind, OBJECTS as u64),
        ("", ObjectSort::Name, OBJECTS as u64),
        ("object-0999", ObjectSort::Name, 100),
        ("kind:Secret ns:team-007", ObjectSort::Namespace, 134),
        ("label:app=app-3 -kind:ConfigMap", ObjectSort::Bytes, 1666),
        ("no such thing", ObjectSort::Kind, 0),
    ] {
        let mut query = objects(&point, text);
        (query.sort, query.limit) = (sort, 200);
        // The first use of an order sorts; what is typed next does not.
        app.point_objects(query.clone()).await.unwrap();
        let clock = Instant::now();
        let page = app.point_objects(query.clone()).await.unwrap();
        let took = clock.elapsed();
        println!("{text:?} by {sort:?}: {took:?}");
        assert_eq!(page.total, total, "{text}");
        assert_eq!(page.rows.len() as u64, total.min(200));
        assert!(took.as_millis() < PATIENCE_MS, "{text:?} took {took:?}");
        let tree = app.point_tree(query).await.unwrap();
        assert_eq!(tree.iter().map(|group| group.objects).sum::<u64>(), total);
    }
    let mut last = objects(&point, "");
    (last.sort, last.descending, last.limit) = (ObjectSort::Name, true, 1);
    assert_eq!(
        app.point_objects(last).await.unwrap().rows[0].name,
        format!("object-{:06}-settings", OBJECTS - 1)
    );
}
