//! Who signs in.

use std::fmt;
use std::str::FromStr;

/// A way to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// A kept shared access signature of the vault, else what the environment configures, else the Azure CLI.
    #[default]
    Auto,
    /// Whoever ran `az login`.
    Cli,
    /// A service principal: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`.
    Environment,
    /// The identity of the virtual machine or the service that the program runs on; a user-assigned one by
    /// `AZURE_CLIENT_ID`.
    ManagedIdentity,
    /// The identity of the pod: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`.
    WorkloadIdentity,
    /// A shared access signature: `HOLDFAST_SAS`, or the one kept for the vault.
    Sas,
}

/// A word that names no method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a way to sign in: use auto, cli, environment, managed-identity, workload-identity or sas"
)]
pub struct MethodError(String);

impl Method {
    const ALL: [Self; 6] =
        [Self::Auto, Self::Cli, Self::Environment, Self::ManagedIdentity, Self::WorkloadIdentity, Self::Sas];

    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cli => "cli",
            Self::Environment => "environment",
            Self::ManagedIdentity => "managed-identity",
            Self::WorkloadIdentity => "workload-identity",
            Self::Sas => "sas",
        }
    }
}

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        Self::ALL.into_iter().find(|method| method.word() == text).ok_or_else(|| MethodError(text.to_owned()))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_written_as_they_are_read() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        assert!("CLI".parse::<Method>().unwrap_err().to_string().contains("workload-identity"));
    }
}
