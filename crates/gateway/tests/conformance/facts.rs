//! The facts, a line each.

/// One fact.
pub(crate) struct Fact {
    pub(crate) number: String,
    pub(crate) tag: String,
    pub(crate) evidence: String,
    pub(crate) text: String,
    pub(crate) switches: Vec<String>,
}

impl Fact {
    /// Whether a test has to show it.
    pub(crate) fn is_asserted(&self) -> bool {
        self.tag.contains(['N', 'D', 'R'])
    }

    pub(crate) fn is_open(&self) -> bool {
        self.tag.contains(['I', '?'])
    }
}

/// All of them, in the order of the file.
pub(crate) fn read() -> Vec<Fact> {
    let lines = include_str!("facts.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| fact(line).unwrap_or_else(|| panic!("not a fact: {line}"))).collect()
}

fn fact(line: &str) -> Option<Fact> {
    let mut columns = line.split(" | ").map(str::to_owned);
    let mut next = || columns.next();
    Some(Fact {
        number: next()?,
        tag: next()?,
        evidence: next()?,
        text: next()?,
        switches: next().map(|list| list.split(", ").map(str::to_owned).collect()).unwrap_or_default(),
    })
}
