//! One thing done to many sessions.

use axum::{Extension, Json as Answer, extract::State};
use futures_util::{StreamExt, stream};
use streamspace_protocol::SessionId;
use streamspace_resources::{Batch, BatchAction, BatchAnswer, BatchItem};

use super::sessions::{self, Reached};
use crate::{Api, ApiError, BackendError, Expected, User, json::Json};

const MOST: usize = 100;
/// Ending one takes its programs' time.
const AT_ONCE: usize = 8;

pub(crate) async fn change_all(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(batch): Json<Batch>,
) -> Result<Answer<BatchAnswer>, ApiError> {
    if batch.sessions.len() > MOST {
        let message = format!("a batch is of at most {MOST} sessions");
        return Err(BackendError::Invalid(message).into());
    }
    let each = batch.sessions.into_iter().map(async |session| {
        let outcome = act(&api, &user, session.clone(), batch.action).await;
        let problem = outcome.err().map(|error| error.problem());
        BatchItem { session, problem }
    });
    let items = stream::iter(each).buffered(AT_ONCE).collect().await;
    Ok(Answer(BatchAnswer { items }))
}

async fn act(
    api: &Api,
    user: &User,
    session: SessionId,
    action: BatchAction,
) -> Result<(), ApiError> {
    let reached = Reached::by(api, user, session).await?;
    match action {
        BatchAction::End => sessions::end_one(api, &reached.id).await,
        BatchAction::Hibernate => sessions::hibernate_one(api, &reached, Expected::Any)
            .await
            .map(drop),
        BatchAction::Wake => sessions::wake_one(api, &reached, Expected::Any)
            .await
            .map(drop),
    }
}
