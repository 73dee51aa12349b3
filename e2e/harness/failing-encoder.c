/* A GStreamer encoder that works until it is told to fail: OpenH264 under the name and with the properties
 * of VA-API's `vaapih264enc`, so that StreamSpace takes it for hardware.
 *
 * It fails with the first frame after the file $GST_FAILING_CUE has appeared, as the file says: `hang` never
 * returns, `swallow` gives nothing more, `grey` encodes another picture, anything else reports an error, as
 * for a device that is lost.
 * $GST_FAILING_AS makes it wrong from the start: `grey` and `hang` as above, `deaf` ignores requests for
 * keyframes, `crash` crashes, `scan` hangs as soon as GStreamer looks at what this plugin has. */

#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PACKAGE
#define PACKAGE "streamspace"
#endif

typedef struct {
    GstBin bin;
    GstElement *working;
} FailingEncoder;
typedef GstBinClass FailingEncoderClass;
G_DEFINE_TYPE(FailingEncoder, failing_encoder, GST_TYPE_BIN)

enum { BITRATE = 1, RATE_CONTROL, QUALITY_LEVEL, MAX_BFRAMES, REFS, KEYFRAME_PERIOD };

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    (void)spec;
    if (id == BITRATE)
        g_object_set(((FailingEncoder *)object)->working, "bitrate", g_value_get_uint(value) * 1000, NULL);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    (void)object, (void)id, (void)value, (void)spec;
}

static gboolean fails_as(const char *name)
{
    const char *set = getenv("GST_FAILING_AS");
    return set && !strcmp(set, name);
}

/* Requests for keyframes: a bin by itself does not pass them on. */
static gboolean send_event(GstElement *element, GstEvent *event)
{
    if (fails_as("deaf")) {
        gst_event_unref(event);
        return TRUE;
    }
    return gst_element_send_event(((FailingEncoder *)element)->working, event);
}

static GstBuffer *grey(GstBuffer *frame)
{
    gsize size = gst_buffer_get_size(frame);
    GstBuffer *grey = gst_buffer_new_allocate(NULL, size, NULL);
    gst_buffer_memset(grey, 0, 128, size);
    gst_buffer_copy_into(grey, frame, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
    gst_buffer_unref(frame);
    return grey;
}

/* What the cue says: NULL until it is there. */
static const char *cue(void)
{
    static char word[16];
    const char *path = getenv("GST_FAILING_CUE");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file)
        return NULL;
    word[fread(word, 1, sizeof word - 1, file)] = 0;
    fclose(file);
    return word;
}

static gboolean fails_now_as(const char *name)
{
    const char *now = cue();
    return fails_as(name) || (now && !strcmp(now, name));
}

static GstPadProbeReturn fail_on_cue(GstPad *pad, GstPadProbeInfo *info, gpointer self)
{
    (void)pad;
    if (fails_as("crash"))
        abort();
    while (fails_now_as("hang"))
        pause();
    if (fails_now_as("swallow"))
        return GST_PAD_PROBE_DROP;
    if (fails_now_as("grey"))
        GST_PAD_PROBE_INFO_DATA(info) = grey(gst_pad_probe_info_get_buffer(info));
    else if (cue()) {
        GST_ELEMENT_ERROR(self, STREAM, ENCODE, ("the device was lost"), (NULL));
        gst_buffer_unref(gst_pad_probe_info_get_buffer(info));
        GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_ERROR;
        return GST_PAD_PROBE_HANDLED;
    }
    return GST_PAD_PROBE_OK;
}

static void number(GObjectClass *class, guint id, const char *name)
{
    GParamSpec *spec = g_param_spec_uint(name, name, name, 0, G_MAXUINT, 0,
                                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(class, id, spec);
}

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw,format=I420"));
static GstStaticPadTemplate source_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-h264"));

static void failing_encoder_class_init(FailingEncoderClass *class)
{
    GObjectClass *object = G_OBJECT_CLASS(class);
    GstElementClass *element = GST_ELEMENT_CLASS(class);
    object->set_property = set_property;
    object->get_property = get_property;
    element->send_event = send_event;
    number(object, BITRATE, "bitrate");
    number(object, QUALITY_LEVEL, "quality-level");
    number(object, MAX_BFRAMES, "max-bframes");
    number(object, REFS, "refs");
    number(object, KEYFRAME_PERIOD, "keyframe-period");
    GParamSpec *text = g_param_spec_string("rate-control", "rate-control", "rate-control", NULL,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(object, RATE_CONTROL, text);
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &source_template);
    gst_element_class_set_static_metadata(element, "Fails on cue", "Codec/Encoder/Video", "For tests",
                                          "StreamSpace");
}

static void failing_encoder_init(FailingEncoder *self)
{
    self->working = gst_element_factory_make("openh264enc", NULL);
    g_return_if_fail(self->working);
    gst_bin_add(GST_BIN(self), self->working);
    for (const char *const *name = (const char *const[]){"sink", "src", NULL}; *name; name++) {
        GstPad *pad = gst_element_get_static_pad(self->working, *name);
        if (gst_pad_get_direction(pad) == GST_PAD_SINK)
            gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, fail_on_cue, self, NULL);
        gst_element_add_pad(GST_ELEMENT(self), gst_ghost_pad_new(*name, pad));
        gst_object_unref(pad);
    }
}

static gboolean init(GstPlugin *plugin)
{
    while (fails_as("scan"))
        pause();
    return gst_element_register(plugin, "vaapih264enc", GST_RANK_NONE, failing_encoder_get_type());
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, failing, "Fails on cue", init, "0", "MIT",
                  PACKAGE, "https://github.com/streamspace-dev/streamspace")
