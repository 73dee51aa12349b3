//! The volume that a session's program knows as its home.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements},
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::OwnerReference},
};
use kube::{Resource, ResourceExt, api::ObjectMeta};
use ring::digest;
use streamspace_resources::{SessionResource, UserResource};

use super::{people::Policy, pod::labels};
use crate::settings::Settings;

/// Characters of a user's name that a volume's name shows; a digest tells users apart.
const SHOWN: usize = 30;
const DIGEST_BYTES: usize = 6;

/// The name of a session's home: of its own, or its person's.
pub(crate) fn name(session: &SessionResource) -> String {
    if session.spec.persistent_home {
        of_user(&session.spec.user)
    } else {
        format!("{}-home", session.name_any())
    }
}

/// A DNS label, another one for each user, whatever users are called.
fn of_user(user: &str) -> String {
    let shown: String = user
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(SHOWN)
        .collect();
    let digest = digest::digest(&digest::SHA256, user.as_bytes());
    let digest: String = digest.as_ref()[..DIGEST_BYTES]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("home-{}{digest}", prefix(&shown.to_ascii_lowercase()))
}

fn prefix(shown: &str) -> String {
    match shown {
        "" => String::new(),
        shown => format!("{shown}-"),
    }
}

/// A person's home outlives their sessions, and their object unless that says otherwise; a session's goes with it.
pub(crate) fn claim(
    session: &SessionResource,
    settings: &Settings,
    policy: &Policy,
) -> PersistentVolumeClaim {
    let owner = match (session.spec.persistent_home, &policy.object) {
        (false, _) => session.controller_owner_ref(&()),
        (true, Some(user)) if policy.home.delete_with_user => Some(of_user_object(user)),
        (true, _) => None,
    };
    let size = policy.home.size.as_ref().unwrap_or(&settings.home_size);
    let class = policy.home.storage_class.as_ref();
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(name(session)),
            labels: Some(match session.spec.persistent_home {
                true => BTreeMap::new(),
                false => labels(session),
            }),
            owner_references: owner.map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec![settings.home_access_mode.clone()]),
            storage_class_name: class.or(settings.home_class.as_ref()).cloned(),
            resources: Some(VolumeResourceRequirements {
                requests: Some([("storage".into(), Quantity(size.clone()))].into()),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

fn of_user_object((name, uid): &(String, String)) -> OwnerReference {
    OwnerReference {
        api_version: UserResource::api_version(&()).into(),
        kind: UserResource::kind(&()).into(),
        name: name.clone(),
        uid: uid.clone(),
        ..OwnerReference::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_users_volume_has_a_name_that_kubernetes_takes(user in "\\PC{0,80}") {
            let name = of_user(&user);
            prop_assert!(name.len() <= 63);
            prop_assert!(name.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()));
            prop_assert!(!name.ends_with('-'));
        }
    }

    #[test]
    fn users_whose_names_look_alike_have_homes_of_their_own() {
        let names = ["ada", "Ada", "a.da", "a-da"].map(of_user);
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| name.starts_with("home-ada-")));
    }
}
