//! The network between this machine and a node: a pair of interfaces, and addresses that no other node has.
//!
//! Making the pair is what reserves its number: of two commands that try at once one fails and takes the next. The node
//! moves its end into its own network, so that both are gone with the node. Whose a pair is stands in its alias, because
//! its number may be another's by the time it is to be removed.

use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// Numbers there are: each has 4094 addresses for pods.
const NUMBERS: std::ops::Range<u8> = 0..16;

/// A reserved pair.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    number: u8,
    owner: String,
}

impl Link {
    /// Makes a pair for the owner and gives this machine's end its address.
    pub(crate) fn reserve(owner: &str) -> Result<Self> {
        for number in NUMBERS {
            let link = Self { number, owner: owner.to_owned() };
            if fs::exists(format!("/sys/class/net/{}", link.name())).unwrap_or(false) {
                continue;
            }
            let (here, there) = (link.name(), link.peer());
            if let Err(error) = ip(&["link", "add", &here, "type", "veth", "peer", "name", &there]) {
                if fs::exists(format!("/sys/class/net/{here}")).unwrap_or(false) {
                    continue;
                }
                return Err(error);
            }
            link.configure().inspect_err(|_| {
                let _ = link.remove();
            })?;
            return Ok(link);
        }
        bail!("all {} networks of nodes are taken; take a cluster down, or look at `ip link`", NUMBERS.end)
    }

    fn configure(&self) -> Result<()> {
        let here = self.name();
        ip(&["link", "set", &here, "alias", &self.owner])?;
        ip(&["address", "add", &format!("{}/30", self.machine()), "dev", &here])?;
        ip(&["link", "set", &here, "up"])?;
        ip(&["route", "add", &self.pods(), "via", &self.node().to_string(), "dev", &here])
    }

    /// Removes the pair, if it is still the owner's.
    pub(crate) fn remove(&self) -> Result<()> {
        let alias = || fs::read_to_string(format!("/sys/class/net/{}/ifalias", self.name()));
        let is_mine = || alias().is_ok_and(|alias| alias.trim_end() == self.owner);
        if is_mine()
            && let Err(error) = ip(&["link", "delete", &self.name()])
            // It may have gone with the node's network, which the kernel takes away in its own time.
            && is_mine()
        {
            return Err(error);
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("hf{}", self.number)
    }

    /// The interface that the node takes.
    pub(crate) fn peer(&self) -> String {
        format!("hf{}n", self.number)
    }

    /// This machine as the node reaches it.
    pub(crate) fn machine(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 232, self.number, 1)
    }

    /// The node as this machine reaches it.
    pub(crate) fn node(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 232, self.number, 2)
    }

    /// The addresses of pods, as CIDR.
    pub(crate) fn pods(&self) -> String {
        format!("10.231.{}.0/20", self.number * 16)
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("cannot start `ip`")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`ip {}` failed: {}", arguments.join(" "), said.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_addresses_of_its_own() {
        let of = |number| Link { number, owner: String::new() };
        assert_eq!(of(0).pods(), "10.231.0.0/20");
        assert_eq!(of(NUMBERS.end - 1).pods(), "10.231.240.0/20");
        assert_eq!(of(3).machine().to_string(), "10.232.3.1");
        assert!(of(NUMBERS.end - 1).peer().len() < 16, "the kernel's limit");
    }
}
