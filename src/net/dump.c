/* Prints a tape as a table: operations, shapes, live memory and cost (--dump-tape). */
#include "net/dump.h"

static const double mib = 1024.0 * 1024.0;

static const char *kind_name(gd_op_kind kind)
{
    switch (kind) {
    case GD_OP_INPUT:
        return "input";
    case GD_OP_CONV:
        return "conv";
    case GD_OP_MAX_POOL:
        return "max pool";
    case GD_OP_AVG_POOL:
        return "mean pool";
    case GD_OP_SEAM:
        return "seam";
    case GD_OP_LRN:
        return "norm";
    case GD_OP_MATCH:
        return "match";
    case GD_OP_SEED:
        return "seed";
    case GD_OP_CONV_BACK:
        return "conv back";
    case GD_OP_MAX_POOL_BACK:
        return "max back";
    case GD_OP_AVG_POOL_BACK:
        return "mean back";
    case GD_OP_SEAM_BACK:
        return "seam back";
    case GD_OP_LRN_BACK:
        return "norm back";
    case GD_OP_MASK:
        return "mask";
    case GD_OP_OUTPUT:
        return "output";
    case GD_OP_COPY:
        return "copy";
    }
    return "?";
}

/* "t12[64..111] 48x35x35": channels of a tensor, and the extent of the slice. */
static void print_slice(const gd_tape *tape, gd_slice slice, FILE *out)
{
    char text[64] = "-";
    const gd_tensor *tensor = &tape->tensors[slice.tensor];
    if (slice.channels > 0 && slice.channels < tensor->channels)
        snprintf(text, sizeof text, "t%d[%d..%d] %dx%dx%d", slice.tensor, slice.channel,
                 slice.channel + slice.channels - 1, slice.channels, tensor->rows, tensor->cols);
    else if (slice.channels > 0)
        snprintf(text, sizeof text, "t%d %dx%dx%d", slice.tensor, slice.channels, tensor->rows, tensor->cols);
    fprintf(out, "%-31s ", text);
}

static void print_notes(const gd_tape *tape, const gd_op *op, FILE *out)
{
    if (op->filter >= 0)
        fprintf(out, " %dx%d/%d%s", op->kernel_rows, op->kernel_cols, op->stride,
                op->pad_rows + op->pad_cols > 0 ? " same" : "");
    if (op->filter >= 0 && tape->filters[op->filter].part_count > 1)
        fprintf(out, " %d merged", tape->filters[op->filter].part_count);
    if (op->match)
        fprintf(out, " %d units", op->match->units);
    if (op->kind == GD_OP_SEED || op->kind == GD_OP_MATCH)
        fprintf(out, " %.6g", op->value);
    if (op->accumulate)
        fprintf(out, " add");
    for (int32_t i = 0; i < GD_SUMMANDS_MORE; i++)
        if (op->more[i].channels > 0)
            fprintf(out, " + t%d", op->more[i].tensor);
    if (op->relu)
        fprintf(out, " relu");
    if (op->mask.channels > 0)
        fprintf(out, " mask t%d[%d..%d]", op->mask.tensor, op->mask.channel,
                op->mask.channel + op->mask.channels - 1);
    if (op->mask.channels > 0 && op->mask_at > 0)
        fprintf(out, " at %d", op->mask_at);
    if (op->kept.channels > 0)
        fprintf(out, " of t%d", op->kept.tensor);
    if (op->winner.channels > 0)
        fprintf(out, " winner t%d", op->winner.tensor);
}

static size_t live_bytes(const gd_tape *tape, const size_t *tensor_bytes, const size_t *scratch_bytes,
                         int32_t op)
{
    size_t bytes = scratch_bytes[op];
    for (int32_t t = 0; t < tape->tensor_count; t++) {
        if (tape->tensors[t].first_op <= op && op <= tape->tensors[t].last_op)
            bytes += tensor_bytes[t];
    }
    return bytes;
}

void gd_tape_dump(const gd_tape *tape, const gd_net *net, const size_t *tensor_bytes,
                  const size_t *scratch_bytes, const gd_memory_plan *plan, FILE *out)
{
    const double pixels = (double)tape->rows * tape->cols;
    double macs = 0;
    fprintf(out, "%s, window of %d x %d pixels: %d operations forward, %d back\n", net->title, tape->cols,
            tape->rows, tape->first_backward, tape->op_count - tape->first_backward);
    fprintf(out, "%4s %-9s  %-31s %-31s %8s %8s %7s %8s\n", "op", "kind", "from", "to", "live MiB", "scratch",
            "B/px", "Mmac");
    for (int32_t o = 0; o < tape->op_count; o++) {
        const gd_op *op = &tape->ops[o];
        const size_t live = live_bytes(tape, tensor_bytes, scratch_bytes, o);
        fprintf(out, "%4d %-9s  ", o, kind_name(op->kind));
        print_slice(tape, op->src, out);
        print_slice(tape, op->dst, out);
        fprintf(out, "%8.2f %8.2f %7.1f %8.1f", (double)live / mib, (double)scratch_bytes[o] / mib,
                (double)live / pixels, gd_op_macs(tape, op) / 1e6);
        print_notes(tape, op, out);
        fprintf(out, "%s\n", o == plan->peak_op ? "  <- peak" : "");
        macs += gd_op_macs(tape, op);
    }
    fprintf(out, "arena %.2f MiB, %.1f bytes per window pixel, %.2f Gmac, %.0f mac per window pixel\n",
            (double)plan->bytes / mib, (double)plan->bytes / pixels, macs / 1e9, macs / pixels);
}
