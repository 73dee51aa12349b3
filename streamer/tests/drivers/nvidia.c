/* Stands where NVIDIA's libraries would be: libcuda.so.1, libnvidia-encode.so.1 and libnvidia-ml.so.1 in
 * one. It answers as `cuda.h`, `nvEncodeAPI.h` and `nvml.h` document, in the way that $GPU_FAULT names. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fault(const char *name)
{
    const char *set = getenv("GPU_FAULT");
    return set && !strcmp(set, name);
}

/* --- CUDA ------------------------------------------------------------------------------------- */

int cuInit(unsigned flags)
{
    (void)flags;
    if (fault("crash"))
        *(volatile int *)16 = 1;
    while (fault("hang"))
        pause();
    if (fault("no-device"))
        return 100; /* CUDA_ERROR_NO_DEVICE */
    if (fault("cuda-mismatch"))
        return 803; /* CUDA_ERROR_SYSTEM_DRIVER_MISMATCH */
    if (fault("babble")) {
        puts("a driver that writes to its host's output");
        fflush(stdout);
    }
    return 0;
}

int cuDeviceGetCount(int *count)
{
    *count = fault("garbage") ? 0x7fffffff : 1;
    return 0;
}

int cuDeviceGet(int *device, int ordinal)
{
    *device = ordinal;
    return fault("garbage") && ordinal > 2 ? 999 : 0;
}

int cuDeviceGetName(char *name, int length, int device)
{
    (void)device;
    if (fault("garbage"))
        memset(name, 0xff, length); /* no end, no text */
    else
        snprintf(name, length, "%s", fault("no-encoder") ? "NVIDIA H200" : "NVIDIA L4");
    return 0;
}

int cuDeviceGetPCIBusId(char *id, int length, int device)
{
    (void)device;
    snprintf(id, length, "0000:01:00.0");
    return 0;
}

/* Handles are known in all three libraries, which are copies of this one. */
#define CONTEXT ((void *)0xc0de)

int cuCtxCreate_v2(void **made, unsigned flags, int device)
{
    (void)flags, (void)device;
    *made = CONTEXT;
    return fault("no-memory") ? 2 /* CUDA_ERROR_OUT_OF_MEMORY */ : 0;
}

int cuCtxDestroy_v2(void *made) { return made == CONTEXT ? 0 : 201; }

int cuGetErrorName(int error, const char **name)
{
    *name = error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"
            : error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY"
                         : NULL;
    return *name ? 0 : 1;
}

/* --- NVENC ------------------------------------------------------------------------------------ */

struct session_parameters {
    uint32_t version, device_type;
    void *device, *reserved;
    uint32_t api_version;
};

struct function_list {
    uint32_t version, reserved;
    void *functions[318];
};

static int session;

static int open_session(struct session_parameters *asked, void **encoder)
{
    *encoder = NULL;
    /* As the header has it: version 11.0, first version of this structure, CUDA, a context. */
    if (asked->version != (11u | 1 << 16 | 7u << 28) || asked->api_version != 11)
        return 15; /* NV_ENC_ERR_INVALID_VERSION */
    if (asked->device_type != 1 || asked->device != CONTEXT)
        return 4; /* NV_ENC_ERR_INVALID_DEVICE */
    if (fault("no-encoder"))
        return 2; /* NV_ENC_ERR_UNSUPPORTED_DEVICE */
    if (fault("version-mismatch"))
        return 15;
    if (fault("out-of-sessions")) {
        *encoder = &session; /* to be closed also now */
        return 10; /* NV_ENC_ERR_OUT_OF_MEMORY */
    }
    if (fault("unheard-of"))
        return 4711;
    *encoder = &session;
    return 0;
}

static int destroy_encoder(void *encoder)
{
    if (encoder != &session)
        abort();
    return 0;
}

int NvEncodeAPIGetMaxSupportedVersion(uint32_t *version)
{
    *version = fault("old") ? 10 << 4 : 12 << 4 | 2;
    return 0;
}

int NvEncodeAPICreateInstance(struct function_list *list)
{
    if (list->version != (11u | 2 << 16 | 7u << 28))
        return 15;
    if (fault("garbage"))
        return 0; /* and no functions */
    list->functions[27] = destroy_encoder;
    list->functions[29] = open_session;
    return 0;
}

/* --- NVML ------------------------------------------------------------------------------------- */

int nvmlInit_v2(void) { return fault("nvml-mismatch") ? 18 : 0; }

int nvmlSystemGetDriverVersion(char *version, unsigned length)
{
    snprintf(version, length, "550.54.14");
    return 0;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **device)
{
    *device = CONTEXT;
    return strcmp(id, "0000:01:00.0") ? 6 : 0;
}

int nvmlDeviceGetEncoderStats(void *device, unsigned *sessions, unsigned *fps, unsigned *latency)
{
    *sessions = fault("out-of-sessions") ? 8 : 0;
    *fps = *latency = 0;
    return device == CONTEXT ? 0 : 2;
}
