//! Expressions.

use serde_json::{Number, Value};

use super::syntax::{Expression, Operator};
use super::{DEEPEST, parse};

pub(super) const TOO_DEEP: &str = "the template is nested too deep";

/// What is left of a text, and how deep in it this is.
pub(super) struct Cursor<'t> {
    pub(super) rest: &'t str,
    pub(super) depth: usize,
}

/// Operators, the loosest first.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("or", Operator::Or)],
    &[("&&", Operator::And), ("and", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::Unequal), ("eq", Operator::Equal), ("ne", Operator::Unequal)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("le", Operator::LessOrEqual),
        ("ge", Operator::GreaterOrEqual),
        ("lt", Operator::Less),
        ("gt", Operator::Greater),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Divided), ("%", Operator::Modulo)],
];

impl<'t> Cursor<'t> {
    pub(super) fn new(rest: &'t str, depth: usize) -> Self {
        Self { rest, depth }
    }

    /// One level deeper, if there is one. Whoever returns without an error takes it back.
    pub(super) fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(TOO_DEEP.to_owned()) } else { Ok(()) }
    }

    pub(super) fn skip(&mut self, bytes: usize) -> &'t str {
        let (before, after) = self.rest.split_at(bytes);
        self.rest = after;
        before
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Blanks and the end of the line behind a directive are part of it.
    pub(super) fn skip_line_end(&mut self) {
        let after = self.rest.trim_start_matches([' ', '\t', '\r']);
        if let Some(after) = after.strip_prefix('\n') {
            self.rest = after;
        }
    }

    pub(super) fn expect(&mut self, sign: char) -> Result<(), String> {
        self.skip_space();
        self.rest =
            self.rest.strip_prefix(sign).ok_or_else(|| format!("`{sign}` is missing before `{}`", self.shown()))?;
        Ok(())
    }

    /// The beginning of what is left, for messages.
    pub(super) fn shown(&self) -> String {
        self.rest.chars().take(40).take_while(|c| *c != '\n').collect()
    }

    pub(super) fn takes(&mut self, sign: char) -> bool {
        self.skip_space();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    pub(super) fn name(&self) -> Option<&'t str> {
        let rest = self.rest;
        let first = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).unwrap_or(rest.len());
        first.then(|| &rest[..end])
    }

    pub(super) fn expression(&mut self) -> Result<Expression, String> {
        self.deeper()?;
        let read = self.level(0)?;
        self.depth -= 1;
        Ok(read)
    }

    /// Operators of one level and of all tighter ones. Six levels at most follow each other.
    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else { return self.single() };
        let mut left = self.level(level + 1)?;
        let mut length = 0;
        while let Some(operator) = self.operator(operators) {
            // A long row of operators is as deep a tree as nested parentheses are.
            length += 1;
            if length > DEEPEST {
                return Err(TOO_DEEP.to_owned());
            }
            let right = self.level(level + 1)?;
            left = Expression::Both(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        self.skip_space();
        let found = operators.iter().find(|(sign, _)| {
            let word = sign.starts_with(|c: char| c.is_ascii_alphabetic());
            let after = self.rest.strip_prefix(sign);
            after.is_some_and(|after| !word || !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
        });
        let (sign, operator) = found?;
        self.skip(sign.len());
        Some(*operator)
    }

    fn single(&mut self) -> Result<Expression, String> {
        self.skip_space();
        let wrong = |cursor: &Self| format!("`{}` is no expression", cursor.shown());
        let first = self.rest.chars().next().ok_or_else(|| wrong(self))?;
        match first {
            '$' => match self.reference()? {
                Some((reference, _)) => Ok(Expression::Reference(reference)),
                None => Err(wrong(self)),
            },
            '\'' => Ok(Expression::Value(self.text('\'')?.into())),
            '"' => {
                let text = self.text('"')?;
                parse::quoted(&text, self.depth).map(Expression::Text)
            }
            '(' => {
                self.skip(1);
                let inner = self.expression()?;
                self.expect(')')?;
                Ok(inner)
            }
            '[' => self.list(),
            '{' => self.map(),
            '!' => {
                self.skip(1);
                self.not()
            }
            '-' | '0'..='9' => self.number().ok_or_else(|| wrong(self)),
            _ => match self.name() {
                Some("not") => {
                    self.skip(3);
                    self.not()
                }
                Some(word @ ("true" | "false")) => {
                    self.skip(word.len());
                    Ok(Expression::Value((word == "true").into()))
                }
                Some("null") => {
                    self.skip(4);
                    Ok(Expression::Value(Value::Null))
                }
                _ => Err(wrong(self)),
            },
        }
    }

    fn not(&mut self) -> Result<Expression, String> {
        self.deeper()?;
        let inner = self.single()?;
        self.depth -= 1;
        Ok(Expression::Not(Box::new(inner)))
    }

    /// A text in quotes; a quote in it is written twice.
    fn text(&mut self, quote: char) -> Result<String, String> {
        let shown = self.shown();
        let mut text = String::new();
        self.skip(1);
        loop {
            let at = self.rest.find(quote).ok_or_else(|| format!("`{shown}` has no end"))?;
            text += self.skip(at);
            self.skip(1);
            if !self.rest.starts_with(quote) {
                return Ok(text);
            }
            text.push(quote);
            self.skip(1);
        }
    }

    fn number(&mut self) -> Option<Expression> {
        let digits = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let whole = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        // `1..3` is a range, not `1.` and `.3`.
        let fraction = digits[whole..].strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let fraction = fraction.map_or(0, |rest| 1 + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let length = self.rest.len() - digits.len() + whole + fraction;
        let number = self.rest[..length].parse::<Number>().ok().filter(|_| whole > 0)?;
        self.skip(length);
        Some(Expression::Value(number.into()))
    }

    fn list(&mut self) -> Result<Expression, String> {
        self.skip(1);
        let mut items = Vec::new();
        if self.takes(']') {
            return Ok(Expression::List(items));
        }
        loop {
            items.push(self.expression()?);
            self.skip_space();
            if items.len() == 1 && self.rest.starts_with("..") {
                self.skip(2);
                let end = self.expression()?;
                self.expect(']')?;
                let start = items.remove(0);
                return Ok(Expression::Range(Box::new(start), Box::new(end)));
            }
            if !self.takes(',') {
                self.expect(']')?;
                return Ok(Expression::List(items));
            }
        }
    }

    fn map(&mut self) -> Result<Expression, String> {
        self.skip(1);
        let mut entries = Vec::new();
        if self.takes('}') {
            return Ok(Expression::Map(entries));
        }
        loop {
            let key = self.expression()?;
            self.expect(':')?;
            entries.push((key, self.expression()?));
            if !self.takes(',') {
                self.expect('}')?;
                return Ok(Expression::Map(entries));
            }
        }
    }
}
