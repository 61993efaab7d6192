//! People: the own profile, finding others, looking at them.

use domain::person::{Change, Email, SearchQuery};
use domain::{Problem, Problems, Timestamp, UserId};
use store::presence::Presence;
use store::profiles::{self, Changed};
use store::search::{self, Place};
use store::users::{self, SettingsRecord, UserRecord};
use store::{Table, acquaintances, blocks};
use wire::user::{LocaleBody, OwnProfile, PeopleBody, PersonView, PublicProfile, SearchQueryString};

use crate::error::{Error, Result};
use crate::seeing::{Sight, seen_by};
use crate::tokens::Actor;
use crate::{opaque, views};

/// How often a change is looked at again when another one came first.
const TRIES: usize = 5;
/// People a page of a search has at most, and unless asked for otherwise.
const LARGEST_PAGE: usize = 50;
const PAGE: usize = 20;

/// The caller's own account.
pub(crate) async fn own(table: &Table, actor: &Actor) -> Result<UserRecord> {
    users::by_id(table, &actor.user).await?.ok_or(Error::NotFound("User"))
}

/// Changes the caller's profile. What others see of it, the claim of a username and the words to be found by change with
/// it or not at all.
pub async fn change(table: &Table, actor: &Actor, change: &Change) -> Result<OwnProfile> {
    let (_, account) = change_account(table, actor, |account| changed(account, change)).await?;
    Ok(views::own_profile(&account))
}

/// The same for language and country, as older clients read it.
pub async fn change_locale(table: &Table, actor: &Actor, wish: &Change) -> Result<LocaleBody> {
    let user = change(table, actor, wish).await?;
    Ok(LocaleBody {
        id: user.id.clone(),
        preferred_language: user.preferred_language.clone(),
        preferred_country: user.preferred_country.clone(),
        user,
    })
}

/// Changes the caller's account, looking at it again when somebody else changed it meanwhile; how it was, and is.
pub(crate) async fn change_account(
    table: &Table,
    actor: &Actor,
    apply: impl Fn(UserRecord) -> UserRecord,
) -> Result<(UserRecord, UserRecord)> {
    for _ in 0..TRIES {
        let old = own(table, actor).await?;
        let new = apply(old.clone());
        match profiles::change(table, &actor.user, &old, &new).await? {
            Changed::Done => return Ok((old, new)),
            Changed::UsernameTaken => return Err(Error::UsernameExists),
            Changed::Meanwhile => {}
        }
    }
    Err(Error::Conflict("the profile is being changed"))
}

fn changed(account: UserRecord, change: &Change) -> UserRecord {
    let Change { username, display_name, avatar_url, bio, settings, language, country } = change;
    UserRecord {
        username: username.as_ref().map_or(account.username, ToString::to_string),
        display_name: display_name.as_ref().map_or(account.display_name, |name| name.as_str().to_owned()),
        avatar_url: avatar_url.as_ref().map(|url| url.as_str().to_owned()).or(account.avatar_url),
        bio: bio.as_ref().map_or(account.bio, |bio| bio.as_option().map(str::to_owned)),
        settings: SettingsRecord {
            notifications_enabled: settings.notifications_enabled.unwrap_or(account.settings.notifications_enabled),
            sound_enabled: settings.sound_enabled.unwrap_or(account.settings.sound_enabled),
            theme: settings.theme.map_or(account.settings.theme, |theme| theme.as_str().to_owned()),
        },
        language: language.map_or(account.language, |language| language.as_str().to_owned()),
        country: country.map_or(account.country, |country| country.as_str().to_owned()),
        ..account
    }
}

