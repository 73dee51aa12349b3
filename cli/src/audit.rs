//! `streamspace audit`: works on the log itself, so it needs no server and trusts none.

use streamspace_api::AuditLog;

use crate::{
    args::{Audit as Command, AuditSource},
    failure::Failure,
    output::print_line,
    paths,
};

pub(crate) async fn audit(command: Command) -> Result<(), Failure> {
    match command {
        Command::Verify { head, source } => {
            let end = open(&source).await?.verify(head).await?;
            print_line(&end.to_string());
            Ok(())
        }
        Command::Export(source) => Ok(open(&source).await?.export(print_line).await?),
    }
}

async fn open(source: &AuditSource) -> Result<AuditLog, Failure> {
    let data = paths::data_folder(&source.data)?;
    source.storage.existing_audit(&data).await
}
