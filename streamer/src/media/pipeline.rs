//! What every pipeline needs: parse, play, watch for errors, stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::{AppSink, AppSinkCallbacks};

use super::MediaError;

/// A playing pipeline; dropping it stops it.
#[derive(Debug)]
pub(super) struct Pipeline(gst::Pipeline);

/// The name of the element that hands out what was made.
pub(super) const SINK: &str = "out";

impl Pipeline {
    /// Plays the description, whose last element is an appsink named [`SINK`].
    ///
    /// `sample` is called for each sample, on a thread of the pipeline's; `failed` with the name of
    /// the element that failed, and what went wrong. Neither may block.
    pub(super) fn play(
        description: &str,
        mut sample: impl FnMut(&AppSink, &gst::Sample) + Send + 'static,
        failed: impl Fn(&str, String) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let pipeline = gst::parse::launch(description)?
            .downcast::<gst::Pipeline>()
            .map_err(|_| MediaError::NoElement("pipeline"))?;
        let pipeline = Self(pipeline);
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
        let bus = pipeline.0.bus().ok_or(MediaError::NoElement("bus"))?;
        let reported = Arc::new(AtomicBool::new(false));
        let reports = reported.clone();
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
        pipeline.0.set_state(gst::State::Playing).map_err(|_| {
            match reported.load(Ordering::SeqCst) {
                true => MediaError::StartReported,
                false => MediaError::Start,
            }
        })?;
        Ok(pipeline)
    }

    pub(super) fn element(&self, name: &'static str) -> Result<gst::Element, MediaError> {
        self.0.by_name(name).ok_or(MediaError::NoElement(name))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if self.0.set_state(gst::State::Null).is_err() {
            tracing::warn!("a pipeline does not stop");
        }
    }
}
