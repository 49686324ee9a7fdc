//! Which proxy leads to a server, as kubectl decides it: `proxy-url` of the cluster's entry, else `HTTPS_PROXY`
//! unless the server is on this computer or in `NO_PROXY`
//! (<https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>).
//!
//! kube compares `NO_PROXY` with the proxy's own address and stops at entries it cannot read, so it is not asked.

use std::net::IpAddr;

use http::Uri;

/// The proxy for `server`, or why the configured one cannot be used. `env` looks up environment variables.
pub(crate) fn proxy_for(
    server: &Uri,
    configured: Option<&str>,
    env: impl Fn(&str) -> Option<String>,
) -> Result<Option<Uri>, String> {
    let set = |names: [&str; 2]| names.into_iter().find_map(|n| env(n).filter(|v| !v.trim().is_empty()));
    if let Some(proxy) = configured.filter(|p| !p.is_empty()) {
        return parse("proxy-url", proxy).map(Some);
    }
    let Some(proxy) = set(["HTTPS_PROXY", "https_proxy"]) else { return Ok(None) };
    let excluded = set(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if is_local(server) || excluded.split(',').any(|entry| covers(entry.trim(), server)) {
        return Ok(None);
    }
    parse("HTTPS_PROXY", &proxy).map(Some)
}

/// Whether the server is on this computer.
pub(crate) fn is_local(server: &Uri) -> bool {
    let host = host(server);
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn parse(name: &str, proxy: &str) -> Result<Uri, String> {
    let proxy = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let uri: Uri = proxy.parse().map_err(|error| format!("{name} is not a URL: {error}"))?;
    match uri.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(uri),
        other => Err(format!("{name} has the scheme {:?}; http, https and socks5 work", other.unwrap_or(""))),
    }
}

/// The host in lower case, without the brackets of an IPv6 address.
fn host(uri: &Uri) -> String {
    uri.host().unwrap_or("").trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// Whether one entry of `NO_PROXY` covers the server.
fn covers(entry: &str, server: &Uri) -> bool {
    let host = host(server);
    let entry = entry.to_ascii_lowercase();
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        let without_port =
            entry.rsplit_once(':').filter(|_| !entry.contains("::")).map_or(&*entry, |(h, _)| h);
        return within(ip, &entry) || within(ip, without_port.trim_matches(['[', ']']));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (&*entry, None),
    };
    let server_port = server.port_u16().unwrap_or(443).to_string();
    if port.is_some_and(|port| port != server_port) {
        return false;
    }
    let suffix = name.trim_start_matches('*');
    match suffix.strip_prefix('.') {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// Whether `network`, an address or `address/bits`, contains the address.
fn within(ip: IpAddr, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse().ok()),
        None => (network, Some(128)),
    };
    let (Ok(base), Some(bits)) = (base.parse::<IpAddr>(), bits) else { return false };
    match (ip, base) {
        (IpAddr::V4(ip), IpAddr::V4(base)) => {
            same_prefix(ip.to_bits().into(), base.to_bits().into(), 32, bits)
        }
        (IpAddr::V6(ip), IpAddr::V6(base)) => same_prefix(ip.to_bits(), base.to_bits(), 128, bits),
        _ => false,
    }
}

fn same_prefix(a: u128, b: u128, width: u32, bits: u32) -> bool {
    let ignored = width.saturating_sub(bits);
    (a ^ b).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(server: &'static str, excluded: &'static str) -> bool {
        let env = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://proxy.example:3128".to_owned()),
            "no_proxy" => Some(excluded.to_owned()),
            _ => None,
        };
        proxy_for(&Uri::from_static(server), None, env).unwrap().is_some()
    }

    #[test]
    fn this_computer_is_never_behind_a_proxy() {
        for server in ["https://127.0.0.1:6443", "https://[::1]:6443", "https://localhost:6443"] {
            assert!(!proxy(server, ""), "{server}");
        }
        assert!(proxy("https://10.0.0.1:6443", ""));
    }

    #[test]
    fn exclusions_are_read_as_go_reads_them() {
        for (server, excluded, proxied) in [
            ("https://10.1.2.3:6443", "10.1.0.0/16", false),
            ("https://10.2.2.3:6443", "10.1.0.0/16", true),
            ("https://10.2.2.3:6443", "10.2.2.3", false),
            ("https://10.2.2.3:6443", "10.2.2.3:6443", false),
            ("https://[fd00::1]:6443", "fd00::/8", false),
            ("https://api.corp.example", "corp.example,", false),
            ("https://api.corp.example", ".corp.example", false),
            ("https://api.corp.example", "*.corp.example", false),
            ("https://corp.example", ".corp.example", true),
            ("https://notcorp.example", "corp.example", true),
            ("https://api.corp.example:6443", "api.corp.example:443", true),
            ("https://api.corp.example:6443", "api.corp.example:6443", false),
            ("https://api.corp.example", "not a host, *", false),
        ] {
            assert_eq!(proxy(server, excluded), proxied, "{server} with NO_PROXY={excluded}");
        }
    }

    #[test]
    fn the_entry_of_the_cluster_wins_over_the_environment() {
        let server = Uri::from_static("https://127.0.0.1:6443");
        let none = |_: &str| None;
        let proxy = proxy_for(&server, Some("socks5://127.0.0.1:1080"), none).unwrap().unwrap();
        assert_eq!(proxy.scheme_str(), Some("socks5"));
        let error = proxy_for(&server, Some("ftp://x"), none).unwrap_err();
        assert!(error.contains("proxy-url") && error.contains("socks5"), "{error}");
    }
}
