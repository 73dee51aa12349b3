//! What is the same for all sessions.

use std::time::Duration;

use clap::Args;
use streamspace_resources::TimeSpan;

#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// Image of the display container, which runs beside each program.
    #[arg(long, env = "STREAMSPACE_DISPLAY_IMAGE")]
    pub(crate) display_image: String,
    /// Whether nodes look for newer images: `Always`, `IfNotPresent` or `Never`.
    #[arg(
        long,
        env = "STREAMSPACE_IMAGE_PULL_POLICY",
        default_value = "IfNotPresent"
    )]
    pub(crate) image_pull_policy: String,
    /// Size of a home, as Kubernetes writes amounts.
    #[arg(long, env = "STREAMSPACE_HOME_SIZE", default_value = "10Gi")]
    pub(crate) home_size: String,
    /// Storage class of homes; by default the cluster's.
    #[arg(long, env = "STREAMSPACE_HOME_CLASS")]
    pub(crate) home_class: Option<String>,
    /// How homes are mounted. With `ReadWriteMany` one person's sessions may be on several nodes.
    #[arg(
        long,
        env = "STREAMSPACE_HOME_ACCESS_MODE",
        default_value = "ReadWriteOnce"
    )]
    pub(crate) home_access_mode: String,
    /// After so long without anybody's input sessions hibernate, at least 4m, unless they or their templates say
    /// otherwise; by default never.
    #[arg(long, env = "STREAMSPACE_IDLE_TIMEOUT", value_name = "TIME", value_parser = idle_timeout)]
    pub(crate) idle_timeout: Option<TimeSpan>,
    /// So long after their start sessions end, unless they or their templates say otherwise; by default never.
    #[arg(long, env = "STREAMSPACE_MAX_SESSION_DURATION", value_name = "TIME")]
    pub(crate) max_session_duration: Option<TimeSpan>,
    /// Sessions that start or run at a time; others wait in a queue. By default as many as there is room for.
    #[arg(long, env = "STREAMSPACE_MAX_RUNNING", value_name = "SESSIONS")]
    pub(crate) max_running: Option<u32>,
}

/// Gateways do not know what is set for all, or for a person, and write activity once a minute.
pub(crate) const LEAST_IDLE_TIMEOUT: Duration = Duration::from_secs(4 * 60);

fn idle_timeout(text: &str) -> Result<TimeSpan, String> {
    let span: TimeSpan = text.parse().map_err(|error| format!("{error}"))?;
    if span.get() < LEAST_IDLE_TIMEOUT {
        return Err("it is at least 4m for all; templates and sessions may have less".into());
    }
    Ok(span)
}
