//! The schemas of bodies, collected under their names.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
use streamspace_protocol::Problem;

/// Adds a type's schema to a generator, and gives the reference to it.
pub(super) type Make = fn(&mut SchemaGenerator) -> Schema;

pub(super) fn make<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

pub(super) const PROBLEM: Make = make::<Problem>;

const COMPONENTS: &str = "/components/schemas";

/// What is read and what is written have schemas of their own: a field that has a default may be left
/// out of a request, and is always there in an answer.
pub(super) struct Schemas {
    bodies: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = COMPONENTS.into();
        settings.meta_schema = None;
        Self {
            bodies: settings.clone().for_deserialize().into_generator(),
            answers: settings.for_serialize().into_generator(),
        }
    }
}

impl Schemas {
    pub(super) fn body(&mut self, make: Make) -> Value {
        marked(make(&mut self.bodies).to_value())
    }

    pub(super) fn answer(&mut self, make: Make) -> Value {
        make(&mut self.answers).to_value()
    }

    /// A query's fields as parameters.
    pub(super) fn query(&mut self, make: Make) -> Vec<Value> {
        let reference = make(&mut self.bodies).to_value();
        let name = reference["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next());
        let name = name.unwrap_or_default().to_owned();
        // It is spread out here, and nothing else refers to it.
        let schema = self
            .bodies
            .definitions_mut()
            .remove(&name)
            .unwrap_or_default();
        let required = |field: &str| {
            let names = schema["required"].as_array();
            names.is_some_and(|names| names.iter().any(|name| name == field))
        };
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields
            .map(|(field, schema)| {
                let mut schema = marked(schema.clone());
                bound(&mut schema);
                let description = schema
                    .as_object_mut()
                    .and_then(|it| it.remove("description"));
                let mut parameter = serde_json::json!({
                    "name": field,
                    "in": "query",
                    "required": required(field),
                    "schema": schema,
                });
                if let Some(description) = description {
                    parameter["description"] = description;
                }
                parameter
            })
            .collect()
    }

    /// All of them. Those of requests end in `Input` where an answer has another one of the same name.
    pub(super) fn into_components(mut self) -> Value {
        let mut all: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in self.bodies.take_definitions(false) {
            all.insert(name + INPUT, marked(schema));
        }
        all.extend(self.answers.take_definitions(false));
        all.values_mut().for_each(plain_enum);
        all.values_mut().for_each(bound);
        Value::Object(all.into_iter().collect::<Map<_, _>>())
    }
}

/// Says the greatest number of 32 bits, where no lesser bound is said.
fn bound(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(bound);
            if fields
                .get("format")
                .is_some_and(|format| format == "uint32")
            {
                fields.entry("maximum").or_insert(u32::MAX.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One list in place of a schema for each value, which not every generator of clients understands. What
/// each value means goes into the description.
fn plain_enum(schema: &mut Value) {
    let Some(cases) = schema.get("oneOf").and_then(Value::as_array) else {
        return;
    };
    let (mut values, mut meanings) = (Vec::new(), Vec::new());
    for case in cases {
        match (case.get("const"), case.get("enum")) {
            (Some(Value::String(value)), _) => {
                if let Some(meaning) = case["description"].as_str() {
                    meanings.push(format!("\n* `{value}`: {meaning}"));
                }
                values.push(value.clone());
            }
            (None, Some(Value::Array(listed))) => {
                values.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => return,
        }
    }
    let description = schema["description"].as_str().unwrap_or_default();
    let description = format!("{description}\n{}", meanings.concat());
    *schema =
        serde_json::json!({ "type": "string", "enum": values, "description": description.trim() });
}

/// The end of the names of what only requests hold.
const INPUT: &str = "Input";

/// With every reference leading to what requests hold.
fn marked(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(path) if name == "$ref" => path.push_str(INPUT),
                    other => *other = marked(other.take()),
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = marked(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    schema
}
