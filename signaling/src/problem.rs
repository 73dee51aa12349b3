use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use streamspace_protocol::{Code, Problem};

/// Where each code is described; the code follows.
const DESCRIPTIONS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/errors.md#");

/// What is wrong, in the form that all of the API uses (RFC 9457).
///
/// `title` is the same for every problem of `code`; `detail` says what happened this time and what
/// to do next.
pub fn problem(status: StatusCode, code: Code, title: &str, detail: String) -> Problem {
    Problem {
        r#type: format!("{DESCRIPTIONS}{code}"),
        title: title.to_owned(),
        status: status.as_u16(),
        code,
        detail,
    }
}

/// An HTTP answer that refuses.
pub fn problem_response(status: StatusCode, code: Code, title: &str, detail: String) -> Response {
    refusal(&problem(status, code, title, detail))
}

/// The HTTP answer of a problem.
pub fn refusal(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_string(problem).expect("a problem holds only text and numbers");
    let content_type = [(CONTENT_TYPE, "application/problem+json")];
    (status, content_type, body).into_response()
}
