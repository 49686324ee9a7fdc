//! Holdfast's words as types, and the rules over them.
//!
//! Everything here is a value or a pure function of values: no I/O, no async,
//! no clock, no randomness. What the rules need from outside (the live object,
//! the time, the served kinds) is an argument. That is what lets the same rule
//! decide in a preview, in a run and in a property test.

pub mod choice;
pub mod content;
pub mod derived;
mod document;
mod field;
pub mod hooks;
pub mod modifiers;
pub mod name;
pub mod patch;
pub mod plan;
pub mod preflight;
pub mod quantity;
pub mod quota;
pub mod references;
pub mod report;
pub mod resource;
pub mod secret;
pub mod selection;
pub mod target;
pub mod view;
pub mod volume;
pub mod wave;
