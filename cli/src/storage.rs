//! Where accounts and audit log are: in files of the data folder, or in a database that servers share.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use streamspace_api::{Accounts, AuditError, AuditLog, Database, DatabaseError};
use streamspace_protocol::{Code, Secret};

use crate::{failure::Failure, paths};

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct StorageArgs {
    /// File with the address of a PostgreSQL database for accounts and audit log, which several servers may
    /// share: postgres://name:password@host/database?sslmode=verify-full. By default they are files of
    /// the data folder.
    #[arg(long, env = "STREAMSPACE_DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    /// File with the key that seals accounts' secrets, the same for all servers that share a database; it is
    /// made if it is not there. By default accounts.key in the data folder.
    #[arg(long, env = "STREAMSPACE_ACCOUNTS_KEY_FILE", value_name = "FILE")]
    accounts_key_file: Option<PathBuf>,
}

impl StorageArgs {
    pub(crate) async fn accounts(&self, data: &Path) -> Result<Accounts, Failure> {
        let database = match self.shared().await? {
            Some(database) => database,
            None => Database::file(&paths::accounts(data)).await?,
        };
        let beside = paths::accounts(data).with_extension("key");
        let key = self.accounts_key_file.as_deref().unwrap_or(&beside);
        Ok(Accounts::in_database(database, key).await?)
    }

    /// The log; in a file, if there is one. `up` makes it.
    pub(crate) async fn audit(&self, data: &Path) -> Result<AuditLog, Failure> {
        match self.shared().await? {
            Some(database) => Ok(AuditLog::in_database(database).await?),
            None => Ok(AuditLog::open(&paths::audit(data)).await?),
        }
    }

    pub(crate) async fn existing_audit(&self, data: &Path) -> Result<AuditLog, Failure> {
        let file = paths::audit(data);
        if self.database_url_file.is_none() && !file.is_file() {
            let message = format!("there is no audit log at {}", file.display());
            return Err(Failure::new(Code::NotFound, message));
        }
        self.audit(data).await
    }

    async fn shared(&self) -> Result<Option<Database>, Failure> {
        let Some(file) = &self.database_url_file else {
            return Ok(None);
        };
        let url = std::fs::read_to_string(file).map_err(|error| {
            let message = format!("{} cannot be read: {error}", file.display());
            Failure::new(Code::RequestInvalid, message)
        })?;
        let url = url.trim();
        // What is wrong with an address is not told: it holds a password.
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            let message = format!(
                "{} holds no address that begins with postgres://",
                file.display()
            );
            return Err(Failure::new(Code::RequestInvalid, message));
        }
        Ok(Some(Database::postgres(&Secret::new(url)).await?))
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::new(
            Code::StorageFailed,
            format!("the database cannot be opened: {error}"),
        )
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        Self::new(Code::StorageFailed, error.to_string())
    }
}
