//! Intrinsic functions over lists: `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::GetAZs`, `Fn::Cidr`, `Fn::Length`.

use std::net::IpAddr;

use super::node::{Kind, Mark, Node};
use super::stack::Stack;

impl Stack<'_> {
    pub(super) fn join(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([delimiter, list]) = items(argument) else {
            self.report(at, "Fn::Join takes a list of a delimiter and a list");
            return None;
        };
        let delimiter = self.text(delimiter, "the delimiter of Fn::Join")?;
        let texts: Option<Vec<String>> =
            self.list(list, "Fn::Join")?.iter().map(|item| self.text(item, "an element of Fn::Join")).collect();
        Some(Node::text(at, texts?.join(&delimiter)))
    }

    pub(super) fn select(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([index, list]) = items(argument) else {
            self.report(at, "Fn::Select takes a list of an index and a list");
            return None;
        };
        let index = self.text(index, "the index of Fn::Select")?;
        let list = self.list(list, "Fn::Select")?;
        let Some(chosen) = index.parse().ok().and_then(|index: usize| list.get(index)) else {
            self.report(at, format!("Fn::Select: there is no element {index} in a list of {}", list.len()));
            return None;
        };
        Some(chosen.clone())
    }

    pub(super) fn split(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([delimiter, text]) = items(argument) else {
            self.report(at, "Fn::Split takes a list of a delimiter and a text");
            return None;
        };
        let delimiter = self.text(delimiter, "the delimiter of Fn::Split")?;
        let text = self.text(text, "the text of Fn::Split")?;
        if delimiter.is_empty() {
            self.report(at, "the delimiter of Fn::Split is empty");
            return None;
        }
        Some(Node::list(at, text.split(&delimiter).map(|piece| Node::text(at, piece)).collect()))
    }

    pub(super) fn zones(&self, at: Mark, argument: &Node) -> Option<Node> {
        let region = self.text(argument, "the region of Fn::GetAZs")?;
        let region = if region.is_empty() { self.reader.settings.region.clone() } else { region };
        Some(Node::list(at, ["a", "b", "c"].iter().map(|zone| Node::text(at, format!("{region}{zone}"))).collect()))
    }

    /// `Fn::Cidr`: this many blocks of a block, each with so many bits for hosts.
    pub(super) fn subnets(&self, at: Mark, argument: &Node) -> Option<Node> {
        let Some([block, count, bits]) = items(argument) else {
            self.report(at, "Fn::Cidr takes a list of an address block, a count and a number of bits");
            return None;
        };
        let block = self.text(block, "the block of Fn::Cidr")?;
        let count = self.text(count, "the count of Fn::Cidr")?;
        let bits = self.text(bits, "the bits of Fn::Cidr")?;
        let Some(subnets) = subnets(&block, &count, &bits) else {
            self.report(at, format!("Fn::Cidr: `{block}` has no {count} blocks of {bits} bits"));
            return None;
        };
        Some(Node::list(at, subnets.into_iter().map(|subnet| Node::text(at, subnet)).collect()))
    }

    pub(super) fn length(&self, at: Mark, argument: &Node) -> Option<Node> {
        let list = self.list(argument, "Fn::Length")?;
        Some(Node::plain(at, list.len().to_string()))
    }

    /// Resolves to the elements of a list.
    pub(super) fn list(&self, node: &Node, function: &str) -> Option<Vec<Node>> {
        let value = self.evaluate(node)?;
        match value.kind {
            Kind::List(items) => Some(items),
            Kind::Broken => None,
            _ => {
                self.report(node.at, format!("{function} needs a list, not {}", value.describe()));
                None
            }
        }
    }
}

/// Blocks of an IPv4 or IPv6 block, from its beginning.
fn subnets(block: &str, count: &str, bits: &str) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let (first, width): (u128, u32) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let (prefix, bits): (u32, u32) = (prefix.parse().ok()?, bits.parse().ok()?);
    let count: u128 = count.parse().ok().filter(|count| (1..=256).contains(count))?;
    // The block has room for `2 ^ spare` of them.
    let spare = width.checked_sub(prefix)?.checked_sub(bits)?;
    if bits == 0 || 1u128.checked_shl(spare).is_some_and(|room| count > room) {
        return None;
    }
    let subnet = |number: u128| {
        let base = first.wrapping_add(number.checked_shl(bits).unwrap_or(0));
        let address = match address {
            IpAddr::V4(_) => IpAddr::V4(u32::try_from(base & u128::from(u32::MAX)).unwrap_or_default().into()),
            IpAddr::V6(_) => IpAddr::V6(base.into()),
        };
        format!("{address}/{}", width - bits)
    };
    Some((0..count).map(subnet).collect())
}

/// The elements of a list of exactly `N`.
pub(super) fn items<const N: usize>(node: &Node) -> Option<[&Node; N]> {
    match &node.kind {
        Kind::List(items) => items.iter().collect::<Vec<_>>().try_into().ok(),
        _ => None,
    }
}
