//! HTTP requests as inputs: a request line, headers, an empty line, the body; any line end.

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

/// The first line of some bytes without its end, and the rest.
pub fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &data[data.len()..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Reads a request as far as hyper would let one in: head and body.
pub fn read(data: &[u8]) -> Option<(Parts, &[u8])> {
    let (first, mut rest) = line(data);
    let mut words = first.split(|byte| *byte == b' ');
    let method = Method::from_bytes(words.next()?).ok()?;
    let target = Uri::try_from(words.next()?).ok()?;
    let mut head = Request::builder().method(method).uri(target);
    loop {
        let (header, after) = line(rest);
        rest = after;
        if header.is_empty() {
            break;
        }
        let colon = header.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&header[..colon]).ok()?;
        let value = HeaderValue::from_bytes(header[colon + 1..].trim_ascii()).ok()?;
        let headers = head.headers_mut()?;
        // As many as hyper takes.
        if headers.len() >= 100 {
            return None;
        }
        headers.append(name, value);
    }
    Some((head.body(()).ok()?.into_parts().0, rest))
}