/// Finds people by the beginning of any word of their names or address; never the caller, nor anybody with whom there is a
/// block (security D7, E4). Somebody's address is shown only to whoever looked for exactly it (security D4, E4), and
/// whether they are there to whom they know (D4).
pub async fn find(table: &Table, actor: &Actor, query: &SearchQueryString, now: Timestamp) -> Result<PeopleBody> {
    let mut problems = Problems::new();
    let wanted = problems.require("q", query.q.as_deref(), SearchQuery::parse);
    let size = problems.allow("limit", query.limit.as_deref(), |text| match text.parse() {
        Ok(count) if (1..=LARGEST_PAGE).contains(&count) => Ok(count),
        _ => Err(Problem::new(format!("must be a whole number from 1 to {LARGEST_PAGE}"))),
    });
    let after = problems.allow("cursor", query.cursor.as_deref(), |text| match &wanted {
        Some(wanted) => cursor(text, wanted),
        // The query is what is wrong.
        None => Ok(None),
    });
    let wanted = problems.finish(wanted)?;
    let size = size.unwrap_or(PAGE);

    let (mut found, more) = search::page(table, &wanted, &actor.user, after.flatten().as_ref(), size).await?;
    let next_cursor = found.last().filter(|_| more).map(written);
    let apart = blocks::among(table, &actor.user, found.iter().map(|place| &place.user)).await?;
    found.retain(|place| !apart.contains_key(&place.user));
    let faces = acquaintances::faces(table, &actor.user, found.iter().map(|place| &place.user)).await?;
    let (seen, known) = tokio::try_join!(
        seen_by(table, &actor.user, &faces),
        by_address(table, query.q.as_deref().unwrap_or_default()),
    )?;
    let person = |place: &Place| {
        let email = known.as_ref().filter(|account| account.id == place.user.to_string());
        let face = faces.known.get(&place.user)?;
        let sight = if seen.contains(&place.user) { Sight::of(face, now) } else { Sight::NOTHING };
        Some(person(face, sight, email.map(|account| account.email.clone())))
    };
    Ok(PeopleBody { users: found.iter().filter_map(person).collect(), next_cursor })
}

/// Whose address this is, if it is one.
async fn by_address(table: &Table, text: &str) -> Result<Option<UserRecord>> {
    match Email::parse(text) {
        Ok(email) => Ok(users::by_email(table, &email).await?),
        Err(_) => Ok(None),
    }
}

fn person(face: &Presence, sight: Sight, email: Option<String>) -> PersonView {
    PersonView {
        id: face.id.clone(),
        username: face.username.clone(),
        display_name: face.display_name.clone(),
        name: face.display_name.clone(),
        email,
        avatar_url: face.avatar_url.clone(),
        preferred_language: face.language.clone(),
        is_online: sight.is_online(),
        last_seen: sight.last_seen,
    }
}

/// Somebody's public profile; nobody's for whom that person has blocked (security D7). Whether they are there is shown to
/// whom they know, if neither blocks the other.
pub async fn look(table: &Table, actor: &Actor, user: &UserId, now: Timestamp) -> Result<PublicProfile> {
    let (account, faces, block) = tokio::try_join!(
        users::by_id(table, user),
        acquaintances::faces(table, &actor.user, [user]),
        blocks::between(table, &actor.user, user),
    )?;
    let unknown = || Error::NotFound("User");
    let (account, face) = (account.ok_or_else(unknown)?, faces.known.get(user).ok_or_else(unknown)?);
    if block.as_ref().is_some_and(|block| block.blocked_by_at.is_some()) {
        return Err(unknown());
    }
    let is_own = *user == actor.user;
    let is_seen = block.is_none() && (is_own || seen_by(table, &actor.user, &faces).await?.contains(user));
    let sight = if is_seen { Sight::of(face, now) } else { Sight::NOTHING };
    Ok(PublicProfile {
        id: account.id.clone(),
        username: account.username.clone(),
        display_name: account.display_name.clone(),
        name: account.display_name.clone(),
        avatar_url: face.avatar_url.clone(),
        bio: account.bio.clone(),
        preferred_language: account.language.clone(),
        is_online: sight.is_online(),
        last_seen: sight.last_seen,
        created_at: account.created().to_string(),
    })
}

fn written(place: &Place) -> String {
    opaque::written(&format!("{}#{}", place.phrase, place.user))
}

/// A place that an earlier page of the same search ended at (security G4).
fn cursor(text: &str, query: &SearchQuery) -> std::result::Result<Option<Place>, Problem> {
    let read = || {
        let plain = opaque::read(text)?;
        let (phrase, user) = plain.split_once('#')?;
        let place = Place { phrase: phrase.to_owned(), user: UserId::parse(user).ok()? };
        phrase.starts_with(query.as_str()).then_some(Some(place))
    };
    read().ok_or_else(|| Problem::new("must be what nextCursor gave for the same search"))
}
