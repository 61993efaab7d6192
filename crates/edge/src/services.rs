//! What handlers work with, built from the environment once per process, while Lambda starts it.

use std::time::Duration;

use app::accounts::{SessionLength, SignInDesk};
use app::delivery::{Push, Relay};
use app::ending::Cleaner;
use app::erasure::{Eraser, Erasure};
use app::files::Files;
use app::inspection::{Inspection, Inspector, MalwareScan};
use app::inviting::InviteTerms;
use app::invoking::Invoker;
use app::sending::{Outbox, SendLimits};
use app::tokens::{Issuer, Verifier};
use app::translation::Translator;
use store::Table;
use wire::conversation::ConversationLimits;

use crate::Error;
use crate::config::{ConfigError, Environment};
use crate::http::Request;

/// Something that a handler works with. What a handler asks for is all that its function needs, and its policies in the
/// template say the same.
pub trait FromEnvironment: Sized {
    /// Builds it; fails with the name of the setting that is missing.
    fn build(environment: &Environment) -> impl Future<Output = Result<Self, Error>>;
}

impl FromEnvironment for () {
    async fn build(_: &Environment) -> Result<Self, Error> {
        Ok(())
    }
}

impl<A: FromEnvironment, B: FromEnvironment> FromEnvironment for (A, B) {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok((A::build(environment).await?, B::build(environment).await?))
    }
}

impl<A: FromEnvironment, B: FromEnvironment, C: FromEnvironment> FromEnvironment for (A, B, C) {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok((A::build(environment).await?, B::build(environment).await?, C::build(environment).await?))
    }
}

impl<A: FromEnvironment, B: FromEnvironment, C: FromEnvironment, D: FromEnvironment> FromEnvironment for (A, B, C, D) {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let (a, b, c) = <(A, B, C)>::build(environment).await?;
        Ok((a, b, c, D::build(environment).await?))
    }
}

impl<A: FromEnvironment, B: FromEnvironment, C: FromEnvironment, D: FromEnvironment, E: FromEnvironment> FromEnvironment
    for (A, B, C, D, E)
{
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let (a, b, c, d) = <(A, B, C, D)>::build(environment).await?;
        Ok((a, b, c, d, E::build(environment).await?))
    }
}

impl FromEnvironment for Table {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self::new(aws_sdk_dynamodb::Client::new(environment.sdk().await), environment.text("TABLE_NAME")?))
    }
}

impl FromEnvironment for Push {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let push = Self::new(&aws_sdk_apigatewaymanagement::Config::new(environment.sdk().await));
        // Only functions that may reach a large conversation are given somebody to share the work with.
        let Ok(function) = environment.text("FAN_OUT_FUNCTION") else { return Ok(push) };
        let invoker = Invoker::new(aws_sdk_lambda::Client::new(environment.sdk().await), function);
        Ok(push.shared_with(Relay::new(invoker, environment.number("FAN_OUT_FROM")?)))
    }
}

impl FromEnvironment for Cleaner {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let client = aws_sdk_lambda::Client::new(environment.sdk().await);
        Ok(Self::new(Invoker::new(client, environment.text("CLEAR_FUNCTION")?)))
    }
}

impl FromEnvironment for Inspector {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        // Only functions that send files, or wait for them, are given somebody to inspect them.
        let invoker = match environment.text("INSPECT_FUNCTION") {
            Ok(function) => Some(Invoker::new(aws_sdk_lambda::Client::new(environment.sdk().await), function)),
            Err(_) => None,
        };
        Ok(Self::new(invoker, malware_scan(environment)?))
    }
}

impl FromEnvironment for Inspection {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let seconds = |name: &str| environment.number(name).map(Duration::from_secs);
        Ok(Self {
            limits: imaging::Limits {
                pixels: environment.number("IMAGE_MAX_PIXELS")?,
                frames: environment.number("IMAGE_MAX_FRAMES")?,
            },
            time: seconds("IMAGE_MAX_SECONDS")?,
            scan: malware_scan(environment)?,
            scan_time: seconds("MALWARE_SCAN_SECONDS")?,
        })
    }
}

fn malware_scan(environment: &Environment) -> Result<MalwareScan, Error> {
    let name = "MALWARE_SCAN";
    match environment.text(name)? {
        "none" => Ok(MalwareScan::None),
        "guardduty" => Ok(MalwareScan::GuardDuty),
        _ => Err(bad(name, "must be none or guardduty").into()),
    }
}

/// How long a download waits for a file that is being inspected.
#[derive(Debug, Clone, Copy)]
pub struct InspectionWait(pub Duration);

impl FromEnvironment for InspectionWait {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self(Duration::from_millis(environment.number("INSPECTION_WAIT_MS")?)))
    }
}

