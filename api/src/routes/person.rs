//! Who a request makes a viewer, and in which role.

use ring::digest::{Context, SHA256};
use streamspace_protocol::{Person, PersonId, PersonName, Role, Share};
use streamspace_resources::Session;

use crate::{AccountRole, ApiError, User};

/// Somebody who has a link: the same one each time that their browser shows the same seat.
pub(super) fn guest(share: &Share, name: PersonName, seat: &str) -> Person {
    Person {
        id: person_id(&["guest", share.id.as_str(), seat]),
        name,
        share: Some(share.id.clone()),
        until_unix_ms: share.expires_unix_ms,
    }
}

/// Somebody with an account, under the name that they want to be seen by.
pub(super) fn account(user: &User, name: Option<&str>) -> Result<Person, ApiError> {
    let name = PersonName::cleaned(name.unwrap_or(&user.name)).ok_or(ApiError::NoName)?;
    Ok(Person {
        id: person_id(&["account", &user.name]),
        name,
        share: None,
        until_unix_ms: None,
    })
}

/// What it is made of cannot be found from it.
fn person_id(parts: &[&str]) -> PersonId {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    PersonId::new(bytes)
}

/// The most that a user may do in a session.
pub(super) fn most(user: &User, session: &Session) -> Role {
    if user.role == AccountRole::Admin || session.spec.user == user.name {
        Role::Own
    } else {
        Role::View
    }
}
