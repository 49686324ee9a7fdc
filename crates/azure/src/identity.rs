//! The credential of a method.

use std::path::PathBuf;
use std::sync::Arc;

use azure_core::cloud::CloudConfiguration;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, HttpClient, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use crate::method::Method;

/// Which of Microsoft's clouds signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// `login.microsoftonline.com`
    #[default]
    Public,
    /// `login.microsoftonline.us`
    Government,
    /// `login.chinacloudapi.cn`
    China,
}

impl Cloud {
    /// The cloud whose services have such hosts: `account.blob.core.usgovcloudapi.net`.
    pub fn of_host(host: &str) -> Self {
        if host.ends_with(".usgovcloudapi.net") {
            Self::Government
        } else if host.ends_with(".chinacloudapi.cn") {
            Self::China
        } else {
            Self::Public
        }
    }

    fn configuration(self) -> Arc<CloudConfiguration> {
        Arc::new(match self {
            Self::Public => CloudConfiguration::AzurePublic,
            Self::Government => CloudConfiguration::AzureGovernment,
            Self::China => CloudConfiguration::AzureChina,
        })
    }
}

/// Who signs in.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Where tokens come from.
    pub credential: Arc<dyn TokenCredential>,
    /// What it is, for messages: `Azure CLI`.
    pub method: String,
}

/// A method that cannot be used as things are configured. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// A variable that the method needs is not set.
    #[error(
        "the sign-in method {method} needs {variable} in the environment: set it, or choose another with --auth"
    )]
    Unset {
        /// The method.
        method: Method,
        /// The variable.
        variable: &'static str,
    },
    /// A shared access signature is no identity.
    #[error(
        "there is no shared access signature for this vault: keep one with `holdfast vaults credential set`, give it \
         in HOLDFAST_SAS, or choose another way to sign in with --auth"
    )]
    NoSignature,
    /// The settings contradict each other or are malformed.
    #[error("the sign-in method {method} cannot be used: check its variables, or choose another with --auth")]
    Unusable {
        /// The method.
        method: Method,
        /// What is wrong.
        #[source]
        source: azure_core::Error,
    },
}

/// The credential of a method; nothing is sent yet.
///
/// `variable` reads the environment. [`Method::Auto`] is the service principal if its secret is set, else the workload
/// identity if its token file is, else the managed identity if a service announces one (`IDENTITY_ENDPOINT`), else the
/// Azure CLI. On a virtual machine nothing announces the managed identity, so it has to be asked for.
///
/// # Errors
/// See [`SignInError`]. [`Method::Sas`] is no identity.
pub fn identity(
    method: Method,
    cloud: Cloud,
    http: &Arc<dyn HttpClient>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Identity, SignInError> {
    let set = |name: &'static str| variable(name).filter(|value| !value.is_empty());
    let need = |name: &'static str| set(name).ok_or(SignInError::Unset { method, variable: name });
    let unusable = |source| SignInError::Unusable { method, source };
    let client_options = || ClientOptions {
        transport: Some(Transport::new(Arc::clone(http))),
        cloud: Some(cloud.configuration()),
        ..Default::default()
    };
    let (credential, name): (Arc<dyn TokenCredential>, String) = match resolve(method, &set) {
        Method::Sas => return Err(SignInError::NoSignature),
        Method::Environment => {
            let (tenant, client) = (need("AZURE_TENANT_ID")?, need("AZURE_CLIENT_ID")?);
            let secret = Secret::new(need("AZURE_CLIENT_SECRET")?);
            let name = format!("the service principal {client} (AZURE_CLIENT_SECRET)");
            let options = ClientSecretCredentialOptions { client_options: client_options() };
            let credential =
                ClientSecretCredential::new(&tenant, client, secret, Some(options)).map_err(unusable)?;
            (credential, name)
        }
        Method::WorkloadIdentity => {
            let client = need("AZURE_CLIENT_ID")?;
            let name = format!("the workload identity {client}");
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options: client_options() },
                client_id: Some(client),
                tenant_id: Some(need("AZURE_TENANT_ID")?),
                token_file_path: Some(PathBuf::from(need("AZURE_FEDERATED_TOKEN_FILE")?)),
            };
            (WorkloadIdentityCredential::new(Some(options)).map_err(unusable)?, name)
        }
        Method::ManagedIdentity => {
            let client = set("AZURE_CLIENT_ID");
            let name = match &client {
                Some(client) => format!("the managed identity {client}"),
                None => "the managed identity of this machine".to_owned(),
            };
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client.map(UserAssignedId::ClientId),
                client_options: client_options(),
            };
            (ManagedIdentityCredential::new(Some(options)).map_err(unusable)?, name)
        }
        Method::Cli | Method::Auto => {
            let options =
                AzureCliCredentialOptions { tenant_id: set("AZURE_TENANT_ID"), ..Default::default() };
            (AzureCliCredential::new(Some(options)).map_err(unusable)?, "Azure CLI".to_owned())
        }
    };
    Ok(Identity { credential, method: name })
}

