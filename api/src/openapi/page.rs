//! The description as a page: plain HTML, which needs no script.

use std::fmt::Write;

use serde_json::Value;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
    color-scheme:light dark}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;\
    background:#8882;border-radius:.4rem}details{border-block-end:1px solid #8884;padding:.5rem 0}\
    summary{cursor:pointer}.method{display:inline-block;min-width:4.5rem;font-weight:700}dt{font-weight:600}";

/// `document` is an OpenAPI document of ours.
pub(crate) fn page(document: &Value) -> String {
    let mut html = String::new();
    let title = format!("{} API", text(&document["info"]["title"]));
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style>\
         <main><h1>{title}</h1><p>Version {}. {}</p><p>For programs: <a href=\"openapi.json\">openapi.json</a></p>",
        text(&document["info"]["version"]),
        text(&document["info"]["description"]),
    );
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut about = String::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tag = text(&operation["tags"][0]);
            if tag != about {
                let _ = write!(html, "<h2>{tag}</h2>");
                about = tag;
            }
            html += &described(path, method, operation);
        }
    }
    html += "<h2>Schemas</h2>";
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let name = escaped(name);
        let _ = write!(
            html,
            "<details id=\"{name}\"><summary><code>{name}</code></summary>{}</details>",
            code(schema)
        );
    }
    html + "</main></html>"
}

fn described(path: &str, method: &str, operation: &Value) -> String {
    let mut html = format!(
        "<details id=\"{}\"><summary><code><span class=\"method\">{}</span> {}</code> {}</summary><dl>",
        text(&operation["operationId"]),
        escaped(&method.to_uppercase()),
        escaped(path),
        text(&operation["summary"]),
    );
    let role = operation["x-role"].as_str();
    let who = role.map_or_else(
        || "anyone".into(),
        |role| format!("{} and above", escaped(role)),
    );
    let scope = operation["x-scope"].as_str().map(escaped);
    let with = scope.map(|scope| format!("; with an API key of the scope {scope} and above"));
    html += &entry("Who may", &format!("{who}{}", with.unwrap_or_default()));
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = format!(
            "<code>{}</code>, in the {}",
            text(&parameter["name"]),
            text(&parameter["in"])
        );
        let description = text(&parameter["description"]);
        html += &entry(
            &name,
            &format!("{description}{}", code(&parameter["schema"])),
        );
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        html += &entry("Body", &contents(content));
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let content = response["content"]
            .as_object()
            .map(contents)
            .unwrap_or_default();
        let what = format!("{} {content}", text(&response["description"]));
        html += &entry(&format!("Answer <code>{}</code>", escaped(status)), &what);
    }
    html + "</dl></details>"
}

fn contents(content: &serde_json::Map<String, Value>) -> String {
    let each = content.iter().map(|(kind, content)| {
        let reference = content["schema"]["$ref"].as_str();
        let schema = match reference.and_then(|path| path.rsplit('/').next()) {
            Some(name) => format!("<a href=\"#{0}\"><code>{0}</code></a>", escaped(name)),
            None => String::new(),
        };
        format!("<code>{}</code> {schema}", escaped(kind))
    });
    each.collect::<Vec<_>>().join("<br>")
}

fn entry(term: &str, definition: &str) -> String {
    format!("<dt>{term}</dt><dd>{definition}</dd>")
}

fn code(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("<pre tabindex=\"0\">{}</pre>", escaped(&pretty))
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_schema_is_on_the_page_and_nothing_is_markup_that_should_be_text() {
        let document = crate::openapi::document();
        let html = page(&document);
        for methods in document["paths"].as_object().expect("paths").values() {
            for operation in methods.as_object().expect("methods").values() {
                let id = operation["operationId"].as_str().expect("a name");
                assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
            }
        }
        let hostile = serde_json::json!({ "info": { "title": "<script>" } });
        assert!(!page(&hostile).contains("<script>"));
    }
}
