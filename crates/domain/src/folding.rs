//! Texts as they are compared, so that nobody has to type capitals or accents to find something.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Compatibility-composed lower case: the form in which names and addresses are compared.
pub(crate) fn fold(text: &str) -> String {
    // `ß` and final sigma have no lower-case twin; going through upper case brings them together.
    text.nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect()
}

/// The same without accents; what is neither letter nor digit nor among `kept` is a single space.
pub(crate) fn plain(text: &str, kept: &str) -> String {
    let lower = fold(text);
    let letters = lower.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(undone);
    let spaced = letters.map(|letter| if letter.is_alphanumeric() || kept.contains(letter) { letter } else { ' ' });
    spaced.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters whose stroke or ligature is no accent to Unicode, but one to whoever types without it.
fn undone(letter: char) -> impl Iterator<Item = char> {
    let plain = match letter {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    };
    let itself = plain.is_empty().then_some(letter);
    plain.chars().chain(itself)
}
