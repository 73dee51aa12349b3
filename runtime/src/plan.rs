//! From a request to what a supervisor is told: every check, and no side effect but looking.

use std::path::{Path, PathBuf};

use streamspace_api::BackendError;
use streamspace_protocol::{Policy, SessionId};
use streamspace_resources::{Catalog, NewSession, SessionSpec, Template, TemplateSpec, TimeSpan};

use crate::{
    config::RuntimeConfig,
    environment::{self, path_of},
    order::{Home, Order, Program},
    program::{find_program, is_desktop, programs_named},
    secrets,
};

/// A session that can be started.
pub(crate) struct Plan {
    pub(crate) spec: SessionSpec,
    pub(crate) order: Order,
}

impl Plan {
    /// # Errors
    /// Whatever a person can mend: a value out of range, a template or program that is not there.
    pub(crate) fn new(
        config: &RuntimeConfig,
        catalog: &Catalog,
        user: &str,
        request: NewSession,
    ) -> Result<Self, BackendError> {
        let mut spec = request.into_spec(user);
        spec.validate()
            .map_err(|error| BackendError::Invalid(error.to_string()))?;
        let command = spec.command.as_ref().and_then(|argv| argv.first());
        let what = spec.template.as_ref().or(command);
        let session = secrets::session_id(what.map_or("session", String::as_str));
        let order = Self::order(config, catalog, &spec, session)?;
        set_limits(&mut spec, config, catalog);
        Ok(Self { spec, order })
    }

    /// What a supervisor is told to start a session, for the first time or again.
    ///
    /// # Errors
    /// Its template or program is not there.
    pub(crate) fn order(
        config: &RuntimeConfig,
        catalog: &Catalog,
        spec: &SessionSpec,
        session: SessionId,
    ) -> Result<Order, BackendError> {
        let template = spec
            .template
            .as_deref()
            .map(|name| find_template(catalog, name))
            .transpose()?;
        let argv = match (&spec.command, template) {
            (Some(command), _) => command,
            (None, Some(template)) => &template.spec.command,
            (None, None) => return Err(BackendError::Invalid("there is nothing to run".into())),
        };
        let home = plan_home(config, spec, session.as_str());
        let program = plan_program(config, spec, template, argv, &home)?;
        let window_manager = plan_window_manager(spec, template, argv, &program);
        Ok(Order {
            folder: config.run_folder(session.as_str()),
            data: config.data.clone(),
            log: config.log_file(session.as_str()),
            display: spec.display.clone(),
            policy: template.map_or_else(Policy::default, |template| template.spec.policy.clone()),
            streamer: config.streamer.clone(),
            streamer_key: secrets::streamer_key(),
            vnc_password: secrets::vnc_password(),
            vnc_view_password: secrets::vnc_password(),
            vnc_limits: template
                .map(|template| template.spec.vnc.limits())
                .unwrap_or_default(),
            ice: config.ice.clone(),
            environment: environment::for_parts(&config.environment),
            home,
            program: Some(program),
            share: None,
            window_manager,
            keep_s: u32::try_from(config.keep.as_secs()).unwrap_or(u32::MAX),
            trace: None,
            since: jiff::Timestamp::now(),
            session,
        })
    }
}

/// Where the request says nothing of how long the session lasts, its template does, or the server.
fn set_limits(spec: &mut SessionSpec, config: &RuntimeConfig, catalog: &Catalog) {
    let template = spec.template.as_deref();
    let template = template.and_then(|name| find_template(catalog, name).ok());
    let template = template.map(|template| &template.spec);
    let of_template = |limit: fn(&TemplateSpec) -> Option<TimeSpan>| template.and_then(limit);
    spec.idle_timeout = (spec.idle_timeout)
        .or_else(|| of_template(|template| template.idle_timeout))
        .or(config.idle_timeout);
    spec.max_session_duration = (spec.max_session_duration)
        .or_else(|| of_template(|template| template.max_session_duration))
        .or(config.max_session_duration);
}

