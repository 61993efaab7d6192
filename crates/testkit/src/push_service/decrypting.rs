//! A browser's keys, and Mozilla's `ece` over the primitives of `RustCrypto`: how a content key is derived and a record is
//! read is `ece`'s, the other side's is `web-push-native`'s.

use std::any::Any;

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use ece::crypto::{Cryptographer, EcKeyComponents, LocalKeyPair, RemotePublicKey};
use ece::{Error, Result};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;

/// What a browser keeps of its subscription.
#[derive(Clone)]
pub(super) struct Keys {
    secret: SecretKey,
    pub(super) auth: [u8; 16],
}

impl Keys {
    pub(super) fn generate() -> Self {
        // Two random ids are 32 bytes, of which almost all are keys.
        loop {
            let (one, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
            let bytes = [*one.as_bytes(), *other.as_bytes()].concat();
            if let Ok(secret) = SecretKey::from_slice(&bytes) {
                return Self { secret, auth: *uuid::Uuid::new_v4().as_bytes() };
            }
        }
    }

    pub(super) fn public(&self) -> Vec<u8> {
        point(&self.secret.public_key())
    }

    /// What was encrypted for this browser; nothing if it was not.
    pub(super) fn decrypt(&self, body: &[u8]) -> Option<Vec<u8>> {
        // Another test may have set it before.
        let _ = ece::crypto::set_cryptographer(&RustCrypto);
        let keys = EcKeyComponents::new(self.secret.to_bytes().to_vec(), self.public());
        ece::decrypt(&keys, &self.auth, body).ok()
    }
}

fn point(key: &PublicKey) -> Vec<u8> {
    key.to_encoded_point(false).as_bytes().to_vec()
}

struct RustCrypto;

struct Remote(PublicKey);

impl RemotePublicKey for Remote {
    fn as_raw(&self) -> Result<Vec<u8>> {
        Ok(point(&self.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Local(SecretKey);

impl LocalKeyPair for Local {
    fn pub_as_raw(&self) -> Result<Vec<u8>> {
        Ok(point(&self.0.public_key()))
    }

    fn raw_components(&self) -> Result<EcKeyComponents> {
        Ok(EcKeyComponents::new(self.0.to_bytes().to_vec(), self.pub_as_raw()?))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Cryptographer for RustCrypto {
    fn generate_ephemeral_keypair(&self) -> Result<Box<dyn LocalKeyPair>> {
        Ok(Box::new(Local(Keys::generate().secret)))
    }

    fn import_key_pair(&self, components: &EcKeyComponents) -> Result<Box<dyn LocalKeyPair>> {
        let key = SecretKey::from_slice(components.private_key()).map_err(|_| Error::InvalidKeyLength)?;
        Ok(Box::new(Local(key)))
    }

    fn import_public_key(&self, raw: &[u8]) -> Result<Box<dyn RemotePublicKey>> {
        let key = PublicKey::from_sec1_bytes(raw).map_err(|_| Error::InvalidKeyLength)?;
        Ok(Box::new(Remote(key)))
    }

    fn compute_ecdh_secret(&self, remote: &dyn RemotePublicKey, local: &dyn LocalKeyPair) -> Result<Vec<u8>> {
        let remote = remote.as_any().downcast_ref::<Remote>().ok_or(Error::CryptoError)?;
        let local = local.as_any().downcast_ref::<Local>().ok_or(Error::CryptoError)?;
        let shared = p256::ecdh::diffie_hellman(local.0.to_nonzero_scalar(), remote.0.as_affine());
        Ok(shared.raw_secret_bytes().to_vec())
    }

    fn hkdf_sha256(&self, salt: &[u8], secret: &[u8], info: &[u8], len: usize) -> Result<Vec<u8>> {
        let mut derived = vec![0; len];
        let hkdf = Hkdf::<Sha256>::new(Some(salt), secret);
        hkdf.expand(info, &mut derived).map_err(|_| Error::CryptoError)?;
        Ok(derived)
    }

    fn aes_gcm_128_encrypt(&self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        let cipher = Aes128Gcm::new_from_slice(key).map_err(|_| Error::InvalidKeyLength)?;
        cipher.encrypt(&nonce(iv)?, data).map_err(|_| Error::CryptoError)
    }

    fn aes_gcm_128_decrypt(&self, key: &[u8], iv: &[u8], ciphertext_and_tag: &[u8]) -> Result<Vec<u8>> {
        let cipher = Aes128Gcm::new_from_slice(key).map_err(|_| Error::InvalidKeyLength)?;
        cipher.decrypt(&nonce(iv)?, ciphertext_and_tag).map_err(|_| Error::CryptoError)
    }

    fn random_bytes(&self, dest: &mut [u8]) -> Result<()> {
        for part in dest.chunks_mut(16) {
            let bytes = *uuid::Uuid::new_v4().as_bytes();
            part.copy_from_slice(&bytes[..part.len()]);
        }
        Ok(())
    }
}

fn nonce(iv: &[u8]) -> Result<Nonce<aes_gcm::aead::consts::U12>> {
    let iv: [u8; 12] = iv.try_into().map_err(|_| Error::CryptoError)?;
    Ok(Nonce::from(iv))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primitives_are_those_of_the_rfc() {
        // What derives the keys there asks for the one that is set. Another test may have set it before.
        let _ = ece::crypto::set_cryptographer(&RustCrypto);
        ece::crypto::test_cryptographer(RustCrypto);
    }
}
