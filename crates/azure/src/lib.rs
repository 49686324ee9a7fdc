//! Signing in to Azure.
//!
//! - [`Method`] says who signs in. `auto` chooses exactly one method by what is
//!   configured, before anything is sent, and never tries another after it: what
//!   signed in is named in every message ([`Identity::method`]).
//! - [`SasKeep`] keeps shared access signatures of vaults: in the system's keyring,
//!   or without one in a file that only the user can read.
//!
//! Tokens are cached by whoever uses a credential; nothing here repeats a request
//! beyond what `azure_identity` does.

mod identity;
mod keep;
mod keyring;
mod method;

/// What requests are sent with.
pub use azure_core::http::HttpClient;
pub use identity::{Cloud, Identity, SignInError, identity};
pub use keep::{KeepError, Kept, KeptIn, SasKeep};
pub use method::{Method, MethodError};
