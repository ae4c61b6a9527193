"""The listed faults of mutate.py: what a tired programmer might do to the GPU backend, one by one."""

MEMORY, QUEUE, FEED = "kernels/cuda/memory/memory.c", "kernels/cuda/memory/memory_queue.c", "kernels/cuda/memory/feed.c"
PROGRAM, RUN, GRAPH = "kernels/cuda/program.c", "kernels/cuda/operations.c", "kernels/cuda/graph.c"
FILTERS, CANVAS, DEVICE = "kernels/cuda/filters.c", "kernels/cuda/canvas.c", "kernels/cuda/device.c"
LOCK = "kernels/cuda/device_lock.c"
EPILOGUE = "kernels/cuda/convolution/epilogue.c"
NCCL, EXCHANGE, MPI = "mpi/transport_nccl.c", "mpi/exchange/exchange.c", "mpi/transport_mpi.c"
GATHER = "mpi/nccl_gather.c"
SOURCE, STAGE, UPDATE = "src/transfer/source.c", "src/transfer/canvas_resample.c", "src/dream/update.c"


def fault(name, file, old, new):
    return {"name": name, "file": file, "old": old, "new": new}


LISTED = [
    # Memory and its queues.
    fault("a stream does not wait for the other's event", QUEUE,
          'gd_cuda_check(cudaStreamWaitEvent(after, end, 0), "cudaStreamWaitEvent", error)', "GD_OK"),
    fault("a write overtakes a fetch", QUEUE,
          "return is_downloading(own, values, bytes) ? wait_for_copies(own, error) : GD_OK;", "return GD_OK;"),
    fault("only the first row of a copy counts as written", QUEUE,
          "(size_t)((copy->rows - 1) * copy->to_stride + copy->floats)", "(size_t)copy->floats"),
    fault("rectangles are copied on the wrong stream", QUEUE,
          "gd_launch_rects(device, length, largest, own->exchange)",
          "gd_launch_rects(device, length, largest, own->copies)"),
    fault("an event passes before the copies do", QUEUE,
          "for (int i = 0; i < 2; i++) {\n        const cudaError_t result = gd_cuda_query",
          "for (int i = 0; i < 1; i++) {\n        const cudaError_t result = gd_cuda_query"),
    fault("an event is recorded again too early", QUEUE,
          "event > GD_CUDA_EVENTS ? event - GD_CUDA_EVENTS : 0", "0"),
    fault("a transport's work overtakes a fetch", QUEUE,
          "if (status == GD_OK && own->download_count > 0)", "if (status == GD_OK && own->download_count > 999)"),
    fault("staging memory is lent twice", MEMORY, "if (!s->lent && s->bytes >= bytes && ", "if (s->bytes >= bytes && "),
    fault("staging memory is too small", MEMORY, "if (!s->lent && s->bytes >= bytes && ", "if (!s->lent && "),
    fault("an event is not destroyed", MEMORY,
          "for (int i = 0; i < GD_CUDA_EVENTS * 2; i++) {\n        if (memory",
          "for (int i = 1; i < GD_CUDA_EVENTS * 2; i++) {\n        if (memory"),
    fault("pinned memory is not freed", MEMORY, "(void)cudaFreeHost(gone->values);", ""),
    fault("a block of the ring is filled again too early", FEED, "feed->used[block] = true;", ""),
    fault("a list is used before it was sent", FEED,
          "cudaMemcpyAsync(feed->device + at, feed->host + at, used,",
          "cudaMemcpyAsync(feed->device + at, feed->host + at, used / 2,"),
    fault("a thread has no current device", LOCK,
          'return gd_cuda_check(cudaSetDevice(device->ordinal), "cudaSetDevice", error);', "return GD_OK;"),
    # Programs.
    fault("cuDNN works on another stream", DEVICE, "gd_cudnn_open(NULL, device->compute,",
          "gd_cudnn_open(NULL, device->memory ? device->compute : NULL,"),
    fault("the workspace lies on the result", RUN, "y_of(r, &p, values_of(r, op->src)).values, scratch + made->workspace_at, error);",
          "y_of(r, &p, values_of(r, op->src)).values, scratch, error);"),
    fault("no room for the workspace", PROGRAM, "(int64_t)made->workspace_at + choice.workspace",
          "(int64_t)made->workspace_at"),
    fault("the bias of another filter", PROGRAM, "device->filter_at[2 * op->filter + 1]", "device->filter_at[1]"),
    fault("masks are half as large", PROGRAM, "bytes /= 8;", "bytes /= 16;"),
    fault("the stride of the slice, not of the tensor", RUN, ".pitch = gd_stored_channels(tensor->channels),",
          ".pitch = gd_stored_channels(slice.channels),"),
    fault("a mask on the way back is forgotten", RUN,
          "if (status != GD_OK || !made->epilogue.after)\n        return status;\n    return gd_cuda_check(combine(",
          "if (status != GD_OK || !sum)\n        return status;\n    return gd_cuda_check(combine("),
    fault("an epilogue applied twice: cuDNN and our kernel add the sum", EPILOGUE,
          "{ways_of[w].way, parts & ways_of[w].fused, rest}", "{ways_of[w].way, parts, rest}"),
    fault("the part that is fused is lost", EPILOGUE, "unsigned rest = parts & ~ways_of[w].fused",
          "unsigned rest = parts"),
    fault("a way of the other direction", EPILOGUE, "ways_of[w].backward != backward || ", ""),
    fault("a sum on the way back is not one", RUN, "values_of(r, op->dst), op->accumulate, mask_of(r, op), op->mask_at",
          "values_of(r, op->dst), false, mask_of(r, op), op->mask_at"),
    fault("the scale of float16 is not undone", RUN, "(float)(1 / r->program->seed_scale)", "1.0F"),
    fault("the winners of another tensor", RUN, "pool.winner = (uint8_t *)start_of(r, op->winner) + op->winner.channel",
          "pool.winner = (uint8_t *)start_of(r, op->dst) + op->winner.channel"),
    fault("a graph is not made anew for another arena", GRAPH,
          "if (program->graph && program->graph_arena != arena) {", "if (program->graph && !arena) {"),
    fault("a captured graph is not destroyed", GRAPH, "(void)cudaGraphDestroy(graph);", "graph = NULL;"),
    fault("the graph holds the first operation too", GRAPH, "gd_cuda_queue(program, arena, 1, program->tape->op_count - 1,",
          "gd_cuda_queue(program, arena, 0, program->tape->op_count - 1,"),
    # Weights.
    fault("the channels that fill up are not zero", FILTERS, "memset(host, 0, bytes);", ""),
    fault("weights are freed while they are sent", FILTERS,
          'return status == GD_OK ? gd_cuda_wait(device->read, "sending the weights", &device->patience, error)\n'
          "                           : status;", "return status;"),
    fault("kernels have channels and taps the other way round", FILTERS, "(o * taps + k) * stored + i,",
          "(o * stored + i) * taps + k,"),
    # The canvas.
    fault("moments are read before they are there", CANVAS,
          'status = gd_cuda_wait(device->read, "computing gradients", &device->patience, error);', "status = GD_OK;"),
    fault("a rectangle begins one pixel too far", CANVAS, "(piece.x - r->target_at.x) * 3;",
          "(piece.x - r->target_at.x + 1) * 3;"),
    fault("taps are counted from the picture's edge", CANVAS, "axis->first[first + i] - source_first", "axis->first[first + i]"),
    fault("weights of a resampling are replaced in use", CANVAS,
          "return status == GD_OK ? gd_feed_done(device->axes, error) : status;", "return status;"),
    fault("the last value is not updated", CANVAS, "gd_launch_update(canvas, gradient, count, step,",
          "gd_launch_update(canvas, gradient, count - 1, step,"),
    # Kernels.
    fault("a barrier is missing", "kernels/cuda/elementwise/moments.cu", "    gd_barrier();\n", ""),
    fault("of equal values the last one wins", "kernels/cuda/elementwise/max_pool.cu", "value.at[i] > best.at[i];",
          "value.at[i] >= best.at[i];"),
    fault("an overflow is not noted", "kernels/cuda/elementwise/output.cu", "atomicExch(overflow, 1);", ";"),
    fault("the end of a row is not copied", "kernels/cuda/elementwise/rects.cu", "lane; i < floats; i += LANES)", "lane; i < floats - 1; i += LANES)"),
    fault("a window reaches over the edge", "kernels/cuda/elementwise/pool.cuh",
          "return {first < 0 ? 0 : first, last < extent ? last : extent - 1};", "return {first < 0 ? 0 : first, last};"),
    fault("strides of rows and columns are swapped", "kernels/cuda/convolution/convolution_graph.c",
          "{extent[2] * line * pitch, 1, line * pitch, pitch};",
          "{extent[2] * line * pitch, 1, pitch, extent[2] * pitch};"),
    fault("engines that add with atomics are taken", "kernels/cuda/convolution/convolution_notes.c",
          "bit(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) |", ""),
    # The dream: what is computed must be done before pixels move.
    fault("noise is sent before it is made", SOURCE, "return status == GD_OK ? gd_engine_finish(engine, error) : status;",
          "return status;"),
    fault("a canvas is sent before it is resampled", STAGE,
          "return status == GD_OK ? gd_engine_finish(c->engine, error) : status;", "return status;"),
    fault("a canvas is sent before it is updated", UPDATE,
          "return status == GD_OK ? gd_engine_finish(engine, error) : status;", "return status;"),
    fault("samples are fetched before they are made", "src/transfer/staging.c", "status = gd_engine_finish(engine, error);",
          "status = GD_OK;"),
    # NCCL.
    fault("a group does not end", NCCL, "const ncclResult_t end = ncclGroupEnd();", "const ncclResult_t end = ncclSuccess;"),
    fault("a message is one value short", NCCL, "const size_t count = (size_t)parcel->count;",
          "const size_t count = (size_t)parcel->count - (size_t)parcel->outgoing;"),
    fault("a gathering counts bytes, not values", GATHER, "ncclAllGather(b->device, b->device + count, count,",
          "ncclAllGather(b->device, b->device + count, bytes,"),
    fault("a new communicator is not waited for", NCCL,
          'return gd_nccl_complete(comm, comm->nccl->all, result, "ncclCommInitRankConfig", error);',
          "return result == ncclInProgress ? GD_OK : GD_INTERNAL;"),
    fault("a split that goes on counts as made", NCCL, "result = gd_nccl_state(nccl->all);", "result = ncclSuccess;"),
    fault("what was gathered is read too early", GATHER, "return status == GD_OK ? wait_gathered(comm, over, error) : status;",
          "return status;"),
    fault("messages go to the default stream", NCCL, "queue_group(comm, memory->class->queue(memory), parcels,",
          "queue_group(comm, NULL, parcels,"),
    fault("a smaller communicator is not given up", NCCL, "close_one(comm, nccl->splits[i].comm);", "(void)nccl;"),
    # The exchange, and MPI with staging.
    fault("parcels are released while they are in use", EXCHANGE, "*done = exchange->finished;\n    if (exchange->finished)",
          "*done = exchange->finished;\n    if (exchange->is_settling)"),
    fault("staging memory is released too early", EXCHANGE,
          "exchange->is_settling = true;\n    return exchange->memory->class->record_event(exchange->memory, &exchange->settled, error);",
          "exchange->finished = true;\n    return GD_OK;"),
    fault("parcels get the copies of other parcels", EXCHANGE, "parcel->outgoing ? p - exchange->route.in.message_count : p]",
          "parcel->outgoing ? exchange->count - 1 - p : p]"),
    fault("parcels are sent without their pixels", EXCHANGE,
          "gd_status status = gd_moves_queue(exchange->plane, exchange->moves, count, exchange->copies, error);\n    if (status == GD_OK)\n        status = exchange->memory->class->record_event",
          "gd_status status = GD_OK;\n    if (status == GD_OK)\n        status = exchange->memory->class->record_event"),
    fault("a parcel is sent before it was fetched", MPI,
          "status = batch->memory->class->query_event(batch->memory, w->fetched, &ready, error);", "status = GD_OK;"),
    fault("parcels share their staging memory", MPI, "next += batch->parcels[p].count;", ""),
    fault("a parcel counts as done with its first part", MPI, "if (--batch->wires[p].parts_left == 0)",
          "if (batch->wires[p].parts_left-- == parts_of(batch->comm, &batch->parcels[p]))"),
]

# Drawn faults that change nothing, and why: {"file", "line" (without what it is indented by), "becomes", "why"}.
EQUIVALENT = []
