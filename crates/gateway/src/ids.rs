//! Ids and timestamps in AWS's forms, from bytes and instants that the caller brings.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use jiff::Timestamp;

/// Request id of both gateways (H-32, W-04): 15 base64url characters and `=`.
pub fn request_id(random: [u8; 11]) -> String {
    URL_SAFE.encode(random)
}

/// Connection id (W-04): 18 base64url characters and `==`.
pub fn connection_id(random: [u8; 13]) -> String {
    URL_SAFE.encode(random)
}

/// Whether a string has the form of a connection id, of today's or of an older length (M-09).
pub fn is_connection_id(id: &str) -> bool {
    URL_SAFE.decode(id).is_ok_and(|bytes| matches!(bytes.len(), 11 | 13))
}

/// A random UUID.
pub fn uuid(random: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(random).into_uuid().to_string()
}

/// Trace id (H-29): `Root=1-<8 hex: seconds>-<24 hex>`.
pub fn trace_id(now: Timestamp, random: [u8; 12]) -> String {
    format!("Root=1-{:08x}-{}", now.as_second(), hex::encode(random))
}

/// Time of a request (H-31): `dd/Mon/yyyy:HH:MM:SS +0000`.
pub fn request_time(now: Timestamp) -> String {
    now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_32_w_04_request_ids_are_fifteen_characters_and_an_equals_sign() {
        let id = request_id([0xff; 11]);
        assert_eq!(id.len(), 16);
        assert!(id.ends_with('=') && !id.ends_with("=="), "{id}");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "-_=".contains(c)), "{id}");
    }

    #[test]
    fn w_04_connection_ids_are_twenty_characters() {
        let id = connection_id([7; 13]);
        assert_eq!(id.len(), 20);
        assert!(id.ends_with("=="));
        assert!(is_connection_id(&id));
    }

    #[test]
    fn m_09_forms_of_connection_ids() {
        for good in ["gbgBJy8a2QAYKEjfZA==", "L0SM9cOFvHcCIhw="] {
            assert!(is_connection_id(good), "{good}");
        }
        for bad in ["", "x", "gbgBJy8a2QAYKEjfZA", "../../etc", "AAAA", "gbgBJy8a2QAYKEjf Z=="] {
            assert!(!is_connection_id(bad), "{bad}");
        }
    }

    #[test]
    fn h_29_trace_ids_start_with_the_time() {
        let now = Timestamp::from_second(0x6a51_45a9).unwrap();
        assert_eq!(trace_id(now, [0xab; 12]), "Root=1-6a5145a9-abababababababababababab");
    }

    #[test]
    fn h_31_times_are_in_common_log_form() {
        let now = Timestamp::from_millisecond(1_783_711_145_766).unwrap();
        assert_eq!(request_time(now), "10/Jul/2026:19:19:05 +0000");
    }
}
