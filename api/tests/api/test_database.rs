//! A database for one test: in memory, or in the PostgreSQL server that the environment names.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, any::install_default_drivers};
use streamspace_protocol::Secret;

use super::Database;

/// Address of a PostgreSQL database in which the tests may make schemas.
const SERVER: &str = "STREAMSPACE_TEST_POSTGRES";

/// In PostgreSQL each test has a schema of its own, and they go with the server.
pub(crate) async fn scratch_database() -> Database {
    let Ok(server) = std::env::var(SERVER) else {
        return Database::in_memory().await.expect("memory");
    };
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("test_{}_{count}", std::process::id());
    install_default_drivers();
    let mut connection = AnyConnection::connect(&server).await.expect("a server");
    let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(create)
        .execute(&mut connection)
        .await
        .expect("a schema");
    connection.close().await.expect("closed");
    let url = format!("{server}&options=-c%20search_path%3D{schema}");
    Database::postgres(&Secret::new(url))
        .await
        .expect("a database")
}
