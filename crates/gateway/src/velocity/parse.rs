//! Text to template.

use super::DEEPEST;
use super::expression::Cursor;
use super::syntax::Node;

/// Directives of Velocity that are not supported here.
const REFUSED: [&str; 6] = ["macro", "parse", "include", "evaluate", "define", "literal"];

/// Reads a whole template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut cursor = Cursor::new(text, 0);
    let (nodes, end) = block(&mut cursor)?;
    match end {
        End::OfText => Ok(nodes),
        End::OfBlock => Err("`#end` ends nothing".to_owned()),
        End::Else | End::ElseIf => Err("`#else` without `#if`".to_owned()),
    }
}

/// What a block ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    OfText,
    OfBlock,
    Else,
    ElseIf,
}

fn block(cursor: &mut Cursor<'_>) -> Result<(Vec<Node>, End), String> {
    cursor.deeper()?;
    let mut nodes = Vec::new();
    let end = loop {
        let at = cursor.rest.find(['$', '#', '\\']).unwrap_or(cursor.rest.len());
        push_text(&mut nodes, cursor.skip(at));
        match cursor.rest.chars().next() {
            None => break End::OfText,
            Some('\\') => {
                // A sign that would mean something is text behind a backslash.
                let escapes = cursor.rest[1..].starts_with(['$', '#']);
                if escapes {
                    cursor.skip(1);
                }
                push_text(&mut nodes, cursor.skip(1));
            }
            Some('$') => match cursor.reference()? {
                Some((reference, written)) => nodes.push(Node::Reference { reference, written }),
                None => push_text(&mut nodes, cursor.skip(1)),
            },
            Some(_) => {
                if let Some(end) = directive(cursor, &mut nodes)? {
                    break end;
                }
            }
        }
    };
    cursor.depth -= 1;
    Ok((nodes, end))
}

fn push_text(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        _ if text.is_empty() => {}
        Some(Node::Text(before)) => before.push_str(text),
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// What a `#` begins; the end of the block when it is one.
fn directive(cursor: &mut Cursor<'_>, nodes: &mut Vec<Node>) -> Result<Option<End>, String> {
    let after = &cursor.rest[1..];
    if after.starts_with('#') {
        let line = cursor.rest.find('\n').map_or(cursor.rest.len(), |at| at + 1);
        cursor.skip(line);
        return Ok(None);
    }
    if after.starts_with('*') {
        let end = cursor.rest.find("*#").ok_or("the comment `#*` has no end `*#`")?;
        cursor.skip(end + 2);
        return Ok(None);
    }
    if after.starts_with("[[") {
        let end = cursor.rest.find("]]#").ok_or("`#[[` has no end `]]#`")?;
        push_text(nodes, &cursor.skip(end)[3..]);
        cursor.skip(3);
        return Ok(None);
    }
    let braced = after.starts_with('{');
    let from = if braced { &after[1..] } else { after };
    let length = from.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(from.len());
    let name = &from[..length];
    let written = 1 + length + if braced { 2 } else { 0 };
    let known = ["set", "if", "elseif", "else", "end", "foreach", "break", "stop"].contains(&name);
    if REFUSED.contains(&name) || name.is_empty() && after.starts_with('@') {
        return Err(format!("`{}` of this template is not supported here", cursor.shown()));
    }
    if !known || braced && !from[length..].starts_with('}') {
        push_text(nodes, cursor.skip(1));
        return Ok(None);
    }
    cursor.skip(written);
    match name {
        "set" => nodes.push(set(cursor)?),
        "if" => nodes.push(conditional(cursor)?),
        "foreach" => nodes.push(for_each(cursor)?),
        "break" => nodes.push(Node::Break),
        "stop" => nodes.push(Node::Stop),
        "end" => {
            cursor.skip_line_end();
            return Ok(Some(End::OfBlock));
        }
        "else" => {
            cursor.skip_line_end();
            return Ok(Some(End::Else));
        }
        _ => return Ok(Some(End::ElseIf)),
    }
    cursor.skip_line_end();
    Ok(None)
}

fn set(cursor: &mut Cursor<'_>) -> Result<Node, String> {
    cursor.expect('(')?;
    cursor.skip_space();
    let (target, _) = cursor.reference()?.ok_or("`#set` needs a reference")?;
    if ["input", "context", "stageVariables", "util"].contains(&target.name.as_str()) {
        return Err(format!("`#set` cannot change `${}`", target.name));
    }
    cursor.expect('=')?;
    let value = cursor.expression()?;
    cursor.expect(')')?;
    Ok(Node::Set { target, value })
}

fn conditional(cursor: &mut Cursor<'_>) -> Result<Node, String> {
    let mut branches = Vec::new();
    let mut otherwise = Vec::new();
    loop {
        cursor.expect('(')?;
        let condition = cursor.expression()?;
        cursor.expect(')')?;
        cursor.skip_line_end();
        let (body, end) = block(cursor)?;
        branches.push((condition, body));
        match end {
            End::ElseIf => {}
            End::OfBlock => break,
            End::Else => {
                let (body, end) = block(cursor)?;
                if end != End::OfBlock {
                    return Err("`#else` has no `#end`".to_owned());
                }
                otherwise = body;
                break;
            }
            End::OfText => return Err("`#if` has no `#end`".to_owned()),
        }
    }
    Ok(Node::If { branches, otherwise })
}

fn for_each(cursor: &mut Cursor<'_>) -> Result<Node, String> {
    cursor.expect('(')?;
    cursor.skip_space();
    let (variable, _) = cursor.reference()?.ok_or("`#foreach` needs a variable")?;
    if !variable.steps.is_empty() {
        return Err("`#foreach` needs a variable".to_owned());
    }
    cursor.skip_space();
    let after = cursor.rest.strip_prefix("in").filter(|rest| rest.starts_with(|c: char| !c.is_alphanumeric()));
    if after.is_none() {
        return Err("`#foreach` needs `$variable in $list`".to_owned());
    }
    cursor.skip(2);
    let list = cursor.expression()?;
    cursor.expect(')')?;
    cursor.skip_line_end();
    let (body, end) = block(cursor)?;
    if end != End::OfBlock {
        return Err("`#foreach` has no `#end`".to_owned());
    }
    Ok(Node::ForEach { variable: variable.name, list, body })
}

/// The pieces of a text in double quotes, which are references and directives as anywhere else.
pub(super) fn quoted(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > DEEPEST {
        return Err(super::expression::TOO_DEEP.to_owned());
    }
    let mut cursor = Cursor::new(text, depth);
    match block(&mut cursor)? {
        (nodes, End::OfText) => Ok(nodes),
        _ => Err("a text has an `#end` or `#else` too many".to_owned()),
    }
}
