//! A pipeline that one pushes pictures into and pulls results out of.

use anyhow::Context;
use gstreamer::{self as gst, prelude::*};
use gstreamer_app::{AppSink, AppSrc};

/// How long a result is waited for.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(3);

/// A playing pipeline from an appsrc `in` to an appsink `out`.
#[derive(Debug)]
pub(crate) struct Line {
    pipeline: gst::Pipeline,
    source: AppSrc,
    sink: AppSink,
}

impl Line {
    pub(crate) fn new(description: &str) -> anyhow::Result<Self> {
        let pipeline = gst::parse::launch(description)?
            .downcast::<gst::Pipeline>()
            .map_err(|_| anyhow::anyhow!("not a pipeline"))?;
        let source = pipeline.by_name("in").and_downcast().context("no appsrc")?;
        let sink = pipeline
            .by_name("out")
            .and_downcast()
            .context("no appsink")?;
        let line = Self {
            pipeline,
            source,
            sink,
        };
        let started = line.pipeline.set_state(gst::State::Playing);
        started.map_err(|_| line.error())?;
        Ok(line)
    }

    pub(crate) fn element(&self, name: &str) -> anyhow::Result<gst::Element> {
        self.pipeline.by_name(name).context("no such element")
    }

    pub(crate) fn push(&self, picture: Vec<u8>, time: gst::ClockTime) -> anyhow::Result<()> {
        let mut buffer = gst::Buffer::from_slice(picture);
        let frame = buffer.get_mut().context("a buffer of ours")?;
        frame.set_pts(time);
        self.source.push_buffer(buffer).map_err(|_| self.error())?;
        Ok(())
    }

    pub(crate) fn push_sample(&self, sample: &gst::Sample) -> anyhow::Result<()> {
        self.source.push_sample(sample).map_err(|_| self.error())?;
        Ok(())
    }

    pub(crate) fn end(&self) -> anyhow::Result<()> {
        self.source.end_of_stream().map_err(|_| self.error())?;
        Ok(())
    }

    pub(crate) fn pull(&self) -> anyhow::Result<gst::Sample> {
        let sample = self.sink.try_pull_sample(PATIENCE);
        sample.ok_or_else(|| self.error())
    }

    /// Of another appsink than `out`.
    #[cfg(test)]
    pub(crate) fn pull_from(&self, sink: &str) -> anyhow::Result<gst::Sample> {
        let sink = self.element(sink)?.downcast::<AppSink>();
        let sample = sink.ok().and_then(|sink| sink.try_pull_sample(PATIENCE));
        sample.context("no picture")
    }

    /// What the pipeline says went wrong.
    fn error(&self) -> anyhow::Error {
        let message = self
            .pipeline
            .bus()
            .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error]));
        match message.as_ref().map(|message| message.view()) {
            Some(gst::MessageView::Error(error)) => anyhow::anyhow!("{}", error.error()),
            _ => anyhow::anyhow!("no frame within {} s", PATIENCE.seconds()),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.pipeline.set_state(gst::State::Null).is_err() {
            tracing::warn!("a pipeline does not stop");
        }
    }
}