fn find_template<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Template, BackendError> {
    catalog
        .items
        .iter()
        .find(|template| template.metadata.name == name)
        .ok_or_else(|| BackendError::TemplateNotFound(name.into()))
}

fn plan_home(config: &RuntimeConfig, spec: &SessionSpec, session: &str) -> Home {
    if spec.command.is_some() {
        Home::Own
    } else if spec.persistent_home {
        Home::Kept(config.user_home(&spec.user))
    } else {
        Home::Scratch(config.scratch_home(session))
    }
}

fn plan_program(
    config: &RuntimeConfig,
    spec: &SessionSpec,
    template: Option<&Template>,
    argv: &[String],
    home: &Home,
) -> Result<Program, BackendError> {
    let own = spec.command.is_some();
    let working_directory = working_directory(config, spec, home)?;
    let mut environment = match own {
        true => environment::for_command(&config.environment),
        false => environment::for_template(&config.environment),
    };
    for variable in template.iter().flat_map(|template| &template.spec.env) {
        environment.insert(variable.name.clone(), variable.value.clone());
    }
    if let Home::Scratch(folder) | Home::Kept(folder) = home {
        environment.insert("HOME".into(), folder.display().to_string());
    }
    let path = path_of(&environment);
    let mut found = Vec::new();
    for name in programs_named(argv) {
        let file = find_program(name, path, &working_directory)
            .ok_or_else(|| program_missing(name, template, own))?;
        found.push(file.display().to_string());
    }
    Ok(Program {
        argv: found
            .into_iter()
            .take(1)
            .chain(argv.iter().skip(1).cloned())
            .collect(),
        environment,
        working_directory,
    })
}

fn plan_window_manager(
    spec: &SessionSpec,
    template: Option<&Template>,
    argv: &[String],
    program: &Program,
) -> Option<PathBuf> {
    let is_templates = spec.command.is_none();
    let desktop = template.is_some_and(|template| is_templates && template.spec.is_desktop());
    if desktop || is_desktop(argv) {
        return None;
    }
    find_program("openbox", path_of(&program.environment), Path::new("/"))
}

fn working_directory(
    config: &RuntimeConfig,
    spec: &SessionSpec,
    home: &Home,
) -> Result<PathBuf, BackendError> {
    let own_home = || {
        config
            .environment
            .get("HOME")
            .map_or("/".into(), PathBuf::from)
    };
    match (&spec.working_directory, home) {
        (Some(folder), _) if !Path::new(folder).is_absolute() => Err(BackendError::Invalid(
            format!("workingDirectory is an absolute path, not {folder:?}"),
        )),
        (Some(folder), _) if !Path::new(folder).is_dir() => Err(BackendError::Invalid(format!(
            "workingDirectory {folder:?} is no folder on this machine"
        ))),
        (Some(folder), _) => Ok(folder.into()),
        (None, Home::Scratch(folder) | Home::Kept(folder) | Home::Mounted(folder)) => {
            Ok(folder.clone())
        }
        (None, Home::Own) => Ok(own_home()),
    }
}

