//! The audit log: who signed in, failed to, or lost a session, and what people did to each other and to groups (security
//! J3). A line of the function's log for each, whatever `LogLevel` is; nobody, not the functions either, can change or
//! take back a line (decision 25). Ids and kinds alone: no token, address, password or word of anybody's.

use domain::{ConversationId, SessionId, UserId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Somebody made an account.
    Registered,
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in, with a wrong password or to no account.
    SignInFailed,
    /// A refresh token was used a second time, which ended its session.
    RefreshTokenReused,
    /// Somebody has another password.
    PasswordChanged,
    /// Somebody gave a wrong password beside their token.
    PasswordRefused,
    /// Somebody logged out, of one session or of all.
    LoggedOut,
    /// Somebody ended another session of theirs.
    SessionRevoked,
    /// Somebody deleted their account.
    AccountDeleted,
    /// Nothing is kept about them any more.
    AccountErased,
    /// Somebody blocked another one.
    Blocked,
    /// Somebody blocks another one no more.
    Unblocked,
    /// Somebody reported another one.
    Reported,
    /// Somebody took another one, or themselves, out of a group.
    MemberRemoved,
    /// Somebody made another one an admin.
    MadeAdmin,
    /// Somebody took that from another one.
    MadeMember,
    /// Somebody ended a conversation for everybody.
    ConversationEnded,
}

impl Deed {
    fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRefused => "password_refused",
            Self::LoggedOut => "logged_out",
            Self::SessionRevoked => "session_revoked",
            Self::AccountDeleted => "account_deleted",
            Self::AccountErased => "account_erased",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::Reported => "reported",
            Self::MemberRemoved => "member_removed",
            Self::MadeAdmin => "made_admin",
            Self::MadeMember => "made_member",
            Self::ConversationEnded => "conversation_ended",
        }
    }
}

/// An entry on its way into the log.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub(crate) struct Entry<'a> {
    deed: Deed,
    user: Option<&'a UserId>,
    session: Option<&'a SessionId>,
    subject: Option<&'a UserId>,
    conversation: Option<&'a ConversationId>,
}

/// What somebody did; nobody is known where there is no such account.
pub(crate) fn did(user: Option<&UserId>, deed: Deed) -> Entry<'_> {
    Entry { deed, user, session: None, subject: None, conversation: None }
}

impl<'a> Entry<'a> {
    /// With or to which session.
    pub(crate) fn session(self, session: &'a SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// To whom.
    pub(crate) fn to(self, subject: &'a UserId) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Where.
    pub(crate) fn at(self, conversation: &'a ConversationId) -> Self {
        Self { conversation: Some(conversation), ..self }
    }

    /// Writes it.
    pub(crate) fn note(self) {
        tracing::info!(
            deed = self.deed.as_str(),
            user = self.user.map(tracing::field::display),
            session = self.session.map(tracing::field::display),
            subject = self.subject.map(tracing::field::display),
            conversation = self.conversation.map(tracing::field::display),
            "audit"
        );
    }
}
