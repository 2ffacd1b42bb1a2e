//! The rules of a suffix list in little memory: `publicsuffix`'s own form, a hash table for each label, takes 1.4 MB.

use std::collections::VecDeque;
use std::ops::Range;

use publicsuffix::{Error, Info, Psl, Type};

use crate::packed::Packed;

/// A tree of labels, the last one of a name first.
#[derive(Default)]
pub(super) struct Rules {
    /// The root, then level by level; those below one node stand side by side, in order of their labels.
    nodes: Vec<Node>,
    /// The label of each node.
    labels: Packed,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// The nodes below.
    first: u32,
    end: u32,
    rule: Option<Rule>,
}

#[derive(Clone, Copy)]
struct Rule {
    typ: Type,
    /// What is below such a name isn't anyone's, though a wildcard says so.
    is_exception: bool,
}

/// A rule's name, the last label first.
type Name<'t> = Vec<&'t str>;

impl std::str::FromStr for Rules {
    type Err = Error;

    /// Reads the list's own format (<https://publicsuffix.org/list/>). Rules in other scripts are taken in ASCII, too.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut listed = Vec::new();
        let mut section = None;
        for line in text.lines() {
            if line.contains("BEGIN ICANN DOMAINS") {
                section = Some(Type::Icann);
            } else if line.contains("BEGIN PRIVATE DOMAINS") {
                section = Some(Type::Private);
            } else if let (Some(typ), false) = (section, line.starts_with("//"))
                && let Some(rule) = line.split_whitespace().next()
            {
                let ascii = idna::domain_to_ascii(rule).map_err(|_| Error::InvalidRule(rule.to_owned()))?;
                listed.extend((ascii != rule).then_some((ascii, typ)));
                listed.push((rule.to_owned(), typ));
            }
        }
        let mut rules = listed.iter().map(|(rule, typ)| read(rule, *typ)).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err(Error::InvalidList);
        }
        rules.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self::of(&rules))
    }
}

fn read(rule: &str, typ: Type) -> Result<(Name<'_>, Rule), Error> {
    let (name, is_exception) = match rule.strip_prefix('!') {
        Some(name) => (name, true),
        None => (rule, false),
    };
    if is_exception && !name.contains('.') {
        return Err(Error::ExceptionAtFirstLabel(rule.to_owned()));
    }
    let labels: Name<'_> = name.rsplit('.').collect();
    if labels.contains(&"") {
        return Err(Error::EmptyLabel(rule.to_owned()));
    }
    Ok((labels, Rule { typ, is_exception }))
}

impl Rules {
    /// The tree of rules that are in order of their names.
    fn of(rules: &[(Name<'_>, Rule)]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], labels: Packed::default() };
        tree.labels.push(b"");
        let mut open = VecDeque::from([(0, 0, rules)]);
        while let Some((node, depth, rules)) = open.pop_front() {
            // Its own rules stand before those below; of two the later counts.
            let own = rules.partition_point(|(name, _)| name.len() == depth);
            let (own, below) = rules.split_at(own);
            let first = tree.nodes.len();
            for part in below.chunk_by(|(one, _), (other, _)| one.get(depth) == other.get(depth)) {
                let label = part.first().and_then(|(name, _)| name.get(depth)).copied().unwrap_or_default();
                open.push_back((tree.nodes.len(), depth + 1, part));
                tree.nodes.push(Node::default());
                tree.labels.push(label.as_bytes());
            }
            let end = tree.nodes.len();
            if let Some(node) = tree.nodes.get_mut(node) {
                *node =
                    Node { first: first as u32, end: end as u32, rule: own.last().map(|(_, rule)| *rule) };
            }
        }
        tree.nodes.shrink_to_fit();
        tree.labels.shrink_to_fit();
        tree
    }

    fn below(&self, node: Node, label: &[u8]) -> Option<Node> {
        let Range { mut start, mut end } = node.first as usize..node.end as usize;
        while start < end {
            let middle = start.midpoint(end);
            match self.labels.get(middle)?.cmp(label) {
                std::cmp::Ordering::Less => start = middle + 1,
                std::cmp::Ordering::Equal => return self.nodes.get(middle).copied(),
                std::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }
}

impl Psl for Rules {
    fn find<'a, T: Iterator<Item = &'a [u8]>>(&self, mut labels: T) -> Info {
        let (Some(root), Some(last)) = (self.nodes.first(), labels.next()) else {
            return Info { len: 0, typ: None };
        };
        // The last label is a suffix, listed or not.
        let mut info = Info { len: last.len(), typ: None };
        let Some(mut node) = self.below(*root, last) else { return info };
        info.typ = node.rule.map(|rule| rule.typ);
        let mut length = last.len();
        for label in labels {
            let Some(next) = self.below(node, label).or_else(|| self.below(node, b"*")) else { break };
            node = next;
            let longer = length + 1 + label.len();
            if let Some(rule) = node.rule {
                info.typ = Some(rule.typ);
                info.len = if rule.is_exception { length } else { longer };
                if rule.is_exception {
                    break;
                }
            }
            length = longer;
        }
        info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_say_what_publicsuffix_says() {
        let text = include_str!("../../data/public_suffix_list.dat");
        let (ours, theirs): (Rules, publicsuffix::List) = (text.parse().unwrap(), text.parse().unwrap());
        let rules = text.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
        let ascii = rules.clone().map(|rule| idna::domain_to_ascii(rule).unwrap());
        for rule in rules.map(str::to_owned).chain(ascii).chain(["lan".to_owned(), String::new()]) {
            let name = rule.trim_start_matches(['!', '*', '.']);
            for name in
                [name.to_owned(), format!("_.{name}"), format!("www.a.{name}"), format!("a-b.{name}.")]
            {
                let (ours, theirs) = (ours.suffix(name.as_bytes()), theirs.suffix(name.as_bytes()));
                let told = |suffix: Option<publicsuffix::Suffix<'_>>| {
                    suffix.map(|suffix| (suffix.as_bytes().to_owned(), suffix.typ()))
                };
                assert_eq!(told(ours), told(theirs), "{name}");
            }
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["", "com\n", "// ===BEGIN ICANN DOMAINS===\n", "// ===BEGIN ICANN DOMAINS===\na..b\n"] {
            assert_eq!(text.parse::<Rules>().is_err(), text.parse::<publicsuffix::List>().is_err(), "{text}");
            assert!(text.parse::<Rules>().is_err(), "{text}");
        }
    }
}
