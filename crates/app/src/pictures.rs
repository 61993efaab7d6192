//! A person's picture: uploading it, showing it, taking it down.

use domain::attachment::PictureKey;
use domain::{Problem, Problems};
use store::Table;
use store::users::UserRecord;
use wire::attachment::{PictureUpload, PictureUploadBody};
use wire::user::{OwnProfile, PictureBody};

use crate::error::{Error, Result};
use crate::files::{Files, UPLOAD_FOR};
use crate::inspection::{Inspection, Unseen};
use crate::tokens::Actor;
use crate::users::{change_account, own};
use crate::{fresh, views};

/// Where the caller can upload a picture to, under a key of the caller's own.
pub async fn upload_url(files: &Files, actor: &Actor, upload: PictureUpload) -> Result<PictureUploadBody> {
    let PictureUpload { media, file_size, once } = upload;
    let key = PictureKey::new(actor.user.clone(), fresh::picture(), media);
    let (upload_url, headers) = files.upload_url(&key.upload(), media, file_size, once).await?;
    Ok(PictureUploadBody { upload_url, headers, key: key.to_string(), expires_in: UPLOAD_FOR.as_secs() })
}

/// Shows an uploaded picture as the caller's, made anew, under an address that does not expire, and removes the one
/// before.
/// `base` is the address of this API. A key that is not the caller's own is forbidden (security F9).
pub async fn set(
    table: &Table,
    files: &Files,
    actor: &Actor,
    key: Option<&PictureKey>,
    (most, inspection): (u64, &Inspection),
    base: &str,
) -> Result<PictureBody> {
    let key = key.filter(|key| key.user == actor.user);
    let key = key.ok_or(Error::Forbidden("the key must be that of an upload of your own"))?;
    let refused = |problem: Problem| Error::from(Problems::one("key", problem.0));
    let address = format!("{base}/api/users/{}/pictures/{}", key.user, key.file());
    let now_shown = own(table, actor).await?;
    if now_shown.picture_key.as_deref() != Some(&key.to_string()) {
        let object = files.look(&key.upload()).await?;
        let object = object.ok_or_else(|| refused(Problem::new("was not uploaded yet")))?;
        object.check(key.media, object.size.min(most)).map_err(refused)?;
        // Whoever sets it waits for it anyway, and others see it from the moment on that it is set: so it is inspected here
        // and now.
        inspection.picture(files, key, &object.e_tag).await.map_err(|failed| match failed {
            Unseen::Refused(problem) => refused(problem),
            Unseen::Failed(error) => error,
        })?;
    }
    let (before, account) = change_account(table, actor, |account| UserRecord {
        profile_picture: Some(address.clone()),
        picture_key: Some(key.to_string()),
        ..account
    })
    .await?;
    if let Some(old) = before.picture_key.filter(|old| *old != key.to_string()) {
        files.remove(&[&old]).await?;
    }
    files.remove(&[&key.upload()]).await?;
    Ok(PictureBody { user: views::own_profile(&account), profile_picture: address })
}

/// Takes the caller's uploaded picture down.
pub async fn delete(table: &Table, files: &Files, actor: &Actor) -> Result<OwnProfile> {
    if own(table, actor).await?.picture_key.is_none() {
        return Err(Error::NotFound("Profile picture"));
    }
    let (before, account) =
        change_account(table, actor, |account| UserRecord { profile_picture: None, picture_key: None, ..account })
            .await?;
    if let Some(old) = &before.picture_key {
        files.remove(&[old]).await?;
    }
    Ok(views::own_profile(&account))
}

/// Where a picture can be seen for the next minutes: of all that is in the bucket, pictures alone have a way to be seen
/// by anybody.
pub async fn see(files: &Files, key: &PictureKey) -> Result<String> {
    files.download_url(&key.to_string(), key.media, "inline").await
}
