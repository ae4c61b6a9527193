/* Names of what is queued, for profilers (NVTX). Its headers are part of the toolkit; without them, or
 * without a tool that listens, nothing happens. */
#include "kernels/cuda/device/range.h"

#ifdef __has_include
#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#define GD_HAVE_NVTX 1
#endif
#endif

#ifdef GD_HAVE_NVTX
void gd_range_begin(const char *name, int32_t number)
{
    const nvtxEventAttributes_t range = {.version = NVTX_VERSION,
                                         .size = NVTX_EVENT_ATTRIB_STRUCT_SIZE,
                                         .payloadType = NVTX_PAYLOAD_TYPE_INT32,
                                         .payload.iValue = number,
                                         .messageType = NVTX_MESSAGE_TYPE_ASCII,
                                         .message.ascii = name};
    (void)nvtxRangePushEx(&range);
}

void gd_range_end(void)
{
    (void)nvtxRangePop();
}
#else
void gd_range_begin(const char *name, int32_t number)
{
    (void)name;
    (void)number;
}

void gd_range_end(void) {}
#endif