fn resolve(method: Method, set: &dyn Fn(&'static str) -> Option<String>) -> Method {
    match method {
        Method::Auto if set("AZURE_CLIENT_SECRET").is_some() => Method::Environment,
        Method::Auto if set("AZURE_FEDERATED_TOKEN_FILE").is_some() => Method::WorkloadIdentity,
        Method::Auto if set("IDENTITY_ENDPOINT").is_some() => Method::ManagedIdentity,
        Method::Auto => Method::Cli,
        method => method,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use azure_core::http::{AsyncRawResponse, Request, StatusCode, headers::Headers};

    use super::*;

    /// Answers every request with a token that names the request's host.
    #[derive(Debug)]
    struct Echo;

    #[async_trait::async_trait]
    impl HttpClient for Echo {
        async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
            let host = request.url().host_str().unwrap_or_default();
            let body = format!(
                "{{\"token_type\":\"Bearer\",\"expires_in\":3600,\"ext_expires_in\":3600,\"access_token\":\"{host}\"}}"
            );
            Ok(AsyncRawResponse::from_bytes(StatusCode::Ok, Headers::new(), body.into_bytes()))
        }
    }

    const TENANT: (&str, &str) = ("AZURE_TENANT_ID", "72f988bf-86f1-41af-91ab-2d7cd011db47");
    const CLIENT: (&str, &str) = ("AZURE_CLIENT_ID", "client-1");
    const SECRET: (&str, &str) = ("AZURE_CLIENT_SECRET", "secret");

    fn of(method: Method, cloud: Cloud, variables: &[(&str, &str)]) -> Result<Identity, SignInError> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let echo: Arc<dyn HttpClient> = Arc::new(Echo);
        identity(method, cloud, &echo, &|name| variables.get(name).map(|&value| value.to_owned()))
    }

    #[test]
    fn auto_takes_what_is_configured_and_the_azure_cli_otherwise() {
        let token = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(token.path(), "assertion").unwrap();
        let token = ("AZURE_FEDERATED_TOKEN_FILE", token.path().to_str().unwrap());
        let (secret, workload) = ([TENANT, CLIENT, SECRET], [TENANT, CLIENT, token]);
        let service = [("IDENTITY_ENDPOINT", "http://127.0.0.1/")];
        for (method, variables, name) in [
            (Method::Auto, &secret[..], "the service principal client-1 (AZURE_CLIENT_SECRET)"),
            (Method::Auto, &workload[..], "the workload identity client-1"),
            (Method::Auto, &[], "Azure CLI"),
            (Method::Cli, &secret[..], "Azure CLI"),
            (Method::ManagedIdentity, &[], "the managed identity of this machine"),
            (Method::ManagedIdentity, &[CLIENT][..], "the managed identity client-1"),
        ] {
            assert_eq!(of(method, Cloud::Public, variables).unwrap().method, name);
        }
        let set =
            |name: &'static str| service.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned());
        assert_eq!(resolve(Method::Auto, &set), Method::ManagedIdentity);
    }

    #[test]
    fn a_method_whose_variables_are_missing_names_the_first() {
        for (method, variables, missing) in [
            (Method::Environment, &[TENANT, CLIENT][..], "AZURE_CLIENT_SECRET"),
            (Method::Auto, &[SECRET][..], "AZURE_TENANT_ID"),
            (Method::WorkloadIdentity, &[TENANT, CLIENT][..], "AZURE_FEDERATED_TOKEN_FILE"),
            (
                Method::WorkloadIdentity,
                &[TENANT, CLIENT, ("AZURE_FEDERATED_TOKEN_FILE", "")][..],
                "AZURE_FEDERATED",
            ),
        ] {
            let error = of(method, Cloud::Public, variables).unwrap_err().to_string();
            assert!(error.contains(missing), "{error}");
        }
        assert!(matches!(of(Method::Sas, Cloud::Public, &[]), Err(SignInError::NoSignature)));
    }

    #[tokio::test]
    async fn each_cloud_signs_in_at_its_own_host_and_through_the_given_client() {
        for (host, login) in [
            ("shop1.blob.core.windows.net", "login.microsoftonline.com"),
            ("shop1.blob.core.usgovcloudapi.net", "login.microsoftonline.us"),
            ("shop1.blob.core.chinacloudapi.cn", "login.chinacloudapi.cn"),
        ] {
            let identity = of(Method::Auto, Cloud::of_host(host), &[TENANT, CLIENT, SECRET]).unwrap();
            let token =
                identity.credential.get_token(&["https://storage.azure.com/.default"], None).await.unwrap();
            assert_eq!(token.token.secret(), login);
        }
    }
}
