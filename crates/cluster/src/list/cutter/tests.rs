use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

/// Feeds `body` in pieces that end at the given offsets and after every further `step` bytes.
fn cut(body: &[u8], cuts: &[usize]) -> Result<(Vec<Bytes>, ListMeta), CutError> {
    let mut cutter = Cutter::new();
    let mut objects = Vec::new();
    let mut from = 0;
    for &to in cuts.iter().chain([&body.len()]) {
        let to = to.clamp(from, body.len());
        cutter.push(Bytes::copy_from_slice(&body[from..to]), &mut objects)?;
        from = to;
    }
    cutter.finish()?;
    Ok((objects, cutter.metadata().cloned().unwrap_or_default()))
}

fn every_byte(body: &[u8]) -> Vec<usize> {
    (0..body.len()).collect()
}

/// What serde reads from the same list.
#[derive(Deserialize)]
struct Whole<'a> {
    metadata: ListMeta,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

#[test]
fn objects_come_out_as_they_stand() {
    let body = br#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"abc","remainingItemCount":2},"items":[{"a":1}, {"b":"}]\"{"}]}"#;
    for cuts in [vec![], every_byte(body)] {
        let (objects, metadata) = cut(body, &cuts).unwrap();
        assert_eq!(objects, [&br#"{"a":1}"#[..], br#"{"b":"}]\"{"}"#]);
        assert_eq!(metadata.next_page(), Some("abc"));
        assert_eq!(metadata.remaining_item_count, Some(2));
        assert_eq!(metadata.resource_version.as_deref(), Some("7"));
    }
}

#[test]
fn an_object_within_one_piece_is_not_copied() {
    let body = Bytes::from_static(br#"{"metadata":{},"items":[{"a":1}]}"#);
    let mut objects = Vec::new();
    Cutter::new().push(body.clone(), &mut objects).unwrap();
    assert!(body.as_ptr_range().contains(&objects[0].as_ptr()));
}

#[test]
fn empty_lists_are_lists() {
    for body in [
        r#"{"metadata":{},"items":[]}"#,
        r#"{"metadata":null,"items":null}"#,
        " { \"metadata\" : { } , \"items\" : [ ] } \n",
        r#"{"\u0069tems":[],"metad\u0061ta":{}}"#,
    ] {
        assert_eq!(cut(body.as_bytes(), &every_byte(body.as_bytes())).map(|(o, _)| o), Ok(vec![]), "{body}");
    }
}

#[test]
fn what_is_not_a_list_is_refused() {
    for body in [
        "[]",
        "null",
        r#"{"kind":"Status","metadata":{}}"#,
        r#"{"items":[]}"#,
        r#"{"metadata":{},"items":{}}"#,
        r#"{"metadata":{},"items":[1]}"#,
        r#"{"metadata":{},"items":[{},]}"#,
        r#"{"metadata":{},"items":[{}{}]}"#,
        r#"{"metadata":{},"items":[],}"#,
        r#"{"metadata":{},"items":[]}{}"#,
        r#"{"metadata":{},"items":[],"items":[]}"#,
        r#"{"metadata":{},"metadata":{},"items":[]}"#,
        r#"{"metadata":"x","items":[]}"#,
        r#"{"metadata":{"continue":7},"items":[]}"#,
        r#"{"metadata":{},"items":false}"#,
        r#"{"metadata":{},"items":[],"x":nul}"#,
        r#"{,"metadata":{},"items":[]}"#,
    ] {
        for cuts in [vec![], every_byte(body.as_bytes())] {
            let result = cut(body.as_bytes(), &cuts);
            assert!(result.is_err(), "{body}: {result:?}");
        }
    }
}

#[test]
fn an_object_beyond_the_limit_is_refused_while_it_arrives() {
    let mut cutter = Cutter::new();
    let mut objects = Vec::new();
    cutter.push(Bytes::from_static(br#"{"metadata":{},"items":[{"a":""#), &mut objects).unwrap();
    let filler = Bytes::from(vec![b'x'; 1024 * 1024]);
    let refused = (0..).find_map(|n| cutter.push(filler.clone(), &mut objects).err().map(|e| (n, e)));
    assert_eq!(refused, Some((MAX_OBJECT_BYTES / filler.len() - 1, CutError::TooLarge)));
}

#[test]
fn metadata_without_end_is_refused() {
    let body = format!(r#"{{"metadata":{{"continue":"{}"}},"items":[]}}"#, "x".repeat(MAX_METADATA_BYTES));
    assert!(matches!(cut(body.as_bytes(), &[]), Err(CutError::Unexpected { .. })));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            object(inner).prop_map(serde_json::Value::Object),
        ]
    })
}

/// Strings with everything that could be taken for structure.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("{[".to_owned()),
        Just("]}".to_owned()),
        Just("\u{0}\n".to_owned()),
        ".{0,6}",
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

fn object(
    value: impl Strategy<Value = serde_json::Value> + 'static,
) -> impl Strategy<Value = serde_json::Map<String, serde_json::Value>> {
    prop::collection::vec((text(), value), 0..4).prop_map(|fields| fields.into_iter().collect())
}

/// A list as bytes: fields in any order, compact or spread over lines.
fn list() -> impl Strategy<Value = Vec<u8>> {
    let items = prop::collection::vec(object(json()), 0..6);
    let token = prop::option::of(text());
    let others = prop::collection::vec(("x[a-z]{0,3}", json()), 0..3);
    (items, token, others, any::<bool>(), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(items, token, others, metadata_first, at, pretty)| {
            let mut fields: Vec<(String, serde_json::Value)> = others;
            let metadata =
                ("metadata".to_owned(), serde_json::json!({"continue": token, "resourceVersion": "1"}));
            let items = ("items".to_owned(), serde_json::to_value(items).unwrap());
            let (first, second) = if metadata_first { (metadata, items) } else { (items, metadata) };
            let at = at.index(fields.len() + 1);
            fields.insert(at, first);
            fields.insert(at + 1, second);
            let print = |v: &serde_json::Value| {
                if pretty { serde_json::to_string_pretty(v).unwrap() } else { v.to_string() }
            };
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", print(&key.clone().into()), print(value)))
                .collect();
            format!("{{{}}}", fields.join(if pretty { " ,\n" } else { "," })).into_bytes()
        },
    )
}

proptest! {
    #[test]
    fn any_list_in_any_pieces_gives_what_serde_reads(
        body in list(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|i| i.index(body.len())).collect();
        cuts.sort_unstable();
        let whole: Whole<'_> = serde_json::from_slice(&body).unwrap();
        let (objects, metadata) = cut(&body, &cuts).unwrap();
        let expected: Vec<&[u8]> = whole.items.iter().flatten().map(|item| item.get().as_bytes()).collect();
        prop_assert_eq!(objects, expected);
        prop_assert_eq!(metadata, whole.metadata);
    }

    #[test]
    fn a_list_cut_short_is_truncated(body in list(), at in any::<prop::sample::Index>()) {
        let end = at.index(body.len());
        prop_assert!(matches!(cut(&body[..end], &[]), Err(CutError::Truncated(_))), "{}", end);
    }

    #[test]
    fn nothing_makes_it_panic(
        mut body in list(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|i| i.index(body.len())).collect();
        cuts.sort_unstable();
        let in_pieces = cut(&body, &cuts);
        // Where the pieces end makes no difference to what is read.
        prop_assert_eq!(in_pieces.is_ok(), cut(&body, &[]).is_ok());
    }
}
