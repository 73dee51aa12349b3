/* What Rust needs of x264, with layouts that do not depend on x264's version.
 *
 * Every picture goes in alone and comes out at once: no frame is held back to look at the next. */

#include <stddef.h>
#include <stdint.h>
#include <x264.h>

struct shim_settings {
    int32_t width, height;
    int32_t fps;
    int32_t threads;
    /* Of ITU-T H.264 table E-5: 1 for BT.709, 6 for BT.601. */
    int32_t matrix;
};

struct shim_picture {
    /* Y, and U and V by turns at half the height (NV12), as x264 keeps them itself. */
    const uint8_t *planes[2];
    int32_t strides[2];
    int32_t quantizer;
    int32_t keyframe;
    int32_t wide_search;
    /* One byte a macroblock, 1 where the picture is as the one before; or NULL. */
    const uint8_t *unchanged;
    int64_t number;
};

struct shim_unit {
    const uint8_t *data;
    int32_t keyframe;
};

x264_t *streamspace_x264_open(const struct shim_settings *settings) {
    x264_param_t param;
    if (x264_param_default_preset(&param, "ultrafast", "zerolatency") < 0) return NULL;
    param.i_width = settings->width;
    param.i_height = settings->height;
    param.i_csp = X264_CSP_NV12;
    param.i_fps_num = settings->fps;
    param.i_fps_den = 1;
    param.b_vfr_input = 0;
    param.i_log_level = X264_LOG_NONE;

    /* The slices of one frame in parallel; never several frames, which would have to wait. */
    param.i_threads = settings->threads;
    param.b_sliced_threads = settings->threads > 1;

    /* The caller chooses each frame's quantizer. No other method does without the look at half-size
     * pictures that costs as much as a third of the encoding. */
    param.rc.i_rc_method = X264_RC_CQP;
    /* x264 bounds every quantizer by those that it would itself use for I frames (finer than the
     * constant by 6 * log2(factor)) and for B frames (coarser by as much). It takes factors up to 10,
     * so that these reach from 11 to 51. */
    param.rc.i_qp_constant = 31;
    param.rc.f_ip_factor = 10.f;
    param.rc.f_pb_factor = 10.f;
    param.rc.i_aq_mode = X264_AQ_NONE;

    /* Keyframes come on request only. */
    param.i_keyint_max = X264_KEYINT_MAX_INFINITE;
    param.i_scenecut_threshold = 0;
    param.b_repeat_headers = 1;
    param.b_annexb = 1;
    param.b_aud = 0;

    param.analyse.b_mb_info = 1;
    param.analyse.i_me_range = 32;
    param.vui.b_fullrange = 0;
    param.vui.i_colmatrix = settings->matrix;
    param.vui.i_colorprim = settings->matrix;
    param.vui.i_transfer = settings->matrix;

    if (x264_param_apply_profile(&param, "baseline") < 0) return NULL;
    return x264_encoder_open(&param);
}

static void set_search(x264_t *encoder, int method) {
    x264_param_t param;
    x264_encoder_parameters(encoder, &param);
    if (param.analyse.i_me_method == method) return;
    param.analyse.i_me_method = method;
    x264_encoder_reconfig(encoder, &param);
}

/* The bytes of the access unit, which is valid until the next call; negative if it fails. */
int32_t streamspace_x264_encode(x264_t *encoder, const struct shim_picture *picture,
                                struct shim_unit *unit) {
    x264_picture_t in, out;
    x264_nal_t *nals = NULL;
    int count = 0;
    set_search(encoder, picture->wide_search ? X264_ME_UMH : X264_ME_DIA);
    x264_picture_init(&in);
    in.i_type = picture->keyframe ? X264_TYPE_IDR : X264_TYPE_P;
    in.i_qpplus1 = picture->quantizer + 1;
    in.i_pts = picture->number;
    in.img.i_csp = X264_CSP_NV12;
    in.img.i_plane = 2;
    for (int plane = 0; plane < in.img.i_plane; plane++) {
        in.img.plane[plane] = (uint8_t *)picture->planes[plane];
        in.img.i_stride[plane] = picture->strides[plane];
    }
    in.prop.mb_info = (uint8_t *)picture->unchanged;
    int32_t bytes = x264_encoder_encode(encoder, &nals, &count, &in, &out);
    if (bytes <= 0 || count == 0) return bytes < 0 ? bytes : 0;
    /* x264 guarantees that the payloads of all of a frame's NAL units are sequential in memory. */
    unit->data = nals[0].p_payload;
    unit->keyframe = out.b_keyframe;
    return bytes;
}

void streamspace_x264_close(x264_t *encoder) { x264_encoder_close(encoder); }