/// Pages of a thousand items that one invocation clears of conversations that have ended.
#[derive(Debug, Clone, Copy)]
pub struct ClearPages(pub usize);

impl FromEnvironment for ClearPages {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self(environment.number("CLEAR_PAGES")?))
    }
}

impl FromEnvironment for Eraser {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let client = aws_sdk_lambda::Client::new(environment.sdk().await);
        Ok(Self::new(Invoker::new(client, environment.text("ERASE_FUNCTION")?)))
    }
}

impl FromEnvironment for Erasure {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            files: Files::build(environment).await?,
            push: Push::build(environment).await?,
            cleaner: Cleaner::build(environment).await?,
            eraser: Eraser::build(environment).await?,
            pages: environment.number("ERASE_PAGES")?,
            settled: Duration::from_secs(environment.number("ERASE_AFTER_SECONDS")?),
        })
    }
}

impl FromEnvironment for Translator {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let deadline = Duration::from_millis(environment.number("TRANSLATION_DEADLINE_MS")?);
        let client = aws_sdk_translate::Client::new(environment.sdk().await);
        Ok(Self::new(client, Table::build(environment).await?, deadline))
    }
}

impl FromEnvironment for Files {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        // A checksum that was signed would be that of an empty file: the length is signed, and TLS keeps the rest.
        let settings = aws_sdk_s3::config::Builder::from(environment.sdk().await)
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
            .build();
        Ok(Self::new(aws_sdk_s3::Client::from_conf(settings), environment.text("BUCKET_NAME")?))
    }
}

impl FromEnvironment for Verifier {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let name = "TOKEN_PUBLIC_KEYS";
        Ok(Self::from_list(environment.text(name)?).map_err(|problem| bad(name, problem))?)
    }
}

impl FromEnvironment for SignInDesk {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let access_seconds = environment.number("ACCESS_TOKEN_SECONDS")?;
        let days = |count: u64| Duration::from_secs(count * 24 * 60 * 60);
        let lengths = SessionLength {
            ordinary: days(environment.number("REFRESH_TOKEN_DAYS")?),
            remembered: days(environment.number("REMEMBERED_REFRESH_TOKEN_DAYS")?),
            most: days(environment.number("SESSION_MAX_DAYS")?),
        };
        let name = "SIGNING_KEY_SECRET_ARN";
        let secret = secret(environment, name).await?;
        let issuer = Issuer::from_secret(&secret, access_seconds).map_err(|problem| bad(name, problem))?;
        Ok(Self { issuer, lengths })
    }
}

impl FromEnvironment for Outbox {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            push: Push::build(environment).await?,
            translator: Translator::build(environment).await?,
            files: Files::build(environment).await?,
            inspector: Inspector::build(environment).await?,
            limits: SendLimits::build(environment).await?,
        })
    }
}

impl FromEnvironment for SendLimits {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            events_per_minute: environment.number("SOCKET_EVENTS_PER_MINUTE")?,
            messages_per_minute: environment.number("MESSAGES_PER_MINUTE")?,
            message_characters: environment.number("MESSAGE_MAX_CHARACTERS")?,
        })
    }
}

impl FromEnvironment for ConversationLimits {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            group_members: environment.number("GROUP_MAX_MEMBERS")?,
            min_password_length: environment.number("PASSWORD_MIN_LENGTH")?,
        })
    }
}

/// What it takes to let a signed-in person through: the public keys, and the count of their requests.
#[derive(Clone)]
pub struct Guard {
    /// Checks tokens.
    pub verifier: Verifier,
    /// Keeps the counts.
    pub table: Table,
    /// Requests a minute and person.
    pub per_minute: u32,
}

impl FromEnvironment for Guard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            verifier: Verifier::build(environment).await?,
            table: Table::build(environment).await?,
            per_minute: environment.number("HTTP_PER_MINUTE")?,
        })
    }
}

/// What it takes to let an action through: the count of a person's events over all their sockets.
#[derive(Debug, Clone)]
pub struct SocketGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Events a minute and person.
    pub per_minute: u32,
}

impl FromEnvironment for SocketGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            per_minute: environment.number("SOCKET_EVENTS_PER_MINUTE")?,
        })
    }
}

/// What it takes to let somebody try to sign in or register: the counts of tries, by address and by account.
#[derive(Debug, Clone)]
pub struct SignInGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Tries a minute, for each address and for each account.
    pub per_minute: u32,
    /// Characters that a new password must have.
    pub min_password_length: usize,
}

impl FromEnvironment for SignInGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            per_minute: environment.number("SIGN_IN_PER_MINUTE")?,
            min_password_length: environment.number("PASSWORD_MIN_LENGTH")?,
        })
    }
}

