/* Order of the stand-in's NCCL work within streams. */
#include "standin/nccl_order.h"

#include "standin/runtime.h"

extern "C" gd_standin_moment gd_standin_last(cudaStream_t stream)
{
    standin::Locked lock;
    const standin::Stream *found = standin::find_stream("NCCL", stream);
    return found ? gd_standin_moment{found->lane, found->sequence} : gd_standin_moment{0, 0};
}

extern "C" bool gd_standin_after(cudaStream_t stream, gd_standin_moment moment)
{
    standin::Locked lock;
    const standin::Stream *found = standin::find_stream("NCCL", stream);
    return moment.sequence == 0 || (found && standin::knows(found->clock, moment.lane, moment.sequence)) ||
           standin::knows(standin::state().host, moment.lane, moment.sequence);
}
