//! What the API server fills into a Service: addresses, node ports, defaults.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Refusal;
use crate::controllers::number_of;
use crate::world::{Key, World};

/// The last two bytes of an address in 10.0.0.0/16, which is AKS's range for Services by default.
const ADDRESSES: u64 = 65_534;
const FIRST_NODE_PORT: u64 = 30_000;
const NODE_PORTS: u64 = 2_768;

pub(super) fn complete(
    world: &World,
    key: &Key,
    service: &mut Value,
    old: Option<&Value>,
) -> Result<(), Vec<Refusal>> {
    let spec = &mut service["spec"];
    let default = |spec: &mut Value, field: &str, value: Value| {
        if spec[field].is_null() {
            spec[field] = value;
        }
    };
    default(spec, "type", json!("ClusterIP"));
    default(spec, "sessionAffinity", json!("None"));
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        default(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        default(port, "targetPort", number);
    }
    let kind = spec["type"].as_str().unwrap_or_default().to_owned();
    if kind == "ExternalName" {
        return Ok(());
    }
    default(spec, "internalTrafficPolicy", json!("Cluster"));
    default(spec, "ipFamilies", json!(["IPv4"]));
    default(spec, "ipFamilyPolicy", json!("SingleStack"));
    let taken = Taken::by_others(world, key);
    address(spec, key, old, &taken)?;
    if kind == "NodePort" || kind == "LoadBalancer" {
        default(spec, "externalTrafficPolicy", json!("Cluster"));
        node_ports(spec, key, old, taken);
    }
    if kind == "LoadBalancer" && service.pointer("/status/loadBalancer/ingress").is_none() {
        let host = number_of(&[&key.namespace, &key.name]) % 254 + 1;
        // A documentation range (RFC 5737): the sandbox reaches nobody.
        service["status"] =
            json!({"loadBalancer": {"ingress": [{"ip": format!("203.0.113.{host}"), "ipMode": "VIP"}]}});
    }
    Ok(())
}

/// What other Services have.
#[derive(Default)]
struct Taken {
    addresses: HashSet<String>,
    ports: HashSet<u64>,
}

impl Taken {
    fn by_others(world: &World, key: &Key) -> Self {
        let mut taken = Self::default();
        for (_, service) in world.list("", "services", None).filter(|(other, _)| *other != key) {
            taken.addresses.extend(service["spec"]["clusterIP"].as_str().map(str::to_owned));
            let ports = service["spec"]["ports"].as_array().into_iter().flatten();
            taken.ports.extend(ports.filter_map(|port| port["nodePort"].as_u64()));
        }
        taken
    }
}

fn address(spec: &mut Value, key: &Key, old: Option<&Value>, taken: &Taken) -> Result<(), Vec<Refusal>> {
    let asked = spec["clusterIP"].as_str().filter(|address| !address.is_empty());
    let had = old.and_then(|old| old["spec"]["clusterIP"].as_str());
    let mut address = asked.or(had).unwrap_or_default().to_owned();
    if address.is_empty() {
        let start = number_of(&[&key.namespace, &key.name]);
        let numbers = (0..ADDRESSES).map(|step| (start.wrapping_add(step)) % ADDRESSES + 1);
        let mut free = numbers.map(|n| format!("10.0.{}.{}", n / 256, n % 256));
        address = free.find(|address| !taken.addresses.contains(address)).ok_or_else(|| {
            vec![Refusal::invalid("spec.clusterIPs", &json!([]), "failed to allocate IP: range is full")]
        })?;
    } else if address != "None" && taken.addresses.contains(&address) {
        let words = format!("failed to allocate IP {address}: provided IP is already allocated");
        return Err(vec![Refusal::invalid("spec.clusterIPs", &json!([address]), &words)]);
    }
    spec["clusterIPs"] = json!([address]);
    spec["clusterIP"] = Value::from(address);
    Ok(())
}

/// Gives each port without a node port the one it had, or a free one.
fn node_ports(spec: &mut Value, key: &Key, old: Option<&Value>, taken: Taken) {
    let mut taken = taken.ports;
    let had = |number: &Value| {
        let ports = old?["spec"]["ports"].as_array()?;
        ports.iter().find(|port| port["port"] == *number)?["nodePort"].as_u64()
    };
    for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let node_port = port["nodePort"].as_u64().or_else(|| had(&port["port"])).or_else(|| {
            let start = number_of(&[&key.namespace, &key.name, &port["port"].to_string()]);
            let all = (0..NODE_PORTS).map(|step| FIRST_NODE_PORT + start.wrapping_add(step) % NODE_PORTS);
            all.into_iter().find(|port| !taken.contains(port))
        });
        if let Some(node_port) = node_port {
            taken.insert(node_port);
            port["nodePort"] = Value::from(node_port);
        }
    }
}
