/* Stands where libva.so.2 and libva-drm.so.2 would be, and answers as `va.h` documents for a driver that
 * behaves as $GPU_FAULT names. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fault(const char *name)
{
    const char *set = getenv("GPU_FAULT");
    return set && !strcmp(set, name);
}

/* The display is known in both libraries, which are copies of this one. */
#define DISPLAY ((void *)0xc0de)

void *vaGetDisplayDRM(int file) { return file < 0 || fault("no-device") ? NULL : DISPLAY; }

int vaInitialize(void *opened, int *major, int *minor)
{
    if (fault("crash"))
        *(volatile int *)16 = 1;
    while (fault("hang"))
        pause();
    *major = 1, *minor = 17;
    if (fault("no-driver"))
        return -1; /* VA_STATUS_ERROR_UNKNOWN, as for a driver that is not installed */
    return opened == DISPLAY ? 0 : 3;
}

int vaTerminate(void *opened) { return opened == DISPLAY ? 0 : 3; }

const char *vaQueryVendorString(void *opened)
{
    (void)opened;
    return fault("garbage") ? NULL : "A driver of this test's";
}

const char *vaErrorStr(int status) { return status == -1 ? "unknown libva error" : NULL; }

int vaMaxNumProfiles(void *opened)
{
    (void)opened;
    return fault("garbage") ? -5 : fault("boundless") ? 0x7fffffff : 8;
}

int vaMaxNumEntrypoints(void *opened)
{
    (void)opened;
    return 10;
}

int vaQueryConfigProfiles(void *opened, int *list, int *count)
{
    (void)opened;
    list[0] = 6, list[1] = 13, list[2] = 17;
    *count = fault("miscount") ? 1000000 : 3;
    return 0;
}

int vaQueryConfigEntrypoints(void *opened, int profile, int *list, int *count)
{
    (void)opened, (void)profile;
    list[0] = 1; /* decoding */
    list[1] = fault("low-power") ? 8 : 6;
    *count = fault("no-encoder") ? 1 : 2;
    return 0;
}
