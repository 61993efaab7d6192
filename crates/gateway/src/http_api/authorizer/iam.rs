//! Routes with IAM authorization (gateway fact A-10): who signed, as far as a local gateway knows.

use serde::Serialize;
use serde_json::Value;

use super::Refusal;
use crate::management::Signature;
use crate::{Behaviour, Signatures};

/// `requestContext.authorizer.iam`, keys in AWS's order. There are no users here: all but the access key is made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Iam {
    /// Access key of the signature.
    pub access_key: String,
    /// Account.
    pub account_id: String,
    /// The same as the user's id.
    pub caller_id: String,
    /// Null: no identity pool signed.
    pub cognito_identity: Value,
    /// Null: there is no organisation.
    pub principal_org_id: Value,
    /// `arn:aws:iam::{account}:user/local`.
    pub user_arn: String,
    /// `AIDA` and what follows the kind in the access key.
    pub user_id: String,
}

/// Who signed. The form of the signature is checked, not the signature itself (M-13); by the switch an unsigned
/// request passes as well.
pub fn identify(signature: &Signature, account_id: &str, behaviour: &Behaviour) -> Result<Iam, Refusal> {
    let access_key = match signature {
        Signature::By(access_key) => access_key.as_str(),
        Signature::Missing | Signature::Malformed if behaviour.signatures == Signatures::Optional => "",
        Signature::Missing | Signature::Malformed => return Err(Refusal::Forbidden),
    };
    let unique = access_key.strip_prefix("AKIA").or_else(|| access_key.strip_prefix("ASIA")).unwrap_or(access_key);
    let user_id = format!("AIDA{unique}");
    Ok(Iam {
        access_key: access_key.to_owned(),
        account_id: account_id.to_owned(),
        caller_id: user_id.clone(),
        cognito_identity: Value::Null,
        principal_org_id: Value::Null,
        user_arn: format!("arn:aws:iam::{account_id}:user/local"),
        user_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a10_a_signature_names_its_key_and_the_rest_follows() {
        let by = identify(&Signature::By("AKIALOCAL".to_owned()), "000000000000", &Behaviour::default()).unwrap();
        assert_eq!((by.access_key.as_str(), by.user_id.as_str()), ("AKIALOCAL", "AIDALOCAL"));
        assert_eq!(by.user_arn, "arn:aws:iam::000000000000:user/local");
    }

    #[test]
    fn m13_an_unsigned_request_passes_only_by_the_switch() {
        for signature in [Signature::Missing, Signature::Malformed] {
            assert_eq!(identify(&signature, "1", &Behaviour::default()), Err(Refusal::Forbidden));
            let open = Behaviour { signatures: Signatures::Optional, ..Behaviour::default() };
            assert_eq!(identify(&signature, "1", &open).unwrap().access_key, "");
        }
    }
}
