use streamspace_protocol::{StepTime, TraceContext, TraceReport, TraceStep};

use crate::unix_us;

/// What a process of a session does for one span, step after step.
#[derive(Debug)]
pub struct Recorder {
    parent: TraceContext,
    whole: TraceStep,
    began: u64,
    steps: Vec<StepTime>,
}

impl Recorder {
    /// Begins now; nothing where nobody records.
    pub fn begin(parent: Option<TraceContext>, whole: TraceStep) -> Option<Self> {
        let parent = parent.filter(|parent| parent.sampled)?;
        Some(Self {
            parent,
            whole,
            began: unix_us(),
            steps: Vec::new(),
        })
    }

    /// A step ends that began with the end of the last one.
    pub fn step(&mut self, step: TraceStep) {
        let start_unix_us = self
            .steps
            .last()
            .map_or(self.began, |last| last.end_unix_us);
        self.steps.push(StepTime {
            step,
            start_unix_us,
            end_unix_us: unix_us().max(start_unix_us),
        });
    }

    /// Everything is done with the last step.
    pub fn finish(self) -> TraceReport {
        let end_unix_us = self
            .steps
            .last()
            .map_or(self.began, |last| last.end_unix_us);
        TraceReport {
            parent: self.parent,
            whole: StepTime {
                step: self.whole,
                start_unix_us: self.began,
                end_unix_us,
            },
            steps: self.steps,
        }
    }
}