/// What it takes to let somebody renew tokens: the count of tries, by address.
#[derive(Debug, Clone)]
pub struct RefreshGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Exchanges a minute and address.
    pub per_minute: u32,
}

impl FromEnvironment for RefreshGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self { table: Table::build(environment).await?, per_minute: environment.number("HTTP_PER_MINUTE")? })
    }
}

/// What it takes to let somebody ask for accounts: the counts of questions.
#[derive(Debug, Clone)]
pub struct CheckEmailGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Questions a minute and address.
    pub per_minute: u32,
    /// Questions a minute, whoever asks.
    pub in_all: u32,
}

impl FromEnvironment for CheckEmailGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            per_minute: environment.number("CHECK_EMAIL_PER_MINUTE")?,
            in_all: environment.number("CHECK_EMAIL_IN_ALL_PER_MINUTE")?,
        })
    }
}

/// Origins whose pages may open a socket (security C3).
#[derive(Debug, Clone)]
pub struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// Whether a page of this origin may.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    }
}

impl FromEnvironment for AllowedOrigins {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let list = environment.text("ALLOWED_ORIGINS")?.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        Ok(Self(list.map(str::to_owned).collect()))
    }
}

/// What it takes to let somebody upload a file: the count of uploads, and how long files may be.
#[derive(Debug, Clone)]
pub struct UploadGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Uploads a minute and person.
    pub per_minute: u32,
    /// Most bytes of an attachment.
    pub attachment_bytes: u64,
    /// Most bytes of a person's picture.
    pub picture_bytes: u64,
}

impl FromEnvironment for UploadGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            per_minute: environment.number("UPLOADS_PER_MINUTE")?,
            attachment_bytes: environment.number("ATTACHMENT_MAX_BYTES")?,
            picture_bytes: environment.number("PICTURE_MAX_BYTES")?,
        })
    }
}

/// What it takes to let somebody try to join a group by a code: the counts of tries (security E6).
#[derive(Debug, Clone)]
pub struct JoinGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Tries a minute and person.
    pub per_minute: u32,
    /// Tries a minute and address, whoever tries.
    pub from_address: u32,
}

impl FromEnvironment for JoinGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            table: Table::build(environment).await?,
            per_minute: environment.number("JOIN_PER_MINUTE")?,
            from_address: environment.number("JOIN_FROM_ADDRESS_PER_MINUTE")?,
        })
    }
}

/// What it takes to let somebody report another person: the counts of reports.
#[derive(Debug, Clone)]
pub struct ReportGuard {
    /// Keeps the counts.
    pub table: Table,
    /// Reports a minute and person.
    pub per_minute: u32,
}

impl FromEnvironment for ReportGuard {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        let per_minute = environment.number("REPORTS_PER_MINUTE")?;
        Ok(Self { table: Table::build(environment).await?, per_minute })
    }
}

/// How people are invited into groups.
#[derive(Debug, Clone)]
pub struct Invitations {
    address: String,
    days: u64,
}

impl Invitations {
    /// What that is for a request: without a page of its own, the address is this API's.
    pub fn terms(&self, request: &Request) -> InviteTerms {
        let address = if self.address.is_empty() { format!("{}/join", request.base()) } else { self.address.clone() };
        InviteTerms { address, good_for: Duration::from_secs(self.days * 24 * 60 * 60) }
    }
}

impl FromEnvironment for Invitations {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        // A variable that is empty is taken for none.
        let address = environment.text("INVITE_ADDRESS").unwrap_or_default();
        Ok(Self { address: address.to_owned(), days: environment.number("INVITE_DAYS")? })
    }
}

/// Number of connections that a person may have.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimit(pub usize);

impl FromEnvironment for ConnectionLimit {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self(environment.number("CONNECTIONS_PER_USER")?))
    }
}

/// How long somebody's going is waited with after others were last told of that person.
#[derive(Debug, Clone, Copy)]
pub struct DepartureDelay(pub Duration);

impl FromEnvironment for DepartureDelay {
    async fn build(environment: &Environment) -> Result<Self, Error> {
        Ok(Self(Duration::from_secs(environment.number("DEPARTURE_DELAY_SECONDS")?)))
    }
}

/// The text of the secret whose ARN this setting holds.
pub(crate) async fn secret(environment: &Environment, name: &str) -> Result<String, Error> {
    let client = aws_sdk_secretsmanager::Client::new(environment.sdk().await);
    let answer = client.get_secret_value().secret_id(environment.text(name)?).send().await?;
    Ok(answer.secret_string.ok_or_else(|| bad(name, "the secret holds no text"))?)
}

pub(crate) fn bad(name: &str, problem: &str) -> ConfigError {
    ConfigError { name: name.to_owned(), problem: problem.to_owned() }
}
