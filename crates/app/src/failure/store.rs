//! What errors of a vault mean at the window.

use holdfast_azure::{KeepError, SignInError};
use holdfast_store::StoreError;

use super::{Meaning, lasting, passing};
use crate::api::{Failure, FailureCode as Code};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(&error, meaning(&error))
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let guidance = "Choose another way to sign in for this vault, or start Holdfast where these are set.";
        Self::of(&error, lasting(Code::VaultForbidden, guidance))
    }
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        Self::of(&error, passing(Code::VaultForbidden, ""))
    }
}

fn meaning(error: &StoreError) -> Meaning {
    use StoreError as E;
    match error {
        E::VaultMissing(_) => {
            lasting(Code::VaultGone, "Its recovery points are shown as they were seen last.")
        }
        E::NotAFolder(_) => lasting(Code::InvalidInput, ""),
        E::NotAVault(_) => lasting(Code::NotAVault, "A vault can be created there."),
        E::ReadOnly(_) | E::NoHardLinks { .. } => lasting(Code::VaultReadOnly, ""),
        E::NotWritable { .. } => {
            lasting(Code::VaultReadOnly, "Its recovery points can still be restored from.")
        }
        E::NoSpace { .. } => passing(Code::VaultReadOnly, ""),
        E::NotReadable { .. } => lasting(Code::VaultForbidden, ""),
        E::UnknownPoint { .. }
        | E::HalfWritten { .. }
        | E::NoSuchRow { .. }
        | E::UnknownJob { .. }
        | E::JobEnded { .. } => lasting(Code::NotFound, ""),
        E::PointExists(_) | E::FolderInUse(_) => lasting(Code::AlreadyExists, ""),
        E::NameInUse { .. } => passing(Code::Busy, ""),
        E::Superseded(_) => lasting(Code::Busy, ""),
        E::CommitUnknown { .. } => {
            passing(Code::VaultUnreachable, "Refresh the list of recovery points first.")
        }
        E::Storage { .. } => passing(Code::VaultUnreachable, ""),
        E::Refused { .. } if error.is_missing_container() => lasting(Code::VaultGone, ""),
        E::Refused { .. } => {
            lasting(Code::VaultForbidden, "Test the vault's access to see which role is missing.")
        }
        E::SignIn(_) => {
            passing(Code::VaultForbidden, "Sign in again, or choose another way to sign in for this vault.")
        }
        E::NoSignIn(_) => lasting(Code::VaultForbidden, "Choose a way to sign in for this vault."),
        E::Unreachable(_) => passing(Code::VaultUnreachable, "Check the network, VPN or proxy."),
        E::Network { .. } | E::ExtraCa { .. } => {
            lasting(Code::InvalidInput, "Check the proxy and the file of certificates in Settings.")
        }
        E::VaultFormat { .. }
        | E::UnusablePhase { .. }
        | E::BlobMissing { .. }
        | E::Truncated { .. }
        | E::Tampered { .. }
        | E::Damaged { .. }
        | E::JobUnreadable { .. }
        | E::TooLarge { .. }
        | E::HostileEntry { .. } => lasting(Code::Damaged, ""),
        // The local cache is neither the vault's nor a defect; its message says what to do.
        E::Cache { .. } | E::CacheFull { .. } | E::Interrupted(_) | E::Task(_) => passing(Code::Internal, ""),
        E::InvalidObject { .. } | E::InvalidSpec(_) => lasting(Code::Internal, ""),
    }
}
