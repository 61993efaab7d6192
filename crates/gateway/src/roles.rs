//! Whose access key is whose: each function acts with a key of its own, and with the permissions of its template (M-11).

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use http::request::Parts;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::launch::Launch;
use crate::management::{self, Signature, signature};
use crate::model::{Application, Function};
use crate::policy::{self, Decision};
use crate::{Behaviour, Signatures};

const KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION: &str = "AWS_SESSION_TOKEN";

/// A function's credentials; anything on this machine may know them.
struct Role {
    /// Logical id of the function.
    function: String,
    secret: String,
}

/// The roles of all functions, by their access key.
#[derive(Default)]
pub(crate) struct Roles(RwLock<BTreeMap<String, Role>>);

/// What somebody wants to do.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// E.g. `lambda:InvokeFunction`.
    pub(crate) action: &'static str,
    /// ARN.
    pub(crate) resource: &'a str,
}

impl Roles {
    /// Learns a function's key; gives it one when its launcher brings none.
    pub(crate) fn equip(&self, function: &Function, launch: &mut Launch) {
        if !launch.environment.contains_key(KEY) {
            let digest = |what: &str| Sha256::digest(format!("{what} of {}", function.name));
            let letters = digest("access key")[..8].iter().fold(String::new(), |key, byte| format!("{key}{byte:02X}"));
            let own = [
                (KEY, format!("ASIA{letters}")),
                (SECRET, hex::encode(&digest("secret access key")[..20])),
                (SESSION, hex::encode(digest("session token"))),
            ];
            launch.environment.extend(own.map(|(name, value)| (name.to_owned(), value)));
        }
        if let (Some(key), Some(secret)) = (launch.environment.get(KEY), launch.environment.get(SECRET)) {
            let role = Role { function: function.logical_id.clone(), secret: secret.clone() };
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), role);
        }
    }

    /// Why the template does not let the signer do this; `None` when it does, or the key belongs to no function.
    ///
    /// A function whose role is not told whole (a role or a managed policy from elsewhere) may do everything.
    pub(crate) fn denial(&self, application: &Application, signature: &Signature, wish: Wish<'_>) -> Option<Answer> {
        let roles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let role = roles.get(signature.access_key()?)?;
        let function = application.functions.get(&role.function).filter(|function| !function.policies_elsewhere)?;
        let explicit = match policy::decide(&function.policies, wish.action, wish.resource) {
            Decision::Allow => return None,
            Decision::ExplicitDeny => true,
            Decision::ImplicitDeny => false,
        };
        let Application { account_id, .. } = application;
        let Function { logical_id, name, .. } = function;
        let signer = format!("arn:aws:sts::{account_id}:assumed-role/{logical_id}Role/{name}");
        Some(management::access_denied(&signer, wish.action, wish.resource, explicit))
    }

    /// Why the signature is not accepted (M-13), before the body is known.
    pub(crate) fn refusal(&self, behaviour: &Behaviour, signature: &Signature) -> Option<Answer> {
        match behaviour.signatures {
            Signatures::Optional => None,
            Signatures::Formed => signature.refusal(),
            Signatures::Verified => signature.refusal().or_else(|| {
                let roles = self.0.read().unwrap_or_else(PoisonError::into_inner);
                let known = signature.access_key().is_some_and(|key| roles.contains_key(key));
                (!known).then(signature::unknown_key)
            }),
        }
    }

    /// Why the signature is not the right one for the request, if that is asked.
    pub(crate) fn forgery(
        &self,
        behaviour: &Behaviour,
        signature: &Signature,
        parts: &Parts,
        body: &[u8],
    ) -> Option<Answer> {
        if behaviour.signatures != Signatures::Verified {
            return None;
        }
        let roles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let role = signature.access_key().and_then(|key| roles.get(key));
        (!role.is_some_and(|role| signature::is_right(parts, body, &role.secret))).then(signature::wrong)
    }
}
