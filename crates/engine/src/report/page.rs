//! The unchanging parts of the page.

/// Up to the title's text. The policy lets the page load nothing, whatever got into it.
pub(super) const BEFORE_TITLE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>"#;

/// From the title to the body.
pub(super) const AFTER_TITLE: &str = r#"</title>
<style>
:root { color-scheme: light dark; --ink: #1b1a19; --soft: #605e5c; --line: #d2d0ce; --paper: #fff; --head: #f3f2f1; --bad: #a80000; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3f2f1; --soft: #b3b0ad; --line: #484644; --paper: #1b1a19; --head: #292827; --bad: #f1707b; }
}
body { font: 14px/1.45 system-ui, "Segoe UI", sans-serif; color: var(--ink); background: var(--paper); margin: 2rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.numbers { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none; }
.numbers b { font-size: 1.3rem; }
.bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: var(--head); }
td:first-child { white-space: nowrap; }
code { font-family: ui-monospace, Consolas, monospace; font-size: .9em; }
details > summary { cursor: pointer; font-weight: 600; margin: 1.5rem 0 .5rem; }
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --paper: #fff; --head: #eee; --bad: #800; }
  body { margin: 0; font-size: 10px; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
</style>
</head>
<body>
"#;

/// The head of a table of objects.
pub(super) const TABLE: &str = "<table>\n<thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Namespace</th>\
<th scope=\"col\">Name</th><th scope=\"col\">Why, and what differs</th></tr></thead>\n<tbody>\n";

/// The end of it.
pub(super) const TABLE_END: &str = "</tbody>\n</table>\n";

/// The end of the page.
pub(super) const END: &str = "</body>\n</html>\n";
