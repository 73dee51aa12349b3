//! `streamspace session` and `streamspace link`.

use streamspace_protocol::NewShare;
use streamspace_resources::{DesiredState, NewSession, Session};

use crate::{
    args::{DataArgs, Session as Command},
    client::Client,
    failure::Failure,
    output::{print_json, print_line, print_table},
};

pub(crate) fn session(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json, data } => list(&Client::of(&data)?, json),
        Command::Create {
            template,
            json,
            data,
        } => create(&Client::of(&data)?, template, json),
        Command::Share {
            session,
            role,
            lifetime,
            label,
            json,
            data,
        } => {
            let new = NewShare {
                role,
                label,
                expires_in_s: lifetime,
            };
            share(&Client::of(&data)?, &session, &new, json)
        }
        Command::Hibernate { session, data } => {
            Client::of(&data)?.set_state(&session, DesiredState::Hibernated)
        }
        Command::Wake { session, data } => {
            Client::of(&data)?.set_state(&session, DesiredState::Running)
        }
        Command::Stop { session, data } => Client::of(&data)?.end(&session),
    }
}

fn share(client: &Client, session: &str, new: &NewShare, json: bool) -> Result<(), Failure> {
    let made = client.share(session, new)?;
    let address = client.page(&made.path);
    if json {
        print_json(&serde_json::json!({ "share": made.share, "address": address }));
    } else {
        print_line(address.expose());
    }
    Ok(())
}

pub(crate) fn link(data: &DataArgs) -> Result<(), Failure> {
    print_line(Client::of(data)?.link("/")?.expose());
    Ok(())
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let sessions = client.sessions()?;
    if json {
        print_json(&sessions);
        return Ok(());
    }
    print_table(["NAME", "PHASE", "RUNS"], sessions.items.iter().map(row));
    Ok(())
}

fn row(session: &Session) -> [String; 3] {
    let spec = &session.spec;
    let command = || {
        spec.command
            .as_ref()
            .map(|words| words.join(" "))
            .unwrap_or_default()
    };
    let phase = session
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default();
    let runs = spec.template.clone().unwrap_or_else(command);
    [session.metadata.name.clone(), format!("{phase:?}"), runs]
}

fn create(client: &Client, template: String, json: bool) -> Result<(), Failure> {
    let request = NewSession {
        template: Some(template),
        ..NewSession::default()
    };
    let session = client.create(&request)?;
    if json {
        print_json(&session);
    } else {
        print_line(
            client
                .link(&format!("/session/{}", session.metadata.name))?
                .expose(),
        );
    }
    Ok(())
}
