//! `streamspace key`.

use jiff::Timestamp;
use streamspace_api::{ApiKey, NewApiKey};
use streamspace_protocol::Code;

use crate::{
    args::Key as Command,
    client::Client,
    failure::Failure,
    output::{print_json, print_line, print_table},
};

pub(crate) fn key(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json, data } => list(&Client::of(&data)?, json),
        Command::Add {
            label,
            scope,
            lifetime,
            json,
            data,
        } => {
            let new = NewApiKey {
                label,
                scope,
                expires_in_s: lifetime,
            };
            add(&Client::of(&data)?, &new, json)
        }
        Command::Remove { label, data } => remove(&Client::of(&data)?, &label),
    }
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let keys = client.keys()?;
    if json {
        print_json(&keys);
    } else {
        let head = ["LABEL", "SCOPE", "CREATED", "ENDS", "LAST USED"];
        print_table(head, keys.items.iter().map(row));
    }
    Ok(())
}

fn row(key: &ApiKey) -> [String; 5] {
    [
        key.label.clone(),
        key.scope.name().to_owned(),
        day(Some(key.created_unix_ms)),
        day(key.expires_unix_ms),
        day(key.used_unix_ms),
    ]
}

fn day(unix_ms: Option<i64>) -> String {
    let time = unix_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(
        || "never".to_owned(),
        |time| time.strftime("%F").to_string(),
    )
}

fn add(client: &Client, new: &NewApiKey, json: bool) -> Result<(), Failure> {
    let made = client.add_key(new)?;
    if json {
        print_json(&made);
    } else {
        print_line(made.key.expose());
    }
    Ok(())
}

fn remove(client: &Client, label: &str) -> Result<(), Failure> {
    let keys = client.keys()?.items;
    let key = keys.iter().find(|key| key.label == label);
    let missing = || {
        let message = format!("there is no key {label:?}; see `streamspace key list`");
        Failure::new(Code::NotFound, message)
    };
    client.remove_key(&key.ok_or_else(missing)?.id)
}
