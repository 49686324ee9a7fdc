//! A point of 100,000 objects: opened once, then asked while somebody types.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::time::Instant;

use holdfast_app::api::{ObjectSort, PointKey};
use holdfast_e2e::many;
use support::{Place, key, objects};

const OBJECTS: usize = 100_000;
/// How long a query may take in a build without optimisation, on a machine that does something else as well.
const PATIENCE_MS: u128 = 2000;

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_100_000_objects_is_answered_while_typing() {
    let place = Place::new();
    many::write(&place.vault(), OBJECTS).await;
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
