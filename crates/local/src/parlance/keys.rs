//! `parlance keys`: a pair of keys for a deployment.

use gateway::command_line::write_override;
use local::signing::TokenKey;

use crate::Outcome;

/// Prints a new pair, ready to be pasted behind `sam deploy --parameter-overrides`.
pub(crate) fn print() -> Outcome {
    let key = TokenKey::generate()?;
    println!("{}", write_override("TokenPublicKeys", &key.public_parameter()));
    println!("{}", write_override("TokenSigningKey", &key.signing_parameter()));
    Ok(())
}
