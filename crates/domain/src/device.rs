//! Devices that notifications can be pushed to.

use crate::problem::Problem;
use crate::web_push::Endpoint;

/// What a device runs (004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// An Apple device.
    Ios,
    /// An Android device.
    Android,
    /// A browser, which subscribes and is not registered.
    Web,
}

impl Platform {
    /// Reads a platform, in any case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        [Self::Ios, Self::Android]
            .into_iter()
            .find(|platform| platform.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Problem::new("must be ios or android"))
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Web => "web",
        }
    }

    /// Reads what is stored.
    pub fn stored(text: &str) -> Result<Self, Problem> {
        if text == Self::Web.as_str() { Ok(Self::Web) } else { Self::parse(text) }
    }
}

/// What a push service knows a device by: 1 to 4096 visible ASCII characters, which is more than any service uses.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(String);

impl DeviceToken {
    /// Reads a token.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::new("must be 1 to 4096 visible ASCII characters"))
        }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Endpoint> for DeviceToken {
    /// A browser is known by its endpoint.
    fn from(endpoint: &Endpoint) -> Self {
        Self(endpoint.as_str().to_owned())
    }
}

impl std::fmt::Debug for DeviceToken {
    // Whoever has it can be sent to: it is in no log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DeviceToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_platforms() {
        assert_eq!(Platform::parse("iOS"), Ok(Platform::Ios));
        assert!(Platform::parse("windows").is_err() && Platform::parse("web").is_err());
        assert_eq!(Platform::stored("web"), Ok(Platform::Web));
        let token = DeviceToken::parse("fcm:APA91b-x_y").unwrap();
        assert_eq!(format!("{token:?}"), "DeviceToken(…)");
        for text in ["", "a b", "é", &"x".repeat(4097)] {
            assert!(DeviceToken::parse(text).is_err());
        }
    }
}
