//! The frame around every object, as Kubernetes has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Group and version of every object.
pub const API_VERSION: &str = "stream.space/v1alpha1";

/// An object on one machine: the part of a Kubernetes object that means something there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Object<Spec, Status> {
    pub api_version: String,
    pub kind: String,
    pub metadata: Metadata,
    pub spec: Spec,
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    pub name: String,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<jiff::Timestamp>,
    /// Another one after each change of the object; compared, never read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// By hand, so that a session is called `Session` and not by its type's parameters.
#[cfg(feature = "schema")]
impl<Spec, Status> schemars::JsonSchema for Object<Spec, Status>
where
    Spec: schemars::JsonSchema,
    Status: schemars::JsonSchema,
{
    fn schema_name() -> std::borrow::Cow<'static, str> {
        let spec = Spec::schema_name();
        spec.strip_suffix("Spec").unwrap_or(&spec).to_owned().into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let metadata = generator.subschema_for::<Metadata>();
        let spec = generator.subschema_for::<Spec>();
        let status = generator.subschema_for::<Status>();
        schemars::json_schema!({
            "type": "object",
            "description": "An object, framed as Kubernetes has it.",
            "properties": {
                "apiVersion": { "type": "string", "const": API_VERSION },
                "kind": { "type": "string", "const": Self::schema_name() },
                "metadata": metadata,
                "spec": spec,
                "status": status,
            },
            "required": ["apiVersion", "kind", "metadata", "spec"],
            "additionalProperties": false,
        })
    }
}
