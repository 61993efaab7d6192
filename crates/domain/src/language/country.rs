//! Countries.

use std::fmt;

use crate::problem::Problem;

/// A country by its two letters (ISO 3166-1 alpha-2), in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// Reads two letters in any case; letters that stand for no country are refused.
    pub fn parse(code: &str) -> Result<Self, Problem> {
        let known = CODES.split_ascii_whitespace().find(|known| known.eq_ignore_ascii_case(code));
        known.map(Self).ok_or_else(|| Problem::new("must be a two-letter country code such as US or MX"))
    }

    /// The two letters.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Default for Country {
    /// The United States, for who says nothing.
    fn default() -> Self {
        Self("US")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// Officially assigned codes of ISO 3166-1.
const CODES: &str = "
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_and_in_order() {
        let codes: Vec<&str> = CODES.split_ascii_whitespace().collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
        assert!(codes.iter().all(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
    }

    #[test]
    fn is_kept_in_upper_case() {
        assert_eq!(Country::parse("mx").unwrap().to_string(), "MX");
        assert_eq!(Country::parse("us"), Ok(Country::default()));
        assert_eq!(Country::parse("Mx"), Country::parse("MX"));
        for code in ["", "M", "MEX", "XX", "UK", "AD AE", "  "] {
            assert!(Country::parse(code).is_err(), "{code:?}");
        }
    }
}
