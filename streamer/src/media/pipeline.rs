//! What every pipeline needs: parse, play, watch for errors, stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::{AppSink, AppSinkCallbacks};

use super::MediaError;

/// A pipeline; dropping it stops it.
#[derive(Debug)]
pub(super) struct Pipeline {
    pipeline: gst::Pipeline,
    /// Whether one of its elements has said what went wrong.
    reported: Arc<AtomicBool>,
}

/// The name of the element that hands out what was made.
pub(super) const SINK: &str = "out";

impl Pipeline {
    /// Builds and plays; see [`build`](Self::build).
    pub(super) fn play(
        description: &str,
        sample: impl FnMut(&AppSink, &gst::Sample) + Send + 'static,
        failed: impl Fn(&str, String) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let pipeline = Self::build(description, sample, failed)?;
        pipeline.start()?;
        Ok(pipeline)
    }

    /// Builds what is described, whose last element is an appsink named [`SINK`].
    ///
    /// `sample` is called for each sample, on a thread of the pipeline's; `failed` with the name of
    /// the element that failed, and what went wrong. Neither may block.
    pub(super) fn build(
        description: &str,
        mut sample: impl FnMut(&AppSink, &gst::Sample) + Send + 'static,
        failed: impl Fn(&str, String) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let pipeline = gst::parse::launch(description)?
            .downcast::<gst::Pipeline>()
            .map_err(|_| MediaError::NoElement("pipeline"))?;
        let pipeline = Self {
            pipeline,
            reported: Arc::default(),
        };
        let sink = pipeline
            .element(SINK)?
            .downcast::<AppSink>()
            .map_err(|_| MediaError::NoElement(SINK))?;
        sink.set_callbacks(
            AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let next = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    sample(sink, &next);
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        let bus = pipeline
            .pipeline
            .bus()
            .ok_or(MediaError::NoElement("bus"))?;
        let reports = pipeline.reported.clone();
        let failed = move |element: &str, error| {
            reports.store(true, Ordering::SeqCst);
            failed(element, error);
        };
        bus.set_sync_handler(move |_, message| {
            let element = message
                .src()
                .map(|source| source.name())
                .unwrap_or_default();
            match message.view() {
                gst::MessageView::Error(error) => failed(&element, error.error().to_string()),
                gst::MessageView::Eos(_) => failed(&element, "the source ended".into()),
                _ => {}
            }
            gst::BusSyncReply::Drop
        });
        Ok(pipeline)
    }

    pub(super) fn start(&self) -> Result<(), MediaError> {
        match self.pipeline.set_state(gst::State::Playing) {
            Ok(_) => Ok(()),
            Err(_) if self.reported.load(Ordering::SeqCst) => Err(MediaError::StartReported),
            Err(_) => Err(MediaError::Start),
        }
    }

    pub(super) fn element(&self, name: &'static str) -> Result<gst::Element, MediaError> {
        self.pipeline
            .by_name(name)
            .ok_or(MediaError::NoElement(name))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if self.pipeline.set_state(gst::State::Null).is_err() {
            tracing::warn!("a pipeline does not stop");
        }
    }
}
