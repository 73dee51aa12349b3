//! `streamspace audit`: works on the file, so it needs no server and trusts none.

use streamspace_api::{AuditError, AuditLog};
use streamspace_protocol::Code;

use crate::{
    args::{Audit as Command, DataArgs},
    failure::Failure,
    output::print_line,
    paths,
};

pub(crate) async fn audit(command: Command) -> Result<(), Failure> {
    match command {
        Command::Verify { head, data } => {
            let end = open(&data).await?.verify(head).await?;
            print_line(&end.to_string());
            Ok(())
        }
        Command::Export(data) => Ok(open(&data).await?.export(print_line).await?),
    }
}

async fn open(data: &DataArgs) -> Result<AuditLog, Failure> {
    let file = paths::audit(&paths::data_folder(data)?);
    if !file.is_file() {
        let message = format!("there is no audit log at {}", file.display());
        return Err(Failure::new(Code::NotFound, message));
    }
    Ok(AuditLog::open(&file).await?)
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        Self::new(Code::StorageFailed, error.to_string())
    }
}
