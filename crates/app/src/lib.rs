//! What the window shows and does: the engine as commands, without a window.
//!
//! Everything that crosses to the web view is a type of [`api`]; nothing in it is a
//! secret unless a person asked to see that one value.

pub mod api;