fn program_missing(name: &str, template: Option<&Template>, own: bool) -> BackendError {
    let packages = template
        .filter(|_| !own)
        .map(|template| template.spec.packages.join(" "))
        .unwrap_or_default();
    let advice = if packages.is_empty() {
        "check its spelling, or install the package that brings it".to_owned()
    } else {
        format!("install it with: sudo apt install {packages}")
    };
    BackendError::ProgramMissing(format!(
        "the program {name:?} is not on the server's PATH; {advice}"
    ))
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::Code;
    use streamspace_resources::{Display, parse_template};

    use super::*;

    fn config() -> RuntimeConfig {
        let mut config = RuntimeConfig::new(
            "/data".into(),
            "/templates".into(),
            "/streamer".into(),
            "/supervisor".into(),
        );
        config.environment = [("PATH", "/usr/bin:/bin"), ("HOME", "/"), ("SECRET", "x")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        config
    }

    fn catalog(command: &str) -> Catalog {
        let text = format!(
            "{{apiVersion: stream.space/v1alpha1, kind: Template, metadata: {{name: shell}},
              spec: {{displayName: Shell, packages: [dash, bash], command: [{command}], env: [{{name: A, value: b}}]}}}}"
        );
        Catalog {
            items: vec![parse_template(&text).expect("a template")],
            problems: Vec::new(),
        }
    }

    fn template(name: &str) -> NewSession {
        NewSession {
            template: Some(name.into()),
            ..NewSession::default()
        }
    }

    fn command(argv: &[&str]) -> NewSession {
        NewSession {
            command: Some(argv.iter().map(|&word| word.to_owned()).collect()),
            ..NewSession::default()
        }
    }

    fn error(request: NewSession, catalog: &Catalog) -> BackendError {
        match Plan::new(&config(), catalog, "ann", request) {
            Ok(plan) => panic!("planned {:?}", plan.order),
            Err(error) => error,
        }
    }

    #[test]
    fn a_template_runs_in_a_home_of_its_own_with_an_environment_of_its_own() {
        let plan = Plan::new(&config(), &catalog("sh"), "ann", template("shell")).expect("a plan");
        let home = PathBuf::from(format!("/data/session-homes/{}", plan.order.session));
        let program = plan.order.program.expect("a program");
        assert_eq!(program.environment["HOME"], home.display().to_string());
        assert_eq!(program.environment["A"], "b");
        assert!(!program.environment.contains_key("SECRET"));
        assert_eq!(program.working_directory, home);
        assert_eq!(plan.order.home, Home::Scratch(home));
        assert!(program.argv[0].ends_with("/bin/sh"));
    }

    #[test]
    fn a_command_runs_in_its_persons_home_and_folder() {
        let request = NewSession {
            working_directory: Some("/tmp".into()),
            ..command(&["sh", "-c", "true"])
        };
        let plan = Plan::new(&config(), &Catalog::default(), "ann", request).expect("a plan");
        assert_eq!(plan.order.home, Home::Own);
        let program = plan.order.program.expect("a program");
        assert_eq!(program.environment["HOME"], "/");
        assert_eq!(program.environment["SECRET"], "x");
        assert_eq!(program.working_directory, Path::new("/tmp"));
        assert_eq!(program.argv[1..], ["-c", "true"]);
        assert_eq!(plan.spec.user, "ann");
    }

    #[test]
    fn a_missing_program_is_named_with_the_packages_that_bring_it() {
        let missing = error(template("shell"), &catalog("no-such-program"));
        assert_eq!(missing.code(), Code::ProgramMissing);
        assert!(
            missing.to_string().contains("sudo apt install dash bash"),
            "{missing}"
        );
        let missing = error(command(&["no-such-program"]), &Catalog::default());
        assert!(
            missing.to_string().contains("\"no-such-program\""),
            "{missing}"
        );
    }

    #[test]
    fn what_cannot_be_started_is_refused_with_its_reason() {
        let none = Catalog::default();
        assert_eq!(
            error(template("gone"), &none).code(),
            Code::TemplateNotFound
        );
        assert_eq!(
            error(NewSession::default(), &none).code(),
            Code::RequestInvalid
        );
        for folder in ["relative", "/nowhere/at/all"] {
            let request = NewSession {
                working_directory: Some(folder.into()),
                ..command(&["sh"])
            };
            let refused = error(request, &none);
            assert_eq!(refused.code(), Code::RequestInvalid);
            assert!(refused.to_string().contains(folder), "{refused}");
        }
        let odd = NewSession {
            display: Some(Display {
                width: 1281,
                ..Display::default()
            }),
            ..command(&["sh"])
        };
        assert!(error(odd, &none).to_string().contains("1281"));
        for encoder in ["", "av1", "--help"] {
            let unknown = NewSession {
                display: Some(Display {
                    encoder: encoder.into(),
                    ..Display::default()
                }),
                ..command(&["sh"])
            };
            let refused = error(unknown, &none);
            assert_eq!(refused.code(), Code::RequestInvalid);
            assert!(refused.to_string().contains("x264"), "{refused}");
        }
    }
}
