//! `streamspace user`.

use streamspace_api::{NewUser, UserChange};

use crate::{
    args::User as Command,
    client::Client,
    failure::Failure,
    output::{print_json, print_line, print_table},
};

pub(crate) fn user(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { json, data } => list(&Client::of(&data)?, json),
        Command::Add { name, role, data } => {
            let client = Client::of(&data)?;
            let user = client.add_user(&NewUser { name, role })?;
            print_line(client.link_of(&user.name)?.expose());
            Ok(())
        }
        Command::Role { name, role, data } => {
            Client::of(&data)?.change_user(&name, &UserChange { role })
        }
        Command::Link { name, data } => {
            print_line(Client::of(&data)?.link_of(&name)?.expose());
            Ok(())
        }
        Command::RemovePassword { name, data } => Client::of(&data)?.remove_password(&name),
        Command::Remove { name, data } => Client::of(&data)?.remove_user(&name),
    }
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let users = client.users()?;
    if json {
        print_json(&users);
    } else {
        let row = |user: &streamspace_api::User| [user.name.clone(), user.role.name().to_owned()];
        print_table(["NAME", "ROLE"], users.items.iter().map(row));
    }
    Ok(())
}
