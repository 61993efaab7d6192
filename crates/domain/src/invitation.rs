//! Codes that let people into a group.

use std::fmt;

use crate::problem::Problem;

/// The code of an invitation: 12 letters and digits, 60 random bits (security E6 wants 40). No `I`, `L`, `O` and `U`, so
/// that nobody mistakes one for another when it is read out (Crockford's base 32).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct InviteCode(String);

impl InviteCode {
    /// Letters and digits of a code.
    pub const LENGTH: usize = 12;
    const ALPHABET: &'static [u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// From so many random bytes: five bits of each make a letter.
    pub fn new(random: [u8; Self::LENGTH]) -> Self {
        Self(random.into_iter().map(|byte| char::from(Self::ALPHABET[usize::from(byte & 31)])).collect())
    }

    /// Reads a code as people type it: in any case, with spaces and dashes anywhere, and with the letters it is mistaken
    /// for.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let bad = || Problem::new(format!("must be a code of {} letters and digits", Self::LENGTH));
        let mut code = String::with_capacity(Self::LENGTH);
        for letter in text.chars().filter(|letter| !matches!(letter, ' ' | '-')) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            if code.len() == Self::LENGTH || !letter.is_ascii() || !Self::ALPHABET.contains(&(letter as u8)) {
                return Err(bad());
            }
            code.push(letter);
        }
        if code.len() == Self::LENGTH { Ok(Self(code)) } else { Err(bad()) }
    }

    /// The code, as it is kept and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Never printed: who has the code gets in.
impl fmt::Debug for InviteCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InviteCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn e6_every_code_reads_back_however_it_is_typed(random: [u8; InviteCode::LENGTH]) {
            let code = InviteCode::new(random);
            let typed = code.as_str().to_lowercase().replace('0', "o").replace('1', "l");
            let typed = format!(" {}-{} {}", &typed[..4], &typed[4..8], &typed[8..]);
            prop_assert_eq!(InviteCode::parse(&typed), Ok(code));
        }

        #[test]
        fn whatever_is_typed_is_read_or_refused(text: String) {
            if let Ok(code) = InviteCode::parse(&text) {
                prop_assert_eq!(code.as_str().len(), InviteCode::LENGTH);
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "0123456789A", "0123456789ABC", "0123456789AU", "0123456789A#", "0123456789Aé"] {
            assert!(InviteCode::parse(text).is_err(), "{text}");
        }
        assert!(!format!("{:?}", InviteCode::new([7; 12])).contains('7'));
    }
}
