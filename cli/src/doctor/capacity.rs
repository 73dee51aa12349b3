//! What the encoders carry: measured on demand, kept in the data folder, and shown.

use std::{fs, path::Path, time::Duration};

use streamspace_gpu::{Calibration, EncoderCapacity, Machine};
use tokio::time::timeout;

use super::{Finding, trial::ask};

/// The file in the data folder: a [`Calibration`] as JSON.
const FILE: &str = "capacity.json";
/// A machine with every encoder there is takes less.
const LIMIT: Duration = Duration::from_secs(300);
const MEND: &str = "streamspace doctor --calibrate";
const FULL_HD: u32 = 1920 * 1080;

/// Measures, and keeps the result.
pub(super) async fn calibrate(streamer: &Path, data: &Path) -> Vec<Finding> {
    let measured = match timeout(LIMIT, ask::<Calibration>(streamer, "calibrate")).await {
        Ok(measured) => measured,
        Err(_) => Err("measuring the encoders takes too long".into()),
    };
    let kept = measured.and_then(|calibration| {
        keep(data, &calibration).map_err(|error| format!("{FILE} cannot be written: {error}"))?;
        Ok(calibration)
    });
    match kept {
        Ok(calibration) => show(&calibration),
        Err(error) => {
            let mend = format!("{} calibrate", streamer.display());
            vec![Finding::warning("capacity", error, mend)]
        }
    }
}

/// Shows what was measured before, if anything was.
pub(super) fn known(data: &Path, machine: &Machine) -> Vec<Finding> {
    match read(data) {
        None => vec![Finding::good(
            "capacity",
            format!("not measured; {MEND} does"),
        )],
        Some(calibration) if calibration.machine != *machine => {
            let detail = "was measured with other hardware or drivers";
            vec![Finding::warning("capacity", detail, MEND)]
        }
        Some(calibration) => show(&calibration),
    }
}

/// Whole or not at all: others may read it meanwhile.
fn keep(data: &Path, calibration: &Calibration) -> std::io::Result<()> {
    fs::create_dir_all(data)?;
    let new = data.join(format!("{FILE}.new"));
    fs::write(&new, serde_json::to_vec_pretty(calibration)?)?;
    fs::rename(new, data.join(FILE))
}

fn read(data: &Path) -> Option<Calibration> {
    serde_json::from_slice(&fs::read(data.join(FILE)).ok()?).ok()
}

fn show(calibration: &Calibration) -> Vec<Finding> {
    let found = calibration.encoders.iter();
    found
        .map(|capacity| Finding::good(&format!("capacity {}", capacity.encoder), words(capacity)))
        .collect()
}

fn words(capacity: &EncoderCapacity) -> String {
    let desktops = capacity.desktops(FULL_HD, 60);
    let sessions = capacity
        .sessions
        .map_or_else(String::new, |most| format!(", in {most} sessions at most"));
    format!(
        "{} megapixels a second{sessions}: {desktops} desktops of 1920x1080 in motion at 60 frames a second",
        capacity.megapixels_per_second
    )
}

#[cfg(test)]
mod tests {
    use streamspace_gpu::Encoder;

    use super::*;
    use crate::doctor::Verdict;

    fn calibration() -> Calibration {
        Calibration {
            machine: Machine::default(),
            encoders: vec![EncoderCapacity {
                encoder: Encoder::Nvenc,
                megapixels_per_second: 1000,
                sessions: Some(8),
            }],
        }
    }

    #[test]
    fn what_was_measured_is_kept_and_shown() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().join("new");
        let unknown = known(&folder, &Machine::default());
        assert!(unknown[0].detail.starts_with("not measured"));
        keep(&folder, &calibration()).expect("written");
        let found = known(&folder, &Machine::default());
        assert_eq!(found[0].name, "capacity nvenc");
        assert_eq!(
            found[0].detail,
            "1000 megapixels a second, in 8 sessions at most: \
             8 desktops of 1920x1080 in motion at 60 frames a second"
        );
    }

    #[test]
    fn what_was_measured_on_another_machine_is_not_believed() {
        let data = tempfile::tempdir().expect("a folder");
        keep(data.path(), &calibration()).expect("written");
        let other = Machine {
            architecture: "aarch64".into(),
            ..Machine::default()
        };
        let found = known(data.path(), &other);
        assert_eq!(found[0].verdict, Verdict::Warning);
        fs::write(data.path().join(FILE), "garbage").expect("written");
        assert!(
            known(data.path(), &other)[0]
                .detail
                .starts_with("not measured")
        );
    }
}
