//! An index as a blob.

use std::io::Write;

use super::header::{FORMAT, Header, LABELS_PER_PART, Part, ROWS_PER_PART};
use super::{Index, NO_LABELS, NO_OWNER, RowData};
use crate::hash::{hex, push_hex};
use crate::{gzip, parallel};

impl Index {
    /// Encodes the index; CPU work on several threads. The same index gives the same bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let chunks: Vec<&[RowData]> = self.rows.chunks(ROWS_PER_PART).collect();
        let row_parts = parallel::map(&chunks, |rows| pack(&self.row_lines(rows)));
        let label_parts = parallel::map(&self.label_chunks(), |range| pack(&self.label_lines(range.clone())));
        let lengths = |parts: &[Packed]| parts.iter().map(|part| part.lengths).collect::<Vec<Part>>();
        let header = Header {
            format: FORMAT,
            content_hash: self.algorithm.clone(),
            rows: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
            label_sets: u32::try_from(self.labels.len()).unwrap_or(u32::MAX),
            types: self.types.clone(),
            namespaces: self.namespaces.clone(),
            owner_kinds: self.owner_kinds.clone(),
            non_atomic: self.non_atomic.clone(),
            members: self.members.iter().map(|m| (m.offset, m.length, m.raw_len, hex(&m.hash))).collect(),
            label_parts: lengths(&label_parts),
            row_parts: lengths(&row_parts),
        };
        #[expect(clippy::expect_used, reason = "numbers, strings and lists of them are always JSON")]
        let header = serde_json::to_vec(&header).expect("header as JSON");
        let mut blob = gzip::compress(&header);
        for part in label_parts.iter().chain(&row_parts) {
            blob.extend_from_slice(&part.bytes);
        }
        blob
    }

    /// One JSON array per line: type, namespace, name, member, offset, length, hash, uid, labels, kind and name of owner.
    fn row_lines(&self, rows: &[RowData]) -> Vec<u8> {
        let mut out = Vec::with_capacity(rows.len() * 160);
        for row in rows {
            print(&mut out, format_args!("[{},{},", row.ty, row.namespace));
            text(&mut out, self.name_of(row));
            print(&mut out, format_args!(",{},{},{},\"", row.member, row.offset, row.length));
            push_hex(&mut out, &row.hash);
            if row.uid == [0; 16] {
                out.extend_from_slice(b"\",null,");
            } else {
                out.extend_from_slice(b"\",\"");
                push_hex(&mut out, &row.uid);
                out.extend_from_slice(b"\",");
            }
            match row.labels {
                NO_LABELS => out.extend_from_slice(b"null"),
                labels => print(&mut out, format_args!("{labels}")),
            }
            if row.owner_kind == NO_OWNER {
                out.extend_from_slice(b",null,null]\n");
            } else {
                print(&mut out, format_args!(",{},", row.owner_kind));
                let start = row.owner as usize;
                text(&mut out, &self.names[start..start + usize::from(row.owner_len)]);
                out.extend_from_slice(b"]\n");
            }
        }
        out
    }

    fn label_chunks(&self) -> Vec<std::ops::Range<u32>> {
        let mut chunks = Vec::new();
        let (mut start, mut begins) = (0, 0);
        for (number, end) in (0u32..).zip(&self.labels.ends) {
            if (*end as usize) - begins >= LABELS_PER_PART {
                chunks.push(start..number + 1);
                (start, begins) = (number + 1, *end as usize);
            }
        }
        let count = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        if start < count {
            chunks.push(start..count);
        }
        chunks
    }

    fn label_lines(&self, numbers: std::ops::Range<u32>) -> Vec<u8> {
        let mut out = Vec::new();
        for labels in numbers.filter_map(|number| self.labels.get(number)) {
            out.extend_from_slice(labels.as_bytes());
            out.push(b'\n');
        }
        out
    }
}

struct Packed {
    lengths: Part,
    bytes: Vec<u8>,
}

fn pack(raw: &[u8]) -> Packed {
    let bytes = gzip::compress(raw);
    let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Packed { lengths: (length(bytes.len()), length(raw.len())), bytes }
}

fn print(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    #[expect(clippy::expect_used, reason = "integers always format, and a Vec takes every byte")]
    out.write_fmt(what).expect("integers as text");
}

/// Appends a JSON string.
fn text(out: &mut Vec<u8>, text: &str) {
    #[expect(clippy::expect_used, reason = "a string is always JSON, and a Vec takes every byte")]
    serde_json::to_writer(out, text).expect("string as JSON");
}
