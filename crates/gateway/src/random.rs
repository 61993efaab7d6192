//! The one source of randomness: the shell asks here, the pure parts get bytes.

/// Random bytes from the system; a version 4 UUID's when the system refuses, which ends in the same source.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        for chunk in bytes.chunks_mut(16) {
            chunk.copy_from_slice(&uuid::Uuid::new_v4().as_bytes()[..chunk.len()]);
        }
    }
    bytes
}
